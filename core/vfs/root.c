// SPDX-License-Identifier: BSD-3-Clause
/*
 * The root directory: the host's own, a directory of the host's, or one in
 * memory. With a host's root that one still has /proc/self, which is about this
 * program and not about the host's process that it runs in, and the disks.
 */
#include "core/vfs/root.h"
#include "core/block/disk.h"
#include "core/dev/host.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/log.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/vfs/mount_option.h"
#include "core/vfs/vfs.h"

/* Only images that were linked with a decoder have it. */
#pragma weak eft_initrd_decode

/* Only images with disks have it. */
#pragma weak eft_disk_find

/* Only images that mount have it. */
#pragma weak eft_mount_host_root

bool eft_root_is_host;

static struct eft_file *root;	     /* of absolute paths */
static struct eft_file *memory_root; /* of /proc/self */

const char *eft_root_reason(int error)
{
	switch (error) {
	case -ENOENT:
		return "no such file or directory";
	case -EACCES:
		return "permission denied";
	case -ENOTDIR:
		return "not a directory";
	case -ENOMEM:
		return "out of memory";
	}
	return "not possible";
}

static eft_noreturn void fail(const char *what, const char *name, int error)
{
	eft_console_printf("eft: %s%s: %s (error %d)\n", what, name,
			   eft_root_reason(error), -error);
	eft_plat->exit(1);
}

/* True for /proc/self, /proc/thread-self, and what is below them. */
static bool is_about_self(const char *path)
{
	static const char proc[] = "/proc/", self[] = "self",
			  thread[] = "thread-";

	if (!eft_starts_with(path, proc))
		return false;
	path += sizeof(proc) - 1;
	if (eft_starts_with(path, thread))
		path += sizeof(thread) - 1;
	if (!eft_starts_with(path, self))
		return false;
	path += sizeof(self) - 1;
	return *path == '\0' || *path == '/';
}

/* True for a disk of ours, even where the host has one of the same name. */
static bool is_disk(const char *path)
{
	return eft_disk_find != NULL && eft_starts_with(path, "/dev/vd") &&
	       eft_disk_find(path) != NULL;
}

struct eft_file *eft_root_for(const char *path)
{
	eft_assert(root != NULL);
	return is_about_self(path) || is_disk(path) ? memory_root : root;
}

void eft_root_change(struct eft_file *file)
{
	eft_assert(root == memory_root);
	eft_file_put(root);
	root = memory_root = file;
}

static void use_host(const char *path)
{
	int error = eft_hostfs_open_root(path, &root);

	if (error != 0)
		fail("root=", path != NULL ? path : "host", error);
	eft_path_init(eft_file_get(root), eft_plat_host_paths()->take_umask());
}

static void unpack(const void *archive, size_t len)
{
	char message[256] = "";
	int error = (eft_initrd_decode != NULL ? eft_initrd_decode
					       : eft_initrd_unpack)(
		archive, len, message, sizeof(message));

	if (error == 0)
		return;
	eft_console_printf("eft: initrd: %s\n", message);
	eft_plat->exit(1);
}

/* Unpack the archive in the host's file (path), mapped for good. */
static void unpack_host_file(const char *path)
{
	const struct eft_host_paths *paths = eft_plat_host_paths();
	const struct eft_host_files *files = eft_plat_host_files();
	struct eft_stat st;
	size_t room;
	intptr_t addr;
	int handle, error;

	if (paths == NULL || files == NULL)
		fail("no host to read from: initrd=", path, -ENODEV);
	handle = paths->open(EFT_HOST_CWD, path, O_RDONLY, 0);
	error = handle < 0 ? handle : files->stat(handle, &st);
	if (error != 0)
		fail("cannot open initrd=", path, error);
	if (st.size == 0)
		return;
	room = eft_align_up((size_t)st.size, EFT_PAGE_SIZE);
	addr = eft_range_map(0, room, EFT_PROT_READ, EFT_RANGE_HOST, NULL, 0);
	error = addr < 0 ? (int)addr
			 : files->map(handle, (uintptr_t)addr, room,
				      EFT_PROT_READ, false, 0);
	files->close(handle);
	if (error != 0)
		fail("cannot map initrd=", path, error);
	unpack((const void *)addr, (size_t)st.size);
}

/* Unless there is one, by a link too. */
static struct eft_node *make_directory(const char *path, unsigned mode)
{
	struct eft_node *dir;
	int error = eft_vfs_add(eft_root_mount.root, path, NULL, mode, &dir);

	if (error != 0)
		fail("cannot make ", path, error);
	eft_node_put(dir); /* it is held by its directory */
	return dir;
}

static void use_memory(const void *initrd, size_t len)
{
	const struct eft_host_paths *paths = eft_plat_host_paths();
	int error;

	if (len > 0)
		unpack(initrd, len);
	if (eft_options.initrd != NULL)
		unpack_host_file(eft_options.initrd);
	make_directory("/tmp", 01777);
	error = eft_dev_fill(eft_node_dir(make_directory("/dev", 0755)));
	make_directory("/dev/shm", 01777); /* shm_open, sem_open */
	if (eft_export_to != 0)
		make_directory("/out", 0777);
	if (error == 0)
		error = eft_proc_guest_init();
	if (error != 0)
		fail("cannot make ", "/dev and /proc", error);
	eft_path_init(eft_file_get(root),
		      paths != NULL ? paths->take_umask() : 022);
	eft_export_begin();
}

/* The default root: the initrd's where there is one, else the host's. */
static const char *choose(bool has_initrd)
{
	if (eft_options.root != NULL)
		return eft_options.root;
	return eft_plat_host_paths() != NULL && !has_initrd ? "host" : "initrd";
}

void eft_root_init(const void *initrd, size_t initrd_len)
{
	const char *name = choose(initrd_len > 0 || eft_options.initrd != NULL);
	const char *host = NULL; /* the folder of the host's */
	bool in_memory = eft_strcmp(name, "initrd") == 0;
	int error;

	if (!in_memory && eft_strcmp(name, "host") != 0)
		host = name;
	if (!in_memory &&
	    (eft_plat_host_paths() == NULL || (host != NULL && *host != '/')))
		fail("no such root: root=", name, -EINVAL);
	eft_root_is_host = !in_memory && (eft_mount_host_root == NULL ||
					  !eft_mount_host_root(host));
	error = eft_vfs_init();
	if (error == 0)
		error = eft_vfs_open_root(&memory_root);
	if (error == 0)
		error = eft_proc_init();
	if (error != 0)
		fail("cannot make ", "/dev and /proc", error);
	root = memory_root;
	if (in_memory)
		use_memory(initrd, initrd_len);
	else if (eft_root_is_host)
		use_host(host);
}

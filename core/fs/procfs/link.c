// SPDX-License-Identifier: BSD-3-Clause
/*
 * Links of /proc/self that lead to an open description rather than along a
 * path: cwd, exe, root, and those of fd/. Opening one opens what it describes
 * anew, with a position of its own, as on Linux; what cannot be opened anew is
 * an error, and a console is shared.
 */
#include "core/boot.h"
#include "core/dev/host.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/fs/procfs/proc.h"
#include "core/options.h"
#include "core/process.h"
#include "core/vfs/root.h"

eft_needs(eft_tty_stat);

#pragma weak eft_proc_cwd_readlink
#pragma weak eft_proc_exe_readlink
#pragma weak eft_proc_root_readlink

/* A console is; nothing else is there twice. */
static int share(struct eft_file *file, struct eft_file **ret_file)
{
	struct eft_stat st;
	int error = file->ops->stat(file, &st);

	if (error == 0 && (st.mode & S_IFMT) != S_IFCHR)
		error = -ENXIO;
	if (error == 0)
		*ret_file = eft_file_get(file);
	return error;
}

/* May (place) not be changed? What belongs to no tree, as a memfd, may. */
static bool is_read_only(const struct eft_place *place)
{
	return eft_node_is(place->node, S_IFREG) &&
	       place->node->dev == place->mount->root->node.dev &&
	       eft_mount_is_read_only(place->mount);
}

int eft_proc_reopen(struct eft_file *file, int flags,
		    struct eft_file **ret_file)
{
	const struct eft_place *place = eft_place_of(file);
	bool is_dir = place != NULL && eft_node_is(place->node, S_IFDIR);
	bool writes = flags & (O_ACCMODE | O_TRUNC);
	int error;

	if (flags & O_PATH) {
		*ret_file = file;
		return 0;
	}
	if (is_dir && writes)
		error = -EISDIR;
	else if (place != NULL && !is_dir && (flags & O_DIRECTORY))
		error = -ENOTDIR;
	else if (place != NULL && writes && is_read_only(place))
		error = -EROFS;
	else if (place != NULL)
		error = eft_vfs_open_place(place, flags, ret_file);
	else if (file->ops->reopen != NULL)
		error = file->ops->reopen(file, flags, ret_file);
	else
		error = share(file, ret_file);
	eft_file_put(file);
	return error;
}

static void link_release(struct eft_node *node)
{
	eft_free(node);
}

static int cwd_follow(struct eft_node *node, int flags,
		      struct eft_file **ret_file)
{
	struct eft_at at;
	int error = eft_path_start(AT_FDCWD, "", true, &at);

	return error == 0 ? eft_proc_reopen(at.file, flags, ret_file) : error;
}

static int root_follow(struct eft_node *node, int flags,
		       struct eft_file **ret_file)
{
	return eft_path_open(AT_FDCWD, "/", flags, 0, ret_file);
}

/* A guest was booted from it. */
size_t eft_proc_exe_path(char *buf, size_t size)
{
	const char *name = eft_program_name();

	return eft_snprintf(buf, size, *name == '/' ? "%s" : "/%s", name);
}

/* The program's file, which the host knows. */
static int exe_follow(struct eft_node *node, int flags,
		      struct eft_file **ret_file)
{
	const struct eft_host_paths *host = eft_plat_host_paths();
	char *path;
	int error;

	if (host != NULL) {
		int handle =
			host->open(EFT_HOST_CWD, "/proc/self/exe", flags, 0);

		return handle < 0 ? handle
				  : eft_hostfile_create(handle, flags,
							&eft_hostfs, ret_file);
	}
	path = eft_alloc(PATH_MAX);
	if (path == NULL)
		return -ENOMEM;
	eft_proc_exe_path(path, PATH_MAX);
	error = eft_path_open(AT_FDCWD, path, flags, 0, ret_file);
	eft_free(path);
	return error;
}

static int thread_target(struct eft_node *node, char buf[EFT_TARGET_BYTES],
			 const char **ret_target)
{
	eft_snprintf(buf, EFT_TARGET_BYTES, "%d/task/%d",
		     eft_process()->identity.pid, eft_thread_number());
	*ret_target = buf;
	return 0;
}

static const struct eft_node_type link_types[] = {
	[EFT_PROC_CWD] = {.follow = cwd_follow,
			  .readlink = eft_proc_cwd_readlink,
			  .release = link_release},
	[EFT_PROC_EXE] = {.follow = exe_follow,
			  .readlink = eft_proc_exe_readlink,
			  .release = link_release},
	[EFT_PROC_ROOT] = {.follow = root_follow,
			   .readlink = eft_proc_root_readlink,
			   .release = link_release},
	[EFT_PROC_THREAD] = {.target = thread_target, .release = link_release},
};

struct eft_node *eft_proc_link_create(enum eft_proc_link which)
{
	struct eft_node *node = eft_alloc(sizeof(*node));

	if (node != NULL)
		eft_node_init(node, &link_types[which], S_IFLNK | 0777);
	return node;
}

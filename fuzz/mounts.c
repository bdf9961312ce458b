// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mounts (core/vfs/mount.c, mount_at.c, umount.c, walk.c): the input is a
 * sequence of mounts, binds, remounts and unmounts among calls that make, move
 * and open names. At the end all is unmounted, and nothing is left.
 */
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"
#include "fuzz/calls.h"
#include "posix/settled.h"
#include "tests/fake/needs.h"

enum { PATH = 64, FILES = 4, MOUNTS_MAX = 24 };

static struct eft_file *files[FILES];
static char path[PATH], path2[PATH];
static unsigned mounts;

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	eft_fd_init();
	eft_root_init(NULL, 0);
}

static void make_path(char *text)
{
	static const char *const words[] = {"/a", "/b",	 "/c",	  "/..",
					    "/.", "/a/", "/proc", "/"};
	unsigned parts = fuzz_below(5);
	size_t len = 0;

	text[0] = '\0';
	if (fuzz_below(4) > 0)
		len = eft_strlcpy(text, "/", PATH);
	while (parts-- > 0)
		len += eft_strlcpy(text + len,
				   words[fuzz_below(eft_array_size(words))],
				   PATH - len);
	if (text[0] == '\0')
		eft_strlcpy(text, ".", PATH);
}

static void do_mount(void)
{
	static const char *const types[] = {"tmpfs", "ramfs", "proc",
					    "devtmpfs", "none"};
	unsigned long flags = fuzz_below(2) ? MS_RDONLY : 0;

	if (mounts < MOUNTS_MAX &&
	    eft_sys_mount("s", path, types[fuzz_below(5)], flags, NULL) == 0)
		mounts++;
}

static void do_bind(void)
{
	make_path(path2);
	if (mounts < MOUNTS_MAX &&
	    eft_sys_mount(path2, path, NULL, MS_BIND, NULL) == 0)
		mounts++;
}

static void do_remount(void)
{
	unsigned long flags = fuzz_below(2) ? MS_RDONLY : 0;
	long error = eft_sys_mount(NULL, path, NULL, MS_REMOUNT | flags, NULL);
	struct eft_file *file;

	if (error != 0 || flags == 0)
		return;
	/* No regular file is made there any more, by whatever name. */
	if (eft_path_open(AT_FDCWD, path, O_TMPFILE | O_RDWR, 0600, &file) == 0)
		fuzz_check(false);
}

static void do_umount(void)
{
	static const int flags[] = {0, MNT_FORCE, MNT_DETACH, UMOUNT_NOFOLLOW};

	eft_sys_umount2(path, flags[fuzz_below(4)]);
}

static void do_mkdir(void)
{
	struct eft_stat st;

	if (eft_sys_mkdir(path, 0755) != 0)
		return;
	eft_alloc_fail_after(UINT64_MAX); /* links on the way take memory */
	fuzz_check(eft_sys_stat(path, &st) == 0);
}

static void do_open(void)
{
	static const int flags[] = {O_RDONLY, O_RDWR | O_CREAT, O_DIRECTORY,
				    O_PATH};
	struct eft_file **slot = &files[fuzz_below(FILES)], *file;
	char name[512];

	if (eft_path_open(AT_FDCWD, path, flags[fuzz_below(4)], 0644, &file) <
	    0)
		return;
	eft_file_put(*slot);
	*slot = file;
	if (eft_file_path(file, name, sizeof(name)) > 0)
		fuzz_check(name[0] == '/' || name[0] == ' ');
}

static void do_close(void)
{
	struct eft_file **slot = &files[fuzz_below(FILES)];

	eft_file_put(*slot);
	*slot = NULL;
}

static void do_remove(void)
{
	if (fuzz_below(2))
		eft_sys_unlink(path);
	else
		eft_sys_rmdir(path);
}

static void do_rename(void)
{
	make_path(path2);
	eft_sys_rename(path, path2);
}

static void do_symlink(void)
{
	make_path(path2);
	eft_sys_symlink(path2, path);
}

static void do_chdir(void)
{
	char name[512];

	eft_sys_chdir(path);
	if (eft_getcwd(name, sizeof(name)) > 0)
		fuzz_check(name[0] == '/');
}

/* `..` of a directory is the one that has it, or it is removed or detached. */
static void do_up(void)
{
	struct eft_stat up, root;

	eft_strlcpy(path2, "/a/../b/../..", PATH);
	if (eft_sys_stat(path2, &up) == 0 && eft_sys_stat("/", &root) == 0)
		fuzz_check(up.ino == root.ino && up.dev == root.dev);
}

static void do_list(void)
{
	struct eft_file *file;
	char text[256];
	struct eft_iovec iov = {text, sizeof(text)};

	if (eft_path_open(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0,
			  &file) != 0)
		return;
	eft_file_read(file, &iov, 1, EFT_AT_POSITION);
	eft_file_put(file);
}

void fuzz_one(void)
{
	static void (*const steps[])(void) = {
		do_mount, do_bind,  do_remount, do_umount, do_mkdir,
		do_open,  do_close, do_remove,	do_rename, do_symlink,
		do_chdir, do_up,    do_list,	do_mkdir,  do_mount,
	};

	while (fuzz_more()) {
		unsigned step = fuzz_u8();

		make_path(path);
		eft_alloc_fail_after(step & 0x80 ? fuzz_below(6) : UINT64_MAX);
		steps[step % eft_array_size(steps)]();
		eft_alloc_fail_after(UINT64_MAX);
	}
	for (unsigned i = 0; i < FILES; i++)
		eft_file_put(files[i]);
	fuzz_unmount_all();
	fuzz_check(eft_sys_mount(NULL, "/", NULL, MS_REMOUNT, NULL) == 0);
	eft_sys_chdir("/");
	eft_sys_rename("/proc", "/p"); /* it is a directory like others now */
	fuzz_empty_root();
	fuzz_check_left();
}

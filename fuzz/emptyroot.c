// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "core/vfs/vfs.h"
#include "fuzz/calls.h"
#include "posix/settled.h"

enum { NAME = 512, DEPTH = 64 };

/*
 * The first name in the directory (path) that can be removed is: any left? A link
 * is not followed: /proc may be mounted elsewhere, whose links lead round.
 */
static bool remove_one(const char *path, unsigned depth)
{
	char buf[1024], name[NAME];
	long fd = eft_sys_open(*path ? path : "/", O_DIRECTORY | O_NOFOLLOW, 0);
	long n, at;
	bool removed = false;

	if (fd < 0)
		return false;
	while (!removed && (n = eft_sys_getdents64(fd, buf, sizeof(buf))) > 0) {
		for (at = 0; at < n && !removed;) {
			struct eft_dirent *entry = (void *)(buf + at);

			at += entry->reclen;
			if (eft_strcmp(entry->name, ".") == 0 ||
			    eft_strcmp(entry->name, "..") == 0 ||
			    eft_snprintf(name, sizeof(name), "%s/%s", path,
					 entry->name) >= sizeof(name))
				continue;
			removed =
				eft_sys_unlink(name) == 0 ||
				eft_sys_rmdir(name) == 0 ||
				(depth > 0 && eft_strcmp(name, "/proc") != 0 &&
				 remove_one(name, depth - 1));
		}
	}
	eft_sys_close(fd);
	return removed;
}

void fuzz_empty_root(void)
{
	while (remove_one("", DEPTH))
		;
}

void fuzz_unmount_all(void)
{
	for (;;) {
		struct eft_mount *mount = NULL, *last = NULL;
		struct eft_place place;
		struct eft_file *file;

		while ((mount = eft_mount_next(mount)) != NULL) {
			if (mount != &eft_root_mount)
				last = mount;
		}
		if (last == NULL)
			return;
		place = (struct eft_place){last, NULL, &last->root->node};
		fuzz_check(eft_node_open(&place, O_PATH, &file) == 0);
		fuzz_check(eft_umount(file, MNT_DETACH) == 0);
		eft_file_put(file);
	}
}

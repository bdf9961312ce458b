// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading symbolic links.
 */
#include "core/mem.h"
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_stat);
eft_needs(eft_vfs_readlink);

static ssize_t read_link(const struct eft_user_at *at, char *text, size_t size)
{
	if (at->file->fs != NULL)
		return at->file->fs->readlink(at->file, at->path, text, size);
	/* No directory: the tree's, or none that could be a link. */
	return eft_vfs_readlink(at->file, at->path, text, size);
}

long eft_sys_readlinkat(int dirfd, const char eft_user *path,
			char eft_user *buf, size_t size)
{
	struct eft_user_at at;
	char *text;
	long result;
	int room = (int)size; /* Linux's is an int */

	if (room <= 0)
		return -EINVAL;
	room = eft_min(room, PATH_MAX);
	text = eft_alloc(room);
	if (text == NULL)
		return -ENOMEM;
	result = eft_user_path_start(dirfd, path, true, &at);
	if (result == 0) {
		result = read_link(&at, text, room);
		eft_user_path_end(&at);
	}
	if (result > 0 && eft_copy_out(buf, text, result) != 0)
		result = -EFAULT;
	eft_free(text);
	return result;
}

long eft_sys_readlink(const char eft_user *path, char eft_user *buf,
		      size_t size)
{
	return eft_sys_readlinkat(AT_FDCWD, path, buf, size);
}

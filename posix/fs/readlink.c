// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading symbolic links.
 */
#include "core/file.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_stat);
eft_needs(eft_vfs_readlink);

long eft_sys_readlinkat(int dirfd, const char *path, char *buf, size_t size)
{
	struct eft_at at;
	long result;
	int room = (int)size; /* Linux's is an int */

	if (room <= 0)
		return -EINVAL;
	result = eft_path_start(dirfd, path, true, &at);
	if (result < 0)
		return result;
	if (at.file->fs != NULL)
		result = at.file->fs->readlink(at.file, at.path, buf, room);
	else /* no directory: the tree's, or none that could be a link */
		result = eft_vfs_readlink(at.file, at.path, buf, room);
	eft_file_put(at.file);
	return result;
}

long eft_sys_readlink(const char *path, char *buf, size_t size)
{
	return eft_sys_readlinkat(AT_FDCWD, path, buf, size);
}

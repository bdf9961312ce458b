// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making directories.
 */
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_mkdir);

long eft_sys_mkdirat(int dirfd, const char eft_user *path, unsigned mode)
{
	struct eft_user_at at;
	long result = eft_user_path_start(dirfd, path, false, &at);

	if (result < 0)
		return result;
	mode = mode & 01777 & ~eft_umask(-1);
	result = at.file->fs->mkdir(at.file, at.path, mode);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_mkdir(const char eft_user *path, unsigned mode)
{
	return eft_sys_mkdirat(AT_FDCWD, path, mode);
}

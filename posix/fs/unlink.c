// SPDX-License-Identifier: BSD-3-Clause
/*
 * Removing names.
 */
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_unlink);

long eft_sys_unlinkat(int dirfd, const char eft_user *path, int flags)
{
	struct eft_user_at at;
	long result;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	result = eft_user_path_start(dirfd, path, false, &at);
	if (result < 0)
		return result;
	result = at.file->fs->unlink(at.file, at.path, flags);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_unlink(const char eft_user *path)
{
	return eft_sys_unlinkat(AT_FDCWD, path, 0);
}

long eft_sys_rmdir(const char eft_user *path)
{
	return eft_sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

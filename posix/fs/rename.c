// SPDX-License-Identifier: BSD-3-Clause
/*
 * Moving names.
 */
#include "posix/fs/path.h"
#include "posix/fs/two_paths.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_rename);

long eft_sys_renameat2(int dirfd, const char eft_user *path, int to_dirfd,
		       const char eft_user *to, unsigned flags)
{
	struct eft_user_at at[2];
	long result;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	result = eft_start_two(dirfd, path, to_dirfd, to, false, at);
	if (result < 0)
		return result;
	if (eft_are_apart(at))
		result = -EXDEV;
	else
		result = at[0].file->fs->rename(at[0].file, at[0].path,
						at[1].file, at[1].path, flags);
	eft_end_two(at);
	return result;
}

long eft_sys_renameat(int dirfd, const char eft_user *path, int to_dirfd,
		      const char eft_user *to)
{
	return eft_sys_renameat2(dirfd, path, to_dirfd, to, 0);
}

long eft_sys_rename(const char eft_user *path, const char eft_user *to)
{
	return eft_sys_renameat2(AT_FDCWD, path, AT_FDCWD, to, 0);
}

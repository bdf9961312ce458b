// SPDX-License-Identifier: BSD-3-Clause
/*
 * Giving a file a further name.
 */
#include "posix/fs/path.h"
#include "posix/fs/two_paths.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_link);

/* By a link of the program's own /proc what is open anywhere is named. */
static long link_apart(const struct eft_user_at at[2], int flags)
{
	struct eft_file *file;
	long result;

	if (!(flags & AT_SYMLINK_FOLLOW))
		return -EXDEV;
	result = at[0].file->fs->open(at[0].file, at[0].path, O_PATH, 0, &file);
	if (result < 0)
		return result;
	result = at[1].file->fs->link(file, "", at[1].file, at[1].path, 0);
	eft_file_put(file);
	return result;
}

long eft_sys_linkat(int dirfd, const char eft_user *path, int to_dirfd,
		    const char eft_user *to, int flags)
{
	struct eft_user_at at[2];
	long result;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	result = eft_start_two(dirfd, path, to_dirfd, to, flags & AT_EMPTY_PATH,
			       at);
	if (result < 0)
		return result;
	if (eft_are_apart(at))
		result = link_apart(at, flags);
	else
		result = at[1].file->fs->link(at[0].file, at[0].path,
					      at[1].file, at[1].path, flags);
	eft_end_two(at);
	return result;
}

long eft_sys_link(const char eft_user *path, const char eft_user *to)
{
	return eft_sys_linkat(AT_FDCWD, path, AT_FDCWD, to, 0);
}

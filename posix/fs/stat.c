// SPDX-License-Identifier: BSD-3-Clause
/*
 * Facts about files.
 */
#include "posix/fs/stat.h"
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_stat);
eft_needs(eft_vfs_stat);
eft_needs(eft_tty_stat);

long eft_stat_at(int dirfd, const char eft_user *path, int flags,
		 struct eft_stat *ret_stat)
{
	struct eft_user_at at;
	long result;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT |
		      AT_STATX_SYNC_TYPE))
		return -EINVAL;
	result = eft_user_path_start(dirfd, path, flags & AT_EMPTY_PATH, &at);
	if (result < 0)
		return result;
	if (*at.path == '\0')
		result = at.file->ops->stat(at.file, ret_stat);
	else
		result = at.file->fs->stat(at.file, at.path, flags, ret_stat);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_newfstatat(int dirfd, const char eft_user *path,
			struct eft_stat eft_user *st, int flags)
{
	struct eft_stat found;
	long result = eft_stat_at(dirfd, path, flags, &found);

	return result == 0 ? eft_put_user(st, &found) : result;
}

long eft_sys_stat(const char eft_user *path, struct eft_stat eft_user *st)
{
	return eft_sys_newfstatat(AT_FDCWD, path, st, 0);
}

long eft_sys_lstat(const char eft_user *path, struct eft_stat eft_user *st)
{
	return eft_sys_newfstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

/* May (file) be used so? Its user is root: all but X_OK. */
static long access_open(struct eft_file *file, int mode)
{
	struct eft_stat st;
	long result = file->ops->stat(file, &st);

	if (result == 0 && mode & X_OK && (st.mode & S_IFMT) != S_IFDIR &&
	    !(st.mode & 0111))
		result = -EACCES;
	return result;
}

long eft_sys_faccessat2(int dirfd, const char eft_user *path, int mode,
			int flags)
{
	int known = AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
	struct eft_user_at at;
	long result;

	if (flags & ~known || mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	result = eft_user_path_start(dirfd, path, flags & AT_EMPTY_PATH, &at);
	if (result < 0)
		return result;
	if (*at.path == '\0')
		result = access_open(at.file, mode);
	else
		result = at.file->fs->access(at.file, at.path, mode, flags);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_faccessat(int dirfd, const char eft_user *path, int mode)
{
	return eft_sys_faccessat2(dirfd, path, mode, 0);
}

long eft_sys_access(const char eft_user *path, int mode)
{
	return eft_sys_faccessat2(AT_FDCWD, path, mode, 0);
}

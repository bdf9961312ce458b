// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names: making, removing, renaming, linking.
 */
#include "core/file.h"
#include "posix/syscalls.h"

long eft_sys_mkdirat(int dirfd, const char *path, unsigned mode)
{
	struct eft_at at;
	long result = eft_path_start(dirfd, path, false, &at);

	if (result < 0)
		return result;
	mode = mode & 01777 & ~eft_umask(-1);
	result = at.file->fs->mkdir(at.file, at.path, mode);
	eft_file_put(at.file);
	return result;
}

long eft_sys_mkdir(const char *path, unsigned mode)
{
	return eft_sys_mkdirat(AT_FDCWD, path, mode);
}

long eft_sys_unlinkat(int dirfd, const char *path, int flags)
{
	struct eft_at at;
	long result;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	result = eft_path_start(dirfd, path, false, &at);
	if (result < 0)
		return result;
	result = at.file->fs->unlink(at.file, at.path, flags);
	eft_file_put(at.file);
	return result;
}

long eft_sys_unlink(const char *path)
{
	return eft_sys_unlinkat(AT_FDCWD, path, 0);
}

long eft_sys_rmdir(const char *path)
{
	return eft_sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* Where two paths start; -EXDEV: in two file systems. */
static long start_two(int fd, const char *path, int to_fd, const char *to,
		      bool empty, struct eft_at ret_at[2])
{
	long result = eft_path_start(fd, path, empty, &ret_at[0]);

	if (result < 0)
		return result;
	result = eft_path_start(to_fd, to, false, &ret_at[1]);
	if (result < 0) {
		eft_file_put(ret_at[0].file);
		return result;
	}
	if (*ret_at[0].path == '\0' || ret_at[0].file->fs == ret_at[1].file->fs)
		return 0;
	eft_file_put(ret_at[0].file);
	eft_file_put(ret_at[1].file);
	return -EXDEV;
}

static void end_two(struct eft_at at[2])
{
	eft_file_put(at[0].file);
	eft_file_put(at[1].file);
}

long eft_sys_renameat2(int dirfd, const char *path, int to_dirfd,
		       const char *to, unsigned flags)
{
	struct eft_at at[2];
	long result;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	result = start_two(dirfd, path, to_dirfd, to, false, at);
	if (result < 0)
		return result;
	result = at[0].file->fs->rename(at[0].file, at[0].path, at[1].file,
					at[1].path, flags);
	end_two(at);
	return result;
}

long eft_sys_renameat(int dirfd, const char *path, int to_dirfd, const char *to)
{
	return eft_sys_renameat2(dirfd, path, to_dirfd, to, 0);
}

long eft_sys_rename(const char *path, const char *to)
{
	return eft_sys_renameat2(AT_FDCWD, path, AT_FDCWD, to, 0);
}

long eft_sys_linkat(int dirfd, const char *path, int to_dirfd, const char *to,
		    int flags)
{
	struct eft_at at[2];
	long result;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	result =
		start_two(dirfd, path, to_dirfd, to, flags & AT_EMPTY_PATH, at);
	if (result < 0)
		return result;
	result = at[1].file->fs->link(at[0].file, at[0].path, at[1].file,
				      at[1].path, flags);
	end_two(at);
	return result;
}

long eft_sys_link(const char *path, const char *to)
{
	return eft_sys_linkat(AT_FDCWD, path, AT_FDCWD, to, 0);
}

long eft_sys_symlinkat(const char *target, int dirfd, const char *path)
{
	struct eft_at at;
	long result;

	if (*target == '\0')
		return -ENOENT;
	if (eft_strnlen(target, PATH_MAX) == PATH_MAX)
		return -ENAMETOOLONG;
	result = eft_path_start(dirfd, path, false, &at);
	if (result < 0)
		return result;
	result = at.file->fs->symlink(target, at.file, at.path);
	eft_file_put(at.file);
	return result;
}

long eft_sys_symlink(const char *target, const char *path)
{
	return eft_sys_symlinkat(target, AT_FDCWD, path);
}

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
	if (*at.path == '\0')
		result = -ENOENT; /* an open file is no link */
	else
		result = at.file->fs->readlink(at.file, at.path, buf, room);
	eft_file_put(at.file);
	return result;
}

long eft_sys_readlink(const char *path, char *buf, size_t size)
{
	return eft_sys_readlinkat(AT_FDCWD, path, buf, size);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Opening by path; the working directory.
 */
#include "core/mem.h"
#include "posix/fs/path.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

/* The descriptor first: a lack of them makes no file, and truncates none. */
static long open_at(int dirfd, const char eft_user *path, int flags,
		    unsigned mode)
{
	struct eft_file *file = NULL;
	int error, fd = eft_fd_reserve(flags & O_CLOEXEC);

	if (fd < 0)
		return fd;
	error = eft_user_path_open(dirfd, path, flags, mode, &file);
	eft_fd_fill(fd, file);
	return error < 0 ? error : fd;
}

long eft_sys_openat(int dirfd, const char eft_user *path, int flags,
		    unsigned mode)
{
	return eft_restartable(open_at(dirfd, path, flags, mode));
}

long eft_sys_open(const char eft_user *path, int flags, unsigned mode)
{
	return eft_sys_openat(AT_FDCWD, path, flags, mode);
}

long eft_sys_creat(const char eft_user *path, unsigned mode)
{
	return eft_sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC,
			      mode);
}

long eft_sys_chdir(const char eft_user *path)
{
	struct eft_file *file;
	int result = eft_user_path_open(AT_FDCWD, path, O_DIRECTORY | O_PATH, 0,
					&file);

	return result < 0 ? result : eft_chdir(file);
}

long eft_sys_fchdir(int fd)
{
	struct eft_file *file = eft_fd_get(fd);

	return file ? eft_chdir(file) : -EBADF;
}

long eft_sys_umask(unsigned mask)
{
	return eft_umask(mask & 0777);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Opening by path; the working directory.
 */
#include "core/file.h"
#include "posix/restart.h"
#include "posix/syscalls.h"

long eft_sys_openat(int dirfd, const char *path, int flags, unsigned mode)
{
	struct eft_file *file;
	long result =
		eft_restartable(eft_path_open(dirfd, path, flags, mode, &file));

	if (result < 0)
		return result;
	return eft_fd_install(file, 0, flags & O_CLOEXEC);
}

long eft_sys_open(const char *path, int flags, unsigned mode)
{
	return eft_sys_openat(AT_FDCWD, path, flags, mode);
}

long eft_sys_creat(const char *path, unsigned mode)
{
	return eft_sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC,
			      mode);
}

long eft_sys_chdir(const char *path)
{
	struct eft_file *file;
	int result =
		eft_path_open(AT_FDCWD, path, O_DIRECTORY | O_PATH, 0, &file);

	return result < 0 ? result : eft_chdir(file);
}

long eft_sys_fchdir(int fd)
{
	struct eft_file *file = eft_fd_get(fd);

	return file ? eft_chdir(file) : -EBADF;
}

long eft_sys_getcwd(char *buf, size_t size)
{
	return size == 0 ? -ERANGE : eft_getcwd(buf, size);
}

long eft_sys_umask(unsigned mask)
{
	return eft_umask(mask & 0777);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Opening and closing, descriptors.
 */
#include "core/file.h"
#include "posix/syscalls.h"

long eft_sys_openat(int dirfd, const char *path, int flags, unsigned mode)
{
	struct eft_file *file;
	int result = eft_path_open(dirfd, path, flags, mode, &file);

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

long eft_sys_close(int fd)
{
	return eft_fd_close(fd);
}

long eft_sys_dup(int fd)
{
	struct eft_file *file = eft_fd_get(fd);

	return file ? eft_fd_install(file, 0, false) : -EBADF;
}

long eft_sys_dup3(int fd, int to, int flags)
{
	struct eft_file *file;

	if (fd == to || flags & ~O_CLOEXEC)
		return -EINVAL;
	file = eft_fd_get(fd);
	return file ? eft_fd_replace(to, file, flags & O_CLOEXEC) : -EBADF;
}

long eft_sys_dup2(int fd, int to)
{
	struct eft_file *file;

	if (fd != to)
		return eft_sys_dup3(fd, to, 0);
	file = eft_fd_get(fd);
	eft_file_put(file);
	return file ? to : -EBADF;
}

long eft_sys_getdents64(int fd, void *buf, size_t size)
{
	struct eft_file *file = eft_fd_get(fd);
	long result = -ENOTDIR;

	if (file == NULL)
		return -EBADF;
	if (file->ops->getdents != NULL)
		result = file->ops->getdents(file, buf, size);
	eft_file_put(file);
	return result;
}

long eft_sys_chdir(const char *path)
{
	struct eft_file *file;
	int result = eft_path_open(AT_FDCWD, path, O_DIRECTORY | O_PATH, 0,
				   &file);

	return result < 0 ? result : eft_chdir(file);
}

long eft_sys_fchdir(int fd)
{
	struct eft_file *file = eft_fd_get(fd);

	return file ? eft_chdir(file) : -EBADF;
}

long eft_sys_getcwd(char *buf, size_t size)
{
	return eft_getcwd(buf, size);
}

long eft_sys_umask(unsigned mask)
{
	return eft_umask(mask & 0777);
}

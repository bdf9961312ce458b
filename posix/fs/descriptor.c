// SPDX-License-Identifier: BSD-3-Clause
/*
 * Duplicating a descriptor, and asking about it. Calls that take no path are
 * kept apart from those that do, so that an image without any path has no file
 * system (see core/boot/boot.c).
 */
#include "core/file.h"
#include "core/user.h"
#include "posix/syscalls.h"

eft_needs(eft_tty_stat);

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

long eft_sys_fstat(int fd, struct eft_stat eft_user *st)
{
	struct eft_file *file = eft_fd_get(fd);
	struct eft_stat found;
	long result;

	if (file == NULL)
		return -EBADF;
	result = file->ops->stat(file, &found);
	eft_file_put(file);
	return result == 0 ? eft_put_user(st, &found) : result;
}

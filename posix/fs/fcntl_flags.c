// SPDX-License-Identifier: BSD-3-Clause
/*
 * The flags of descriptors and descriptions: apart, because open(3) asks for no
 * more of fcntl(2).
 */
#include "posix/fs/description.h"

/* What F_SETFL may change (fcntl(2)). */
enum { SETTABLE = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK };

long eft_set_flags(struct eft_file *file, int flags)
{
	int error = 0;

	flags = (file->flags & ~SETTABLE) | (flags & SETTABLE);
	if (file->ops->set_flags != NULL)
		error = file->ops->set_flags(file, flags);
	if (error == 0)
		file->flags = flags;
	return error;
}

long eft_set_cloexec(int fd, int flag)
{
	int before = eft_fd_flags(fd, flag);

	return before < 0 ? before : 0;
}

long eft_fcntl_flags(int fd, int command, unsigned long arg)
{
	struct eft_file *file = eft_fd_get(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	if (command == F_GETFD)
		result = eft_fd_flags(fd, -1);
	else if (command == F_SETFD)
		result = eft_set_cloexec(fd, arg & FD_CLOEXEC);
	else if (command == F_GETFL)
		result = file->flags & ~O_CLOEXEC;
	else if (file->flags & O_PATH)
		result = -EBADF;
	else
		result = eft_set_flags(file, (int)arg);
	eft_file_put(file);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * ioctl(TIOCGWINSZ): standard output is asked whether it is a terminal, so that
 * images that only print have this of ioctl.
 */
#include "core/file.h"
#include "posix/fs/ioctl.h"
#include "posix/syscalls.h"

long eft_ioctl_window(int fd, unsigned long request,
		      struct eft_winsize eft_user *arg)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = -ENOTTY;

	if (file == NULL)
		return -EBADF;
	if (file->ops->window_size != NULL)
		result = file->ops->window_size(file, arg);
	eft_file_put(file);
	return result;
}

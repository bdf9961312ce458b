// SPDX-License-Identifier: BSD-3-Clause
/*
 * ioctl, but for what standard output is asked (ioctl_window.c); and what it
 * has in common with fcntl.
 */
#include "core/file.h"
#include "core/user.h"
#include "posix/fs/description.h"
#include "posix/syscalls.h"

eft_needs(eft_tty_ioctl);
eft_needs(eft_tty_stat);

/* What a regular file has left to read (FIONREAD). */
static long bytes_left(struct eft_file *file, int eft_user *ret_left)
{
	struct eft_stat st;
	int error = file->ops->stat(file, &st), left;

	if (error < 0 || (st.mode & S_IFMT) != S_IFREG)
		return -ENOTTY;
	left = (int)(st.size - file->position); /* below 0 past the end */
	return eft_put_user(ret_left, &left);
}

/* The requests that every description answers; else its own. */
static long control(int fd, struct eft_file *file, unsigned long request,
		    void eft_user *arg)
{
	int on;

	switch (request) {
	case FIOCLEX:
		return eft_set_cloexec(fd, FD_CLOEXEC);
	case FIONCLEX:
		return eft_set_cloexec(fd, 0);
	case FIONBIO:
		if (eft_copy_in(&on, arg, sizeof(on)) != 0)
			return -EFAULT;
		return eft_set_flags(file, on ? file->flags | O_NONBLOCK
					      : file->flags & ~O_NONBLOCK);
	}
	if (file->ops->ioctl != NULL)
		return file->ops->ioctl(file, request, arg);
	return request == FIONREAD ? bytes_left(file, arg) : -ENOTTY;
}

long eft_sys_ioctl(int fd, unsigned long request, void eft_user *arg)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = control(fd, file, request & UINT32_MAX, arg);
	eft_file_put(file);
	return result;
}

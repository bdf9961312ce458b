// SPDX-License-Identifier: BSD-3-Clause
/*
 * What is asked of an open description: fcntl, ioctl, locks, its size, its
 * owner, its mode; synchronisation.
 */
#include "core/file.h"
#include "posix/syscalls.h"

/* What F_SETFL may change (fcntl(2)). */
enum { SETTABLE = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK };

static long set_flags(struct eft_file *file, int flags)
{
	int error = 0;

	flags = (file->flags & ~SETTABLE) | (flags & SETTABLE);
	if (file->ops->set_flags != NULL)
		error = file->ops->set_flags(file, flags);
	if (error == 0)
		file->flags = flags;
	return error;
}

static long lock(struct eft_file *file, int command, struct eft_flock *request)
{
	int mode = file->flags & O_ACCMODE;

	if (file->flags & O_PATH)
		return -EBADF;
	if (request->type < F_RDLCK || request->type > F_UNLCK)
		return -EINVAL;
	if (command != F_GETLK && command != F_OFD_GETLK &&
	    ((request->type == F_RDLCK && mode == O_WRONLY) ||
	     (request->type == F_WRLCK && mode == O_RDONLY)))
		return -EBADF;
	if (file->ops->lock == NULL)
		return -EINVAL;
	return file->ops->lock(file, command, request);
}

static long set_cloexec(int fd, int flag)
{
	int before = eft_fd_flags(fd, flag);

	return before < 0 ? before : 0;
}

static long duplicate(struct eft_file *file, unsigned long lowest, bool cloexec)
{
	if (lowest >= (unsigned long)eft_fd_limit(-1))
		return -EINVAL;
	return eft_fd_install(eft_file_get(file), lowest, cloexec);
}

static long command_on(int fd, struct eft_file *file, int command,
		       unsigned long arg)
{
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return duplicate(file, arg, command == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return eft_fd_flags(fd, -1);
	case F_SETFD:
		return set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return file->flags & ~O_CLOEXEC;
	case F_SETFL:
		return file->flags & O_PATH ? -EBADF : set_flags(file, arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return lock(file, command, (struct eft_flock *)arg);
	}
	return -EINVAL;
}

long eft_sys_fcntl(int fd, int command, unsigned long arg)
{
	struct eft_file *file = eft_fd_get(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = command_on(fd, file, command, arg);
	eft_file_put(file);
	return result;
}

long eft_sys_flock(int fd, int operation)
{
	struct eft_file *file = eft_fd_get(fd);
	int kind = operation & ~LOCK_NB;
	long result = -EBADF;

	if (file == NULL)
		return -EBADF;
	if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
		result = -EINVAL;
	else if (file->ops->flock != NULL)
		result = file->ops->flock(file, operation);
	eft_file_put(file);
	return result;
}

/* What a regular file has left to read (FIONREAD). */
static long bytes_left(struct eft_file *file, int *ret_left)
{
	struct eft_stat st;
	int error = file->ops->stat(file, &st);

	if (error < 0 || (st.mode & S_IFMT) != S_IFREG)
		return -ENOTTY;
	*ret_left = st.size > file->position ? st.size - file->position : 0;
	return 0;
}

/* The requests that every description answers; else its own. */
static long control(int fd, struct eft_file *file, unsigned long request,
		    void *arg)
{
	switch (request) {
	case FIOCLEX:
		return set_cloexec(fd, FD_CLOEXEC);
	case FIONCLEX:
		return set_cloexec(fd, 0);
	case FIONBIO:
		return set_flags(file, *(int *)arg ? file->flags | O_NONBLOCK
						   : file->flags & ~O_NONBLOCK);
	}
	if (file->ops->ioctl != NULL)
		return file->ops->ioctl(file, request, arg);
	return request == FIONREAD ? bytes_left(file, arg) : -ENOTTY;
}

long eft_sys_ioctl(int fd, unsigned long request, void *arg)
{
	struct eft_file *file = eft_fd_get(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	if (file->flags & O_PATH)
		result = -EBADF;
	else
		result = control(fd, file, request & UINT32_MAX, arg);
	eft_file_put(file);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * fcntl and locks.
 */
#include "core/file.h"
#include "posix/description.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_lock);

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
		return eft_set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return file->flags & ~O_CLOEXEC;
	case F_SETFL:
		return file->flags & O_PATH ? -EBADF : eft_set_flags(file, arg);
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

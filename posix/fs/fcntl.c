// SPDX-License-Identifier: BSD-3-Clause
/*
 * fcntl and locks.
 */
#include "core/file.h"
#include "core/memfd.h"
#include "core/user.h"
#include "posix/fs/description.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_lock);
eft_needs(eft_node_file_lock);

/* Only images that make memory files have it. */
extern __typeof__(eft_memfd_fcntl) eft_memfd_fcntl eft_weak;

static bool may_hold(const struct eft_file *file, int type)
{
	int mode = file->flags & O_ACCMODE;

	if (type == F_RDLCK)
		return !(mode & O_WRONLY);
	return type == F_UNLCK || (mode != O_RDONLY && mode != O_ACCMODE);
}

/* Linux looks at the range first. */
static long refuse(struct eft_file *file, const struct eft_flock *request)
{
	struct eft_flock range = *request;
	long error = 0;

	range.type = F_RDLCK;
	if (file->ops->lock != NULL)
		error = file->ops->lock(file, F_GETLK, &range);
	return error != 0 ? error : -EBADF;
}

static long lock(struct eft_file *file, int command, struct eft_flock *request)
{
	if (request->type < F_RDLCK || request->type > F_UNLCK ||
	    request->whence < SEEK_SET || request->whence > SEEK_END ||
	    (command == F_GETLK && request->type == F_UNLCK) ||
	    (request->whence == SEEK_SET && request->start < 0))
		return -EINVAL;
	if (command != F_GETLK && command != F_OFD_GETLK &&
	    !may_hold(file, request->type))
		return refuse(file, request);
	if (file->ops->lock == NULL)
		return -EINVAL;
	return file->ops->lock(file, command, request);
}

static bool is_still_at(int fd, const struct eft_file *file)
{
	struct eft_file *there = eft_fd_get(fd);

	eft_file_put(there);
	return there == file;
}

/*
 * A close of (fd) in the meantime has dropped the program's locks on the file.
 * What was taken afterwards goes as well (fs/locks.c, fcntl_setlk()).
 */
static long lock_at(int fd, struct eft_file *file, int command,
		    struct eft_flock *request)
{
	long result = lock(file, command, request);
	struct eft_flock none = *request;

	if (result != 0 || (command != F_SETLK && command != F_SETLKW) ||
	    request->type == F_UNLCK || is_still_at(fd, file))
		return result;
	none.type = F_UNLCK;
	file->ops->lock(file, F_SETLK, &none);
	return -EBADF;
}

static long lock_by(int fd, struct eft_file *file, int command,
		    struct eft_flock eft_user *arg)
{
	struct eft_flock request;
	long result;

	if (eft_get_user(&request, arg) != 0)
		return -EFAULT;
	result = lock_at(fd, file, command, &request);
	if (result == 0 && (command == F_GETLK || command == F_OFD_GETLK))
		result = eft_put_user(arg, &request);
	return result;
}

#define PIPE_SIZE_MAX (1ul << 31)

static long pipe_size(struct eft_file *file, bool set, unsigned long bytes)
{
	if (file->ops->pipe_size == NULL)
		return -EBADF;
	if (!set)
		return file->ops->pipe_size(file, 0);
	/* Linux's unsigned int, and its round_pipe_size(). */
	bytes = eft_max((unsigned)bytes, 1);
	return bytes > PIPE_SIZE_MAX ? -EINVAL
				     : file->ops->pipe_size(file, bytes);
}

static long duplicate(struct eft_file *file, unsigned long lowest, bool cloexec)
{
	if (lowest >= (unsigned long)eft_fd_limit(-1))
		return -EINVAL;
	return eft_fd_install(eft_file_get(file), lowest, cloexec);
}

/* What else works on a descriptor that O_PATH opened (fs/fcntl.c). */
static bool needs_no_file(int command)
{
	return command == F_DUPFD || command == F_DUPFD_CLOEXEC;
}

static long command_on(int fd, struct eft_file *file, int command,
		       unsigned long arg)
{
	if (file->flags & O_PATH && !needs_no_file(command))
		return -EBADF;
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return duplicate(file, arg, command == F_DUPFD_CLOEXEC);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return lock_by(fd, file, command,
			       (struct eft_flock eft_user *)arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return pipe_size(file, command == F_SETPIPE_SZ, arg);
	case F_GETOWN:
	case F_GETSIG:
		return 0; /* nobody is told by a signal */
	case F_GETLEASE:
		return F_UNLCK;
	case F_ADD_SEALS:
	case F_GET_SEALS:
		if (eft_memfd_fcntl != NULL)
			return eft_memfd_fcntl(file, command, (unsigned)arg);
	}
	return -EINVAL;
}

static long control(int fd, int command, unsigned long arg)
{
	struct eft_file *file;
	long result;

	if (command >= F_GETFD && command <= F_SETFL)
		return eft_fcntl_flags(fd, command, arg);
	file = eft_fd_get(fd);
	if (file == NULL)
		return -EBADF;
	result = command_on(fd, file, command, arg);
	eft_file_put(file);
	return result;
}

long eft_sys_fcntl(int fd, int command, unsigned long arg)
{
	return eft_restartable(control(fd, command, arg));
}

static long lock_whole(int fd, int operation)
{
	struct eft_file *file;
	int kind = operation & ~LOCK_NB;
	long result = -EBADF;

	if (operation & LOCK_MAND)
		return 0; /* it means nothing any more (fs/locks.c) */
	if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
		return -EINVAL;
	file = eft_fd_get_opened(fd);
	if (file == NULL)
		return -EBADF;
	if (kind == LOCK_UN && file->ops->flock == NULL)
		result = 0;
	else if (file->ops->flock != NULL &&
		 (kind == LOCK_UN || (file->flags & O_ACCMODE) != O_ACCMODE))
		result = file->ops->flock(file, operation);
	eft_file_put(file);
	return result;
}

long eft_sys_flock(int fd, int operation)
{
	return eft_restartable(lock_whole(fd, operation));
}

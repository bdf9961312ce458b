// SPDX-License-Identifier: BSD-3-Clause
/*
 * preadv2(2) and pwritev2(2). What a flag asks for is done, or refused as by a
 * file system that does not know it.
 */
#include "core/move.h"
#include "core/pages.h"
#include "posix/fs/file_limit.h"
#include "posix/fs/transfer.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);

/* include/uapi/linux/fs.h */
enum {
	RWF_HIPRI = 1, /* poll for the end of direct I/O, which is not here */
	RWF_DSYNC = 2,
	RWF_SYNC = 4,
	RWF_NOWAIT = 8,
	RWF_APPEND = 16,
	RWF_NOAPPEND = 32,
	KNOWN = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND |
		RWF_NOAPPEND,
};

/* A file on a disk cannot say whether it would wait. */
static bool is_on_disk(struct eft_file *file)
{
	struct eft_pages *pages =
		file->ops->pages != NULL && file->ops->sync != NULL
			? file->ops->pages(file)
			: NULL;

	return pages != NULL && pages->cached;
}

static long check_flags(struct eft_file *file, int flags, unsigned event)
{
	struct eft_poll look = {.entries = NULL};

	if (flags & ~KNOWN || (flags & RWF_NOAPPEND && file->flags & O_APPEND))
		return -EOPNOTSUPP;
	if ((flags & RWF_APPEND && flags & RWF_NOAPPEND))
		return -EINVAL;
	if (!(flags & RWF_NOWAIT))
		return 0;
	if (is_on_disk(file))
		return -EOPNOTSUPP;
	if (file->ops->poll != NULL && !(file->ops->poll(file, event, &look) &
					 (event | POLLERR | POLLHUP)))
		return -EAGAIN;
	return 0;
}

/* 0, or what Linux says before it looks at the buffers. */
static long check(int fd, off_t offset, int flags, unsigned event)
{
	struct eft_file *file;
	long result = 0;

	if (offset < EFT_AT_POSITION)
		return -EINVAL;
	file = eft_fd_get_opened(fd);
	if (file == NULL)
		return -EBADF;
	if (offset >= 0 && file->ops->seek == NULL)
		result = -ESPIPE;
	else
		result = check_flags(file, flags, event);
	eft_file_put(file);
	return result;
}

long eft_sys_preadv2(int fd, const struct eft_iovec eft_user *iov, int count,
		     off_t offset, off_t high, int flags)
{
	long result = check(fd, offset, flags, POLLIN);

	if (result < 0)
		return result;
	if (offset == EFT_AT_POSITION)
		return eft_sys_readv(fd, iov, count);
	return eft_sys_preadv(fd, iov, count, offset, high);
}

static long sync(int fd, bool data_only)
{
	long result = data_only ? eft_sys_fdatasync(fd) : eft_sys_fsync(fd);

	return result == -EINVAL ? 0 : result; /* there is nothing to sync */
}

static ssize_t write_at(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t at)
{
	if (eft_file_write_limited != NULL)
		return eft_file_write_limited(file, iov, count, at);
	return eft_file_write(file, iov, count, at);
}

/*
 * Write at the end: by a description of the same that always does. At the
 * position, that is where the end was.
 */
static ssize_t append(struct eft_file *file, const struct eft_iovec *iov,
		      int count, off_t at)
{
	struct eft_file *other;
	ssize_t n;

	if (file->ops->seek == NULL || file->flags & O_APPEND)
		return write_at(file, iov, count, at);
	n = eft_file_check_transfer(file, O_RDONLY, at);
	if (n == 0)
		n = eft_file_open_again(file, O_WRONLY | O_APPEND, &other);
	if (n < 0)
		return n;
	n = write_at(other, iov, count, EFT_AT_POSITION);
	if (n > 0 && at == EFT_AT_POSITION)
		file->ops->seek(file, other->ops->seek(other, 0, SEEK_CUR),
				SEEK_SET);
	eft_file_put(other);
	return n;
}

static long write_by(int fd, const struct eft_iovec eft_user *iov, int count,
		     off_t offset, off_t high, int flags)
{
	if (flags & RWF_APPEND)
		return eft_transfer_vector(append, fd, iov, count, offset);
	if (offset == EFT_AT_POSITION)
		return eft_sys_writev(fd, iov, count);
	return eft_sys_pwritev(fd, iov, count, offset, high);
}

long eft_sys_pwritev2(int fd, const struct eft_iovec eft_user *iov, int count,
		      off_t offset, off_t high, int flags)
{
	long result = check(fd, offset, flags, POLLOUT), error = 0;

	if (result < 0)
		return result;
	result = write_by(fd, iov, count, offset, high, flags);
	if (result > 0 && flags & (RWF_DSYNC | RWF_SYNC))
		error = sync(fd, !(flags & RWF_SYNC));
	return error < 0 ? error : result;
}

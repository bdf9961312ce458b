// SPDX-License-Identifier: BSD-3-Clause
/*
 * vmsplice(2): the program's pages are copied.
 */
#include "posix/fs/move.h"
#include "posix/fs/transfer.h"
#include "posix/fs/vector.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

eft_needs(eft_broken_pipe);

static ssize_t read_pages(struct eft_file *file, const struct eft_iovec *iov,
			  int count, bool wait)
{
	ssize_t n = eft_pipe_await(eft_pipe_of(file), wait);

	return n > 0 ? eft_file_read(file, iov, count, EFT_AT_POSITION) : n;
}

/* As much as there is room for, of the first buffers. */
static ssize_t write_pages(struct eft_file *file, struct eft_iovec *iov,
			   int count, bool wait)
{
	ssize_t room = eft_pipe_await_room(eft_pipe_of(file), wait);
	int used = 0;

	if (room < 0)
		return room;
	for (size_t left = (size_t)room; used < count && left > 0; used++) {
		iov[used].len = eft_min(iov[used].len, left);
		left -= iov[used].len;
	}
	return eft_file_write(file, iov, used, EFT_AT_POSITION);
}

static long move_pages(struct eft_file *file, struct eft_iovec *iov, int count,
		       unsigned flags)
{
	int mode = file->flags & O_ACCMODE;
	size_t len = 0;

	for (int i = 0; i < count; i++)
		len += iov[i].len;
	if (mode == O_ACCMODE)
		return -EBADF;
	if (len == 0)
		return 0;
	if (eft_pipe_of(file) == NULL)
		return -EBADF;
	if (mode == O_RDONLY)
		return read_pages(file, iov, count,
				  eft_move_waits(file, flags));
	return write_pages(file, iov, count, eft_move_waits(file, flags));
}

long eft_sys_vmsplice(int fd, const struct eft_iovec eft_user *iov,
		      size_t segments, unsigned flags)
{
	struct eft_file *file;
	struct eft_vector vector;
	long n;

	if (flags & ~(unsigned)SPLICE_F_ALL)
		return -EINVAL;
	file = eft_fd_get_opened(fd);
	if (file == NULL)
		return -EBADF;
	n = segments > IOV_MAX ? -EINVAL
			       : eft_vector_get(&vector, iov, segments);
	if (n == 0 && segments <= IOV_MAX)
		n = move_pages(file, vector.iov, (int)segments, flags);
	if (segments <= IOV_MAX)
		eft_vector_put(&vector);
	eft_file_put(file);
	return eft_transfer_failed(n);
}

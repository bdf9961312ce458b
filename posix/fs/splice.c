// SPDX-License-Identifier: BSD-3-Clause
/*
 * splice(2) and tee(2): Linux fs/splice.c. Which pages bytes lie in
 * is not to be seen, so that "move" is a copy.
 */
#include "core/mem.h"
#include "posix/fs/move.h"
#include "posix/fs/transfer.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

eft_needs(eft_broken_pipe);

struct ends {
	struct eft_move_files files;
	struct eft_pipe *in, *out; /* NULL: no pipe */
	off_t in_at, out_at;	   /* of what is none */
	bool wait;		   /* for the pipes */
};

/* A page's bytes at most of what there is in the pipe, on to the file. */
static ssize_t drain_some(struct ends *ends, char **page, size_t len)
{
	size_t taken =
		eft_pipe_take(ends->in, *page, eft_min(len, EFT_PAGE_SIZE));
	ssize_t n;

	if (taken == 0)
		return 0;
	n = eft_move_write(ends->files.out, *page, taken, ends->out_at);
	eft_pipe_settle(ends->in, page, taken, n > 0 ? (size_t)n : 0);
	if (n > 0 && ends->out_at != EFT_AT_POSITION)
		ends->out_at += n;
	return n == 0 ? -EIO : n;
}

/* Until the pipe is empty, and something was moved. */
static ssize_t drain(struct ends *ends, size_t len)
{
	char *page = eft_page_alloc(0);
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && n >= 0) {
		if (page == NULL)
			page = eft_page_alloc(0);
		n = page != NULL
			    ? eft_pipe_await(ends->in, ends->wait && done == 0)
			    : -ENOMEM;
		if (n <= 0)
			break;
		n = drain_some(ends, &page, len - done);
		done += n > 0 ? (size_t)n : 0;
	}
	eft_page_free(page);
	return done > 0 ? (ssize_t)done : n;
}

/* From pipe to pipe. (tee): what is in the first stays there. */
static ssize_t pass_some(struct ends *ends, char **page, size_t len,
			 size_t done, bool tee)
{
	size_t room = eft_pipe_hold(ends->out, eft_min(len, EFT_PAGE_SIZE));
	size_t n = 0;

	if (room > 0 && tee)
		n = eft_pipe_peek(ends->in, (uint32_t)done, *page, room);
	else if (room > 0)
		n = eft_pipe_take(ends->in, *page, room);
	eft_pipe_put(ends->out, room, page, n);
	if (!tee && n > 0)
		eft_pipe_settle(ends->in, page, n, n);
	return (ssize_t)n;
}

static ssize_t pass(struct ends *ends, size_t len, bool tee)
{
	char *page = eft_page_alloc(0);
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && n > 0) {
		bool wait = ends->wait && done == 0;

		if (page == NULL)
			page = eft_page_alloc(0);
		n = page != NULL ? eft_pipe_await(ends->in, wait) : -ENOMEM;
		if (n > 0)
			n = eft_pipe_await_room(ends->out, wait);
		if (n <= 0)
			break;
		n = pass_some(ends, &page, len - done, done, tee);
		if (n == 0 && done == 0)
			n = 1; /* another was quicker: look again */
		else if (n > 0)
			done += (size_t)n;
	}
	eft_page_free(page);
	return done > 0 ? (ssize_t)done : n;
}

static ssize_t splice_from_pipe(struct ends *ends, size_t len)
{
	struct eft_file *out = ends->files.out;

	if (out->flags & O_APPEND || out->ops->write == NULL ||
	    eft_move_type(out) == 0)
		return -EINVAL;
	return drain(ends, len);
}

static ssize_t splice_to_pipe(struct ends *ends, size_t len)
{
	struct eft_file *in = ends->files.in;

	if (in->ops->read == NULL || eft_move_type(in) == S_IFDIR)
		return -EINVAL;
	return eft_move_to_pipe(in, &ends->in_at, ends->out, len, ends->wait);
}

static ssize_t splice(struct ends *ends, size_t len, unsigned flags)
{
	len = eft_min(len, EFT_MOVE_MAX);
	if (ends->in != NULL && ends->out != NULL) {
		ends->wait = eft_move_waits(ends->files.in, flags) &&
			     eft_move_waits(ends->files.out, flags);
		return ends->in == ends->out ? -EINVAL : pass(ends, len, false);
	}
	if (ends->in != NULL) {
		ends->wait = eft_move_waits(ends->files.in, flags);
		return splice_from_pipe(ends, len);
	}
	ends->wait = eft_move_waits(ends->files.out, flags);
	return ends->out != NULL ? splice_to_pipe(ends, len) : -EINVAL;
}

/* Where the one that is no pipe is read or written. */
static long start(struct eft_file *file, const off_t eft_user *offset,
		  off_t *ret_at)
{
	if (eft_move_offset_get(ret_at, offset) < 0)
		return -EFAULT;
	if (offset == NULL)
		*ret_at = eft_move_position(file);
	else if (eft_move_position(file) < 0 || *ret_at < 0)
		return -EINVAL;
	return 0;
}

static long splice_between(struct ends *ends, off_t eft_user *in_offset,
			   off_t eft_user *out_offset, size_t len,
			   unsigned flags)
{
	long n = 0;

	if ((ends->in != NULL && in_offset != NULL) ||
	    (ends->out != NULL && out_offset != NULL))
		return -ESPIPE;
	if (ends->in == NULL)
		n = start(ends->files.in, in_offset, &ends->in_at);
	if (n == 0 && ends->out == NULL)
		n = start(ends->files.out, out_offset, &ends->out_at);
	if (n != -EFAULT && eft_move_check_modes(&ends->files) < 0)
		return -EBADF;
	if (n == 0)
		n = splice(ends, len, flags);
	if (n <= 0)
		return n;
	if (ends->in == NULL && in_offset == NULL)
		eft_move_set_position(ends->files.in, ends->in_at);
	if (ends->out == NULL && out_offset == NULL)
		eft_move_set_position(ends->files.out, ends->out_at);
	if (eft_move_offset_put(in_offset, ends->in_at) < 0 ||
	    eft_move_offset_put(out_offset, ends->out_at) < 0)
		return -EFAULT;
	return n;
}

static long begin(int in_fd, int out_fd, struct ends *ret_ends)
{
	struct ends ends = {.in_at = 0};
	long result = eft_move_begin(in_fd, out_fd, &ends.files);

	if (result < 0)
		return result;
	ends.in = eft_pipe_of(ends.files.in);
	ends.out = eft_pipe_of(ends.files.out);
	*ret_ends = ends;
	return 0;
}

long eft_sys_splice(int in_fd, off_t eft_user *in_offset, int out_fd,
		    off_t eft_user *out_offset, size_t len, unsigned flags)
{
	struct ends ends;
	long n;

	if (len == 0)
		return 0;
	if (flags & ~(unsigned)SPLICE_F_ALL)
		return -EINVAL;
	n = begin(in_fd, out_fd, &ends);
	if (n < 0)
		return n;
	n = splice_between(&ends, in_offset, out_offset, len, flags);
	eft_move_end(&ends.files);
	return eft_transfer_failed(n);
}

static long tee(struct ends *ends, size_t len, unsigned flags)
{
	if (eft_move_check_modes(&ends->files) < 0)
		return -EBADF;
	if (ends->in == NULL || ends->out == NULL || ends->in == ends->out)
		return -EINVAL;
	ends->wait = eft_move_waits(ends->files.in, flags) &&
		     eft_move_waits(ends->files.out, flags);
	return pass(ends, eft_min(len, EFT_MOVE_MAX), true);
}

long eft_sys_tee(int in_fd, int out_fd, size_t len, unsigned flags)
{
	struct ends ends;
	long n;

	if (flags & ~(unsigned)SPLICE_F_ALL)
		return -EINVAL;
	if (len == 0)
		return 0;
	n = begin(in_fd, out_fd, &ends);
	if (n < 0)
		return n;
	n = tee(&ends, len, flags);
	eft_move_end(&ends.files);
	return eft_transfer_failed(n);
}

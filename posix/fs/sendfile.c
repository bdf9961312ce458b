// SPDX-License-Identifier: BSD-3-Clause
#include "posix/fs/file_limit.h"
#include "posix/fs/move.h"
#include "posix/fs/transfer.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

eft_needs(eft_broken_pipe);

/* May bytes be taken from, or given to, such a file? (fs/splice.c) */
static bool can_be_source(struct eft_file *file)
{
	return eft_move_position(file) >= 0 && file->ops->read != NULL &&
	       eft_move_type(file) != S_IFDIR;
}

static bool can_be_target(struct eft_file *file)
{
	return !(file->flags & O_APPEND) && file->ops->write != NULL &&
	       eft_move_type(file) != 0;
}

/* By the host, or through memory. */
static long send_to_file(const struct eft_move_files *files, off_t *at,
			 size_t count)
{
	off_t out_at = eft_move_position(files->out);
	long n;

	if (eft_file_write_limited == NULL &&
	    eft_hostfile_move(EFT_MOVE_SEND, files->in, at, files->out, NULL,
			      count, &n))
		return n;
	n = eft_move_copy(files->in, at, files->out, &out_at, count);
	if (n > 0)
		eft_move_set_position(files->out, out_at);
	return n;
}

static long send_some(const struct eft_move_files *files, off_t *at,
		      size_t count)
{
	struct eft_pipe *pipe;

	if ((ssize_t)count < 0 || *at < 0)
		return -EINVAL;
	if (eft_move_check_modes(files) < 0)
		return -EBADF;
	if (count > (uint64_t)(INT64_MAX - *at))
		count = (size_t)(INT64_MAX - *at);
	count = eft_min(count, EFT_MOVE_MAX);
	pipe = eft_pipe_of(files->out);
	if (pipe == NULL && !can_be_target(files->out))
		return -EINVAL;
	if (!can_be_source(files->in))
		return count == 0 && pipe != NULL ? 0 : -EINVAL;
	if (pipe != NULL)
		return eft_move_to_pipe(files->in, at, pipe, count,
					!(files->out->flags & O_NONBLOCK));
	return send_to_file(files, at, count);
}

static long send(const struct eft_move_files *files, off_t eft_user *offset,
		 off_t at, size_t count)
{
	long n;

	if (offset != NULL && eft_move_position(files->in) < 0)
		return eft_move_check_modes(files) < 0 ? -EBADF : -ESPIPE;
	if (offset == NULL)
		at = eft_max(eft_move_position(files->in), 0);
	n = send_some(files, &at, count);
	if (n > 0 && offset == NULL)
		eft_move_set_position(files->in, at);
	return n > 0 && eft_move_offset_put(offset, at) < 0 ? -EFAULT : n;
}

long eft_sys_sendfile(int out_fd, int in_fd, off_t eft_user *offset,
		      size_t count)
{
	struct eft_move_files files;
	off_t at = 0;
	long n;

	if (eft_move_offset_get(&at, offset) < 0)
		return -EFAULT;
	n = eft_move_begin(in_fd, out_fd, &files);
	if (n < 0)
		return n;
	n = send(&files, offset, at, count);
	eft_move_end(&files);
	return eft_transfer_failed(n);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * copy_file_range(2): Linux fs/read_write.c.
 */
#include "posix/fs/file_limit.h"
#include "posix/fs/move.h"
#include "posix/fs/transfer.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

/* Only images with such files have it. */
#pragma weak eft_remote_copy_range

struct range {
	struct eft_move_files files;
	off_t in_at, out_at;
	size_t len;
};

static long check_files(const struct eft_move_files *files,
			const struct eft_stat *in, const struct eft_stat *out)
{
	if ((in->mode & S_IFMT) == S_IFDIR || (out->mode & S_IFMT) == S_IFDIR)
		return -EISDIR;
	if ((in->mode & S_IFMT) != S_IFREG || (out->mode & S_IFMT) != S_IFREG)
		return -EINVAL;
	if (eft_move_check_modes(files) < 0 || files->out->flags & O_APPEND)
		return -EBADF;
	return 0;
}

/* Cut it at the end of (in). */
static long check_range(struct range *range, const struct eft_stat *in,
			const struct eft_stat *out)
{
	uint64_t from = (uint64_t)range->in_at, to = (uint64_t)range->out_at;
	uint64_t len = range->len;

	if (from + len < from || to + len < to)
		return -EOVERFLOW;
	len = eft_min(len, (uint64_t)eft_max(in->size - range->in_at, 0));
	if (in->dev == out->dev && in->ino == out->ino && to + len > from &&
	    to < from + len)
		return -EINVAL;
	if (range->in_at < 0 || range->out_at < 0 || (ssize_t)len < 0)
		return -EINVAL;
	range->len = eft_min(len, EFT_MOVE_MAX);
	return 0;
}

static long copy(struct range *range)
{
	struct eft_file *in = range->files.in, *out = range->files.out;
	struct eft_stat in_stat, out_stat;
	long n = in->ops->stat(in, &in_stat);

	if (n == 0)
		n = out->ops->stat(out, &out_stat);
	if (n == 0)
		n = check_files(&range->files, &in_stat, &out_stat);
	if (n == 0)
		n = check_range(range, &in_stat, &out_stat);
	if (n < 0 || range->len == 0)
		return n;
	if (eft_file_write_limited == NULL &&
	    eft_hostfile_move(EFT_MOVE_COPY, in, &range->in_at, out,
			      &range->out_at, range->len, &n))
		return n;
	if (eft_file_write_limited == NULL && eft_remote_copy_range != NULL &&
	    eft_remote_copy_range(in, &range->in_at, out, &range->out_at,
				  range->len, &n))
		return n;
	if (in_stat.dev != out_stat.dev)
		return -EXDEV;
	return eft_move_copy(in, &range->in_at, out, &range->out_at,
			     range->len);
}

/* The program's offsets, or the descriptions' own. */
static long start(struct range *range, const off_t eft_user *in_offset,
		  const off_t eft_user *out_offset)
{
	if (in_offset == NULL)
		range->in_at = eft_max(eft_move_position(range->files.in), 0);
	if (out_offset == NULL)
		range->out_at = eft_max(eft_move_position(range->files.out), 0);
	if (eft_move_offset_get(&range->in_at, in_offset) < 0 ||
	    eft_move_offset_get(&range->out_at, out_offset) < 0)
		return -EFAULT;
	return 0;
}

/* One that is the same for both is where it was written last. */
static long settle(struct range *range, off_t eft_user *in_offset,
		   off_t eft_user *out_offset)
{
	if (in_offset == NULL)
		eft_move_set_position(range->files.in, range->in_at);
	if (out_offset == NULL)
		eft_move_set_position(range->files.out, range->out_at);
	if (eft_move_offset_put(in_offset, range->in_at) < 0 ||
	    eft_move_offset_put(out_offset, range->out_at) < 0)
		return -EFAULT;
	return 0;
}

long eft_sys_copy_file_range(int in_fd, off_t eft_user *in_offset, int out_fd,
			     off_t eft_user *out_offset, size_t len,
			     unsigned flags)
{
	struct range range = {.len = len};
	long n = eft_move_begin(in_fd, out_fd, &range.files);

	if (n < 0)
		return n;
	n = start(&range, in_offset, out_offset);
	if (n == 0)
		n = flags != 0 ? -EINVAL : copy(&range);
	if (n > 0 && settle(&range, in_offset, out_offset) < 0)
		n = -EFAULT;
	eft_move_end(&range.files);
	return eft_transfer_failed(n);
}

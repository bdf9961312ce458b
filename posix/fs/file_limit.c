// SPDX-License-Identifier: BSD-3-Clause
/*
 * RLIMIT_FSIZE: how large the program lets its files become. Only an image
 * that sets limits has this; the calls that make files larger ask it where it
 * is there.
 */
#include "posix/fs/file_limit.h"
#include "core/boot.h"
#include "core/process.h"
#include "posix/signal/restart.h"
#include "posix/signal/signal.h"

/* Without signals in the image there is just the default. */
extern __typeof__(eft_signal_send) eft_signal_send eft_weak;

/* Too large: the caller ends by SIGXFSZ, unless it has other plans. */
static ssize_t exceeded(void)
{
	struct eft_siginfo info = {
		.signal = SIGXFSZ,
		.code = SI_USER,
		.pid = eft_process()->identity.pid,
		.uid = eft_process()->identity.uid,
	};

	if (eft_signal_send == NULL)
		eft_die_by(SIGXFSZ);
	eft_signal_send(eft_task_current()->tid, &info);
	return -EFBIG;
}

static uint64_t limit(void)
{
	return __atomic_load_n(&eft_process()->file_limit, __ATOMIC_RELAXED);
}

void eft_file_limit_set(uint64_t bytes)
{
	__atomic_store_n(&eft_process()->file_limit, bytes, __ATOMIC_RELAXED);
}

long eft_file_limit_check(uint64_t size)
{
	return size > limit() ? exceeded() : 0;
}

/* Where a write at (at) begins in (file); -1: it is not of a regular file. */
static off_t start_of(struct eft_file *file, off_t at)
{
	struct eft_stat st;

	if (file->ops->seek == NULL || file->flags & O_PATH ||
	    file->ops->stat(file, &st) != 0 || (st.mode & S_IFMT) != S_IFREG)
		return -1;
	if (file->flags & O_APPEND)
		return st.size;
	return at == EFT_AT_POSITION ? file->ops->seek(file, 0, SEEK_CUR) : at;
}

/* Up to (room) bytes of (iov). */
static ssize_t write_some(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at, uint64_t room)
{
	ssize_t done = 0;

	for (int i = 0; i < count && room > 0; i++) {
		struct eft_iovec piece = {iov[i].base,
					  eft_min(iov[i].len, room)};
		ssize_t n =
			eft_file_write(file, &piece, 1,
				       at == EFT_AT_POSITION ? at : at + done);

		if (n < 0)
			return done > 0 ? done : n;
		done += n;
		room -= (uint64_t)n;
		if ((size_t)n < piece.len)
			break;
	}
	return done;
}

ssize_t eft_file_write_limited(struct eft_file *file,
			       const struct eft_iovec *iov, int count, off_t at)
{
	uint64_t most = limit();
	size_t len = 0;
	off_t start;

	for (int i = 0; i < count; i++)
		len += iov[i].len;
	if (most == UINT64_MAX || len == 0)
		return eft_file_write(file, iov, count, at);
	start = start_of(file, at);
	if (start < 0 || (uint64_t)start + len <= most)
		return eft_file_write(file, iov, count, at);
	if ((uint64_t)start >= most)
		return exceeded();
	return write_some(file, iov, count, at, most - (uint64_t)start);
}

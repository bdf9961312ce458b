// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading a host's terminal. A line is read as from any stream. In
 * non-canonical mode (termios(3)) what poll() says depends on VMIN and VTIME,
 * and read() waits by them: so it is asked for no more than is there, and the
 * waiting is done here.
 */
#include "core/fd/iov.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/time.h"

/*
 * Between two looks at a terminal whose poll() waits for more bytes (VMIN)
 * than the reader wants.
 */
enum { PACE_NS = 10000000, TENTH_NS = 100000000 };

struct reading {
	struct eft_hostfile *hf;
	struct eft_cursor to;
	size_t left, done;
	size_t wanted;	      /* bytes that are enough */
	uint64_t time_ns;     /* VTIME */
	uint64_t deadline_ns; /* when it has passed */
	bool looks;	      /* poll() does not tell when there are enough */
};

static size_t available(int handle)
{
	int bytes = 0;

	eft_plat_host_files()->ioctl(handle, FIONREAD, eft_as_user(&bytes));
	return (size_t)bytes;
}

/* Read the (bytes) that are there. 0; -ETIMEDOUT there were none after all. */
static int take(struct reading *r, size_t bytes)
{
	ssize_t n = 1;

	for (; n > 0 && bytes > 0 && r->left > 0; bytes -= (size_t)n) {
		struct eft_iovec piece = {.len = eft_min(bytes, r->left)};

		piece.base = eft_cursor_next(&r->to, &piece.len);
		n = eft_plat_host_input()->read(r->hf->handle, &piece, 1,
						EFT_HOST_POSITION);
		if (n <= 0)
			return n < 0 ? (int)n : -ETIMEDOUT;
		r->done += (size_t)n;
		r->left -= (size_t)n;
	}
	r->deadline_ns = eft_now_ns() + r->time_ns;
	return 0;
}

static int wait(struct reading *r)
{
	uint64_t now = eft_now_ns();
	uint64_t until = r->looks ? now + PACE_NS : r->deadline_ns;
	int error;

	if (r->deadline_ns <= now)
		return -ETIMEDOUT;
	error = eft_hostfile_wait(r->hf, POLLIN, until);
	return error == -ETIMEDOUT && r->looks ? 0 : error;
}

/* 0 to look again; else the read is over. */
static int look(struct reading *r)
{
	unsigned events = eft_plat_host_waiting()->ready(r->hf->handle, POLLIN);
	size_t there = available(r->hf->handle);
	int error;

	if (there == 0 && events & (POLLHUP | POLLERR | POLLNVAL))
		return take(r, 1);
	if (there > 0 && (r->time_ns > 0 || there >= r->wanted))
		return take(r, there);
	error = wait(r);
	if (error < 0 && there > 0)
		take(r, there);
	return error;
}

static ssize_t read_bytes(struct eft_hostfile *hf, const struct eft_iovec *iov,
			  int count, unsigned min, unsigned time)
{
	struct reading r = {
		.hf = hf,
		.to = {.iov = iov},
		.left = eft_iov_total(iov, count),
		.time_ns = (uint64_t)time * TENTH_NS,
		.deadline_ns = EFT_FOREVER,
	};
	int error = 0;

	r.wanted = eft_min(eft_max(min, 1u), r.left);
	r.looks = time == 0 && r.wanted < min;
	if (min == 0)
		r.deadline_ns = eft_now_ns() + r.time_ns;
	while (error == 0 && r.done < r.wanted)
		error = look(&r);
	if (r.done > 0)
		return (ssize_t)r.done;
	return error == -ETIMEDOUT ? 0 : error;
}

ssize_t eft_hostfile_read_terminal(struct eft_hostfile *hf,
				   const struct eft_iovec *iov, int count)
{
	struct eft_termios termios;

	if (eft_plat_host_files()->ioctl(hf->handle, TCGETS,
					 eft_as_user(&termios)) != 0 ||
	    termios.lflag & ICANON)
		return eft_hostfile_read_stream(hf, iov, count);
	return read_bytes(hf, iov, count, termios.cc[VMIN], termios.cc[VTIME]);
}

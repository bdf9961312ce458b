// SPDX-License-Identifier: BSD-3-Clause
/*
 * poll and select, on core's eft_poll().
 */
#include "core/file.h"
#include "core/mem.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

enum { FEW = 16 };

/* Poll a copy of (fds): core's work may not touch the program's memory. */
static long poll_until(struct eft_pollfd *fds, unsigned count,
		       uint64_t deadline_ns)
{
	struct eft_pollfd few[FEW], *copy = few;
	long result;

	if (count > (unsigned)eft_fd_limit(-1))
		return -EINVAL;
	if (count > FEW)
		copy = eft_alloc(count * sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, fds, count * sizeof(*copy));
	result = eft_poll(copy, count, deadline_ns);
	for (unsigned i = 0; result >= 0 && i < count; i++)
		fds[i].revents = copy[i].revents;
	if (copy != few)
		eft_free(copy);
	return result;
}

/* Most have something at once: the clock is read only to wait. */
static long poll_for(struct eft_pollfd *fds, unsigned count,
		     uint64_t timeout_ns)
{
	long result = poll_until(fds, count, 0);
	uint64_t deadline;

	if (result != 0 || timeout_ns == 0)
		return result;
	deadline = eft_deadline_after(timeout_ns);
	return eft_interruptible(poll_until(fds, count, deadline), deadline);
}

long eft_sys_poll(struct eft_pollfd *fds, unsigned count, int timeout_ms)
{
	return poll_for(fds, count,
			timeout_ms < 0 ? EFT_FOREVER : timeout_ms * 1000000ul);
}

long eft_sys_ppoll(struct eft_pollfd *fds, unsigned count,
		   const struct eft_timespec *timeout, const uint64_t *mask,
		   size_t size)
{
	uint64_t ns = EFT_FOREVER;
	long result;

	if ((timeout != NULL && eft_time_from(timeout, &ns) < 0) ||
	    (mask != NULL && size != sizeof(*mask)))
		return -EINVAL;
	eft_mask_begin(mask);
	result = poll_for(fds, count, ns);
	eft_mask_end(mask, result);
	return result;
}

static bool in_set(const uint64_t *set, int fd)
{
	return set != NULL && set[fd / 64] >> fd % 64 & 1;
}

/* The events that select(2) means by its three sets (Linux fs/select.c). */
enum {
	IN_SET = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
	OUT_SET = POLLOUT | POLLWRNORM | POLLERR,
	EXCEPT_SET = POLLPRI,
};

/* One pollfd for each descriptor in a set; returns their number. */
static int collect(int n, uint64_t *const sets[3], struct eft_pollfd *fds)
{
	static const int16_t events[3] = {POLLIN, POLLOUT, POLLPRI};
	int count = 0;

	for (int fd = 0; fd < n; fd++) {
		int wanted = 0;

		for (int i = 0; i < 3; i++)
			wanted |= in_set(sets[i], fd) ? events[i] : 0;
		if (wanted != 0)
			fds[count++] = (struct eft_pollfd){fd, wanted, 0};
	}
	return count;
}

/* Set the bits of what is ready; returns their number. */
static long spread(int n, uint64_t *const sets[3], const struct eft_pollfd *fds,
		   int count)
{
	static const int16_t meaning[3] = {IN_SET, OUT_SET, EXCEPT_SET};
	static const int16_t events[3] = {POLLIN, POLLOUT, POLLPRI};
	long bits = 0;

	for (int i = 0; i < 3; i++) {
		if (sets[i] != NULL)
			memset(sets[i], 0, (n + 63) / 64 * sizeof(uint64_t));
	}
	for (int k = 0; k < count; k++) {
		for (int i = 0; i < 3; i++) {
			if (!(fds[k].events & events[i]) ||
			    !(fds[k].revents & meaning[i]))
				continue;
			sets[i][fds[k].fd / 64] |= 1ul << fds[k].fd % 64;
			bits++;
		}
	}
	return bits;
}

/* (again): the sets are wanted once more if nothing is there. */
static long select_until(int n, uint64_t *const sets[3], uint64_t deadline_ns,
			 bool again)
{
	struct eft_pollfd *fds;
	long result;
	int count;

	if (n < 0)
		return -EINVAL;
	n = eft_min(n, eft_fd_table_size()); /* nothing is open above */
	fds = eft_alloc((n + 1) * sizeof(*fds));
	if (fds == NULL)
		return -ENOMEM;
	count = collect(n, sets, fds);
	result = eft_poll(fds, count, deadline_ns);
	for (int i = 0; i < count && result > 0; i++) {
		if (fds[i].revents & POLLNVAL)
			result = -EBADF;
	}
	if (result > 0 || (result == 0 && !again))
		result = spread(n, sets, fds, count);
	eft_free(fds);
	return result;
}

static long select_for(int n, uint64_t *const sets[3], uint64_t timeout_ns)
{
	long result = select_until(n, sets, 0, timeout_ns != 0);
	uint64_t deadline;

	if (result != 0 || timeout_ns == 0)
		return result;
	deadline = eft_deadline_after(timeout_ns);
	return eft_interruptible(select_until(n, sets, deadline, false),
				 deadline);
}

enum { USEC = 1000000 }; /* in a second; there may be more of them */

long eft_sys_select(int n, uint64_t *in, uint64_t *out, uint64_t *except,
		    struct eft_timeval *timeout)
{
	uint64_t *const sets[3] = {in, out, except};
	uint64_t ns = EFT_FOREVER;

	if (timeout != NULL) {
		int64_t usec = timeout->usec, sec = timeout->sec;
		struct eft_timespec time = {.nsec = usec % USEC * 1000};

		if (usec < 0 || sec < 0 ||
		    __builtin_add_overflow(sec, usec / USEC, &time.sec))
			return -EINVAL;
		eft_time_from(&time, &ns);
	}
	return select_for(n, sets, ns);
}

/* pselect6(2): what its last argument points to. */
struct mask_argument {
	const uint64_t *mask;
	size_t size;
};

long eft_sys_pselect6(int n, uint64_t *in, uint64_t *out, uint64_t *except,
		      struct eft_timespec *timeout, void *argument)
{
	static const struct mask_argument none;
	const struct mask_argument *how = argument != NULL ? argument : &none;
	uint64_t *const sets[3] = {in, out, except};
	uint64_t ns = EFT_FOREVER;
	long result;

	if ((timeout != NULL && eft_time_from(timeout, &ns) < 0) ||
	    (how->mask != NULL && how->size != sizeof(*how->mask)))
		return -EINVAL;
	eft_mask_begin(how->mask);
	result = select_for(n, sets, ns);
	eft_mask_end(how->mask, result);
	return result;
}

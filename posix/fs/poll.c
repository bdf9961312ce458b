// SPDX-License-Identifier: BSD-3-Clause
/*
 * poll and select, on core's eft_poll().
 */
#include "core/file.h"
#include "core/mem.h"
#include "core/user.h"
#include "posix/signal/mask.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

enum { FEW = 16 };

static int put_events(struct eft_pollfd eft_user *fds,
		      const struct eft_pollfd *copy, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (eft_put_user(&fds[i].revents, &copy[i].revents) != 0)
			return -EFAULT;
	}
	return 0;
}

static long poll_until(struct eft_pollfd eft_user *fds, unsigned count,
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
	result = eft_copy_in(copy, fds, count * sizeof(*copy));
	if (result == 0)
		result = eft_poll(copy, count, deadline_ns);
	if (result >= 0 && put_events(fds, copy, count) != 0)
		result = -EFAULT;
	if (copy != few)
		eft_free(copy);
	return result;
}

/* Most have something at once: the clock is read only to wait. */
static long poll_for(struct eft_pollfd eft_user *fds, unsigned count,
		     uint64_t timeout_ns)
{
	long result = poll_until(fds, count, 0);
	uint64_t deadline;

	if (result != 0 || timeout_ns == 0)
		return result;
	deadline = eft_deadline_after(timeout_ns);
	return eft_interruptible(poll_until(fds, count, deadline), deadline);
}

long eft_sys_poll(struct eft_pollfd eft_user *fds, unsigned count,
		  int timeout_ms)
{
	return poll_for(fds, count,
			timeout_ms < 0 ? EFT_FOREVER : timeout_ms * 1000000ul);
}

long eft_sys_ppoll(struct eft_pollfd eft_user *fds, unsigned count,
		   const struct eft_timespec eft_user *timeout,
		   const uint64_t eft_user *mask, size_t size)
{
	struct eft_user_mask blocked;
	uint64_t ns = EFT_FOREVER;
	long result = eft_time_get(timeout, &ns);

	if (result == 0)
		result = eft_mask_get(&blocked, mask, size);
	if (result < 0)
		return result;
	eft_mask_begin(blocked.mask);
	result = poll_for(fds, count, ns);
	eft_mask_end(blocked.mask, result);
	return result;
}

/* What a set of (n) descriptors takes, in whole words. */
static size_t set_bytes(int n)
{
	return (size_t)(n + 63) / 64 * sizeof(uint64_t);
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

/* Set the bits of what is ready, and no others; returns their number. */
static long spread(int n, uint64_t *const sets[3], const struct eft_pollfd *fds,
		   int count)
{
	static const int16_t meaning[3] = {IN_SET, OUT_SET, EXCEPT_SET};
	static const int16_t events[3] = {POLLIN, POLLOUT, POLLPRI};
	long bits = 0;

	for (int i = 0; i < 3; i++) {
		if (sets[i] != NULL)
			memset(sets[i], 0, set_bytes(n));
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

static long select_until(struct eft_pollfd *fds, int count,
			 uint64_t deadline_ns)
{
	long result = eft_poll(fds, (unsigned)count, deadline_ns);

	for (int i = 0; i < count && result > 0; i++) {
		if (fds[i].revents & POLLNVAL)
			result = -EBADF;
	}
	return result;
}

/* The clock is read only to wait. */
static long select_for(struct eft_pollfd *fds, int count, uint64_t timeout_ns)
{
	long result = select_until(fds, count, 0);
	uint64_t deadline;

	if (result != 0 || timeout_ns == 0)
		return result;
	deadline = eft_deadline_after(timeout_ns);
	return eft_interruptible(select_until(fds, count, deadline), deadline);
}

static long select_copies(int n, uint64_t *const sets[3],
			  uint64_t eft_user *const from[3],
			  struct eft_pollfd *fds, uint64_t timeout_ns)
{
	size_t bytes = set_bytes(n);
	long result;
	int count;

	for (int i = 0; i < 3; i++) {
		if (sets[i] && eft_copy_in(sets[i], from[i], bytes) != 0)
			return -EFAULT;
	}
	count = collect(n, sets, fds);
	result = select_for(fds, count, timeout_ns);
	if (result < 0)
		return result;
	result = spread(n, sets, fds, count);
	for (int i = 0; i < 3; i++) {
		if (sets[i] && eft_copy_out(from[i], sets[i], bytes) != 0)
			return -EFAULT;
	}
	return result;
}

static long select_sets(int n, uint64_t eft_user *const from[3],
			uint64_t timeout_ns)
{
	uint64_t *sets[3] = {NULL, NULL, NULL};
	struct eft_pollfd *fds;
	size_t words;
	char *memory;
	long result;

	if (n < 0)
		return -EINVAL;
	n = eft_min(n, eft_fd_table_size()); /* nothing is open above */
	words = set_bytes(n) / sizeof(uint64_t);
	memory = eft_alloc(3 * set_bytes(n) + (n + 1) * sizeof(*fds));
	if (memory == NULL)
		return -ENOMEM;
	for (int i = 0; i < 3; i++) {
		if (from[i] != NULL)
			sets[i] = (uint64_t *)memory + i * words;
	}
	fds = (struct eft_pollfd *)(memory + 3 * set_bytes(n));
	result = select_copies(n, sets, from, fds, timeout_ns);
	eft_free(memory);
	return result;
}

enum { USEC = 1000000 }; /* in a second; there may be more of them */

long eft_sys_select(int n, uint64_t eft_user *in, uint64_t eft_user *out,
		    uint64_t eft_user *except,
		    struct eft_timeval eft_user *timeout)
{
	uint64_t eft_user *const sets[3] = {in, out, except};
	struct eft_timeval given;
	uint64_t ns = EFT_FOREVER;

	if (timeout != NULL) {
		struct eft_timespec time;

		if (eft_get_user(&given, timeout) != 0)
			return -EFAULT;
		time.nsec = given.usec % USEC * 1000;
		if (given.usec < 0 || given.sec < 0 ||
		    __builtin_add_overflow(given.sec, given.usec / USEC,
					   &time.sec))
			return -EINVAL;
		eft_time_from(&time, &ns);
	}
	return select_sets(n, sets, ns);
}

/* pselect6(2): what its last argument points to. */
struct mask_argument {
	const uint64_t eft_user *mask;
	size_t size;
};

long eft_sys_pselect6(int n, uint64_t eft_user *in, uint64_t eft_user *out,
		      uint64_t eft_user *except,
		      struct eft_timespec eft_user *timeout,
		      void eft_user *argument)
{
	uint64_t eft_user *const sets[3] = {in, out, except};
	struct mask_argument how = {NULL, 0};
	struct eft_user_mask blocked;
	uint64_t ns = EFT_FOREVER;
	long result;

	if (argument != NULL && eft_copy_in(&how, argument, sizeof(how)) != 0)
		return -EFAULT;
	result = eft_time_get(timeout, &ns);
	if (result == 0)
		result = eft_mask_get(&blocked, how.mask, how.size);
	if (result < 0)
		return result;
	eft_mask_begin(blocked.mask);
	result = select_sets(n, sets, ns);
	eft_mask_end(blocked.mask, result);
	return result;
}

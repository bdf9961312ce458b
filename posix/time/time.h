// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Linux's times and ours, which are nanoseconds.
 */
#include "core/abi.h"
#include "core/time.h"
#include "posix/signal/restart.h"

enum { EFT_NS_PER_SECOND = 1000000000 };

/* Nanoseconds, EFT_FOREVER where they do not fit; -EINVAL: not a time. */
static inline int eft_time_from(const struct eft_timespec *time,
				uint64_t *ret_ns)
{
	uint64_t ns;

	if (time->sec < 0 || (uint64_t)time->nsec >= EFT_NS_PER_SECOND)
		return -EINVAL;
	if (__builtin_mul_overflow(time->sec, (uint64_t)EFT_NS_PER_SECOND,
				   &ns) ||
	    __builtin_add_overflow(ns, time->nsec, &ns))
		ns = EFT_FOREVER;
	*ret_ns = ns;
	return 0;
}

/*
 * The same of the program's (time); *ret_ns stays as it is for NULL.
 *
 * Returns   0; -EINVAL; -EFAULT
 */
int eft_time_get(const struct eft_timespec eft_user *time, uint64_t *ret_ns);

static inline struct eft_timespec eft_time_to(uint64_t ns)
{
	uint64_t sec = eft_whole_seconds(ns);

	return (struct eft_timespec){.sec = sec,
				     .nsec = ns - sec * EFT_NS_PER_SECOND};
}

/* clock_gettime(2): what (clock) shows. -EINVAL: no such clock. */
int eft_clock_read(int clock, uint64_t *ret_ns);
/* Is (clock) the CPU time of the calling thread, by its number? */
bool eft_clock_is_own(int clock);

/* The deadline (ns) from now; EFT_FOREVER stays. */
static inline uint64_t eft_time_after(uint64_t ns)
{
	uint64_t deadline;

	if (ns == EFT_FOREVER ||
	    __builtin_add_overflow(eft_now_ns(), ns, &deadline))
		return EFT_FOREVER;
	return deadline;
}

/* The same for a system call, which keeps its deadline when it is made again. */
static inline uint64_t eft_deadline_after(uint64_t ns)
{
	uint64_t deadline;

	return eft_is_restarted(&deadline) ? deadline : eft_time_after(ns);
}

/* The monotonic deadline of the wall clock's (ns). */
static inline uint64_t eft_time_from_realtime(uint64_t ns)
{
	uint64_t now = eft_realtime_ns();

	if (ns == EFT_FOREVER)
		return ns;
	return eft_time_after(ns > now ? ns - now : 0);
}

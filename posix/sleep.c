// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sleeping. Nothing interrupts a sleep yet, so that (rem) is never written.
 */
#include "core/thread.h"
#include "posix/syscalls.h"
#include "posix/time.h"

static void sleep_until(uint64_t deadline_ns)
{
	while (eft_now_ns() < deadline_ns)
		eft_sleep(deadline_ns);
}

long eft_sys_clock_nanosleep(int clock, int flags,
			     const struct eft_timespec *req,
			     struct eft_timespec *rem)
{
	uint64_t ns;

	if (eft_time_from(req, &ns) < 0)
		return -EINVAL;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
		ns = flags & TIMER_ABSTIME ? eft_time_from_realtime(ns)
					   : eft_time_after(ns);
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		ns = flags & TIMER_ABSTIME ? ns : eft_time_after(ns);
		break;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	sleep_until(ns);
	return 0;
}

long eft_sys_nanosleep(const struct eft_timespec *req, struct eft_timespec *rem)
{
	return eft_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, req, rem);
}

long eft_sys_sched_yield(void)
{
	eft_yield();
	return 0;
}

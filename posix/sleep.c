// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sleeping.
 */
#include "core/thread.h"
#include "posix/restart.h"
#include "posix/syscalls.h"
#include "posix/time.h"

static long sleep_until(uint64_t deadline_ns)
{
	int error = 0;

	while (eft_now_ns() < deadline_ns && error != -EINTR)
		error = eft_sleep(deadline_ns);
	return error == -EINTR ? error : 0;
}

/* What was left to sleep, when a handler ended it. */
static struct eft_timespec left_until(uint64_t deadline_ns)
{
	uint64_t now = eft_now_ns();

	return eft_time_to(deadline_ns > now ? deadline_ns - now : 0);
}

long eft_sys_clock_nanosleep(int clock, int flags,
			     const struct eft_timespec *req,
			     struct eft_timespec *rem)
{
	uint64_t ns;
	long result;

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
	result = eft_interruptible(sleep_until(ns));
	if (result < 0 && rem != NULL && !(flags & TIMER_ABSTIME))
		*rem = left_until(ns);
	return result;
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

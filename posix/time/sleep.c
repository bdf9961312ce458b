// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sleeping.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/lock.h"
#include "core/options.h"
#include "core/thread.h"
#include "core/user.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

static long sleep_until(uint64_t deadline_ns)
{
	int error = 0;

	while (eft_now_ns() < deadline_ns && error != -EINTR)
		error = eft_sleep(deadline_ns);
	return error == -EINTR ? error : 0;
}

/* What was left to sleep, when a handler ended it; the call's new (result). */
static long put_left(struct eft_timespec eft_user *rem, uint64_t left_ns,
		     long result)
{
	struct eft_timespec left = eft_time_to(left_ns);

	return eft_put_user(rem, &left) != 0 ? -EFAULT : result;
}

/*
 * Until the CPU time of (clock) is (target_ns). It passes at most as fast as
 * all CPUs together go, and nobody tells when.
 */
static long sleep_by_cpu_time(int clock, uint64_t target_ns)
{
	const uint64_t least_ns = 1000000;
	unsigned cpus = eft_max(eft_options.cpus, 1);
	uint64_t now;
	int error = 0;

	while (error != -EINTR) {
		error = eft_clock_read(clock, &now);
		if (error < 0 || now >= target_ns)
			return error;
		error = eft_sleep(eft_time_after(
			eft_max((target_ns - now) / cpus, least_ns)));
	}
	return error;
}

/* (ns) is the target where (flags) say so. -EINVAL: one's own, or no clock. */
static long cpu_nanosleep(int clock, int flags, uint64_t ns,
			  struct eft_timespec eft_user *rem)
{
	uint64_t now;
	long result = eft_clock_read(clock, &now);

	if (result < 0 || eft_clock_is_own(clock))
		return -EINVAL;
	if (!(flags & TIMER_ABSTIME) && !eft_is_restarted(&ns) &&
	    __builtin_add_overflow(ns, now, &ns))
		ns = EFT_FOREVER;
	result = eft_interruptible(sleep_by_cpu_time(clock, ns), ns);
	if (result == -EFT_RESTART_UNHANDLED && rem != NULL &&
	    !(flags & TIMER_ABSTIME) && eft_clock_read(clock, &now) == 0)
		result = put_left(rem, ns > now ? ns - now : 0, result);
	return result;
}

long eft_sys_clock_nanosleep(int clock, int flags,
			     const struct eft_timespec eft_user *req,
			     struct eft_timespec eft_user *rem)
{
	struct eft_timespec copy;
	uint64_t ns, now;
	long result;

	if (eft_get_user(&copy, req) != 0)
		return -EFAULT;
	if (eft_time_from(&copy, &ns) < 0)
		return -EINVAL;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
		ns = flags & TIMER_ABSTIME ? eft_time_from_realtime(ns)
					   : eft_deadline_after(ns);
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		ns = flags & TIMER_ABSTIME ? ns : eft_deadline_after(ns);
		break;
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	default:
		return cpu_nanosleep(clock, flags, ns, rem);
	}
	result = eft_interruptible(sleep_until(ns), ns);
	if (result < 0 && rem != NULL && !(flags & TIMER_ABSTIME)) {
		now = eft_now_ns();
		result = put_left(rem, ns > now ? ns - now : 0, result);
	}
	return result;
}

long eft_sys_nanosleep(const struct eft_timespec eft_user *req,
		       struct eft_timespec eft_user *rem)
{
	return eft_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, req, rem);
}

/*
 * Whom the caller waits for may be on a CPU that shares the host's processor
 * with this one, and then needs that. But the caller may have work to do between
 * two yields: 256 turns are never so many that it is put to sleep.
 */
long eft_sys_sched_yield(void)
{
	unsigned turn;

	eft_yield();
	turn = eft_cpu()->yields++;
	if (eft_unlikely(eft_is_spin_yield(turn)))
		eft_spin(turn);
	return 0;
}

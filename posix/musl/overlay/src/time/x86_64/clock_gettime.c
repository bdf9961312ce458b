// SPDX-License-Identifier: BSD-3-Clause
/*
 * The two common clocks, which cannot fail, are a jump away (core/time.h).
 */
#include "syscall.h"
#include <time.h>

extern int (*eft_clock_time[2])(int clock, struct timespec *time);

static __attribute__((noinline)) int by_call(clockid_t clock,
					     struct timespec *time)
{
	return syscall(SYS_clock_gettime, clock, time);
}

int __clock_gettime(clockid_t clock, struct timespec *time)
{
	if (clock < 0 || clock > CLOCK_MONOTONIC || eft_attention())
		return by_call(clock, time);
	return eft_clock_time[clock](clock, time);
}

weak_alias(__clock_gettime, clock_gettime);

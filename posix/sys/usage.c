// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the program has used: getrusage(2), times(2). All time is the user's:
 * a system call is a call of a function.
 */
#include "core/arch/x86_64/image.h"
#include "core/mem.h"
#include "core/thread.h"
#include "core/user.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

enum { RUSAGE_CHILDREN = -1, RUSAGE_SELF = 0, RUSAGE_THREAD = 1 };

/* Linux's layouts. */
struct eft_rusage {
	struct eft_timeval user, system;
	int64_t max_rss, counts[13];
};

struct eft_tms {
	int64_t user, system, child_user, child_system;
};

/* The image, and what the program was promised: kilobytes. */
static int64_t max_rss(void)
{
	struct eft_range_stats range;

	eft_range_stats(&range);
	return (int64_t)(range.committed +
			 (uint64_t)(eft_image_end - eft_image_start)) /
	       1024;
}

long eft_sys_getrusage(int who, struct eft_rusage eft_user *ret_usage)
{
	struct eft_rusage usage = {0};
	uint64_t ns;

	if (who < RUSAGE_CHILDREN || who > RUSAGE_THREAD)
		return -EINVAL;
	if (who != RUSAGE_CHILDREN) {
		ns = who == RUSAGE_THREAD
			     ? eft_thread_cpu_time_ns(eft_current())
			     : eft_cpu_time_ns();
		usage.user = (struct eft_timeval){
			.sec = (int64_t)(ns / EFT_NS_PER_SECOND),
			.usec = (int64_t)(ns % EFT_NS_PER_SECOND / 1000)};
		usage.max_rss = max_rss();
	}
	return eft_put_user(ret_usage, &usage);
}

/* In clock ticks of 1/100 s, as AT_CLKTCK says. */
long eft_sys_times(struct eft_tms eft_user *ret_tms)
{
	const uint64_t tick = EFT_NS_PER_SECOND / 100;
	struct eft_tms tms = {.user = (int64_t)(eft_cpu_time_ns() / tick)};

	if (eft_put_optional(ret_tms, &tms) != 0)
		return -EFAULT;
	return (long)(eft_now_ns() / tick);
}

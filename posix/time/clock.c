// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks.
 */
#include "core/boot.h"
#include "core/process.h"
#include "core/user.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"
#include "posix/time/time.h"

/*
 * The CPU time of a thread or of the process by its number (Linux,
 * include/linux/posix-timers_types.h): ~number << 3, bit 2 for a thread's, and
 * which time it is, of which all three are one here.
 */
enum { CPUCLOCK_PERTHREAD = 4, CPUCLOCK_WHICH = 3, CPUCLOCK_MAX = 3 };

extern __typeof__(eft_tasks_cpu_time) eft_tasks_cpu_time eft_weak;

static int read_thread(int tid, uint64_t *ret_ns)
{
	struct eft_task *task = eft_task_current();

	if (tid == 0 || tid == task->tid) {
		*ret_ns = eft_thread_cpu_time_ns(task->thread);
		return 0;
	}
	return eft_tasks_cpu_time ? eft_tasks_cpu_time(tid, ret_ns) : -EINVAL;
}

bool eft_clock_is_own(int clock)
{
	int id = ~(clock >> 3);

	return clock < 0 && clock & CPUCLOCK_PERTHREAD &&
	       (id == 0 || id == eft_task_current()->tid);
}

static int read_cpu_clock(int clock, uint64_t *ret_ns)
{
	int id = ~(clock >> 3);

	if ((clock & CPUCLOCK_WHICH) == CPUCLOCK_MAX)
		return -EINVAL;
	if (clock & CPUCLOCK_PERTHREAD)
		return read_thread(id, ret_ns);
	if (id != 0 && id != eft_process()->identity.pid)
		return -EINVAL;
	*ret_ns = eft_cpu_time_ns();
	return 0;
}

int eft_clock_read(int clock, uint64_t *ret_ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ret_ns = eft_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ret_ns = eft_now_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ret_ns = eft_cpu_time_ns();
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ret_ns = eft_thread_cpu_time_ns(eft_current());
		return 0;
	}
	return clock < 0 ? read_cpu_clock(clock, ret_ns) : -EINVAL;
}

/* Apart from the common clocks, which are spared its frame. */
static __attribute__((noinline)) long get_time(int clock,
					       struct eft_timespec *time)
{
	uint64_t ns;
	int error = eft_clock_read(clock, &ns);

	if (error == 0)
		*time = eft_time_to(ns);
	return error;
}

/* The C library's: by number it is checked.c's, and so are those below. */
long eft_sys_clock_gettime(int clock, struct eft_timespec eft_user *time)
{
	struct eft_timespec *out = (struct eft_timespec *)time;

	if (eft_likely(clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME))
		return eft_clock_time[clock](clock, out);
	return get_time(clock, out);
}

long eft_sys_clock_getres(int clock, struct eft_timespec eft_user *res)
{
	struct eft_timespec *out = (struct eft_timespec *)res;
	uint64_t ns;
	int error = eft_clock_read(clock, &ns);

	if (error == 0 && out != NULL)
		*out = (struct eft_timespec){.nsec = 1};
	return error;
}

long eft_sys_clock_settime(int clock, const struct eft_timespec eft_user *time)
{
	struct eft_timespec copy;
	uint64_t ns;

	if (clock < 0)
		return eft_clock_read(clock, &ns) < 0 ? -EINVAL : -EPERM;
	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	if (eft_get_user(&copy, time) != 0)
		return -EFAULT;
	/* Not before the machine began (kernel/time/timekeeping.c). */
	if (eft_time_from(&copy, &ns) < 0 || ns < eft_now_ns())
		return -EINVAL;
	eft_realtime_set(ns);
	return 0;
}

long eft_sys_gettimeofday(struct eft_timeval eft_user *tv, void eft_user *zone)
{
	struct eft_timeval *out = (struct eft_timeval *)tv;
	uint64_t ns = eft_realtime_ns();

	if (out != NULL) {
		out->sec = ns / EFT_NS_PER_SECOND;
		out->usec = ns % EFT_NS_PER_SECOND / 1000;
	}
	if (zone != NULL)
		memset((void *)zone, 0, 8); /* struct timezone: two ints */
	return 0;
}

long eft_sys_time(int64_t eft_user *seconds)
{
	int64_t *out = (int64_t *)seconds;
	int64_t now = eft_realtime_ns() / EFT_NS_PER_SECOND;

	if (out != NULL)
		*out = now;
	return now;
}

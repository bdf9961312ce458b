// SPDX-License-Identifier: BSD-3-Clause
/*
 * The process's three interval timers: setitimer(2), alarm(2).
 */
#include "core/user.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"
#include "posix/time/alarm.h"
#include "posix/time/time.h"

enum { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF, ITIMERS };

struct eft_itimerval {
	struct eft_timeval interval, value;
};

static enum eft_sent fire(struct eft_alarm *alarm, int *ret_signal);

#define NOT_SET(of_clock)                                            \
	{                                                            \
		.process = &eft_first_process, .at_ns = EFT_FOREVER, \
		.clock = of_clock, .fire = fire,                     \
	}

/* A process's interval timers. */
struct eft_itimers {
	struct eft_mutex lock; /* one is set at a time */
	struct eft_alarm alarms[ITIMERS];
};

struct eft_itimers eft_first_itimers = {
	.lock = EFT_MUTEX_INIT(eft_first_itimers.lock, EFT_RANK_ALARMS),
	.alarms = {[ITIMER_REAL] = NOT_SET(EFT_ALARM_MONOTONIC),
		   [ITIMER_VIRTUAL] = NOT_SET(EFT_ALARM_PROCESS),
		   [ITIMER_PROF] = NOT_SET(EFT_ALARM_PROCESS)},
};

static enum eft_sent fire(struct eft_alarm *alarm, int *ret_signal)
{
	static const uint8_t signals[ITIMERS] = {SIGALRM, SIGVTALRM, SIGPROF};
	enum eft_sent sent;

	*ret_signal = signals[alarm - alarm->process->itimers->alarms];
	sent = eft_signal_send_locked(alarm->process, NULL, *ret_signal, NULL);
	eft_alarm_go_on_locked(alarm, sent);
	return sent;
}

static int from_timeval(const struct eft_timeval *tv, uint64_t *ret_ns)
{
	struct eft_timespec time = {tv->sec, tv->usec * 1000};

	if (tv->usec < 0 || tv->usec >= 1000000)
		return -EINVAL;
	return eft_time_from(&time, ret_ns);
}

static struct eft_timeval to_timeval(uint64_t ns)
{
	ns += 999; /* what is set is never 0 */
	return (struct eft_timeval){ns / EFT_NS_PER_SECOND,
				    ns % EFT_NS_PER_SECOND / 1000};
}

static struct eft_itimerval to_itimerval(struct eft_alarm_setting setting)
{
	return (struct eft_itimerval){to_timeval(setting.interval_ns),
				      to_timeval(setting.value_ns)};
}

static void set(int which, uint64_t value_ns, uint64_t interval_ns,
		struct eft_alarm_setting *ret_old)
{
	struct eft_itimers *itimers = eft_process()->itimers;
	struct eft_alarm *alarm = &itimers->alarms[which];
	uint64_t at = EFT_FOREVER;

	if (value_ns != 0 &&
	    __builtin_add_overflow(eft_alarm_now(alarm), value_ns, &at))
		at = EFT_FOREVER;
	eft_mutex_lock(&itimers->lock);
	eft_alarm_set(alarm, at, value_ns ? interval_ns : 0, ret_old);
	eft_mutex_unlock(&itimers->lock);
}

long eft_sys_setitimer(int which, const struct eft_itimerval eft_user *wanted,
		       struct eft_itimerval eft_user *old)
{
	struct eft_itimerval values = {0};
	struct eft_alarm_setting before;
	uint64_t value, interval;

	if (wanted != NULL && eft_get_user(&values, wanted) != 0)
		return -EFAULT;
	if (from_timeval(&values.value, &value) < 0 ||
	    from_timeval(&values.interval, &interval) < 0)
		return -EINVAL;
	if (which < 0 || which >= ITIMERS)
		return -EINVAL;
	set(which, value, interval, &before);
	values = to_itimerval(before);
	return eft_put_optional(old, &values);
}

long eft_sys_getitimer(int which, struct eft_itimerval eft_user *ret_value)
{
	struct eft_alarm_setting setting;
	struct eft_itimerval value;

	if (which < 0 || which >= ITIMERS)
		return -EINVAL;
	eft_alarm_get(&eft_process()->itimers->alarms[which], &setting);
	value = to_itimerval(setting);
	return eft_put_user(ret_value, &value);
}

/* Returns the seconds that were left, rounded, but not to 0. */
long eft_sys_alarm(unsigned seconds)
{
	struct eft_alarm_setting before;
	uint64_t left;

	set(ITIMER_REAL, seconds * (uint64_t)EFT_NS_PER_SECOND, 0, &before);
	left = (before.value_ns + EFT_NS_PER_SECOND / 2) / EFT_NS_PER_SECOND;
	return before.value_ns != 0 ? (long)eft_max(left, 1) : 0;
}

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

static struct eft_alarm alarms[ITIMERS] = {
	[ITIMER_REAL] = {.at_ns = EFT_FOREVER, .fire = fire},
	[ITIMER_VIRTUAL] = {.at_ns = EFT_FOREVER,
			    .clock = EFT_ALARM_PROCESS,
			    .fire = fire},
	[ITIMER_PROF] = {.at_ns = EFT_FOREVER,
			 .clock = EFT_ALARM_PROCESS,
			 .fire = fire},
};

static struct eft_mutex setting_mutex =
	EFT_MUTEX_INIT(setting_mutex, EFT_RANK_ALARMS);

static enum eft_sent fire(struct eft_alarm *alarm, int *ret_signal)
{
	static const uint8_t signals[ITIMERS] = {SIGALRM, SIGVTALRM, SIGPROF};
	enum eft_sent sent;

	*ret_signal = signals[alarm - alarms];
	sent = eft_signal_send_locked(NULL, *ret_signal, NULL);
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

static void set(struct eft_alarm *alarm, uint64_t value_ns,
		uint64_t interval_ns, struct eft_alarm_setting *ret_old)
{
	uint64_t at = EFT_FOREVER;

	if (value_ns != 0 &&
	    __builtin_add_overflow(eft_alarm_now(alarm), value_ns, &at))
		at = EFT_FOREVER;
	eft_mutex_lock(&setting_mutex);
	eft_alarm_set(alarm, at, value_ns ? interval_ns : 0, ret_old);
	eft_mutex_unlock(&setting_mutex);
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
	set(&alarms[which], value, interval, &before);
	values = to_itimerval(before);
	return eft_put_optional(old, &values);
}

long eft_sys_getitimer(int which, struct eft_itimerval eft_user *ret_value)
{
	struct eft_alarm_setting setting;
	struct eft_itimerval value;

	if (which < 0 || which >= ITIMERS)
		return -EINVAL;
	eft_alarm_get(&alarms[which], &setting);
	value = to_itimerval(setting);
	return eft_put_user(ret_value, &value);
}

/* Returns the seconds that were left, rounded, but not to 0. */
long eft_sys_alarm(unsigned seconds)
{
	struct eft_alarm_setting before;
	uint64_t left;

	set(&alarms[ITIMER_REAL], seconds * (uint64_t)EFT_NS_PER_SECOND, 0,
	    &before);
	left = (before.value_ns + EFT_NS_PER_SECOND / 2) / EFT_NS_PER_SECOND;
	return before.value_ns != 0 ? (long)eft_max(left, 1) : 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * timer_create(2) and its kin.
 *
 * A timer has one entry for its signal. While that waits to be taken, the
 * timer does not tick: the times that it has missed meanwhile are its overrun.
 */
#include "core/mem.h"
#include "core/user.h"
#include "posix/syscalls.h"
#include "posix/time/alarm.h"
#include "posix/time/time.h"

enum { SIGEV_SIGNAL = 0, SIGEV_NONE = 1, SIGEV_THREAD_ID = 4 };

/* The kernel's sigevent (include/uapi/asm-generic/siginfo.h). */
struct eft_sigevent {
	uint64_t value;
	int signal, notify, tid, pad[11];
};

struct timer {
	struct eft_list link;
	struct eft_alarm alarm;
	struct eft_sigqueue entry;
	int id, clock;
	int tid;     /* whom the signal is for; 0: the process */
	int overrun; /* of the signal that was taken last */
};

/* A process's timers. */
struct eft_process_timers {
	struct eft_mutex lock; /* also of their settings */
	struct eft_list list;
	int next_id;
};

struct eft_process_timers eft_first_timers = {
	.lock = EFT_MUTEX_INIT(eft_first_timers.lock, EFT_RANK_ALARMS),
	.list = {&eft_first_timers.list, &eft_first_timers.list},
};

static struct eft_process_timers *own_timers(void)
{
	return eft_process()->timers;
}

static enum eft_sent fire(struct eft_alarm *alarm, int *ret_signal)
{
	struct timer *timer = eft_container_of(alarm, struct timer, alarm);
	struct eft_task *task = NULL;
	enum eft_sent sent = EFT_SENT_DROPPED;

	*ret_signal = timer->entry.info.signal;
	if (timer->entry.queued)
		return EFT_SENT;
	if (timer->tid != 0)
		task = eft_tasks_find_locked(alarm->process, timer->tid);
	if (timer->tid == 0 || task != NULL)
		sent = eft_signal_send_locked(alarm->process, task, *ret_signal,
					      &timer->entry);
	if (sent == EFT_SENT_DROPPED)
		eft_alarm_go_on_locked(alarm, sent);
	return sent;
}

/* The signal is taken: say what was missed, and tick on. */
static void taken(struct eft_sigqueue *entry, struct eft_siginfo *info)
{
	struct timer *timer = eft_container_of(entry, struct timer, entry);

	timer->overrun = (int)eft_min(
		eft_alarm_go_on_locked(&timer->alarm, EFT_SENT), INT32_MAX);
	info->overrun = timer->overrun;
}

/* The caller holds the mutex. */
static struct timer *find(int id)
{
	struct eft_list *list = &own_timers()->list, *link = list->next;

	for (; link != list; link = link->next) {
		struct timer *timer =
			eft_container_of(link, struct timer, link);

		if (timer->id == id)
			return timer;
	}
	return NULL;
}

static int alarm_clock(int clock, enum eft_alarm_clock *ret_clock)
{
	uint64_t now;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		*ret_clock = EFT_ALARM_MONOTONIC;
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ret_clock = EFT_ALARM_PROCESS;
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ret_clock = EFT_ALARM_THREAD;
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	}
	if (clock >= 0 || eft_clock_read(clock, &now) < 0)
		return -EINVAL;
	*ret_clock =
		eft_clock_is_own(clock) ? EFT_ALARM_THREAD : EFT_ALARM_PROCESS;
	/* That of another thread is nobody's to watch. */
	return *ret_clock == EFT_ALARM_PROCESS && clock & 4 ? -EINVAL : 0;
}

static int check_event(const struct eft_sigevent *event)
{
	if (event->notify == SIGEV_NONE)
		return 0;
	if (event->notify != SIGEV_SIGNAL && event->notify != SIGEV_THREAD_ID)
		return -EINVAL;
	if (event->signal < 1 || event->signal > EFT_SIGNALS)
		return -EINVAL;
	if (event->notify == SIGEV_THREAD_ID && !eft_task_exists(event->tid))
		return -EINVAL;
	return 0;
}

static void add(struct timer *timer, const struct eft_sigevent *event,
		bool own_value)
{
	eft_mutex_lock(&own_timers()->lock);
	timer->id = own_timers()->next_id++;
	timer->entry.info = (struct eft_siginfo){
		.signal = event->signal,
		.code = SI_TIMER,
		.timer = timer->id,
		.value = own_value ? (uint64_t)timer->id : event->value,
	};
	eft_list_insert(&own_timers()->list, &timer->link);
	eft_mutex_unlock(&own_timers()->lock);
}

long eft_sys_timer_create(int clock, const struct eft_sigevent eft_user *event,
			  int eft_user *ret_id)
{
	struct eft_sigevent copy = {.signal = SIGALRM};
	enum eft_alarm_clock kind;
	struct timer *timer;
	int id, error = alarm_clock(clock, &kind);

	if (event != NULL && eft_get_user(&copy, event) != 0)
		return -EFAULT;
	if (error == 0)
		error = check_event(&copy);
	if (error < 0)
		return error;
	timer = eft_alloc(sizeof(*timer));
	if (timer == NULL)
		return -EAGAIN;
	timer->alarm.clock = kind;
	timer->alarm.process = eft_process();
	timer->alarm.tid = eft_task_current()->tid;
	timer->alarm.at_ns = EFT_FOREVER;
	timer->alarm.fire = copy.notify == SIGEV_NONE ? NULL : fire;
	timer->entry.taken = taken;
	timer->clock = clock;
	timer->tid = copy.notify == SIGEV_THREAD_ID ? copy.tid : 0;
	add(timer, &copy, event == NULL);
	id = timer->id;
	if (eft_put_user(ret_id, &id) == 0)
		return 0;
	eft_sys_timer_delete(id);
	return -EFAULT;
}

/* When (timer) goes off, by its alarm's clock. */
static uint64_t time_at(const struct timer *timer, int flags, uint64_t ns)
{
	uint64_t at;

	if (ns == 0)
		return EFT_FOREVER;
	if (flags & TIMER_ABSTIME)
		return timer->clock == CLOCK_REALTIME ||
				       timer->clock == CLOCK_TAI
			       ? eft_time_from_realtime(ns)
			       : ns;
	if (__builtin_add_overflow(eft_alarm_now(&timer->alarm), ns, &at))
		return EFT_FOREVER;
	return at;
}

static struct eft_itimerspec to_spec(struct eft_alarm_setting setting)
{
	return (struct eft_itimerspec){eft_time_to(setting.interval_ns),
				       eft_time_to(setting.value_ns)};
}

/* A signal that was sent before the new setting is not one of it. */
static void forget_signal(struct timer *timer)
{
	eft_lock(&eft_tasks_lock);
	eft_signal_withdraw_locked(&timer->entry);
	timer->overrun = 0;
	eft_unlock(&eft_tasks_lock);
}

long eft_sys_timer_settime(int id, int flags,
			   const struct eft_itimerspec eft_user *wanted,
			   struct eft_itimerspec eft_user *old)
{
	struct eft_itimerspec spec;
	struct eft_alarm_setting before;
	struct timer *timer;
	uint64_t value, interval;

	if (wanted == NULL)
		return -EINVAL;
	if (eft_get_user(&spec, wanted) != 0)
		return -EFAULT;
	if (eft_time_from(&spec.value, &value) < 0 ||
	    eft_time_from(&spec.interval, &interval) < 0)
		return -EINVAL;
	eft_mutex_lock(&own_timers()->lock);
	timer = find(id);
	if (timer != NULL) {
		eft_alarm_set(&timer->alarm, EFT_FOREVER, 0, &before);
		forget_signal(timer);
		if (value != 0) {
			struct eft_alarm_setting none;

			eft_alarm_set(&timer->alarm,
				      time_at(timer, flags, value), interval,
				      &none);
		}
	}
	eft_mutex_unlock(&own_timers()->lock);
	if (timer == NULL)
		return -EINVAL;
	spec = to_spec(before);
	return eft_put_optional(old, &spec);
}

long eft_sys_timer_gettime(int id, struct eft_itimerspec eft_user *ret_spec)
{
	struct eft_alarm_setting setting;
	struct eft_itimerspec spec;
	struct timer *timer;

	eft_mutex_lock(&own_timers()->lock);
	timer = find(id);
	if (timer != NULL)
		eft_alarm_get(&timer->alarm, &setting);
	eft_mutex_unlock(&own_timers()->lock);
	if (timer == NULL)
		return -EINVAL;
	spec = to_spec(setting);
	return eft_put_user(ret_spec, &spec);
}

long eft_sys_timer_getoverrun(int id)
{
	struct timer *timer;
	long overrun = -EINVAL;

	eft_mutex_lock(&own_timers()->lock);
	timer = find(id);
	if (timer != NULL)
		overrun = timer->overrun;
	eft_mutex_unlock(&own_timers()->lock);
	return overrun;
}

long eft_sys_timer_delete(int id)
{
	struct eft_alarm_setting before;
	struct timer *timer;

	eft_mutex_lock(&own_timers()->lock);
	timer = find(id);
	if (timer != NULL) {
		eft_list_remove(&timer->link);
		eft_alarm_set(&timer->alarm, EFT_FOREVER, 0, &before);
		forget_signal(timer);
	}
	eft_mutex_unlock(&own_timers()->lock);
	eft_free(timer);
	return timer != NULL ? 0 : -EINVAL;
}

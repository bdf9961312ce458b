// SPDX-License-Identifier: BSD-3-Clause
#include "posix/time/alarm.h"

/*
 * CPU time is looked at this often at most, and a signal that nobody takes is
 * sent so often (Linux does so once a tick, posix_timer_fn()). Those that are
 * taken leave the program some time for what else it does.
 */
enum { LOOK_NS = 1000000, PAUSE_NS = 10000 };

/* Of a task that has ended it stands still. */
static uint64_t task_time_locked(struct eft_process *process, int tid)
{
	struct eft_task *task = eft_tasks_find_locked(process, tid);

	return task ? eft_thread_cpu_time_ns(task->thread) : 0;
}

static uint64_t now_locked(const struct eft_alarm *alarm)
{
	switch (alarm->clock) {
	case EFT_ALARM_MONOTONIC:
		return eft_now_ns();
	case EFT_ALARM_PROCESS:
		return eft_cpu_time_ns();
	case EFT_ALARM_THREAD:
		return task_time_locked(alarm->process, alarm->tid);
	}
	return 0;
}

uint64_t eft_alarm_now(const struct eft_alarm *alarm)
{
	uint64_t now;

	eft_lock(&eft_tasks_lock);
	now = now_locked(alarm);
	eft_unlock(&eft_tasks_lock);
	return now;
}

/* Have it go off when its time has come, but not for (pause_ns). */
static void arm_locked(struct eft_alarm *alarm, uint64_t pause_ns)
{
	uint64_t now, left, deadline;

	if (alarm->at_ns == EFT_FOREVER || alarm->fire == NULL)
		return;
	if (alarm->clock != EFT_ALARM_MONOTONIC) {
		pause_ns = LOOK_NS;
	} else if (pause_ns == 0) {
		eft_timer_set(&alarm->timer, alarm->at_ns);
		return;
	}
	now = now_locked(alarm);
	left = alarm->at_ns > now ? alarm->at_ns - now : 0;
	if (!__builtin_add_overflow(eft_now_ns(), eft_max(left, pause_ns),
				    &deadline))
		eft_timer_set(&alarm->timer, deadline);
}

static void expire(struct eft_timer *timer)
{
	struct eft_alarm *alarm =
		eft_container_of(timer, struct eft_alarm, timer);
	enum eft_sent sent = EFT_SENT;
	int signal = 0;

	eft_lock(&eft_tasks_lock);
	if (alarm->at_ns <= now_locked(alarm))
		sent = alarm->fire(alarm, &signal);
	else
		arm_locked(alarm, 0);
	eft_unlock(&eft_tasks_lock);
	if (sent == EFT_SENT_FATAL)
		eft_signal_die(signal);
}

uint64_t eft_alarm_go_on_locked(struct eft_alarm *alarm, enum eft_sent sent)
{
	uint64_t now, missed;

	if (alarm->at_ns == EFT_FOREVER)
		return 0;
	if (alarm->interval_ns == 0) {
		alarm->at_ns = EFT_FOREVER;
		return 0;
	}
	now = now_locked(alarm);
	missed = now > alarm->at_ns ? (now - alarm->at_ns) / alarm->interval_ns
				    : 0;
	if (__builtin_mul_overflow(missed + 1, alarm->interval_ns, &now) ||
	    __builtin_add_overflow(alarm->at_ns, now, &alarm->at_ns))
		alarm->at_ns = EFT_FOREVER;
	arm_locked(alarm, sent == EFT_SENT_DROPPED ? LOOK_NS : PAUSE_NS);
	return missed;
}

/* An alarm that has gone off, and waits to be taken, tells of its next time. */
static struct eft_alarm_setting setting_locked(const struct eft_alarm *alarm)
{
	struct eft_alarm_setting setting = {.interval_ns = alarm->interval_ns};
	uint64_t now = now_locked(alarm), left;

	if (alarm->at_ns == EFT_FOREVER)
		return setting;
	if (alarm->at_ns > now) {
		setting.value_ns = alarm->at_ns - now;
		return setting;
	}
	left = alarm->fire != NULL;
	if (alarm->interval_ns != 0)
		left = alarm->interval_ns -
		       (now - alarm->at_ns) % alarm->interval_ns;
	setting.value_ns = left;
	return setting;
}

void eft_alarm_get(struct eft_alarm *alarm, struct eft_alarm_setting *ret)
{
	eft_lock(&eft_tasks_lock);
	*ret = setting_locked(alarm);
	eft_unlock(&eft_tasks_lock);
}

/* While it is not set, nobody but the caller touches the timer. */
void eft_alarm_set(struct eft_alarm *alarm, uint64_t at_ns,
		   uint64_t interval_ns, struct eft_alarm_setting *ret_old)
{
	eft_lock(&eft_tasks_lock);
	*ret_old = setting_locked(alarm);
	alarm->at_ns = EFT_FOREVER;
	alarm->interval_ns = 0;
	eft_unlock(&eft_tasks_lock);
	eft_timer_cancel(&alarm->timer);
	alarm->timer.expire = expire;
	eft_lock(&eft_tasks_lock);
	alarm->at_ns = at_ns;
	alarm->interval_ns = interval_ns;
	arm_locked(alarm, 0);
	eft_unlock(&eft_tasks_lock);
}

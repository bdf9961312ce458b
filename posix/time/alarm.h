// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Alarms: what timers that send signals have in common.
 */
#include "core/time.h"
#include "posix/signal/signal.h"

enum eft_alarm_clock {
	EFT_ALARM_MONOTONIC,
	EFT_ALARM_PROCESS, /* CPU time: looked at now and then */
	EFT_ALARM_THREAD,  /* of the task (tid) */
};

struct eft_alarm {
	/* Set and cancelled by who has the alarm, and by itself. */
	struct eft_timer timer;
	enum eft_alarm_clock clock;
	int tid;
	struct eft_process *process; /* whose it is */

	/* Owned by the tasks' lock. */
	uint64_t at_ns;	      /* by its clock; EFT_FOREVER: it is not set */
	uint64_t interval_ns; /* 0: once */
	/*
	 * It is time: send a signal, and see to what comes next. NULL: nobody
	 * need know. Context: interrupt, under the lock.
	 */
	enum eft_sent (*fire)(struct eft_alarm *alarm, int *ret_signal);
};

/* The times of a setting, as the calls that read and write it have them. */
struct eft_alarm_setting {
	uint64_t value_ns, interval_ns; /* from now, 0: not set */
};

/*
 * Set (alarm) to go off at (at_ns) by its clock; EFT_FOREVER: not at all. The
 * setting before goes to *ret_old. Context: thread; one caller at a time.
 */
void eft_alarm_set(struct eft_alarm *alarm, uint64_t at_ns,
		   uint64_t interval_ns, struct eft_alarm_setting *ret_old);
void eft_alarm_get(struct eft_alarm *alarm, struct eft_alarm_setting *ret);
uint64_t eft_alarm_now(const struct eft_alarm *alarm);

/*
 * For (fire), or when its signal is taken: set it for the next of its
 * intervals, or not any more where it has none. It goes off again after a pause
 * at the earliest, however short they are: a longer one where (sent) says that
 * nobody has taken notice. Returns how many were missed. The caller holds the
 * tasks' lock.
 */
uint64_t eft_alarm_go_on_locked(struct eft_alarm *alarm, enum eft_sent sent);

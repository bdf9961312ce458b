// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Clocks and timers. Times are nanoseconds.
 */
#include "core/lib.h"

/* Since boot or before; never goes back. Context: any. */
uint64_t eft_now_ns(void);
/* Since 1970-01-01 00:00:00 UTC. Context: any. */
uint64_t eft_realtime_ns(void);
/* Set the wall clock; it runs on from there. */
void eft_realtime_set(uint64_t ns);

/* CPU time that the program and the libOS have used. */
uint64_t eft_cpu_time_ns(void);

/* Note that a CPU was idle for (ns). Context: the idle loop. */
void eft_time_idle(uint64_t ns);

/*
 * One-shot timers. (expire) is called as an interrupt, once, at or after the
 * deadline: it may wake threads and set timers, and must not sleep.
 */
struct eft_timer {
	struct eft_tree_node node; /* key: deadline */
	bool set;
	void (*expire)(struct eft_timer *timer);
};

void eft_timer_set(struct eft_timer *timer, uint64_t deadline_ns);
/* After this, (expire) neither runs nor will. A timer not set is fine. */
void eft_timer_cancel(struct eft_timer *timer);

/* The first deadline of all timers, or EFT_FOREVER. Context: any. */
uint64_t eft_timers_next(void);

/*
 * Between timers and the scheduler: a timer was set, perhaps the first; and to
 * set one without that, before a sleep: whoever runs next sees to it.
 */
void eft_timer_was_set(void);
void eft_timer_set_for_sleep(struct eft_timer *timer, uint64_t deadline_ns);

/* Run what has expired; returns the next deadline, or EFT_FOREVER. */
uint64_t eft_timers_run(void);

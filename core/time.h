// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Clocks and timers. Times are nanoseconds.
 */
#include "core/lib.h"
#include "core/lock.h"

struct eft_waitq;

/* Since boot or before; never goes back. Context: any. */
uint64_t eft_now_ns(void);
/* Since 1970-01-01 00:00:00 UTC. Context: any. */
uint64_t eft_realtime_ns(void);
/*
 * The same in seconds and nanoseconds: CLOCK_REALTIME or CLOCK_MONOTONIC, which
 * is the index too. Return 0. Variables, as nothing but a jump is to lie
 * between a program and the platform's clock.
 */
struct eft_timespec;
extern int (*eft_clock_time[2])(int clock, struct eft_timespec *ret_time);
/* Set the wall clock; it runs on from there. Wakes who waits for that. */
void eft_realtime_set(uint64_t ns);
extern struct eft_waitq eft_realtime_changes;
/* What that added to the platform's wall clock, modulo 2^64. */
extern uint64_t eft_realtime_offset;

/*
 * Whole seconds. The compiler, told to save space, divides, which takes longer
 * than all else that clock_gettime() does here; this is exact for every (ns):
 * the factor is 2^84 / 10^9, rounded up.
 */
static inline uint64_t eft_whole_seconds(uint64_t ns)
{
	return (uint64_t)((unsigned __int128)(ns >> 9) * 0x44b82fa09b5a53 >>
			  75);
}

/* CPU time that the program and the libOS have used. */
uint64_t eft_cpu_time_ns(void);

/*
 * One-shot timers. (expire) is called as an interrupt, once, at or after the
 * deadline: it may wake threads and set timers, and must not sleep.
 */
struct eft_timer {
	struct eft_treap_node node; /* key: deadline */
	bool set;
	struct eft_timers *timers; /* of the CPU that set it last, or NULL */
	void (*expire)(struct eft_timer *timer);
};

/* The timers that go off on one CPU: those that were set there. */
struct eft_timers {
	struct eft_lock lock;
	struct eft_treap tree;
	struct eft_timer *running;
	uint64_t next; /* the first deadline; read without the lock */
};

/*
 * Who sets or cancels a timer sees to it that nobody else does, but (expire).
 */
void eft_timer_set(struct eft_timer *timer, uint64_t deadline_ns);
/* After this, (expire) neither runs nor will. A timer not set is fine. */
void eft_timer_cancel(struct eft_timer *timer);

/* The first deadline of this CPU's, or EFT_FOREVER. Interrupts are off. */
eft_inline uint64_t eft_timers_next(void)
{
	return __atomic_load_n(&eft_cpu()->timers->next, __ATOMIC_RELAXED);
}

/*
 * Between timers and the scheduler: a timer was set, perhaps the first; and to
 * set one without that, before a sleep: whoever runs next sees to it.
 */
void eft_timer_was_set(void);
void eft_timer_set_for_sleep(struct eft_timer *timer, uint64_t deadline_ns);

/*
 * Run what has expired on this CPU; returns the next deadline, or EFT_FOREVER.
 * Interrupts are off.
 */
uint64_t eft_timers_run(void);

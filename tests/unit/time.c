// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks and timers.
 */
#include "core/time.h"
#include "core/thread.h"
#include "tests/unit/unit.h"

enum { TIMERS = 300 };

static struct eft_timer timers[TIMERS];
static unsigned order[TIMERS], fired;
static void (*also)(struct eft_timer *timer);

static void expire(struct eft_timer *timer)
{
	check(!timer->set);
	check(fake_now >= timer->node.key);
	order[fired++] = (unsigned)(timer - timers);
	if (also != NULL)
		also(timer);
}

static void set(unsigned i, uint64_t deadline)
{
	timers[i].expire = expire;
	eft_timer_set(&timers[i], deadline);
	check(timers[i].set);
}

Test(time, clocks)
{
	struct eft_timespec time;

	fake_boot(NULL);
	check_eq(eft_now_ns(), fake_now);
	check_eq(eft_realtime_ns(), fake_realtime + fake_now);
	eft_realtime_set(5000000000);
	check_eq(eft_realtime_ns(), 5000000000);
	fake_advance(7);
	check_eq(eft_realtime_ns(), 5000000007);
	eft_clock_time[CLOCK_REALTIME](CLOCK_REALTIME, &time);
	check(time.sec == 5 && time.nsec == 7);
	eft_clock_time[CLOCK_MONOTONIC](CLOCK_MONOTONIC, &time);
	check(time.sec == 0 && time.nsec == (int64_t)fake_now);
	check_eq(eft_cpu_time_ns(), fake_now);
	eft_cpu()->rested_ns = 100;
	check_eq(eft_cpu_time_ns(), fake_now - 100);
	eft_cpu()->rests_since_ns = fake_now; /* and goes on resting */
	fake_advance(50);
	check_eq(eft_cpu_time_ns(), fake_now - 150);
}

static int wrong_clock(int clock, struct eft_timespec *ret_time)
{
	*ret_time = (struct eft_timespec){.sec = 1};
	return 0;
}

/* The platform looks for its clock while another thread sets it. */
static eft_clock_fn *set_meanwhile(int clock)
{
	eft_realtime_set(7000000000);
	return wrong_clock;
}

Test(time, set_while_it_is_looked_for)
{
	struct eft_timespec time;

	fake_plat.find_clock = set_meanwhile;
	fake_boot(NULL);
	for (int i = 0; i < 2; i++) {
		eft_clock_time[CLOCK_REALTIME](CLOCK_REALTIME, &time);
		check_eq(time.sec, 7);
	}
}

static unsigned told;

static bool tell(struct eft_waiter *waiter)
{
	told++;
	return true;
}

Test(time, set_is_told)
{
	struct eft_waiter waiter;

	fake_boot(NULL);
	eft_wait_begin_call(&waiter, &eft_realtime_changes, tell, NULL, true);
	eft_realtime_set(1);
	eft_realtime_set(2);
	check_eq(told, 2);
	eft_wait_end(&waiter);
	eft_realtime_set(3);
	check_eq(told, 2);
}

Test(timer, order_and_next)
{
	fake_boot(NULL);
	fake_now = 100;
	check_eq(eft_timers_run(), EFT_FOREVER);
	set(0, 300);
	set(1, 200);
	set(2, 250);
	check_eq(eft_timers_run(), 200);
	check_eq(fired, 0);
	fake_now = 250;
	check_eq(eft_timers_run(), 300);
	check_eq(fired, 2);
	check(order[0] == 1 && order[1] == 2);
	fake_now = 10000;
	check_eq(eft_timers_run(), EFT_FOREVER);
	check_eq(order[2], 0);
}

Test(timer, cancel_and_set_again)
{
	fake_boot(NULL);
	set(0, 2000);
	set(1, 2000);
	set(0, 3000); /* moves */
	eft_timer_cancel(&timers[1]);
	eft_timer_cancel(&timers[1]);
	eft_timer_cancel(&timers[2]); /* never set */
	check_eq(eft_timers_next(), 3000);
	check_eq(eft_timers_run(), 3000);
	fake_now = 2500;
	check_eq(eft_timers_run(), 3000);
	check_eq(fired, 0);
	fake_now = 3000;
	check_eq(eft_timers_run(), EFT_FOREVER);
	check_eq(fired, 1);
	check(!timers[0].set);
	set(0, 9000);
	eft_timer_cancel(&timers[0]);
	check_eq(eft_timers_next(), EFT_FOREVER); /* nobody wakes for it */
}

Test(timer, equal_deadlines_all_run)
{
	fake_boot(NULL);
	for (unsigned i = 0; i < TIMERS; i++)
		set(i, 5000);
	for (unsigned i = 0; i < TIMERS; i += 3)
		eft_timer_cancel(&timers[i]);
	fake_now = 5000;
	check_eq(eft_timers_run(), EFT_FOREVER);
	check_eq(fired, TIMERS - TIMERS / 3);
}

Test(timer, many_against_model)
{
	uint64_t last = 0;

	fake_boot(NULL);
	for (unsigned step = 0; step < 30000; step++) {
		unsigned i = unit_random(TIMERS);
		uint64_t next = EFT_FOREVER;

		if (unit_random(3) == 0)
			eft_timer_cancel(&timers[i]);
		else
			set(i, fake_now + unit_random(1000));
		fake_now += unit_random(4);
		fired = 0;
		last = eft_timers_run();
		for (unsigned j = 0; j < TIMERS; j++) {
			if (timers[j].set)
				next = eft_min(next, timers[j].node.key);
		}
		check_eq(last, next);
		for (unsigned j = 1; j < fired; j++)
			check(timers[order[j - 1]].node.key <=
			      timers[order[j]].node.key);
	}
}

static void set_again(struct eft_timer *timer)
{
	if (fired < 5)
		eft_timer_set(timer, fake_now + (fired < 3 ? 0 : 10));
}

/* One that sets itself for now runs again at once, one for later does not. */
Test(timer, from_its_own_expiry)
{
	fake_boot(NULL);
	also = set_again;
	set(0, 1000);
	check_eq(eft_timers_run(), fake_now + 10);
	check_eq(fired, 3);
	fake_now += 10;
	check_eq(eft_timers_run(), fake_now + 10);
	check_eq(fired, 4);
}

/* All that the CPUs have not spent at rest. */
Test(time, of_all_cpus)
{
	struct eft_cpu resting = {.rested_ns = 700, .rests_since_ns = 900};
	struct eft_cpu busy = {.rested_ns = 100};
	uint64_t first;

	fake_boot(NULL);
	fake_now += 1000;
	first = eft_cpu_time_ns();
	resting.rests_since_ns += fake_now - 1000;
	eft_cpus[1] = &resting;
	eft_cpus[2] = &busy;
	eft_cpus_count = 3;
	check_eq(eft_cpu_time_ns(),
		 first + (fake_now - 700 - 100) + (fake_now - 100));
	eft_cpus_count = 1;
}

static void cancel_next(struct eft_timer *timer)
{
	eft_timer_cancel(timer + 1);
}

static void again_at_once(struct eft_timer *timer)
{
	check_eq(fired, 1);
	fake_now += 5;
	set(0, fake_now - 1);
}

/* A timer that is always late leaves time for all else. */
Test(timer, always_late)
{
	fake_boot(NULL);
	also = again_at_once;
	set(0, fake_now);
	for (int i = 0; i < 10; i++) {
		fired = 0;
		check_eq(eft_timers_run(), fake_now - 1);
		check_eq(fired, 1);
	}
	eft_timer_cancel(&timers[0]);
}

Test(timer, cancel_another_from_expiry)
{
	fake_boot(NULL);
	also = cancel_next;
	for (unsigned i = 0; i < 6; i++)
		set(i, 1000 + i);
	fake_now = 2000;
	eft_timers_run();
	check_eq(fired, 3); /* 0, 2, 4 */
	check(order[1] == 2 && order[2] == 4);
}

Test(time, whole_seconds)
{
	static const uint64_t near[] = {0, 1, 1000, 1u << 31, 18446744072};

	for (size_t i = 0; i < eft_array_size(near); i++) {
		for (uint64_t ns = near[i] * 1000000000 - 600, n = 0; n < 1200;
		     ns++, n++)
			check_eq(eft_whole_seconds(ns), ns / 1000000000);
	}
	for (uint64_t ns = UINT64_MAX; ns > 0; ns -= ns / 9973 + 1)
		check_eq(eft_whole_seconds(ns), ns / 1000000000);
}

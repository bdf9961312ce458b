// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the scheduler asks the platform for: the timer, and when; and what it
 * counts.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/options.h"
#include "core/thread.h"
#include "core/time.h"
#include "tests/unit/unit.h"

enum { ORDER = 4, SLICE_NS = 5000000, LOOK_NS = 1000000 };

static uint64_t timer_ns;

static void set_timer(uint64_t deadline_ns)
{
	timer_ns = deadline_ns;
}

static void run(void (*function)(void *))
{
	timer_ns = EFT_FOREVER;
	fake_boot(NULL);
	fake_plat.set_timer = set_timer;
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

static void nothing(void *arg)
{
}

/* An only thread that neither sleeps nor has signals needs no timer. */
static void alone(void *arg)
{
	for (int i = 0; i < 3; i++) {
		fake_advance(1000000000);
		eft_yield();
		eft_tick();
	}
	check_eq(timer_ns, EFT_FOREVER);
}

Test(scheduler, no_timer_for_one)
{
	run(alone);
}

static void slices(void *arg)
{
	uint64_t start = fake_now;

	eft_thread_create("n", nothing, NULL, ORDER);
	check_eq(timer_ns, start + SLICE_NS);
	fake_advance(SLICE_NS - 1);
	eft_tick(); /* early: nobody is stopped, the rest is waited for */
	check(!eft_yield_wanted());
	check_eq(timer_ns, start + SLICE_NS);
	fake_advance(1);
	eft_tick();
	check(eft_yield_wanted());
	check(!eft_yield_wanted()); /* it is told once */
}

Test(scheduler, slice)
{
	run(slices);
}

/* Signals that wait for their thread to leave the libOS are looked for again.
 */
static void signalled(void *arg)
{
	uint64_t start = fake_now;

	eft_thread_interrupt(eft_current());
	check_eq(timer_ns, start + LOOK_NS);
	for (int i = 0; i < 5; i++) {
		timer_ns = EFT_FOREVER;
		fake_advance(LOOK_NS);
		eft_tick();
		check_eq(timer_ns, fake_now + LOOK_NS);
	}
	eft_thread_attended();
	timer_ns = EFT_FOREVER;
	fake_advance(LOOK_NS);
	eft_tick();
	check_eq(timer_ns, EFT_FOREVER);
}

Test(scheduler, looks_again_for_signals)
{
	run(signalled);
}

/* CPU time: each thread's own, and none while it sleeps. */
static struct eft_thread *worker;

static void work(void *arg)
{
	fake_advance(3000);
	eft_sleep(fake_now + 100000);
	fake_advance(4000);
	eft_sleep(EFT_FOREVER);
}

static void times(void *arg)
{
	uint64_t own = eft_thread_cpu_time_ns(eft_current());

	worker = eft_thread_create("w", work, NULL, ORDER);
	fake_advance(1000);
	eft_yield();
	check_eq(eft_thread_cpu_time_ns(worker), 3000);
	check_eq(eft_thread_cpu_time_ns(eft_current()), own + 1000);
	eft_sleep(fake_now + 200000);
	check_eq(eft_thread_cpu_time_ns(worker), 7000);
	check_eq(eft_thread_cpu_time_ns(eft_current()), own + 1000);
	fake_advance(500);
	check_eq(eft_thread_cpu_time_ns(eft_current()), own + 1500);
	check_eq(eft_thread_cpu_time_ns(worker), 7000);
}

Test(scheduler, cpu_times)
{
	run(times);
}

/*
 * A thread of the libOS's own was woken: who looks for a deadlock, on a CPU that
 * has just become idle, sees it on the queue, for it is on no list.
 */
static void look_for_deadlock(void *arg)
{
	struct eft_cpu *cpu = eft_cpu();
	struct eft_thread *self = cpu->thread;

	eft_deadlock_reported = true;
	eft_thread_create("n", nothing, NULL, ORDER);
	cpu->thread = cpu->idle;
	cpu->rests_since_ns = 1;
	eft_deadlock_check();
	cpu->rests_since_ns = 0;
	cpu->thread = self;
}

Test(scheduler, woken_is_no_deadlock)
{
	run(look_for_deadlock);
	check(strstr(fake_console, "deadlock") == NULL);
}

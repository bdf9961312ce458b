// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes: posix/futex/futex.c, posix/futex/requeue.c.
 */
#include "core/abi.h"
#include "core/thread.h"
#include "core/time.h"
#include "posix/futex/futex.h"
#include "posix/syscalls.h"
#include "tests/explore/explore.h"

static uint32_t words[2];
static unsigned inside, done;

static void setup(void)
{
}

static long futex(uint32_t *word, int op, uint32_t value)
{
	return eft_sys_futex(word, op, value, NULL, NULL, 0);
}

/*
 * A word that changes before its waiter sleeps.
 */
static void wait_for_word(void)
{
	while (__atomic_load_n(&words[0], __ATOMIC_ACQUIRE) == 0) {
		long result = futex(&words[0], FUTEX_WAIT, 0);

		explore_check(result == 0 || result == -EAGAIN);
	}
	__atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
}

static void change_word(void)
{
	__atomic_store_n(&words[0], 1, __ATOMIC_RELEASE);
	futex(&words[0], FUTEX_WAKE, 2);
}

static void both_done(void)
{
	explore_check(done == 2);
}

/*
 * A mutex as C libraries have it (Drepper, Futexes Are Tricky, mutex2).
 */
static void enter(void)
{
	uint32_t seen = 0;

	if (!__atomic_compare_exchange_n(&words[0], &seen, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		while (__atomic_exchange_n(&words[0], 2, __ATOMIC_ACQUIRE) != 0)
			futex(&words[0], FUTEX_WAIT, 2);
	}
	explore_check(__atomic_fetch_add(&inside, 1, __ATOMIC_RELAXED) == 0);
	__atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&words[0], 0, __ATOMIC_RELEASE) == 2)
		futex(&words[0], FUTEX_WAKE, 1);
}

/*
 * As many sleep as the waker was told of: each call that waits counts once.
 */
static unsigned told;

static void wait_once(void)
{
	long result = futex(&words[0], FUTEX_WAIT, 0);

	explore_check(result == 0 || result == -EAGAIN);
	__atomic_fetch_add(&done, result == 0, __ATOMIC_RELAXED);
}

static void wake_until_both(void)
{
	while (told < 2) {
		told += (unsigned)futex(&words[0], FUTEX_WAKE, 1);
		eft_sleep(eft_now_ns() + 1000);
	}
}

static void told_of_all(void)
{
	explore_check(told == 2 && done == 2);
}

/*
 * A wait that ends by itself, by a signal or by being woken: one of them.
 */
static void wait_for_a_while(void)
{
	const struct eft_timespec until = {.nsec = 3000};
	long result = eft_sys_futex(&words[0], FUTEX_WAIT, 0, &until, NULL, 0);

	explore_check(result == 0 || result == -ETIMEDOUT ||
		      __atomic_load_n(&words[0], __ATOMIC_RELAXED) == 1);
	__atomic_fetch_add(&done, result == 0, __ATOMIC_RELAXED);
}

static void wake_once(void)
{
	told = (unsigned)futex(&words[0], FUTEX_WAKE, 1);
}

/* The first that is woken may be about to leave; the other is not forgotten. */
static void wake_and_change(void)
{
	wake_once();
	change_word();
}

static void told_of_what_was(void)
{
	explore_check(told == done);
}

static bool interrupted;

static void wait_until_interrupted(void)
{
	long result = futex(&words[0], FUTEX_WAIT, 0);

	explore_check(result != -EAGAIN);
	__atomic_fetch_add(&done, result == 0, __ATOMIC_RELAXED);
	eft_thread_attended();
	while (!__atomic_load_n(&interrupted, __ATOMIC_ACQUIRE))
		eft_spin(0);
}

static void wake_and_interrupt(void)
{
	wake_once();
	eft_thread_interrupt(explore_thread(0));
	__atomic_store_n(&interrupted, true, __ATOMIC_SEQ_CST);
}

/*
 * A waiter that is moved to another word, and woken there.
 */
static void move_and_wake(void)
{
	long moved = eft_sys_futex(&words[0], FUTEX_REQUEUE, 0,
				   (void *)(uintptr_t)1, &words[1], 0);

	told = (unsigned)moved;
	if (moved == 1)
		explore_check(futex(&words[1], FUTEX_WAKE, 1) == 1);
	else
		explore_check(futex(&words[1], FUTEX_WAKE, 1) == 0);
	__atomic_store_n(&words[0], 1, __ATOMIC_RELEASE);
	told += (unsigned)futex(&words[0], FUTEX_WAKE, 1);
}

/* Where it is moved to, a wait that times out leaves. */
static void move_only(void)
{
	eft_sys_futex(&words[0], FUTEX_REQUEUE, 0, (void *)(uintptr_t)1,
		      &words[1], 0);
}

static void nobody_waits(void)
{
	explore_check(futex(&words[0], FUTEX_WAKE, 1) == 0);
	explore_check(futex(&words[1], FUTEX_WAKE, 1) == 0);
}

const struct explore_scenario explore_scenarios[] = {
	{"wait and wake",
	 setup,
	 {wait_for_word, wait_for_word, change_word},
	 both_done,
	 2,
	 0},
	{"mutex", setup, {enter, enter}, NULL, 4, 0},
	{"mutex of three", setup, {enter, enter, enter}, NULL, 2, 0},
	{"each counts",
	 setup,
	 {wait_once, wait_once, wake_until_both},
	 told_of_all,
	 1,
	 0},
	{"with an end",
	 setup,
	 {wait_for_a_while, wake_once},
	 told_of_what_was,
	 3,
	 EXPLORE_TIMED},
	{"with an end beside another",
	 setup,
	 {wait_for_a_while, wait_for_word, wake_and_change},
	 NULL,
	 1,
	 EXPLORE_TIMED},
	{"and a signal",
	 setup,
	 {wait_until_interrupted, wake_and_interrupt},
	 told_of_what_was,
	 3,
	 0},
	{"moved", setup, {wait_once, move_and_wake}, told_of_what_was, 3, 0},
	{"moved with an end",
	 setup,
	 {wait_for_a_while, move_only},
	 nobody_waits,
	 3,
	 EXPLORE_TIMED},
	{},
};

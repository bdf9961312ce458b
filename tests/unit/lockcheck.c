// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a build that watches over locks finds: each test breaks one rule.
 */
#include "core/check/lock.h"
#include "core/lock.h"
#include "core/thread.h"
#include "core/trap.h"
#include "tests/unit/unit.h"

static struct eft_lock outer = EFT_LOCK_INIT(EFT_RANK_HEAP);
static struct eft_lock inner = EFT_LOCK_INIT(EFT_RANK_PAGES);
static struct eft_mutex tree = EFT_MUTEX_INIT(tree, EFT_RANK_RENAME);
static struct eft_mutex node = EFT_MUTEX_INIT(node, EFT_RANK_NODE);
static struct eft_lock pair[2] = {
	EFT_LOCK_INIT(EFT_RANK_FUTEX),
	EFT_LOCK_INIT(EFT_RANK_FUTEX),
};

static void keeps(void (*function)(void *))
{
	fake_boot(NULL);
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
	check_str(fake_console, "");
}

/* (words) and (held), a lock that is named, or NULL, are in the report. */
static void breaks(void (*function)(void *), const char *words,
		   const char *held)
{
	fake_boot(NULL);
	check_eq(fake_run(function, NULL), FAKE_CRASHED);
	check_eq(fake_status, SIGABRT);
	check(strstr(fake_console, words) != NULL);
	if (held != NULL) {
		char line[64];

		snprintf(line, sizeof(line), "lock '%s' was taken at\n  #0",
			 held);
		check(strstr(fake_console, line) != NULL);
	}
}

static void in_order(void *arg)
{
	eft_mutex_lock(&tree);
	eft_mutex_lock(&node);
	eft_lock(&outer);
	eft_lock(&inner);
	eft_unlock(&outer); /* in any order */
	eft_unlock(&inner);
	eft_mutex_unlock(&tree);
	eft_mutex_unlock(&node);
	eft_lock(&pair[0]);
	eft_lock(&pair[1]);
	eft_unlock(&pair[0]);
	eft_unlock(&pair[1]);
	eft_may_block();
	eft_lockcheck_returns();
}

Test(lockcheck, order_is_kept)
{
	keeps(in_order);
}

static void against_order(void *arg)
{
	eft_lock(&inner);
	eft_lock(&outer);
}

Test(lockcheck, spin_locks_against_the_order)
{
	breaks(against_order, "lock 'heap' is taken under it", "pages");
}

static void pair_against_order(void *arg)
{
	eft_lock(&pair[1]);
	eft_lock(&pair[0]);
}

Test(lockcheck, pair_against_the_order)
{
	breaks(pair_against_order, "lock 'futex' is taken under it", "futex");
}

static void no_pair(void *arg)
{
	struct eft_lock a = EFT_LOCK_INIT(EFT_RANK_LOG);
	struct eft_lock b = EFT_LOCK_INIT(EFT_RANK_LOG);

	eft_lock(&a < &b ? &a : &b);
	eft_lock(&a < &b ? &b : &a);
}

Test(lockcheck, two_that_are_no_pair)
{
	breaks(no_pair, "lock 'log' is taken under it", "log");
}

static void mutexes_against_order(void *arg)
{
	eft_mutex_lock(&node);
	eft_mutex_lock(&tree);
}

Test(lockcheck, mutexes_against_the_order)
{
	breaks(mutexes_against_order, "lock 'renames' is taken under it",
	       "node");
}

static void twice(void *arg)
{
	eft_lock(&outer);
	eft_lock(&outer);
}

Test(lockcheck, taken_twice)
{
	breaks(twice, "lock 'heap' is taken by who holds it", "heap");
}

static void not_held(void *arg)
{
	eft_irq_off();
	eft_unlock(&outer);
}

Test(lockcheck, release_of_what_is_not_held)
{
	breaks(not_held, "lock 'heap' is released by who does not hold it",
	       NULL);
}

static void take_tree(void *arg)
{
	eft_mutex_lock(&tree);
	eft_sleep(EFT_FOREVER);
}

static void not_mine(void *arg)
{
	check(eft_thread_create("holder", take_tree, NULL, 4) != NULL);
	eft_yield();
	eft_mutex_unlock(&tree);
}

Test(lockcheck, release_of_anothers_mutex)
{
	breaks(not_mine, "lock 'renames' is released by who does not hold it",
	       "renames");
}

static void without_rank(void *arg)
{
	static struct eft_lock lock;

	eft_lock(&lock);
}

Test(lockcheck, a_lock_without_a_rank)
{
	breaks(without_rank, "a lock without a rank", NULL);
}

static void sleeps_under_lock(void *arg)
{
	eft_lock(&outer);
	eft_sleep(fake_now + 1);
}

Test(lockcheck, sleep_under_a_spin_lock)
{
	breaks(sleeps_under_lock, "this may sleep", "heap");
}

static void mutex_under_lock(void *arg)
{
	eft_lock(&outer);
	eft_mutex_lock(&tree);
}

Test(lockcheck, mutex_under_a_spin_lock)
{
	breaks(mutex_under_lock, "this may sleep", "heap");
}

static void touches_under_lock(void *arg)
{
	eft_lock(&outer);
	eft_range_fault(fake_info.window_start, EFT_PROT_READ);
}

Test(lockcheck, program_memory_under_a_spin_lock)
{
	breaks(touches_under_lock, "memory is touched", "heap");
}

static void returns_with_mutex(void *arg)
{
	eft_mutex_lock(&tree);
	eft_lockcheck_returns();
}

Test(lockcheck, system_call_returns_with_a_mutex)
{
	breaks(returns_with_mutex, "a system call returns", "renames");
}

static void returns_with_lock(void *arg)
{
	eft_lock(&outer);
	eft_lockcheck_returns();
}

Test(lockcheck, system_call_returns_with_a_spin_lock)
{
	breaks(returns_with_lock, "a system call returns", "heap");
}

static void returns_with_interrupts_off(void *arg)
{
	eft_irq_off();
	eft_lockcheck_returns();
}

Test(lockcheck, system_call_returns_with_interrupts_off)
{
	breaks(returns_with_interrupts_off, "returns with interrupts off",
	       NULL);
}

static void ends_with_mutex(void *arg)
{
	eft_mutex_lock(&tree);
	eft_thread_exit();
}

Test(lockcheck, thread_ends_with_a_mutex)
{
	breaks(ends_with_mutex, "a thread ends", "renames");
}

/* Held by a CPU that never comes back: the clock runs while we spin. */
static void never_released(void *arg)
{
	uint64_t since = 0;

	outer.held = 1;
	outer.check.where = (void *)take_tree;
	check(eft_lockcheck_spins(&outer.check, &since));
	fake_now += 60000000000;
	eft_lockcheck_spins(&outer.check, &since);
}

Test(lockcheck, a_lock_that_is_never_released)
{
	breaks(never_released, "lock 'heap' is not released", "heap");
}

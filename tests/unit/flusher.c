// SPDX-License-Identifier: BSD-3-Clause
/*
 * A signal that ends the program while the flusher is being made
 * (core/mem/flusher.c).
 */
#include "tests/unit/unit.h"

#include "core/mem/flusher.c"
#include "core/process.h"

static unsigned ends;

static void note_commit(struct eft_flusher *self)
{
}

static void note_end(struct eft_flusher *self)
{
	ends++;
}

static struct eft_flusher one = {.commit = note_commit, .end = note_end};

/* Another CPU is in eft_thread_create(). */
static void dies_meanwhile(void *arg)
{
	eft_process()->first_thread = eft_current();
	eft_flusher_add(&one);
	wanted = begun = true;
	check(eft_flusher_die(15));
	thread = eft_thread_create("flusher", live, NULL, STACK_ORDER);
	check(thread != NULL);
	eft_sleep_through();
}

Test(flusher, signal_while_it_is_made)
{
	fake_boot(NULL);
	check_eq(fake_run(dies_meanwhile, NULL), FAKE_CRASHED);
	check_eq(fake_status, 15);
	check_eq(ends, 1);
}

/* There is no memory for it: the program ends all the same. */
static void dies_without(void *arg)
{
	dies_by = 15;
	eft_alloc_fail_after(0);
	eft_flusher_wake();
}

Test(flusher, signal_and_no_memory)
{
	fake_boot(NULL);
	check_eq(fake_run(dies_without, NULL), FAKE_CRASHED);
	check_eq(fake_status, 15);
	check_eq(ends, 0);
}

Test(flusher, signal_without_one)
{
	fake_boot(NULL);
	check(!eft_flusher_die(15));
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads, sleep, wait queues, mutexes, and interrupts in their midst.
 */
#include "core/thread.h"
#include "core/time.h"
#include "tests/unit/unit.h"

enum { ORDER = 4 };

static char trace[256];
static size_t trace_len;

static void note(char c)
{
	trace[trace_len++] = c;
}

static void run(void (*function)(void *))
{
	fake_boot(NULL);
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

static void spell(void *arg)
{
	for (const char *s = arg; *s != '\0'; s++) {
		note(*s);
		eft_yield();
	}
}

static void yields(void *arg)
{
	check(eft_thread_create("a", spell, (void *)"abc", ORDER) != NULL);
	check(eft_thread_create("b", spell, (void *)"12", ORDER) != NULL);
	check(eft_thread_create("c", spell, (void *)"xyz", ORDER) != NULL);
	for (int i = 0; i < 4; i++)
		eft_yield();
}

Test(thread, yield_goes_round)
{
	run(yields);
	check_str(trace, "a1xb2ycz");
}

static void create_fails(void *arg)
{
	struct eft_page_stats before, after;
	size_t blocks = fake_heap_blocks();

	eft_page_stats(&before);
	for (uint64_t n = 0; n < 2; n++) {
		eft_alloc_fail_after(n);
		check(eft_thread_create("x", spell, NULL, ORDER) == NULL);
	}
	eft_alloc_fail_after(UINT64_MAX);
	eft_page_stats(&after);
	check_eq(before.free, after.free);
	check_eq(blocks, fake_heap_blocks());
}

Test(thread, no_memory)
{
	run(create_fails);
}

/* What a thread is made of is what another was, which has left it dirty. */
enum { OWNER_BYTES = 40 };

static void spoil_owner(void *arg)
{
	char *owner = eft_current()->owner;

	for (size_t i = 0; i < (size_t)arg; i++)
		check_eq(owner[i], 0);
	memset(owner, 0x5a, (size_t)arg);
	eft_current()->ran_ns = 1000000000;
	eft_current()->timed_wait = true;
	note('.');
}

/* A thread with an owner of (bytes), from its beginning to its end. */
static void live(char *stack, size_t bytes)
{
	struct eft_thread *thread = eft_thread_create_on(
		"x", spoil_owner, (void *)bytes,
		(uintptr_t)stack + (EFT_PAGE_SIZE << ORDER), 0, bytes);

	check(thread != NULL);
	check_eq(thread->ran_ns, 0);
	check(!thread->timed_wait);
	check(thread->owner == thread + 1);
	eft_thread_start(thread);
	eft_yield();
}

static void live_in_turn(void *arg)
{
	struct eft_page_stats before, after;
	char *stack = eft_page_alloc(ORDER);
	size_t blocks;

	fake_keeps_threads = true;
	live(stack, OWNER_BYTES);
	blocks = fake_heap_blocks();
	eft_page_stats(&before);
	live(stack, OWNER_BYTES);
	live(stack, OWNER_BYTES);
	live(stack, OWNER_BYTES - 1);
	live(stack, OWNER_BYTES + 1);
	check_eq(blocks, fake_heap_blocks());
	eft_page_stats(&after);
	check_eq(before.free, after.free);
	eft_threads_trim();
	check_eq(blocks - 1, fake_heap_blocks());
}

Test(thread, made_of_another)
{
	run(live_in_turn);
	check_str(trace, ".....");
}

static void sleeps(void *arg)
{
	uint64_t start = fake_now;

	check_eq(eft_sleep(start + 5000), -ETIMEDOUT);
	check_eq(fake_now, start + 5000);
	check_eq(eft_sleep(start), -ETIMEDOUT); /* has passed */
	check_eq(fake_now, start + 5000);
	check_eq(eft_sleep(0), -ETIMEDOUT);
	check(eft_cpu_time_ns() <= fake_now - 5000);
}

Test(thread, sleep)
{
	run(sleeps);
}

static void sleep_of(void *arg)
{
	uint64_t ns = (uintptr_t)arg;

	eft_sleep(fake_now + ns * 1000);
	note((char)('0' + ns));
}

static void sleepers(void *arg)
{
	for (uintptr_t i = 0; i < 5; i++)
		eft_thread_create("s", sleep_of, (void *)(i * 3 % 5 + 1),
				  ORDER);
	eft_sleep(fake_now + 10000);
}

Test(thread, sleepers_wake_in_order)
{
	run(sleepers);
	check_str(trace, "12345");
}

static void tokens(void *arg)
{
	eft_thread_wake(eft_current());
	eft_thread_wake(eft_current()); /* one and the same */
	check_eq(eft_sleep(EFT_FOREVER), 0);
	check_eq(eft_sleep(fake_now + 10), -ETIMEDOUT);
	check_eq(fake_waits, 1);
}

Test(thread, wake_up_before_sleep_is_not_lost)
{
	run(tokens);
}

static void forever(void *arg)
{
	eft_sleep(EFT_FOREVER);
}

Test(thread, all_asleep_for_ever)
{
	fake_boot(NULL);
	check_eq(fake_run(forever, NULL), FAKE_STUCK);
	check_eq(fake_run(sleeps, NULL), FAKE_RETURNED); /* all goes on */
}

static void wake(void *thread)
{
	eft_thread_wake(thread);
}

static void by_interrupt(void *arg)
{
	uint64_t start = fake_now;

	fake_interrupt_at(start + 700, wake, eft_current());
	check_eq(eft_sleep(EFT_FOREVER), 0);
	check_eq(fake_now, start + 700);
	fake_interrupt_at(start + 900, wake, eft_current());
	check_eq(eft_sleep(start + 800), -ETIMEDOUT);
	check_eq(fake_now, start + 800);
	check_eq(eft_sleep(start + 5000), 0);
	check_eq(fake_now, start + 900);
}

Test(thread, woken_by_interrupts)
{
	run(by_interrupt);
}

static void count(void *arg)
{
	check(eft_cpu()->irq_off > 0);
	++*(int *)arg;
}

/* Interrupts wait until the last of the nested offs is undone. */
Test(thread, interrupts_off)
{
	int came = 0;

	fake_boot(NULL);
	fake_interrupt(count, &came);
	check_eq(came, 1);
	eft_irq_off();
	eft_irq_off();
	fake_interrupt(count, &came);
	fake_interrupt(count, &came);
	check_eq(came, 1);
	eft_irq_on();
	check_eq(came, 1);
	check(eft_cpu()->irq_pending != 0);
	eft_irq_on();
	check_eq(came, 3);
	check_eq(eft_cpu()->irq_pending, 0);
	check_eq(eft_cpu()->irq_off, 0);
}

static void sleep_with_interrupts_off(void *arg)
{
	eft_irq_off();
	eft_sleep(fake_now + 1);
}

Test(thread, sleep_with_interrupts_off_panics)
{
	fake_boot(NULL);
	check_eq(fake_run(sleep_with_interrupts_off, NULL), FAKE_CRASHED);
	check(strstr(fake_console, "may sleep") != NULL);
}

/* An interrupt that arrives under a lock is taken as it is released. */
Test(thread, interrupt_under_lock)
{
	struct eft_lock lock = EFT_LOCK_INIT(EFT_RANK_LOG);
	int came = 0;

	fake_boot(NULL);
	eft_lock(&lock);
	fake_interrupt(count, &came);
	check_eq(came, 0);
	eft_unlock(&lock);
	check_eq(came, 1);
	check_eq(lock.held, 0);
}

/*
 * Wait queues.
 */
static struct eft_waitq queue;
static int things;

static void take_thing(void *name)
{
	struct eft_waiter waiter;

	eft_wait_begin(&waiter, &queue);
	while (things == 0)
		eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	things--;
	note(*(char *)name);
}

static void waiters(void *arg)
{
	eft_waitq_init(&queue);
	eft_waitq_wake(&queue, EFT_WAKE_ALL); /* nobody is there */
	eft_thread_create("a", take_thing, (void *)"a", ORDER);
	eft_thread_create("b", take_thing, (void *)"b", ORDER);
	eft_thread_create("c", take_thing, (void *)"c", ORDER);
	eft_sleep(fake_now + 1);
	check_eq(trace_len, 0);
	things = 1;
	eft_waitq_wake(&queue, 1);
	eft_sleep(fake_now + 1);
	check_str(trace, "a");		      /* the longest waiting */
	eft_waitq_wake(&queue, EFT_WAKE_ALL); /* in vain: they sleep on */
	eft_sleep(fake_now + 1);
	check_str(trace, "a");
	things = 2;
	eft_waitq_wake(&queue, 2);
	eft_sleep(fake_now + 1);
	check_str(trace, "abc");
	check(eft_list_empty(&queue.waiters));
}

Test(waitq, wakes_in_order)
{
	run(waiters);
}

/* A wake-up between the look and the sleep. */
static void race(void *arg)
{
	struct eft_waiter waiter;

	eft_waitq_init(&queue);
	eft_wait_begin(&waiter, &queue);
	eft_waitq_wake(&queue, 1);
	check_eq(eft_sleep(EFT_FOREVER), 0);
	eft_wait_end(&waiter);
}

Test(waitq, wake_up_before_sleep_is_not_lost)
{
	run(race);
}

/*
 * Mutexes.
 */
static struct eft_mutex mutex;
static int inside, rounds;

static void work(void *arg)
{
	for (int i = 0; i < 50; i++) {
		eft_mutex_lock(&mutex);
		check_eq(inside++, 0);
		rounds++;
		if (i % 3 == 0)
			eft_yield();
		else if (i % 3 == 1)
			eft_sleep(fake_now + 10);
		inside--;
		eft_mutex_unlock(&mutex);
		if (i % 2 == 0)
			eft_yield();
	}
}

static void mutexes(void *arg)
{
	eft_mutex_init(&mutex, EFT_RANK_NODE);
	for (int i = 0; i < 4; i++)
		eft_thread_create("m", work, NULL, ORDER);
	eft_sleep(fake_now + 1000000);
	check_eq(rounds, 200);
	check(eft_mutex_holder(&mutex) == NULL);
	check(eft_list_empty(&mutex.queue.waiters));
}

Test(mutex, one_at_a_time)
{
	run(mutexes);
}

static void lock_twice(void *arg)
{
	eft_mutex_init(&mutex, EFT_RANK_NODE);
	eft_mutex_lock(&mutex);
	eft_mutex_lock(&mutex);
}

Test(mutex, lock_twice_panics)
{
	fake_boot(NULL);
	check_eq(fake_run(lock_twice, NULL), FAKE_CRASHED);
	check(strstr(fake_console, "by who holds it") != NULL);
}

static void unlock_unlocked(void *arg)
{
	eft_mutex_init(&mutex, EFT_RANK_NODE);
	eft_mutex_unlock(&mutex);
}

Test(mutex, unlock_of_others_panics)
{
	fake_boot(NULL);
	check_eq(fake_run(unlock_unlocked, NULL), FAKE_CRASHED);
}

/* A sleeper whose mutex wait ate a wake-up meant for something else. */
static void contend(void *arg)
{
	eft_mutex_lock(&mutex);
	eft_sleep(fake_now + 100);
	eft_mutex_unlock(&mutex);
}

static void spurious(void *arg)
{
	eft_mutex_init(&mutex, EFT_RANK_NODE);
	eft_thread_create("c", contend, NULL, ORDER);
	eft_yield();
	fake_interrupt_at(fake_now + 10, wake, eft_current());
	eft_mutex_lock(&mutex); /* woken at 10, not its turn until 100 */
	check(fake_now >= 1100);
	eft_mutex_unlock(&mutex);
}

Test(mutex, spurious_wake_up)
{
	run(spurious);
}

/*
 * Who was passed for longer than a moment is the next holder: it is that
 * before it runs.
 */
static struct eft_thread *passed;

static void wait_and_hold(void *arg)
{
	passed = eft_current();
	eft_mutex_lock(&mutex);
	check(eft_mutex_holder(&mutex) == eft_current());
	note('b');
	eft_mutex_unlock(&mutex);
}

static void pass(uint64_t ns)
{
	fake_advance(ns);
	eft_mutex_unlock(&mutex);
	eft_mutex_lock(&mutex); /* first: the other has not run yet */
	note('a');
	eft_yield();
}

static void hand_over(void *arg)
{
	eft_mutex_init(&mutex, EFT_RANK_NODE);
	eft_mutex_lock(&mutex);
	eft_thread_create("b", wait_and_hold, NULL, ORDER);
	eft_yield();
	pass(400000);
	pass(400000);
	pass(400000);
	eft_mutex_unlock(&mutex);
	check(eft_mutex_holder(&mutex) == passed);
	eft_mutex_lock(&mutex);
	note('a');
	eft_mutex_unlock(&mutex);
	check(eft_mutex_holder(&mutex) == NULL);
}

Test(mutex, goes_to_who_was_passed)
{
	run(hand_over);
	check_str(trace, "aaaba");
}

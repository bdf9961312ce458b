// SPDX-License-Identifier: BSD-3-Clause
/*
 * Whom futex(2) wakes, how many, and in which order; by bits, too.
 *
 * A kernel may have a thread begin its call again at any time, for reasons of
 * its own: it then waits where it did at first, and not where it was moved to.
 * What was found meanwhile says nothing, and is found out once more.
 */
#define _GNU_SOURCE
#include "futex.h"

enum { THREADS = 4 };

static uint32_t first, second, other, woken;
static uint32_t order[THREADS];

static void *wait_plain(void *arg)
{
	need(futex(&first, WAIT, 0, 0, NULL, 0) == 0);
	order[__atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST)] =
		(uint32_t)(long)arg;
	return NULL;
}

static void *wait_bits(void *arg)
{
	need(futex(&first, WAIT_BITSET, 0, 0, NULL, (uint32_t)(long)arg) == 0);
	__atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* They wait for (second) one after the other. */
static void start_all(pthread_t *threads, void *(*function)(void *))
{
	woken = 0;
	for (long i = 0; i < THREADS; i++) {
		threads[i] = start(function, (void *)(1l << i));
		gather(&first, &second, 1);
	}
}

/* Have all (n) come, however; false: some had gone back to (first). */
static int finish(pthread_t *threads, uint32_t n)
{
	int stayed = 1;

	while (load(&woken) < n) {
		stayed &= futex(&first, WAKE, INT_MAX, 0, NULL, 0) == 0;
		futex(&second, WAKE, INT_MAX, 0, NULL, 0);
		sched_yield();
	}
	for (uint32_t i = 0; i < n; i++)
		join(threads[i]);
	return stayed;
}

/* Wake (count), as (op) does with (mask), and wait for those who were. */
static long wake(uint32_t *word, int op, int count, uint32_t mask)
{
	uint32_t before = load(&woken);
	long n = futex(word, op, (uint32_t)count, 0, NULL, mask);

	if (n > 0)
		await(&woken, before + (uint32_t)n);
	return n;
}

static long found[5];

static int count_once(void)
{
	pthread_t threads[THREADS];

	start_all(threads, wait_plain);
	found[0] = wake(&first, WAKE, INT_MAX, 0);
	found[1] = wake(&second, WAKE, 1, 0);
	found[2] = wake(&second, WAKE, 0, 0);
	found[3] = wake(&second, WAKE, INT_MAX, 0);
	found[4] = wake(&second, WAKE, INT_MAX, 0);
	return finish(threads, THREADS) && found[0] == 0;
}

static void counts(void)
{
	while (!count_once())
		;
	ok(found[1] == 1, "one is woken");
	ok(found[2] == 1, "a count of 0 wakes one as well");
	ok(found[3] == 2, "then all others");
	ok(order[0] == 1 && order[1] == 2, "first come, first served");
	ok(found[4] == 0, "and none is left");
}

static int bits_once(void)
{
	pthread_t threads[THREADS];

	start_all(threads, wait_bits);
	found[0] = wake(&second, WAKE_BITSET, INT_MAX, 16);
	found[1] = wake(&second, WAKE_BITSET, 1, 12);
	found[2] = wake(&second, WAKE_BITSET, INT_MAX, 12);
	found[3] = wake(&second, WAKE, INT_MAX, 0);
	return finish(threads, THREADS);
}

static void bits(void)
{
	while (!bits_once())
		;
	ok(found[0] == 0, "a bit that nobody waits for");
	ok(found[1] == 1, "one of two whose bits are meant");
	ok(found[2] == 1, "the other of them");
	ok(found[3] == 2, "a wake-up without bits means all");
}

static int word_once(void)
{
	pthread_t thread;

	woken = 0;
	thread = start(wait_plain, NULL);
	gather(&first, &second, 1);
	found[0] = wake(&other, WAKE, 1, 0);
	found[1] = wake(&second, WAKE, 1, 0);
	return finish(&thread, 1);
}

static void kinds_of_words(void)
{
	while (!word_once())
		;
	ok(found[0] == 0, "another word");
	ok(found[1] == 1, "the word");
}

int main(void)
{
	counts();
	bits();
	kinds_of_words();
	return done();
}

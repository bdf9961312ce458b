// SPDX-License-Identifier: BSD-3-Clause
/*
 * Whom futex(2) wakes, how many, and in which order; by bits, too.
 */
#define _GNU_SOURCE
#include "futex.h"

enum { THREADS = 4 };

static uint32_t first, second, woken;
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

static void join_all(pthread_t *threads)
{
	for (int i = 0; i < THREADS; i++)
		join(threads[i]);
}

static void counts(void)
{
	pthread_t threads[THREADS];

	start_all(threads, wait_plain);
	ok(futex(&first, WAKE, INT_MAX, 0, NULL, 0) == 0,
	   "nobody waits where all were moved from");
	ok(futex(&second, WAKE, 1, 0, NULL, 0) == 1, "one is woken");
	await(&woken, 1);
	ok(futex(&second, WAKE, 0, 0, NULL, 0) == 1,
	   "a count of 0 wakes one as well");
	await(&woken, 2);
	ok(futex(&second, WAKE, INT_MAX, 0, NULL, 0) == 2, "then all others");
	join_all(threads);
	ok(order[0] == 1 && order[1] == 2, "first come, first served");
	ok(futex(&second, WAKE, INT_MAX, 0, NULL, 0) == 0, "and none is left");
}

static void bits(void)
{
	pthread_t threads[THREADS];

	start_all(threads, wait_bits);
	ok(futex(&second, WAKE_BITSET, INT_MAX, 0, NULL, 16) == 0,
	   "a bit that nobody waits for");
	ok(futex(&second, WAKE_BITSET, 1, 0, NULL, 12) == 1,
	   "one of two whose bits are meant");
	ok(futex(&second, WAKE_BITSET, INT_MAX, 0, NULL, 12) == 1,
	   "the other of them");
	ok(futex(&second, WAKE, INT_MAX, 0, NULL, 0) == 2,
	   "a wake-up without bits means all");
	join_all(threads);
}

static void kinds_of_words(void)
{
	pthread_t thread;

	woken = 0;
	thread = start(wait_plain, NULL);
	gather(&first, &second, 1);
	ok(futex(&second + 1, WAKE, 1, 0, NULL, 0) == 0, "another word");
	ok(futex(&second, WAKE, 1, 0, NULL, 0) == 1, "the word");
	join(thread);
}

int main(void)
{
	counts();
	bits();
	kinds_of_words();
	return done();
}

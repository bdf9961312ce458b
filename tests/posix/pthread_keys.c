// SPDX-License-Identifier: BSD-3-Clause
/*
 * Thread-specific data and its destructors, once, and clean-up handlers.
 */
#include <limits.h>
#include <pthread.h>

#include "tap.h"

enum { KEYS = 20, THREADS = 8 };

static pthread_key_t keys[KEYS], again;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int destroyed, rounds, calls, cleaned;

static void count(void *value)
{
	__atomic_fetch_add(&destroyed, (int)(long)value, __ATOMIC_RELAXED);
}

/* Sets its value anew: destructors are called a few times at most. */
static void set_again(void *value)
{
	rounds++;
	pthread_setspecific(again, value);
}

static void *use_keys(void *arg)
{
	int own = 1;

	for (int i = 0; i < KEYS; i++)
		own &= pthread_getspecific(keys[i]) == NULL;
	for (long i = 0; i < KEYS; i++)
		need(pthread_setspecific(keys[i], (void *)(i + 1)) == 0);
	for (long i = 0; i < KEYS; i++)
		own &= pthread_getspecific(keys[i]) == (void *)(i + 1);
	return own ? arg : NULL;
}

static void *use_again(void *arg)
{
	need(pthread_setspecific(again, arg) == 0);
	return arg;
}

static void init(void)
{
	calls++;
}

static void *call_once(void *arg)
{
	need(pthread_once(&once, init) == 0);
	return calls == 1 ? arg : NULL;
}

static void clean(void *arg)
{
	cleaned = cleaned * 10 + (int)(long)arg;
}

static void *end_within(void *arg)
{
	pthread_cleanup_push(clean, (void *)1);
	pthread_cleanup_push(clean, (void *)2);
	pthread_exit(arg);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

/* All threads answer with what they were given. */
static int run(void *(*function)(void *), int count_of)
{
	pthread_t threads[THREADS];
	int right = 1;

	for (int i = 0; i < count_of; i++)
		need(pthread_create(&threads[i], NULL, function, &calls) == 0);
	for (int i = 0; i < count_of; i++) {
		void *result;

		need(pthread_join(threads[i], &result) == 0);
		right &= result == &calls;
	}
	return right;
}

int main(void)
{
	for (int i = 0; i < KEYS; i++)
		need(pthread_key_create(&keys[i], count) == 0);
	ok(run(use_keys, THREADS), "each thread has values of its own");
	ok(destroyed == THREADS * KEYS * (KEYS + 1) / 2,
	   "each value meets its destructor");
	need(pthread_key_create(&again, set_again) == 0);
	run(use_again, 1);
	ok(rounds == PTHREAD_DESTRUCTOR_ITERATIONS,
	   "a few times, if it is set again");
	ok(pthread_key_delete(again) == 0, "a key is gone");
	ok(run(call_once, THREADS) && calls == 1, "once is once");
	ok(run(end_within, 1) && cleaned == 21, "clean-up, the last one first");
	return done();
}

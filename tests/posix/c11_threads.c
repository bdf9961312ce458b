// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads as C11 has them.
 */
#include <threads.h>
#include <time.h>

#include "tap.h"

enum { THREADS = 4, ROUNDS = 2000 };

static mtx_t mutex;
static cnd_t changed;
static tss_t key;
static once_flag flag = ONCE_FLAG_INIT;
static thread_local int own;
static int counter, calls, freed, ready;

static void call(void)
{
	calls++;
}

static void release(void *value)
{
	__atomic_fetch_add(&freed, *(int *)value, __ATOMIC_RELAXED);
}

static int work(void *arg)
{
	static int one = 1;

	call_once(&flag, call);
	own = (int)(long)arg;
	tss_set(key, &one);
	for (int i = 0; i < ROUNDS; i++) {
		mtx_lock(&mutex);
		counter++;
		mtx_unlock(&mutex);
		if (i % 100 == 0)
			thrd_yield();
	}
	return own;
}

static void many(void)
{
	thrd_t threads[THREADS];
	int results = 0, result;

	for (long i = 0; i < THREADS; i++)
		need(thrd_create(&threads[i], work, (void *)i) == thrd_success);
	for (int i = 0; i < THREADS; i++) {
		need(thrd_join(threads[i], &result) == thrd_success);
		results += result;
	}
	ok(counter == THREADS * ROUNDS, "a mutex");
	ok(results == THREADS * (THREADS - 1) / 2 && own == 0,
	   "thread-local numbers, and results");
	ok(calls == 1, "once");
	ok(freed == THREADS, "destructors");
}

static int wait_until_ready(void *arg)
{
	(void)arg;
	mtx_lock(&mutex);
	while (!ready)
		cnd_wait(&changed, &mutex);
	ready++;
	mtx_unlock(&mutex);
	thrd_exit(17);
}

static void conditions(void)
{
	struct timespec past = {1, 0};
	thrd_t thread;
	int result = 0;

	need(thrd_create(&thread, wait_until_ready, NULL) == thrd_success);
	mtx_lock(&mutex);
	ok(cnd_timedwait(&changed, &mutex, &past) == thrd_timedout,
	   "a condition's time is up");
	ready = 1;
	cnd_broadcast(&changed);
	mtx_unlock(&mutex);
	ok(thrd_join(thread, &result) == thrd_success && result == 17 &&
		   ready == 2,
	   "a condition comes true");
}

static void tries(void)
{
	struct timespec past = {1, 0}, little = {0, 1000};
	mtx_t timed;

	need(mtx_init(&timed, mtx_timed | mtx_recursive) == thrd_success);
	ok(mtx_lock(&timed) == thrd_success &&
		   mtx_trylock(&timed) == thrd_success,
	   "a recursive mutex");
	mtx_unlock(&timed);
	mtx_unlock(&timed);
	mtx_destroy(&timed);
	mtx_lock(&mutex);
	ok(mtx_trylock(&mutex) == thrd_busy, "a plain one");
	mtx_unlock(&mutex);
	need(mtx_init(&timed, mtx_timed) == thrd_success);
	mtx_lock(&timed);
	ok(mtx_timedlock(&timed, &past) == thrd_timedout, "a timed one");
	ok(thrd_sleep(&little, NULL) == 0, "sleep");
	ok(thrd_equal(thrd_current(), thrd_current()), "oneself");
}

int main(void)
{
	need(mtx_init(&mutex, mtx_plain) == thrd_success);
	need(cnd_init(&changed) == thrd_success);
	need(tss_create(&key, release) == thrd_success);
	many();
	conditions();
	tries();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Barriers and spin locks, private and shared.
 */
#include <pthread.h>

#include "tap.h"

enum { THREADS = 5, ROUNDS = 200, SPINS = 5000 };

static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static int arrived, last[ROUNDS], early;
static long counter;

static void *meet(void *arg)
{
	for (int round = 0; round < ROUNDS; round++) {
		int result;

		__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
		result = pthread_barrier_wait(&barrier);
		if (result == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_fetch_add(&last[round], 1, __ATOMIC_SEQ_CST);
		else
			need(result == 0);
		if (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) <
		    THREADS * (round + 1))
			early = 1;
	}
	return arg;
}

static void run(void *(*function)(void *))
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, function, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
}

static void barriers(int shared, const char *all, const char *one)
{
	pthread_barrierattr_t attr;
	int serial = 1;

	need(pthread_barrierattr_init(&attr) == 0);
	need(pthread_barrierattr_setpshared(&attr, shared) == 0);
	need(pthread_barrier_init(&barrier, &attr, THREADS) == 0);
	arrived = early = 0;
	memset(last, 0, sizeof(last));
	run(meet);
	for (int i = 0; i < ROUNDS; i++)
		serial &= last[i] == 1;
	ok(!early, all);
	ok(serial, one);
	need(pthread_barrier_destroy(&barrier) == 0);
}

static void *spin_and_count(void *arg)
{
	for (int i = 0; i < SPINS; i++) {
		need(pthread_spin_lock(&spin) == 0);
		counter++;
		need(pthread_spin_unlock(&spin) == 0);
	}
	return arg;
}

static void spin_locks(void)
{
	need(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE) == 0);
	run(spin_and_count);
	ok(counter == THREADS * SPINS, "a spin lock: no count is lost");
	need(pthread_spin_lock(&spin) == 0);
	ok(pthread_spin_trylock(&spin) == EBUSY, "it is held");
	need(pthread_spin_unlock(&spin) == 0);
	ok(pthread_spin_trylock(&spin) == 0, "it is free");
	need(pthread_spin_unlock(&spin) == 0);
	ok(pthread_spin_destroy(&spin) == 0, "it is gone");
}

int main(void)
{
	barriers(PTHREAD_PROCESS_PRIVATE, "private: nobody leaves early",
		 "private: one is told that it was the last");
	barriers(PTHREAD_PROCESS_SHARED, "shared: nobody leaves early",
		 "shared: one is told that it was the last");
	ok(pthread_barrier_init(&barrier, NULL, 0) == EINVAL,
	   "a barrier for nobody");
	need(pthread_barrier_init(&barrier, NULL, 1) == 0);
	ok(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD,
	   "a barrier for one");
	spin_locks();
	return done();
}

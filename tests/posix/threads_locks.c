// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mutexes of all kinds, condition variables, read-write locks, barriers,
 * semaphores and once: between threads that take turns and contend.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "together.h"

enum { THREADS = 4, ROUNDS = 20000, TURNS = 2000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t items;
static long counter, turn, calls, taken;
static int met[THREADS], apart;

static void *count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

static void *take_turns(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % THREADS != (long)arg)
			pthread_cond_wait(&changed, &mutex);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

static void *read_or_write(void *arg)
{
	static volatile long a, b;

	for (int i = 0; i < ROUNDS; i++) {
		if (i % THREADS == (long)arg) {
			pthread_rwlock_wrlock(&rwlock);
			a++;
			b++;
		} else {
			pthread_rwlock_rdlock(&rwlock);
			if (a != b)
				apart = 1;
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return arg;
}

static void *meet(void *arg)
{
	for (int round = 1; round <= TURNS; round++) {
		met[(long)arg] = round;
		pthread_barrier_wait(&barrier);
		for (int i = 0; i < THREADS; i++) {
			if (met[i] != round)
				apart = 1;
		}
		pthread_barrier_wait(&barrier);
	}
	return arg;
}

static void call(void)
{
	calls++;
}

static void *call_once(void *arg)
{
	pthread_once(&once, call);
	return arg;
}

static void *consume(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		sem_wait(&items);
		__atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
		sem_post(&items);
	}
	return arg;
}

static void kinds(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t kind;

	need(pthread_mutexattr_init(&attr) == 0);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	need(pthread_mutex_init(&kind, &attr) == 0);
	ok(pthread_mutex_unlock(&kind) == EPERM, "not one's own to unlock");
	need(pthread_mutex_lock(&kind) == 0);
	ok(pthread_mutex_lock(&kind) == EDEADLK, "held by oneself");
	ok(pthread_mutex_trylock(&kind) == EBUSY, "busy");
	need(pthread_mutex_unlock(&kind) == 0);
	pthread_mutex_destroy(&kind);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	need(pthread_mutex_init(&kind, &attr) == 0);
	ok(pthread_mutex_lock(&kind) == 0 && pthread_mutex_lock(&kind) == 0,
	   "a recursive one is locked twice");
	ok(pthread_mutex_unlock(&kind) == 0 && pthread_mutex_unlock(&kind) == 0,
	   "and unlocked twice");
	pthread_mutex_destroy(&kind);
}

static void timeouts(void)
{
	struct timespec past = {.tv_sec = 1}, soon;
	int error;

	pthread_mutex_lock(&mutex);
	ok(pthread_cond_timedwait(&changed, &mutex, &past) == ETIMEDOUT,
	   "a condition's time that is past");
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 5000000;
	soon.tv_sec += soon.tv_nsec / 1000000000;
	soon.tv_nsec %= 1000000000;
	do {
		error = pthread_cond_timedwait(&changed, &mutex, &soon);
	} while (error == 0);
	ok(error == ETIMEDOUT, "and one that passes");
	pthread_mutex_unlock(&mutex);
}

int main(void)
{
	together(THREADS, count);
	ok(counter == THREADS * ROUNDS, "a mutex: no count is lost");
	together(THREADS, take_turns);
	ok(turn == THREADS * TURNS, "a condition: everybody has turns");
	together(THREADS, read_or_write);
	ok(!apart, "a read-write lock: readers see no half of a change");
	need(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
	together(THREADS, meet);
	ok(!apart, "a barrier: everybody is there");
	together(THREADS, call_once);
	ok(calls == 1, "once is once");
	need(sem_init(&items, 0, 1) == 0);
	together(THREADS, consume);
	ok(taken == THREADS * TURNS, "a semaphore");
	kinds();
	timeouts();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Robust mutexes: the next one learns that the holder ended, and may or may
 * not repair what the mutex guards.
 */
#include <pthread.h>
#include <time.h>

#include "tap.h"

static pthread_mutex_t mutex;

static void make(int type, int protocol, int shared)
{
	pthread_mutexattr_t attr;

	need(pthread_mutexattr_init(&attr) == 0);
	need(pthread_mutexattr_settype(&attr, type) == 0);
	need(pthread_mutexattr_setprotocol(&attr, protocol) == 0);
	need(pthread_mutexattr_setpshared(&attr, shared) == 0);
	need(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0);
	need(pthread_mutex_init(&mutex, &attr) == 0);
	need(pthread_mutexattr_destroy(&attr) == 0);
}

static void *lock_and_end(void *arg)
{
	need(pthread_mutex_lock(&mutex) == 0);
	return arg;
}

static void lose(void)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, lock_and_end, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
}

static void repaired(const char *what)
{
	lose();
	ok(pthread_mutex_lock(&mutex) == EOWNERDEAD, what);
	ok(pthread_mutex_consistent(&mutex) == 0, "it is repaired");
	ok(pthread_mutex_unlock(&mutex) == 0 &&
		   pthread_mutex_lock(&mutex) == 0 &&
		   pthread_mutex_unlock(&mutex) == 0,
	   "and a mutex like others again");
	lose();
	ok(pthread_mutex_trylock(&mutex) == EOWNERDEAD, "found by a try");
	ok(pthread_mutex_unlock(&mutex) == 0, "but not repaired");
	ok(pthread_mutex_lock(&mutex) == ENOTRECOVERABLE, "nobody gets it");
	ok(pthread_mutex_trylock(&mutex) == ENOTRECOVERABLE, "nor tries");
	need(pthread_mutex_destroy(&mutex) == 0);
}

static void *inherit(void *arg)
{
	*(int *)arg = pthread_mutex_lock(&mutex);
	if (*(int *)arg == EOWNERDEAD)
		need(pthread_mutex_consistent(&mutex) == 0);
	need(pthread_mutex_unlock(&mutex) == 0);
	return NULL;
}

static pthread_barrier_t barrier;

static void *lock_meet_and_end(void *arg)
{
	need(pthread_mutex_lock(&mutex) == 0);
	pthread_barrier_wait(&barrier);
	return arg;
}

/* Waiters there may be or not when the holder ends: one of them inherits. */
static void awaited(void)
{
	enum { WAITERS = 3 };
	pthread_t holder, threads[WAITERS];
	int results[WAITERS], dead = 0, well = 0;

	need(pthread_barrier_init(&barrier, NULL, 2) == 0);
	need(pthread_create(&holder, NULL, lock_meet_and_end, NULL) == 0);
	while (pthread_mutex_trylock(&mutex) == 0)
		need(pthread_mutex_unlock(&mutex) == 0);
	for (int i = 0; i < WAITERS; i++)
		need(pthread_create(&threads[i], NULL, inherit, &results[i]) ==
		     0);
	pthread_barrier_wait(&barrier);
	need(pthread_join(holder, NULL) == 0);
	for (int i = 0; i < WAITERS; i++) {
		need(pthread_join(threads[i], NULL) == 0);
		dead += results[i] == EOWNERDEAD;
		well += results[i] == 0;
	}
	ok(dead == 1 && well == WAITERS - 1, "one of those who wait learns it");
	need(pthread_mutex_destroy(&mutex) == 0);
}

int main(void)
{
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_PROCESS_PRIVATE);
	repaired("a private one: its holder is dead");
	make(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE,
	     PTHREAD_PROCESS_SHARED);
	repaired("a shared one: its holder is dead");
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_PROCESS_SHARED);
	awaited();
	ok(pthread_mutex_consistent(&mutex) == EINVAL,
	   "nothing to repair in one that is none");
	return done();
}

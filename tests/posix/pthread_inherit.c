// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mutexes with priority inheritance: they lock as others do, robust ones too.
 */
#include <pthread.h>
#include <time.h>

#include "together.h"

enum { THREADS = 4, ROUNDS = 2000 };

static pthread_mutex_t mutex;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long counter, turn;

static void make(int type, int robust)
{
	pthread_mutexattr_t attr;
	int protocol = -1;

	need(pthread_mutexattr_init(&attr) == 0);
	need(pthread_mutexattr_settype(&attr, type) == 0);
	need(pthread_mutexattr_setrobust(&attr, robust) == 0);
	ok(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT) == 0,
	   "there is such a mutex");
	ok(pthread_mutexattr_getprotocol(&attr, &protocol) == 0 &&
		   protocol == PTHREAD_PRIO_INHERIT,
	   "as was asked for");
	need(pthread_mutex_init(&mutex, &attr) == 0);
}

static void *count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		need(pthread_mutex_lock(&mutex) == 0);
		counter++;
		need(pthread_mutex_unlock(&mutex) == 0);
	}
	return arg;
}

static void *take_turns(void *arg)
{
	for (int i = 0; i < ROUNDS / 10; i++) {
		need(pthread_mutex_lock(&mutex) == 0);
		while (turn % THREADS != (long)arg)
			need(pthread_cond_wait(&changed, &mutex) == 0);
		turn++;
		need(pthread_cond_broadcast(&changed) == 0);
		need(pthread_mutex_unlock(&mutex) == 0);
	}
	return arg;
}

static void *try_it(void *arg)
{
	struct timespec past = {1, 0};

	ok(pthread_mutex_trylock(&mutex) == EBUSY, "held by another");
	ok(pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT,
	   "for longer than one waits");
	return arg;
}

static void kinds(void)
{
	pthread_t thread;

	make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED);
	need(pthread_mutex_lock(&mutex) == 0);
	ok(pthread_mutex_lock(&mutex) == EDEADLK, "one's own already");
	need(pthread_create(&thread, NULL, try_it, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(pthread_mutex_unlock(&mutex) == 0, "unlocked");
	ok(pthread_mutex_unlock(&mutex) == EPERM, "nobody's to unlock");
	make(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED);
	ok(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_lock(&mutex) == 0 &&
		   pthread_mutex_unlock(&mutex) == 0 &&
		   pthread_mutex_unlock(&mutex) == 0,
	   "locked twice");
}

static void *lock_and_end(void *arg)
{
	need(pthread_mutex_lock(&mutex) == 0);
	return arg;
}

static void robust(void)
{
	pthread_t thread;

	make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
	need(pthread_create(&thread, NULL, lock_and_end, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(pthread_mutex_lock(&mutex) == EOWNERDEAD, "its holder is dead");
	ok(pthread_mutex_consistent(&mutex) == 0 &&
		   pthread_mutex_unlock(&mutex) == 0,
	   "it is repaired");
	ok(pthread_mutex_lock(&mutex) == 0, "and locked again");
	need(pthread_mutex_unlock(&mutex) == 0);
}

int main(void)
{
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	together(THREADS, count);
	ok(counter == THREADS * ROUNDS, "no count is lost");
	together(THREADS, take_turns);
	ok(turn == THREADS * ROUNDS / 10, "it waits for conditions");
	kinds();
	robust();
	return done();
}

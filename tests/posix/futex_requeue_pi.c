// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiters for a plain word that are moved to one which they then own.
 */
#define _GNU_SOURCE
#include "futex.h"

enum { THREADS = 3 };

static uint32_t condition, mutex, owned;

static uint32_t tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static void *wait_to_own(void *arg)
{
	need(futex(&condition, WAIT_REQUEUE_PI | PRIVATE, 0, 0, &mutex, 0) ==
	     0);
	need((load(&mutex) & ~WAITERS) == tid());
	__atomic_fetch_add(&owned, 1, __ATOMIC_SEQ_CST);
	need(futex(&mutex, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0);
	return arg;
}

static void errors(void)
{
	struct timespec past = {1, 0};

	fails(futex(&condition, WAIT_REQUEUE_PI, 0, 0, &condition, 0), EINVAL,
	      "the words are one");
	fails(futex(&condition, WAIT_REQUEUE_PI, 1, 0, &mutex, 0), EAGAIN,
	      "the word is another");
	fails(futex(&condition, WAIT_REQUEUE_PI, 0, (long)&past, &mutex, 0),
	      ETIMEDOUT, "the time is up");
	fails(futex(&condition, CMP_REQUEUE_PI, 1, 1, &condition, 0), EINVAL,
	      "moved to where they are");
	fails(futex(&condition, CMP_REQUEUE_PI, 2, 1, &mutex, 0), EINVAL,
	      "two to wake");
	fails(futex(&condition, CMP_REQUEUE_PI, 1, -1, &mutex, 0), EINVAL,
	      "less than none to move");
	fails(futex(&condition, CMP_REQUEUE_PI, 1, 1, &mutex, 1), EAGAIN,
	      "the word to move from is another");
	ok(futex(&condition, CMP_REQUEUE_PI, 1, 1, &mutex, 0) == 0,
	   "nobody to move");
}

/* All are there once so many could be moved. */
static void moved_to_held(void)
{
	pthread_t threads[THREADS];
	long n = 0;

	owned = 0;
	mutex = tid();
	for (int i = 0; i < THREADS; i++)
		threads[i] = start(wait_to_own, NULL);
	while (n < THREADS) {
		long moved = futex(&condition, CMP_REQUEUE_PI | PRIVATE, 1,
				   THREADS, &mutex, 0);

		need(moved >= 0);
		n += moved;
		sched_yield();
	}
	ok(load(&mutex) == (tid() | WAITERS), "they wait for the word");
	ok(owned == 0, "and have not got it");
	ok(futex(&mutex, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0, "unlocked");
	for (int i = 0; i < THREADS; i++)
		join(threads[i]);
	ok(owned == THREADS && mutex == 0, "everybody has had it");
}

static void moved_to_free(void)
{
	pthread_t thread = start(wait_to_own, NULL);

	owned = mutex = 0;
	while (futex(&condition, CMP_REQUEUE_PI | PRIVATE, 1, 0, &mutex, 0) ==
	       0)
		sched_yield();
	join(thread);
	ok(owned == 1, "a free word is given at once");
}

static void not_woken_otherwise(void)
{
	pthread_t thread = start(wait_to_own, NULL);
	uint32_t elsewhere = 0;
	long result;

	owned = mutex = 0;
	while ((result = futex(&condition, WAKE | PRIVATE, 1, 0, NULL, 0)) == 0)
		sched_yield();
	ok(result == -1 && errno == EINVAL, "who waits to own is not woken");
	fails(futex(&condition, CMP_REQUEUE_PI | PRIVATE, 1, 1, &elsewhere, 0),
	      EINVAL, "nor moved to another word than it said");
	need(futex(&condition, CMP_REQUEUE_PI | PRIVATE, 1, 0, &mutex, 0) == 1);
	join(thread);
	ok(owned == 1, "but to that");
}

int main(void)
{
	errors();
	moved_to_held();
	moved_to_free();
	not_woken_otherwise();
	return done();
}

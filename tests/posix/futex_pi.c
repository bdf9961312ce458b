// SPDX-License-Identifier: BSD-3-Clause
/*
 * Priority-inheritance futexes by hand: what the word says, who gets it next,
 * and what is refused.
 */
#define _GNU_SOURCE
#include "futex.h"

enum { THREADS = 3 };

static uint32_t word, other, third, begun, had;
static uint32_t order[THREADS];

static uint32_t tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static void alone(void)
{
	ok(futex(&word, LOCK_PI, 0, 0, NULL, 0) == 0 && word == tid(),
	   "a free word is taken");
	fails(futex(&word, LOCK_PI, 0, 0, NULL, 0), EDEADLK,
	      "it is one's own already");
	fails(futex(&word, TRYLOCK_PI, 0, 0, NULL, 0), EDEADLK,
	      "nor can it be tried");
	ok(futex(&word, UNLOCK_PI, 0, 0, NULL, 0) == 0 && word == 0,
	   "it is free again");
	fails(futex(&word, UNLOCK_PI, 0, 0, NULL, 0), EPERM, "nobody's");
	ok(futex(&word, TRYLOCK_PI, 0, 0, NULL, 0) == 0 && word == tid(),
	   "a free word is there to try");
	ok(futex(&word, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0, "unlocked");
	ok(futex(&word, LOCK_PI2 | PRIVATE, 0, 0, NULL, 0) == 0 &&
		   word == tid(),
	   "the newer way to lock");
	store(&word, 0x3fffffff);
	fails(futex(&word, LOCK_PI | PRIVATE, 0, 0, NULL, 0), ESRCH,
	      "its holder is no thread");
	fails(futex(&word, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0), EPERM,
	      "and it is not one's own");
	store(&word, OWNER_DIED);
	ok(futex(&word, LOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0 &&
		   word == (tid() | OWNER_DIED),
	   "a dead one's is taken, and says so");
	ok(futex(&word, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0 && word == 0,
	   "until it is unlocked");
}

static void *lock_and_unlock(void *arg)
{
	__atomic_fetch_add(&begun, 1, __ATOMIC_SEQ_CST);
	need(futex(&word, LOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0);
	need((load(&word) & ~WAITERS) == tid());
	order[had++] = (uint32_t)(long)arg;
	need(futex(&word, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0);
	return arg;
}

/* Threads that wait are seen by what the word says, and by no more. */
static void handed_over(void)
{
	pthread_t threads[THREADS];

	store(&word, tid());
	for (long i = 0; i < THREADS; i++)
		threads[i] = start(lock_and_unlock, (void *)i);
	await(&begun, THREADS);
	while (!(load(&word) & WAITERS))
		sched_yield();
	ok(load(&word) == (tid() | WAITERS), "the word says that some wait");
	ok(futex(&word, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0) == 0, "unlocked");
	for (int i = 0; i < THREADS; i++)
		join(threads[i]);
	ok(had == THREADS, "everybody had it");
	ok(word == 0, "and it is free");
}

static void *hold(void *arg)
{
	need(futex(&other, LOCK_PI, 0, 0, NULL, 0) == 0);
	store(&begun, 1);
	await(&third, 1);
	need(futex(&other, UNLOCK_PI, 0, 0, NULL, 0) == 0);
	return arg;
}

static void held_by_another(void)
{
	struct timespec past = {1, 0};
	pthread_t thread;
	uint32_t holder;

	begun = third = 0;
	thread = start(hold, NULL);
	await(&begun, 1);
	holder = load(&other);
	fails(futex(&other, UNLOCK_PI, 0, 0, NULL, 0), EPERM, "another's");
	fails(futex(&other, TRYLOCK_PI, 0, 0, NULL, 0), EAGAIN, "held");
	ok(load(&other) == (holder | WAITERS), "the try left a trace");
	fails(futex(&other, LOCK_PI, 0, (long)&past, NULL, 0), ETIMEDOUT,
	      "the wall clock's time is up");
	fails(futex(&other, LOCK_PI2, 0, (long)&past, NULL, 0), ETIMEDOUT,
	      "the other clock's too");
	fails(futex(&other, LOCK_PI2 | REALTIME, 0, (long)&past, NULL, 0),
	      ETIMEDOUT, "and the one that was asked for");
	store(&third, 1);
	join(thread);
	ok(load(&other) == 0, "free at last");
}

static void *wait_plainly(void *arg)
{
	need(futex(&third, WAIT, 0, 0, NULL, 0) == 0);
	return arg;
}

/* One who waits for a plain word, and one who wants to own it. */
static void mixed(void)
{
	static uint32_t held;
	pthread_t thread;

	third = 0;
	held = tid();
	thread = start(wait_plainly, NULL);
	gather(&third, &held, 1);
	fails(futex(&held, UNLOCK_PI, 0, 0, NULL, 0), EINVAL,
	      "unlock what others wait for plainly");
	ok(futex(&held, WAKE, 1, 0, NULL, 0) == 1, "they are woken");
	join(thread);
	ok(futex(&held, UNLOCK_PI, 0, 0, NULL, 0) == 0, "then it is free");
}

/* Thread 1 holds (other) and wants (word), which we hold. */
static void *cross(void *arg)
{
	need(futex(&other, LOCK_PI, 0, 0, NULL, 0) == 0);
	store(&begun, 1);
	need(futex(&word, LOCK_PI, 0, 0, NULL, 0) == 0);
	need(futex(&word, UNLOCK_PI, 0, 0, NULL, 0) == 0);
	need(futex(&other, UNLOCK_PI, 0, 0, NULL, 0) == 0);
	return arg;
}

static void deadlock(void)
{
	pthread_t thread;
	long result;

	begun = 0;
	need(futex(&word, LOCK_PI, 0, 0, NULL, 0) == 0);
	thread = start(cross, NULL);
	await(&begun, 1);
	while (!(load(&word) & WAITERS))
		sched_yield();
	/* The word says so a little before it is so. */
	do {
		struct timespec past = {1, 0};

		result = futex(&other, LOCK_PI, 0, (long)&past, NULL, 0);
	} while (result < 0 && errno == ETIMEDOUT);
	ok(result == -1 && errno == EDEADLK, "two who wait for each other");
	fails(futex(&word, WAKE, 1, 0, NULL, 0), EINVAL,
	      "who waits to own is not woken");
	fails(futex(&word, REQUEUE, 1, 1, &third, 0), EINVAL, "nor moved");
	need(futex(&word, UNLOCK_PI, 0, 0, NULL, 0) == 0);
	join(thread);
	ok(word == 0 && other == 0, "all free");
}

/* Ends while it holds the word, with no list to say so. */
static void *end_with_it(void *arg)
{
	need(futex(&word, LOCK_PI, 0, 0, NULL, 0) == 0);
	store(&begun, 1);
	while (!(load(&word) & WAITERS))
		sched_yield();
	await(&third, 1);
	return arg;
}

static void *inherit(void *arg)
{
	need(futex(&word, LOCK_PI, 0, 0, NULL, 0) == 0);
	return load(&word) == (tid() | WAITERS | OWNER_DIED) ? arg : NULL;
}

static void dead_holder(void)
{
	pthread_t first, second;

	begun = third = 0;
	first = start(end_with_it, NULL);
	await(&begun, 1);
	second = start(inherit, &word);
	while (!(load(&word) & WAITERS))
		sched_yield();
	while (futex(&word, WAKE, 1, 0, NULL, 0) == 0)
		sched_yield();
	store(&third, 1);
	join(first);
	ok(join(second) != NULL, "the dead one's word goes to who waits");
}

int main(void)
{
	alone();
	handed_over();
	held_by_another();
	mixed();
	deadlock();
	dead_holder();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * futex(2) itself, and threads that wait by it.
 */
#pragma once

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum {
	WAIT = 0,
	WAKE = 1,
	REQUEUE = 3,
	CMP_REQUEUE = 4,
	WAKE_OP = 5,
	LOCK_PI = 6,
	UNLOCK_PI = 7,
	TRYLOCK_PI = 8,
	WAIT_BITSET = 9,
	WAKE_BITSET = 10,
	WAIT_REQUEUE_PI = 11,
	CMP_REQUEUE_PI = 12,
	LOCK_PI2 = 13,
	PRIVATE = 128,
	REALTIME = 256,
};

#define WAITERS	   0x80000000u
#define OWNER_DIED 0x40000000u

static inline long futex(uint32_t *word, int op, uint32_t value, long time,
			 uint32_t *word2, uint32_t value3)
{
	return syscall(SYS_futex, word, op, value, time, word2, value3);
}

static inline uint32_t load(uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* Until (n) waiters of (from) have been moved to (to). */
static inline void gather(uint32_t *from, uint32_t *to, int n)
{
	while (n > 0) {
		long moved = futex(from, REQUEUE, 0, INT_MAX, to, 0);

		need(moved >= 0);
		n -= (int)moved;
		sched_yield();
	}
}

/* Until the number at (counter) is (n): others count it up. */
static inline void await(uint32_t *counter, uint32_t n)
{
	while (load(counter) != n)
		sched_yield();
}

static inline pthread_t start(void *(*function)(void *), void *arg)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, function, arg) == 0);
	return thread;
}

static inline void *join(pthread_t thread)
{
	void *result;

	need(pthread_join(thread, &result) == 0);
	return result;
}

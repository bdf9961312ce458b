// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fairness of a lock that system calls take: one thread, the hog, holds it
 * nearly all the time, call after call; another wants it now and then, and is
 * not passed for long. How long is counted in calls of the hog, of which some
 * are timed: where the host has other things to do, they stop as well.
 */
#pragma once

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "tap.h"

enum { FAIR_TURNS = 30, FAIR_CALIBRATION = 50, FAIR_NS = 100000000 };

/*
 * Valgrind lets a signal in after 100,000 basic blocks only (its scheduling
 * quantum), which are some 400 calls of the hog, however long these take.
 */
enum { FAIR_CALLS = 1000 };

struct fair {
	void (*hog)(void);
	unsigned long passes; /* calls of hog() */
	unsigned long limit;  /* it gives up there */
	int stop;
};

static inline unsigned long fair_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* More calls of hog() than fit into FAIR_NS when nothing disturbs them. */
static inline unsigned long fair_bound(void (*hog)(void))
{
	unsigned long least = FAIR_NS;

	for (int i = 0; i < FAIR_CALIBRATION; i++) {
		unsigned long start = fair_now_ns(), took;

		hog();
		took = fair_now_ns() - start;
		least = took < least ? took : least;
	}
	return FAIR_NS / (least + 1) + FAIR_CALLS;
}

static inline void *fair_hog(void *arg)
{
	struct fair *fair = (struct fair *)arg;

	while (!__atomic_load_n(&fair->stop, __ATOMIC_ACQUIRE) &&
	       __atomic_load_n(&fair->passes, __ATOMIC_RELAXED) <
		       __atomic_load_n(&fair->limit, __ATOMIC_ACQUIRE)) {
		fair->hog();
		__atomic_fetch_add(&fair->passes, 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&fair->stop, 1, __ATOMIC_RELEASE);
	return NULL;
}

static inline unsigned long fair_passes(const struct fair *fair)
{
	return __atomic_load_n(&fair->passes, __ATOMIC_ACQUIRE);
}

/* Who calls turn() again and again has its turn each time. */
static inline void fair(void (*hog)(void), void (*turn)(void), const char *what)
{
	unsigned long bound = fair_bound(hog);
	struct fair fair = {.hog = hog, .limit = ~0ul};
	pthread_t thread;
	int had = 0;

	need(pthread_create(&thread, NULL, fair_hog, &fair) == 0);
	for (int i = 0; i < FAIR_TURNS; i++) {
		unsigned long before = fair_passes(&fair);

		while (fair_passes(&fair) == before) /* it is at work */
			sched_yield();
		__atomic_store_n(&fair.limit, fair_passes(&fair) + bound,
				 __ATOMIC_RELEASE);
		turn();
		if (__atomic_load_n(&fair.stop, __ATOMIC_ACQUIRE))
			break;
		__atomic_store_n(&fair.limit, ~0ul, __ATOMIC_RELEASE);
		had++;
	}
	__atomic_store_n(&fair.stop, 1, __ATOMIC_RELEASE);
	need(pthread_join(thread, NULL) == 0);
	ok(had == FAIR_TURNS, what);
}

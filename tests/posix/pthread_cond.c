// SPDX-License-Identifier: BSD-3-Clause
/*
 * Condition variables: signals, broadcasts, both clocks, private and shared.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "tap.h"

enum { THREADS = 5 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond, back = PTHREAD_COND_INITIALIZER;
static int waiting, tickets, served;

static void *wait_for_ticket(void *arg)
{
	pthread_mutex_lock(&mutex);
	waiting++;
	pthread_cond_signal(&back);
	while (tickets == 0)
		pthread_cond_wait(&cond, &mutex);
	tickets--;
	served++;
	pthread_cond_signal(&back);
	pthread_mutex_unlock(&mutex);
	return arg;
}

/* All of them sleep once we hold the mutex and they have counted. */
static void start_all(pthread_t *threads)
{
	waiting = served = tickets = 0;
	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, wait_for_ticket, NULL) ==
		     0);
	pthread_mutex_lock(&mutex);
	while (waiting < THREADS)
		pthread_cond_wait(&back, &mutex);
	pthread_mutex_unlock(&mutex);
}

static void join_all(pthread_t *threads)
{
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
}

static void give(int count)
{
	pthread_mutex_lock(&mutex);
	tickets += count;
	if (count == 1)
		pthread_cond_signal(&cond);
	else
		pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mutex);
}

static void wake_ups(const char *one, const char *all)
{
	pthread_t threads[THREADS];

	start_all(threads);
	for (int i = 1; i <= 2; i++) {
		give(1);
		pthread_mutex_lock(&mutex);
		while (served < i)
			pthread_cond_wait(&back, &mutex);
		pthread_mutex_unlock(&mutex);
	}
	ok(served == 2, one);
	give(THREADS - 2);
	join_all(threads);
	ok(served == THREADS && tickets == 0, all);
}

static void make(clockid_t clock, int shared)
{
	pthread_condattr_t attr;

	need(pthread_condattr_init(&attr) == 0);
	need(pthread_condattr_setclock(&attr, clock) == 0);
	need(pthread_condattr_setpshared(&attr, shared) == 0);
	need(pthread_cond_init(&cond, &attr) == 0);
	need(pthread_condattr_destroy(&attr) == 0);
}

static void times(clockid_t clock, const char *what)
{
	struct timespec end, now;
	int error;

	make(clock, PTHREAD_PROCESS_PRIVATE);
	clock_gettime(clock, &end);
	end.tv_nsec += 3000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&mutex);
	do
		error = pthread_cond_timedwait(&cond, &mutex, &end);
	while (error == 0);
	pthread_mutex_unlock(&mutex);
	clock_gettime(clock, &now);
	ok(error == ETIMEDOUT &&
		   (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec)),
	   what);
	need(pthread_cond_destroy(&cond) == 0);
}

static void errors(void)
{
	struct timespec bad = {0, 1000000000};
	pthread_condattr_t attr;
	clockid_t clock = 99;

	make(CLOCK_REALTIME, PTHREAD_PROCESS_PRIVATE);
	pthread_mutex_lock(&mutex);
	ok(pthread_cond_timedwait(&cond, &mutex, &bad) == EINVAL,
	   "a time that is none");
	pthread_mutex_unlock(&mutex);
	ok(pthread_cond_signal(&cond) == 0 &&
		   pthread_cond_broadcast(&cond) == 0,
	   "nobody waits");
	need(pthread_condattr_init(&attr) == 0);
	ok(pthread_condattr_getclock(&attr, &clock) == 0 &&
		   clock == CLOCK_REALTIME,
	   "the usual clock");
	ok(pthread_condattr_setclock(&attr, CLOCK_PROCESS_CPUTIME_ID) == EINVAL,
	   "a clock that cannot be waited for");
}

int main(void)
{
	make(CLOCK_REALTIME, PTHREAD_PROCESS_PRIVATE);
	wake_ups("private: one by one", "private: all others");
	make(CLOCK_MONOTONIC, PTHREAD_PROCESS_SHARED);
	wake_ups("shared: one by one", "shared: all others");
	times(CLOCK_REALTIME, "until a time of the wall clock");
	times(CLOCK_MONOTONIC, "until a time of the other");
	errors();
	return done();
}

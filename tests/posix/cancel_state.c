// SPDX-License-Identifier: BSD-3-Clause
/*
 * Cancellation held back, its handlers, and what a request leaves alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static atomic_int begun, asked, order, sleeps, runs;
static int first, second, value_left;
static pthread_key_t key;

static void wait_until_asked(void)
{
	begun = 1;
	while (!asked)
		sched_yield();
}

static void note_first(void *arg)
{
	(void)arg;
	first = ++order;
}

static void note_second(void *arg)
{
	(void)arg;
	second = ++order;
}

static void note_value(void *arg)
{
	(void)arg;
	value_left = ++order;
}

static void *with_handlers(void *arg)
{
	pthread_setspecific(key, &key);
	pthread_cleanup_push(note_second, NULL);
	pthread_cleanup_push(note_first, NULL);
	wait_until_asked();
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return arg;
}

static void *disabled(void *arg)
{
	struct timespec moment = {.tv_nsec = 1000};
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	wait_until_asked();
	for (int i = 0; i < 3; i++)
		sleeps += nanosleep(&moment, NULL) == 0 || errno == EINTR;
	pthread_setcancelstate(old, NULL);
	sleeps += 10;
	pthread_testcancel();
	return arg;
}

/* Once it ends, nothing interrupts its handlers. */
static void sleep_well(void *arg)
{
	struct timespec moment = {.tv_nsec = 1000000};

	(void)arg;
	runs = nanosleep(&moment, NULL) == 0 ? 1 : -1;
}

static void *sleeping_at_the_end(void *arg)
{
	pthread_cleanup_push(sleep_well, NULL);
	wait_until_asked();
	pause();
	pthread_cleanup_pop(0);
	return arg;
}

static void *by_itself(void *arg)
{
	pthread_cancel(pthread_self());
	runs = 7;
	pthread_testcancel();
	runs = 8;
	return arg;
}

static void *ends(void *arg)
{
	wait_until_asked();
	return arg;
}

static sem_t posts;

static void *masked(void *arg)
{
	int old, fd;

	pthread_setcancelstate(2 /* PTHREAD_CANCEL_MASKED, musl's */, &old);
	wait_until_asked();
	fd = open("/dev/null", O_RDONLY);
	runs = fd == -1 && errno == ECANCELED;
	fd = open("/dev/null", O_RDONLY);
	runs += fd >= 0 && close(fd) == 0;
	return arg;
}

static void *cancel(void *(*function)(void *))
{
	pthread_t thread;
	void *result = NULL;

	begun = asked = runs = 0;
	need(pthread_create(&thread, NULL, function, &begun) == 0);
	while (!begun)
		sched_yield();
	need(pthread_cancel(thread) == 0);
	asked = 1;
	need(pthread_join(thread, &result) == 0);
	return result;
}

static void *never_asks(void *arg)
{
	begun = 1;
	while (!asked)
		sched_yield();
	return arg;
}

/* More often than signals are queued. */
static void cancel_again_and_again(void)
{
	pthread_t thread;
	int fine = 1;

	asked = begun = 0;
	need(pthread_create(&thread, NULL, never_asks, &begun) == 0);
	while (!begun)
		sched_yield();
	for (int i = 0; i < 40000; i++)
		fine &= pthread_cancel(thread) == 0;
	asked = 1;
	need(pthread_join(thread, NULL) == 0);
	ok(fine, "it is asked 40,000 times");
}

int main(void)
{
	pthread_t thread;
	void *result;
	int old;

	need(sem_init(&posts, 0, 0) == 0);
	need(pthread_key_create(&key, note_value) == 0);
	ok(cancel(with_handlers) == PTHREAD_CANCELED, "cancelled");
	ok(first == 1 && second == 2, "handlers: the last pushed first");
	ok(value_left == 3, "then the destructors of its values");
	ok(cancel(disabled) == PTHREAD_CANCELED, "held back, then not");
	ok(sleeps == 13, "it slept as if nothing were");
	ok(cancel(sleeping_at_the_end) == PTHREAD_CANCELED && runs == 1,
	   "a handler sleeps undisturbed");
	need(pthread_create(&thread, NULL, by_itself, NULL) == 0);
	need(pthread_join(thread, &result) == 0);
	ok(result == PTHREAD_CANCELED && runs == 7, "a thread by itself");
	ok(cancel(ends) == &begun, "one that comes to no point just ends");
	ok(cancel(masked) == &begun && runs == 2, "masked: ECANCELED, once");
	cancel_again_and_again();
	ok(pthread_setcancelstate(3, &old) == EINVAL, "no such state");
	ok(pthread_setcanceltype(2, &old) == EINVAL, "no such type");
	return done();
}

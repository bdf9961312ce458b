// SPDX-License-Identifier: BSD-3-Clause
/*
 * Cancellation: a thread that sleeps, or comes to a point, ends there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static atomic_int begun, cleaned;
static sem_t never;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void *in_nanosleep(void *arg)
{
	struct timespec day = {.tv_sec = 86400};

	begun = 1;
	nanosleep(&day, NULL);
	return arg;
}

static void *in_pause(void *arg)
{
	begun = 1;
	pause();
	return arg;
}

static void *in_poll(void *arg)
{
	begun = 1;
	poll(NULL, 0, -1);
	return arg;
}

static void *in_sem_wait(void *arg)
{
	begun = 1;
	while (sem_wait(&never) < 0)
		;
	return arg;
}

static void *in_sigwait(void *arg)
{
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	begun = 1;
	sigwait(&set, &got);
	return arg;
}

static void unlock(void *arg)
{
	cleaned += pthread_mutex_unlock(arg) == 0;
}

static void *in_cond_wait(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, &lock);
	begun = 1;
	for (;;)
		pthread_cond_wait(&cond, &lock);
	pthread_cleanup_pop(1);
	return arg;
}

static void *sleep_in_join(void *arg)
{
	pthread_t *thread = arg;

	begun = 1;
	pthread_join(*thread, NULL);
	return arg;
}

static void *at_a_call(void *arg)
{
	(void)arg;
	begun = 1;
	for (;;)
		close(open("/dev/null", O_RDONLY));
	return NULL;
}

static void *at_testcancel(void *arg)
{
	(void)arg;
	begun = 1;
	for (;;) {
		pthread_testcancel();
		sched_yield();
	}
	return NULL;
}

static int is_cancelled(void *(*function)(void *), void *arg)
{
	pthread_t thread;
	void *result = NULL;

	begun = 0;
	need(pthread_create(&thread, NULL, function, arg) == 0);
	while (!begun)
		sched_yield();
	need(pthread_cancel(thread) == 0);
	need(pthread_join(thread, &result) == 0);
	return result == PTHREAD_CANCELED;
}

int main(void)
{
	pthread_t sleeper;

	need(sem_init(&never, 0, 0) == 0);
	ok(is_cancelled(in_nanosleep, NULL), "nanosleep");
	ok(is_cancelled(in_pause, NULL), "pause");
	ok(is_cancelled(in_poll, NULL), "poll");
	ok(is_cancelled(in_sem_wait, NULL), "sem_wait");
	ok(is_cancelled(in_sigwait, NULL), "sigwait");
	ok(is_cancelled(in_cond_wait, NULL), "pthread_cond_wait");
	ok(cleaned == 1, "with the mutex held in its handler");
	ok(is_cancelled(at_a_call, NULL), "a call that does not sleep");
	ok(is_cancelled(at_testcancel, NULL), "pthread_testcancel");
	need(pthread_create(&sleeper, NULL, in_pause, NULL) == 0);
	ok(is_cancelled(sleep_in_join, &sleeper), "pthread_join");
	need(pthread_cancel(sleeper) == 0);
	ok(pthread_join(sleeper, NULL) == 0, "whose thread is not joined");
	return done();
}

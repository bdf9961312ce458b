// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals for the process that the thread which was told of them does not take
 * after all: another one that waits for them has to be told.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tap.h"

enum { ROUNDS = 50 };

static sigset_t both, second;
static sem_t taken, go_on;
static atomic_int seconds;

/* Takes one of two that may wait, and turns to something else. */
static void *take_one(void *arg)
{
	int signal;

	(void)arg;
	need(sigwait(&both, &signal) == 0);
	if (signal == SIGUSR2)
		seconds++;
	sem_post(&taken);
	sem_wait(&go_on);
	return NULL;
}

static void *take_second(void *arg)
{
	int signal;

	(void)arg;
	need(sigwait(&second, &signal) == 0);
	if (signal == SIGUSR2)
		seconds++;
	sem_post(&taken);
	return NULL;
}

static void once(void)
{
	pthread_t first_thread, second_thread;

	need(pthread_create(&first_thread, NULL, take_one, NULL) == 0);
	need(pthread_create(&second_thread, NULL, take_second, NULL) == 0);
	usleep(1000); /* they are likely to wait by now, and need not */
	need(kill(getpid(), SIGUSR1) == 0);
	need(kill(getpid(), SIGUSR2) == 0);
	sem_wait(&taken);
	sem_wait(&taken);
	sem_post(&go_on);
	need(pthread_join(first_thread, NULL) == 0);
	need(pthread_join(second_thread, NULL) == 0);
}

int main(void)
{
	sigemptyset(&second);
	sigaddset(&second, SIGUSR2);
	both = second;
	sigaddset(&both, SIGUSR1);
	need(sigprocmask(SIG_BLOCK, &both, NULL) == 0);
	need(sem_init(&taken, 0, 0) == 0 && sem_init(&go_on, 0, 0) == 0);
	for (int i = 0; i < ROUNDS; i++)
		once();
	ok(seconds == ROUNDS, "each was taken");
	return done();
}

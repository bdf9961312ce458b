// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals and threads: whose mask, who gets what is for the process.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tap.h"

static atomic_int taken, release;
static pthread_t taker;
static sem_t ready;

static void note(int signal)
{
	(void)signal;
	taker = pthread_self();
	taken++;
}

static void set_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	need(pthread_sigmask(how, &set, NULL) == 0);
}

static int masked(void)
{
	sigset_t set;

	need(pthread_sigmask(SIG_BLOCK, NULL, &set) == 0);
	return sigismember(&set, SIGUSR1);
}

/* (arg): block it. Waits in calls that a signal does not end. */
static void *live(void *arg)
{
	long inherited = masked();

	set_mask(arg != NULL ? SIG_BLOCK : SIG_UNBLOCK);
	sem_post(&ready);
	while (!release)
		sched_yield();
	return (void *)inherited;
}

static pthread_t start(int blocks)
{
	pthread_t thread;

	release = 0;
	need(pthread_create(&thread, NULL, live, blocks ? &ready : NULL) == 0);
	while (sem_wait(&ready) < 0)
		;
	return thread;
}

static long join(pthread_t thread)
{
	void *result;

	release = 1;
	need(pthread_join(thread, &result) == 0);
	return (long)result;
}

static void to_a_thread(void)
{
	pthread_t thread = start(0);

	taken = 0;
	ok(pthread_kill(thread, SIGUSR1) == 0, "pthread_kill");
	while (!taken)
		sched_yield();
	ok(pthread_equal(taker, thread), "its handler runs in the thread");
	ok(pthread_kill(thread, 0) == 0, "signal 0 only asks");
	ok(pthread_kill(thread, 65) == EINVAL, "a number too large");
	join(thread);
}

static void to_the_process(void)
{
	pthread_t other;

	set_mask(SIG_BLOCK);
	other = start(0);
	taken = 0;
	kill(getpid(), SIGUSR1);
	while (!taken)
		sched_yield();
	ok(pthread_equal(taker, other), "who does not block it gets it");
	ok(join(other) == 1, "a thread begins with its creator's mask");
	set_mask(SIG_UNBLOCK);
	other = start(1);
	taken = 0;
	kill(getpid(), SIGUSR1);
	ok(taken == 1 && pthread_equal(taker, pthread_self()),
	   "the caller, at once");
	join(other);
}

static void waiting(void)
{
	pthread_t other;
	sigset_t set;

	set_mask(SIG_BLOCK);
	other = start(1);
	taken = 0;
	kill(getpid(), SIGUSR1);
	pthread_kill(other, SIGUSR1);
	need(sigpending(&set) == 0);
	ok(taken == 0 && sigismember(&set, SIGUSR1),
	   "it waits where all threads block it");
	set_mask(SIG_UNBLOCK);
	ok(taken == 1, "and comes where one does no more");
	need(sigpending(&set) == 0);
	ok(!sigismember(&set, SIGUSR1), "another thread's is not seen here");
	join(other);
}

int main(void)
{
	struct sigaction action = {.sa_handler = note};

	need(sem_init(&ready, 0, 0) == 0);
	need(sigaction(SIGUSR1, &action, NULL) == 0);
	to_a_thread();
	to_the_process();
	waiting();
	return done();
}

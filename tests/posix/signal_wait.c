// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for signals: sigsuspend, pause, sigwait, sigtimedwait.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static volatile sig_atomic_t runs, blocked_inside;
static sigset_t usr1;

static void note(int signal)
{
	sigset_t now;

	(void)signal;
	runs++;
	sigprocmask(SIG_BLOCK, NULL, &now);
	blocked_inside = sigismember(&now, SIGUSR2);
}

static int is_blocked(int signal)
{
	sigset_t now;

	need(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	return sigismember(&now, signal);
}

static void suspending(void)
{
	sigset_t mask;

	need(sigprocmask(SIG_BLOCK, &usr1, NULL) == 0);
	raise(SIGUSR1);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	fails(sigsuspend(&mask), EINTR, "sigsuspend ends after a handler");
	ok(runs == 1 && blocked_inside, "which ran with sigsuspend's mask");
	ok(is_blocked(SIGUSR1) && !is_blocked(SIGUSR2),
	   "and the mask before is back");
}

static atomic_int stop;
static pthread_t main_thread;

/* Send it until it is seen: nobody knows when the other sleeps. */
static void *send(void *arg)
{
	while (!stop) {
		pthread_kill(main_thread, (int)(long)arg);
		sched_yield();
	}
	return NULL;
}

static pthread_t start_sending(int signal)
{
	pthread_t thread;

	stop = 0;
	need(pthread_create(&thread, NULL, send, (void *)(long)signal) == 0);
	return thread;
}

static void stop_sending(pthread_t thread)
{
	stop = 1;
	need(pthread_join(thread, NULL) == 0);
}

static void asleep(void)
{
	struct timespec day = {.tv_sec = 86400}, left = {0};
	pthread_t sender;
	sigset_t mask;

	need(sigprocmask(SIG_UNBLOCK, &usr1, NULL) == 0);
	sender = start_sending(SIGUSR1);
	fails(pause(), EINTR, "pause ends after a handler");
	fails(nanosleep(&day, &left), EINTR, "nanosleep too");
	ok(left.tv_sec > 80000 && left.tv_sec <= 86400,
	   "and says what is left");
	left.tv_sec = 5;
	need(clock_gettime(CLOCK_MONOTONIC, &day) == 0);
	day.tv_sec += 86400;
	ok(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &day, &left) ==
			   EINTR &&
		   left.tv_sec == 5,
	   "a sleep until a time says nothing of the rest");
	stop_sending(sender);
	need(sigprocmask(SIG_BLOCK, &usr1, NULL) == 0);
	sender = start_sending(SIGUSR1);
	sigemptyset(&mask);
	fails(sigsuspend(&mask), EINTR, "sigsuspend, asleep");
	stop_sending(sender);
	sigtimedwait(&usr1, NULL, &(struct timespec){0});
}

static void taking(void)
{
	struct timespec none = {0}, bad = {.tv_nsec = 1000000000};
	siginfo_t info;
	pthread_t sender;
	int got, before = runs;

	fails(sigtimedwait(&usr1, &info, &none), EAGAIN,
	      "sigtimedwait: nothing there");
	fails(sigtimedwait(&usr1, &info, &bad), EINVAL, "a bad time");
	fails(sigtimedwait(&usr1, &info, &(struct timespec){.tv_nsec = 1000}),
	      EAGAIN, "nothing came");
	kill(getpid(), SIGUSR1);
	ok(sigwaitinfo(&usr1, &info) == SIGUSR1 && info.si_code == SI_USER &&
		   info.si_pid == getpid(),
	   "sigwaitinfo takes what waits");
	raise(SIGUSR1);
	ok(sigwait(&usr1, &got) == 0 && got == SIGUSR1, "sigwait too");
	sender = start_sending(SIGUSR1);
	ok(sigwaitinfo(&usr1, NULL) == SIGUSR1, "or waits for it");
	stop_sending(sender);
	sigtimedwait(&usr1, NULL, &none);
	ok(runs == before, "no handler ran");
	sender = start_sending(SIGUSR2);
	fails(syscall(SYS_rt_sigtimedwait, &usr1, NULL, NULL, 8), EINTR,
	      "another one's handler ends it");
	stop_sending(sender);
}

/* Everybody blocks it: whoever waits for it gets it. */
static void *wait_for_it(void *arg)
{
	int got = 0;

	(void)arg;
	sigwait(&usr1, &got);
	return (void *)(long)got;
}

static void by_another_thread(void)
{
	pthread_t thread;
	void *got;

	need(pthread_create(&thread, NULL, wait_for_it, NULL) == 0);
	kill(getpid(), SIGUSR1);
	need(pthread_join(thread, &got) == 0);
	ok((long)got == SIGUSR1, "a signal for the process, in any thread");
}

int main(void)
{
	struct sigaction action = {.sa_handler = note};

	main_thread = pthread_self();
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	need(sigaction(SIGUSR1, &action, NULL) == 0);
	need(sigaction(SIGUSR2, &action, NULL) == 0);
	suspending();
	asleep();
	taking();
	by_another_thread();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * clock_nanosleep(2): which clocks there are to sleep by, and sleeping by CPU
 * time, which passes while another thread computes.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "answers.h"

static volatile int stop;

static void *compute(void *arg)
{
	while (!stop)
		;
	return arg;
}

static int64_t now(clockid_t clock)
{
	struct timespec time;

	need(clock_gettime(clock, &time) == 0);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

static long sleep_by(long clock, int flags, int64_t ns, struct timespec *left)
{
	struct timespec time = {ns / 1000000000, ns % 1000000000};

	return syscall(SYS_clock_nanosleep, clock, flags, &time, left);
}

static void clocks(void)
{
	answers(sleep_by(CLOCK_REALTIME, 0, 1, NULL), 0, "CLOCK_REALTIME");
	answers(sleep_by(CLOCK_MONOTONIC, 0, 1, NULL), 0, "CLOCK_MONOTONIC");
	answers(sleep_by(CLOCK_BOOTTIME, 0, 1, NULL), 0, "CLOCK_BOOTTIME");
	answers(sleep_by(CLOCK_TAI, 0, 1, NULL), 0, "CLOCK_TAI");
	answers(sleep_by(CLOCK_MONOTONIC_RAW, 0, 1, NULL), EOPNOTSUPP,
		"CLOCK_MONOTONIC_RAW");
	answers(sleep_by(CLOCK_REALTIME_COARSE, 0, 1, NULL), EOPNOTSUPP,
		"CLOCK_REALTIME_COARSE");
	answers(sleep_by(CLOCK_MONOTONIC_COARSE, 0, 1, NULL), EOPNOTSUPP,
		"CLOCK_MONOTONIC_COARSE");
	answers(sleep_by(CLOCK_THREAD_CPUTIME_ID, 0, 1, NULL), EOPNOTSUPP,
		"CLOCK_THREAD_CPUTIME_ID");
	answers(sleep_by(99, 0, 1, NULL), EINVAL, "a clock nobody knows");
	answers(sleep_by(-1, 0, 1, NULL), EINVAL, "nor this");
	answers(sleep_by(CLOCK_MONOTONIC, 0, -1, NULL), EINVAL,
		"a negative time");
	answers(sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, -1, NULL), EINVAL,
		"by CPU time too");
	ok(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0},
			   NULL) == EINVAL,
	   "the C library's answer for one's own");
}

static void settings(void)
{
	struct timespec time = {1, 0};

	answers(clock_settime(CLOCK_MONOTONIC, &time), EINVAL,
		"CLOCK_MONOTONIC is not set");
	answers(clock_settime(CLOCK_PROCESS_CPUTIME_ID, &time), EINVAL,
		"nor is CPU time");
	answers(clock_settime(99, &time), EINVAL, "nor what is no clock");
}

static void process(void)
{
	int64_t before = now(CLOCK_PROCESS_CPUTIME_ID);

	ok(sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, 30000000, NULL) == 0,
	   "sleeps for 30 ms of the process's CPU time");
	ok(now(CLOCK_PROCESS_CPUTIME_ID) - before >= 30000000, "no less");
	before = now(CLOCK_PROCESS_CPUTIME_ID);
	ok(sleep_by(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, before + 20000000,
		    NULL) == 0 &&
		   now(CLOCK_PROCESS_CPUTIME_ID) - before >= 20000000,
	   "until a time of it");
	ok(sleep_by(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, 1, NULL) == 0,
	   "that has passed");
	ok(sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, 0, NULL) == 0, "for none");
}

static void thread(pthread_t other)
{
	clockid_t clock, own;
	int64_t before;

	need(pthread_getcpuclockid(other, &clock) == 0);
	need(pthread_getcpuclockid(pthread_self(), &own) == 0);
	before = now(clock);
	ok(sleep_by(clock, 0, 10000000, NULL) == 0 &&
		   now(clock) - before >= 10000000,
	   "sleeps by another thread's CPU time");
	answers(sleep_by(own, 0, 1, NULL), EINVAL, "not by one's own");
}

static void handle(int signal)
{
	(void)signal;
}

/* Nobody computes: the time never comes, and a signal ends the sleep. */
static void interrupted(void)
{
	struct sigaction action = {.sa_handler = handle,
				   .sa_flags = SA_RESTART};
	struct timespec left = {0, 0};

	need(sigaction(SIGALRM, &action, NULL) == 0);
	alarm(1);
	answers(sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, 100000000000, &left),
		EINTR, "a signal ends it");
	ok(left.tv_sec >= 90 && left.tv_sec < 100, "and what is left is told");
}

int main(void)
{
	pthread_t other;

	clocks();
	settings();
	need(pthread_create(&other, NULL, compute, NULL) == 0);
	process();
	thread(other);
	stop = 1;
	need(pthread_join(other, NULL) == 0);
	interrupted();
	return done();
}

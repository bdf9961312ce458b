// SPDX-License-Identifier: BSD-3-Clause
/*
 * Scheduling policies and nice values, as a user may set them: by the system
 * calls, which musl's own functions refuse to make.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

enum { NOBODY = 0x3fffffff };

static long set(int tid, int policy, int priority)
{
	return syscall(SYS_sched_setscheduler, tid, policy, &priority);
}

static long get(int tid)
{
	return syscall(SYS_sched_getscheduler, tid);
}

static void policies(void)
{
	int priority = -1;

	ok(get(0) == SCHED_OTHER, "at first it is the usual policy");
	ok(syscall(SYS_sched_getparam, 0, &priority) == 0 && priority == 0,
	   "which has no priority");
	ok(set(0, SCHED_BATCH, 0) == 0 && get(getpid()) == SCHED_BATCH,
	   "batch");
	ok(set(getpid(), SCHED_IDLE, 0) == 0 && get(0) == SCHED_IDLE, "idle");
	ok(set(0, SCHED_OTHER, 0) == 0 || errno == EPERM, "and back");
	ok(set(0, SCHED_BATCH | SCHED_RESET_ON_FORK, 0) == 0 &&
		   get(0) == (SCHED_BATCH | SCHED_RESET_ON_FORK),
	   "with a flag");
	priority = 0;
	ok(syscall(SYS_sched_setparam, 0, &priority) == 0, "the only priority");
}

static void real_time(void)
{
	ok(sched_get_priority_min(SCHED_FIFO) == 1 &&
		   sched_get_priority_max(SCHED_FIFO) == 99,
	   "priorities of first come, first served");
	ok(sched_get_priority_min(SCHED_RR) == 1 &&
		   sched_get_priority_max(SCHED_RR) == 99,
	   "of taking turns");
	ok(sched_get_priority_min(SCHED_OTHER) == 0 &&
		   sched_get_priority_max(SCHED_IDLE) == 0,
	   "of the others");
	fails(sched_get_priority_max(42), EINVAL, "of what is none");
	ok(set(0, SCHED_FIFO, 1) == 0 || errno == EPERM,
	   "real time, for who may");
	fails(set(0, SCHED_FIFO, 0), EINVAL, "real time without a priority");
	fails(set(0, SCHED_RR, 100), EINVAL, "or with too high a one");
}

static void errors(void)
{
	struct timespec interval = {-1, -1};
	int priority = 0;

	fails(set(0, SCHED_OTHER, 1), EINVAL, "a priority where there is none");
	fails(set(0, 42, 0), EINVAL, "no such policy");
	fails(set(-1, SCHED_OTHER, 0), EINVAL, "a number below 0");
	fails(set(NOBODY, SCHED_OTHER, 0), ESRCH, "nobody");
	fails(get(NOBODY), ESRCH, "nobody's policy");
	fails(get(-1), EINVAL, "whose is it");
	fails(syscall(SYS_sched_setscheduler, 0, 0, NULL), EINVAL,
	      "no priority");
	fails(syscall(SYS_sched_getparam, NOBODY, &priority), ESRCH,
	      "nobody's priority");
	ok(sched_rr_get_interval(0, &interval) == 0 && interval.tv_sec >= 0 &&
		   interval.tv_nsec >= 0,
	   "a slice of time");
	fails(sched_rr_get_interval(NOBODY, &interval), ESRCH, "nobody's");
}

static void *threads_policy(void *arg)
{
	struct sched_param param = {0};
	int policy = -1;

	ok(pthread_getschedparam(pthread_self(), &policy, &param) == 0 &&
		   policy == SCHED_BATCH && param.sched_priority == 0,
	   "a thread inherits a policy");
	return arg;
}

static void threads(void)
{
	struct sched_param param = {.sched_priority = 1};
	pthread_t thread;

	need(set(0, SCHED_BATCH, 0) == 0);
	need(pthread_create(&thread, NULL, threads_policy, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(pthread_setschedparam(pthread_self(), SCHED_OTHER, &param) == EINVAL,
	   "a priority that it has not");
	param.sched_priority = 0;
	ok(pthread_setschedparam(pthread_self(), SCHED_BATCH, &param) == 0,
	   "a policy of one's own");
}

static void *look(void *arg)
{
	int *found = arg;

	found[0] = (int)get(0);
	syscall(SYS_sched_getparam, 0, &found[1]);
	return NULL;
}

/* A new thread does not get what only its maker is to have. */
static void reset(void)
{
	int found[2] = {-1, -1};
	pthread_t thread;

	need(set(0, SCHED_BATCH | SCHED_RESET_ON_FORK, 0) == 0);
	need(pthread_create(&thread, NULL, look, found) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(found[0] == SCHED_BATCH, "a thread is not asked to reset as well");
	if (set(0, SCHED_RR | SCHED_RESET_ON_FORK, 5) == 0) {
		need(pthread_create(&thread, NULL, look, found) == 0);
		need(pthread_join(thread, NULL) == 0);
	} else {
		found[0] = SCHED_OTHER; /* nobody may do so */
		found[1] = 0;
	}
	ok(found[0] == SCHED_OTHER && found[1] == 0,
	   "and has no real time by it");
	need(set(0, SCHED_OTHER, 0) == 0);
}

static void niceness(void)
{
	int first;

	errno = 0;
	first = getpriority(PRIO_PROCESS, 0);
	ok(first <= 10 && errno == 0, "not very nice at first");
	ok(setpriority(PRIO_PROCESS, 0, first + 5) == 0 &&
		   getpriority(PRIO_PROCESS, 0) == first + 5,
	   "nice");
	ok(nice(3) == first + 8 &&
		   getpriority(PRIO_PROCESS, getpid()) == first + 8,
	   "nicer");
	ok(setpriority(PRIO_PROCESS, 0, 100) == 0 &&
		   getpriority(PRIO_PROCESS, 0) == 19,
	   "there is a limit to it");
	ok(setpriority(PRIO_PROCESS, 0, 18) == 0 || errno == EACCES,
	   "less nice, for who may");
	fails(getpriority(3, 0), EINVAL, "nice to what");
	fails(setpriority(PRIO_PROCESS, NOBODY, 1), ESRCH, "nobody is nice");
	errno = 0;
	ok(getpriority(PRIO_PGRP, 0) >= -20 && errno == 0, "a group");
}

int main(void)
{
	policies();
	real_time();
	errors();
	threads();
	reset();
	niceness();
	return done();
}

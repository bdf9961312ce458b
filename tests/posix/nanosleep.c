// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sleeping takes at least as long as asked for, by the monotonic clock, in
 * all its variants; bad times are refused.
 */
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define SECOND 1000000000LL
#define MS     1000000LL

static long long now(void)
{
	struct timespec ts;

	need(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static struct timespec span(long long ns)
{
	return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static int sleeps(clockid_t clock, int flags, long long ns)
{
	struct timespec ts = span(ns);

	return clock_nanosleep(clock, flags, &ts, NULL);
}

static void relative(void)
{
	struct timespec ts = span(20 * MS);
	long long start = now();

	ok(nanosleep(&ts, NULL) == 0 && now() - start >= 20 * MS, "nanosleep");
	start = now();
	ok(usleep(5000) == 0 && now() - start >= 5 * MS, "usleep");
	start = now();
	ok(sleeps(CLOCK_MONOTONIC, 0, 5 * MS) == 0 && now() - start >= 5 * MS,
	   "clock_nanosleep, monotonic");
	start = now();
	ok(sleeps(CLOCK_REALTIME, 0, 5 * MS) == 0 && now() - start >= 5 * MS,
	   "clock_nanosleep, real time");
	ok(sleep(0) == 0, "sleep(0)");
}

static void absolute(void)
{
	long long start = now();

	ok(sleeps(CLOCK_MONOTONIC, TIMER_ABSTIME, start + 10 * MS) == 0 &&
		   now() >= start + 10 * MS,
	   "until a time");
	start = now();
	ok(sleeps(CLOCK_MONOTONIC, TIMER_ABSTIME, 1) == 0 &&
		   now() - start < SECOND / 2,
	   "a past one does not wait");
}

static void many_short(void)
{
	struct timespec tiny = span(1000), zero = span(0);
	long long start = now();
	int done_all = 1;

	for (int i = 0; i < 50; i++)
		done_all &= nanosleep(&tiny, NULL) == 0;
	ok(done_all && now() - start >= 50000, "50 times a microsecond");
	ok(nanosleep(&zero, NULL) == 0, "not at all");
}

static void errors(void)
{
	struct timespec bad = {.tv_sec = 0, .tv_nsec = SECOND};
	struct timespec negative = {.tv_sec = -1};
	struct timespec below = {.tv_sec = 0, .tv_nsec = -1};

	fails(nanosleep(&bad, NULL), EINVAL, "too many nanoseconds");
	fails(nanosleep(&negative, NULL), EINVAL, "a negative time");
	fails(nanosleep(&below, NULL), EINVAL, "negative nanoseconds");
	ok(sleeps(9999, 0, 1) == EINVAL, "an unknown clock");
	ok(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL) == EINVAL,
	   "clock_nanosleep of too many nanoseconds");
}

static void other_clocks(void)
{
	struct timespec time = {0, 1};

	ok(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &time, NULL) == EOPNOTSUPP,
	   "CLOCK_MONOTONIC_RAW is not slept by");
	ok(clock_nanosleep(CLOCK_REALTIME_COARSE, 0, &time, NULL) == EOPNOTSUPP,
	   "nor are the coarse ones");
}

int main(void)
{
	relative();
	absolute();
	many_short();
	errors();
	other_clocks();
	return done();
}

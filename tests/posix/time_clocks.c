// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks: the monotonic one never goes back, the real-time one is plausible
 * and agrees with time() and gettimeofday(), processor time grows with work.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "tap.h"

#define SECOND 1000000000LL

static long long now(clockid_t clock)
{
	struct timespec ts;

	need(clock_gettime(clock, &ts) == 0);
	need(ts.tv_nsec >= 0 && ts.tv_nsec < SECOND);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static void monotonic(clockid_t clock, const char *what)
{
	long long start = now(clock), last = start;
	int back = 0;

	for (int i = 0; i < 20000 || last == start; i++) {
		long long next = now(clock);

		back += next < last;
		last = next;
	}
	ok(back == 0 && last > start, what);
}

static void realtime(void)
{
	struct timeval tv;
	long long first, second, third;

	first = now(CLOCK_REALTIME);
	need(gettimeofday(&tv, NULL) == 0);
	second = tv.tv_sec * SECOND + tv.tv_usec * 1000LL;
	third = now(CLOCK_REALTIME);
	ok(first / SECOND > 1704067200, "it is after 2023");
	ok(first / SECOND < 4102444800, "and before 2100");
	ok(second >= first / 1000 * 1000 && second <= third,
	   "gettimeofday agrees");
	first = now(CLOCK_REALTIME) / SECOND;
	second = time(NULL);
	third = now(CLOCK_REALTIME) / SECOND;
	ok(second >= first - 1 && second <= third, "time agrees");
	first = now(CLOCK_REALTIME_COARSE);
	third = now(CLOCK_REALTIME);
	ok(third - first >= 0 && third - first < SECOND,
	   "the coarse clock is near");
}

static void resolution(void)
{
	struct timespec ts;

	ok(clock_getres(CLOCK_REALTIME, &ts) == 0 && ts.tv_sec == 0 &&
		   ts.tv_nsec >= 1 && ts.tv_nsec <= 10000000,
	   "resolution of the real-time clock");
	ok(clock_getres(CLOCK_MONOTONIC, &ts) == 0 && ts.tv_sec == 0 &&
		   ts.tv_nsec >= 1 && ts.tv_nsec <= 10000000,
	   "of the monotonic clock");
	ok(clock_getres(CLOCK_MONOTONIC, NULL) == 0, "it need not be told");
	fails(clock_getres(9999, &ts), EINVAL, "of an unknown clock");
}

static void processor_time(void)
{
	long long start = now(CLOCK_PROCESS_CPUTIME_ID);
	long long wall = now(CLOCK_MONOTONIC);
	volatile unsigned work = 0;
	struct rusage usage;
	struct tms tms;

	while (now(CLOCK_PROCESS_CPUTIME_ID) - start < SECOND / 100)
		work++;
	ok(now(CLOCK_MONOTONIC) - wall > SECOND / 1000, "work takes time");
	ok(now(CLOCK_THREAD_CPUTIME_ID) > 0, "a thread has its own");
	ok(clock() >= CLOCKS_PER_SEC / 200, "clock() tells it");
	ok(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_sec >= 0 &&
		   usage.ru_utime.tv_usec < 1000000,
	   "getrusage");
	ok(times(&tms) != -1 && tms.tms_cutime == 0, "times");
	fails(getrusage(99, &usage), EINVAL, "usage of whom?");
}

static void errors(void)
{
	struct timespec ts = {.tv_nsec = SECOND};

	fails(clock_gettime(9999, &ts), EINVAL, "an unknown clock");
	fails(clock_settime(CLOCK_MONOTONIC, &ts), EINVAL,
	      "the monotonic clock is not set");
}

int main(void)
{
	monotonic(CLOCK_MONOTONIC, "the monotonic clock goes forward");
	monotonic(CLOCK_MONOTONIC_RAW, "so does the raw one");
	monotonic(CLOCK_BOOTTIME, "and the boot time");
	realtime();
	resolution();
	processor_time();
	errors();
	return done();
}

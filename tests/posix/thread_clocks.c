// SPDX-License-Identifier: BSD-3-Clause
/*
 * CPU time: a thread's, another's, the process's; the clocks that tell it, and
 * what getrusage(2) and times(2) say.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { MS = 1000000 };

static volatile int begun, stop;
static volatile long long seen; /* the process's clock, from a thread */

static long long ns_of(clockid_t clock)
{
	struct timespec time;

	need(clock_gettime(clock, &time) == 0);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void compute_for(long long ns)
{
	long long end = ns_of(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (ns_of(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

static void *compute(void *arg)
{
	long long end = ns_of(CLOCK_PROCESS_CPUTIME_ID) + 20 * MS;

	compute_for(20 * MS);
	do
		seen = ns_of(CLOCK_PROCESS_CPUTIME_ID);
	while (seen < end);
	begun = 1;
	while (!stop)
		sched_yield();
	return arg;
}

static void clocks(void)
{
	clockid_t clock, process;
	pthread_t thread;
	long long before;

	need(pthread_create(&thread, NULL, compute, NULL) == 0);
	need(pthread_getcpuclockid(thread, &clock) == 0);
	while (!begun)
		usleep(1000);
	ok(ns_of(clock) >= 20 * MS, "another thread's clock has what it used");
	before = ns_of(CLOCK_PROCESS_CPUTIME_ID);
	ok(before >= seen, "the process's is the same for all");
	need(clock_getcpuclockid(0, &process) == 0);
	ok(ns_of(process) >= before, "by its number, too");
	need(clock_getcpuclockid(getpid(), &process) == 0);
	ok(ns_of(process) >= before, "and by the process's");
	stop = 1;
	need(pthread_join(thread, NULL) == 0);
	need(pthread_getcpuclockid(pthread_self(), &clock) == 0);
	before = ns_of(clock);
	compute_for(5 * MS);
	ok(ns_of(clock) - before >= 5 * MS, "one's own by its number");
}

static void bad_clocks(void)
{
	struct timespec time;
	clockid_t clock;

	fails(clock_gettime((clockid_t)(~0x1ffffffu << 3 | 6), &time), EINVAL,
	      "nobody's clock");
	fails(clock_gettime(-1, &time), EINVAL, "no such time");
	ok(clock_getcpuclockid(0x1ffffff, &clock) != 0,
	   "no such process's clock");
}

static long long us_of(const struct rusage *usage)
{
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000ll +
	       usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

static void usage(void)
{
	struct rusage self, thread, children;
	struct tms tms;

	compute_for(30 * MS);
	need(getrusage(RUSAGE_SELF, &self) == 0);
	need(getrusage(RUSAGE_THREAD, &thread) == 0);
	need(getrusage(RUSAGE_CHILDREN, &children) == 0);
	ok(us_of(&thread) >= 15000, "getrusage: the thread's");
	ok(us_of(&self) > 0, "getrusage: the process's");
	ok(self.ru_maxrss > 0, "getrusage: memory");
	ok(us_of(&children) == 0, "getrusage: no children");
	fails(getrusage(2, &self), EINVAL, "nobody's usage");
	ok(times(&tms) != (clock_t)-1 && tms.tms_utime + tms.tms_stime >= 0,
	   "times");
	ok(tms.tms_cutime == 0 && tms.tms_cstime == 0, "times: no children");
	ok(clock() > 0, "clock");
}

int main(void)
{
	clocks();
	bad_clocks();
	usage();
	return done();
}

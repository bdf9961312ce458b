// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which CPUs there are, which a thread may use, where it runs; and barriers
 * that all of them meet.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

enum { NOBODY = 0x3fffffff };

static cpu_set_t all;

static void counts(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	ok(online >= 1, "there is a CPU");
	ok(sysconf(_SC_NPROCESSORS_CONF) >= online, "all that run are there");
	ok(sched_getaffinity(0, sizeof(all), &all) == 0 && CPU_COUNT(&all) >= 1,
	   "one may use some");
}

static void where(void)
{
	unsigned cpu = ~0u, node = ~0u;

	ok(sched_getcpu() >= 0 && CPU_ISSET(sched_getcpu(), &all),
	   "and runs on one of them");
	ok(syscall(SYS_getcpu, &cpu, &node, NULL) == 0 && CPU_ISSET(cpu, &all),
	   "getcpu says so too");
	ok(syscall(SYS_getcpu, NULL, NULL, NULL) == 0, "or says nothing");
}

static int first_of(const cpu_set_t *set)
{
	int cpu = 0;

	while (!CPU_ISSET(cpu, set))
		cpu++;
	return cpu;
}

static void *on_each(void *arg)
{
	int right = 1;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		need(sched_setaffinity(0, sizeof(one), &one) == 0);
		for (int i = 0; i < 10; i++) {
			right &= sched_getcpu() == cpu;
			sched_yield();
		}
	}
	ok(right, "a thread runs where it is told to");
	return arg;
}

static void choices(void)
{
	cpu_set_t set;
	pthread_t thread;

	need(pthread_create(&thread, NULL, on_each, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
	need(sched_getaffinity(0, sizeof(set), &set) == 0);
	ok(CPU_EQUAL(&set, &all), "others are not told so");
	CPU_ZERO(&set);
	CPU_SET(first_of(&all), &set);
	ok(pthread_setaffinity_np(pthread_self(), sizeof(set), &set) == 0,
	   "a thread's own choice");
	CPU_ZERO(&set);
	ok(pthread_getaffinity_np(pthread_self(), sizeof(set), &set) == 0 &&
		   CPU_COUNT(&set) == 1 && CPU_ISSET(first_of(&all), &set),
	   "is what it asked for");
	ok(sched_setaffinity(getpid(), sizeof(all), &all) == 0, "all again");
}

/* Of a mask that is shorter than the kernel's, nothing else is read. */
static void short_mask(void)
{
	unsigned char mask[8];
	cpu_set_t set;

	memset(mask, 0xff, sizeof(mask));
	mask[0] = (unsigned char)(1 << first_of(&all));
	if (first_of(&all) >= 8)
		memset(mask, 0xff, sizeof(mask)); /* all there are */
	ok(syscall(SYS_sched_setaffinity, 0, 1, mask) == 0 ||
		   first_of(&all) >= 8,
	   "a short mask");
	need(sched_getaffinity(0, sizeof(set), &set) == 0);
	ok(CPU_COUNT(&set) == 1 || first_of(&all) >= 8, "is that of one CPU");
	memset(mask, 0, sizeof(mask));
	mask[1] = 0xff;
	fails(syscall(SYS_sched_setaffinity, 0, 1, mask), EINVAL,
	      "what is behind it is not");
	memset(mask, 0xff, sizeof(mask));
	fails(syscall(SYS_sched_setaffinity, 0, 0, mask), EINVAL,
	      "and no mask is of no CPU");
	need(sched_setaffinity(0, sizeof(all), &all) == 0);
}

static void errors(void)
{
	cpu_set_t set;
	unsigned long word = 1;

	CPU_ZERO(&set);
	fails(sched_setaffinity(0, sizeof(set), &set), EINVAL, "no CPU at all");
	fails(sched_setaffinity(NOBODY, sizeof(all), &all), ESRCH, "nobody");
	fails(sched_getaffinity(NOBODY, sizeof(set), &set), ESRCH, "nobody's");
	fails(syscall(SYS_sched_getaffinity, 0, 0, &word), EINVAL, "no room");
	fails(syscall(SYS_sched_getaffinity, 0, 7, &word), EINVAL,
	      "room for half a word");
}

static volatile int flag, seen, stop;

static void *watch(void *arg)
{
	while (!stop)
		seen = flag;
	return arg;
}

static void barriers(void)
{
	pthread_t thread;
	long known = syscall(SYS_membarrier, 0, 0, 0);
	int passed = 1;

	ok(known > 0 && known & 1, "barriers for all");
	fails(syscall(SYS_membarrier, 0, 1, 0), EINVAL, "with a flag");
	fails(syscall(SYS_membarrier, 1 << 20, 0, 0), EINVAL, "no such one");
	fails(syscall(SYS_membarrier, 32, 0, 0), EPERM, "not registered");
	ok(syscall(SYS_membarrier, 16, 0, 0) == 0, "registered");
	need(pthread_create(&thread, NULL, watch, NULL) == 0);
	for (int i = 0; i < 20; i++)
		passed &= syscall(SYS_membarrier, 8, 0, 0) == 0;
	stop = 1;
	ok(passed, "a barrier while another thread computes");
	need(pthread_join(thread, NULL) == 0);
	ok(syscall(SYS_membarrier, 1, 0, 0) == 0, "a barrier of everybody");
}

int main(void)
{
	counts();
	where();
	choices();
	short_mask();
	errors();
	barriers();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: threads NAME [MS]: say how many nanoseconds something takes that
 * threads do, in a loop of MS milliseconds (30) or more; on one CPU, or on
 * "two CPUs".
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LEAST_MS     30
#define FIRST_ROUNDS 100

/* futex(2); musl has no header for it. */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

/* Where a linker puts them must not tell: what shares a cache line with what.
 */
static _Alignas(128) pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Alignas(128) volatile long counter;

static void need(int met)
{
	if (!met)
		abort();
}

/* Run (body) in two threads at once, each with (count). */
static void in_two(void *(*body)(void *count), long count)
{
	pthread_t other;

	need(pthread_create(&other, NULL, body, &count) == 0);
	body(&count);
	need(pthread_join(other, NULL) == 0);
}

static void stay_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	need(sched_setaffinity(0, sizeof(one), &one) == 0);
}

static uint32_t turn, players;
static int apart; /* each player on a CPU of its own */

static void *player(void *count)
{
	uint32_t me = __atomic_fetch_add(&players, 1, __ATOMIC_RELAXED) & 1;

	if (apart)
		stay_on(me);
	for (long i = 0; i < *(long *)count / 2; i++) {
		while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != me)
			syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !me, 0);
		__atomic_store_n(&turn, !me, __ATOMIC_RELEASE);
		syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
	}
	return NULL;
}

static void switch_by_futex(long count)
{
	in_two(player, count);
}

static void switch_apart(long count)
{
	apart = 1;
	in_two(player, count);
}

static void *yielder(void *count)
{
	for (long i = 0; i < *(long *)count / 2; i++)
		sched_yield();
	return NULL;
}

static void yield(long count)
{
	in_two(yielder, count);
}

static void *nothing(void *arg)
{
	return arg;
}

static void create_join(long count)
{
	pthread_t thread;

	for (long i = 0; i < count; i++) {
		need(pthread_create(&thread, NULL, nothing, NULL) == 0);
		need(pthread_join(thread, NULL) == 0);
	}
}

static void *locker(void *count)
{
	const long rounds = *(long *)count / 2;

	for (long i = 0; i < rounds; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void lock(long count)
{
	count *= 2;
	locker(&count);
}

static void contend(long count)
{
	in_two(locker, count);
}

static const struct {
	const char *name;
	void (*work)(long count);
} works[] = {
	{"futex", switch_by_futex},   {"yield", yield},
	{"create+join", create_join}, {"mutex", lock},
	{"mutex, two CPUs", contend}, {"futex, two CPUs", switch_apart},
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* Rounds are doubled until they take long enough: (least_ns). */
static double measure(void (*work)(long count), double least_ns)
{
	for (long count = FIRST_ROUNDS;; count *= 2) {
		double start = now_ns(), took;

		work(count);
		took = now_ns() - start;
		if (took >= least_ns)
			return took / count;
	}
}

int main(int argc, char **argv)
{
	double ms = argc > 2 ? atof(argv[2]) : LEAST_MS;

	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (argc < 2 || strcmp(argv[1], works[i].name) != 0)
			continue;
		if (strstr(argv[1], "two CPUs") == NULL)
			stay_on(0);
		printf("%.3f\n", measure(works[i].work, ms * 1e6));
		return EXIT_SUCCESS;
	}
	return EXIT_FAILURE;
}

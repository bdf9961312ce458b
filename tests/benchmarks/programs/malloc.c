// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: malloc NAME: say how many nanoseconds a block takes that is allocated
 * and freed, in a loop of some milliseconds.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEAST_NS     50000000.0
#define FIRST_ROUNDS 1000

enum { BLOCKS = 1024, THREADS = 4 };

static void need(int met)
{
	if (!met)
		abort();
}

/* A block that is written to, which the compiler cannot leave out. */
static void *allocate(size_t size)
{
	char *block = malloc(size);

	need(block != NULL);
	*(volatile char *)block = 1;
	return block;
}

static void pairs_of(size_t size, long count)
{
	for (long i = 0; i < count; i++)
		free(allocate(size));
}

static void small_pairs(long count)
{
	pairs_of(64, count);
}

static void large_pairs(long count)
{
	pairs_of(1 << 20, count);
}

/* Blocks of 16 to 1039 bytes live on average as long as (BLOCKS) others. */
static void *mix(void *arg)
{
	void *blocks[BLOCKS] = {NULL};
	uint32_t random = 1;

	for (long i = 0; i < *(long *)arg; i++) {
		void **block;

		random = random * 1664525 + 1013904223;
		block = &blocks[random >> 22];
		free(*block);
		*block = allocate(16 + (random >> 8) % 1024);
	}
	for (size_t i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	return NULL;
}

static void mixed(long count)
{
	mix(&count);
}

static void mixed_by_threads(long count)
{
	pthread_t threads[THREADS];

	count /= THREADS;
	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, mix, &count) == 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
}

static const struct {
	const char *name;
	void (*work)(long count);
} works[] = {
	{"64 bytes", small_pairs},
	{"16 to 1039 bytes", mixed},
	{"1 MiB", large_pairs},
	{"four threads", mixed_by_threads},
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* Rounds are doubled until they take long enough to be timed. */
static double measure(void (*work)(long count))
{
	for (long count = FIRST_ROUNDS;; count *= 2) {
		double start = now_ns(), took;

		work(count);
		took = now_ns() - start;
		if (took >= LEAST_NS)
			return took / count;
	}
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (argc != 2 || strcmp(argv[1], works[i].name) != 0)
			continue;
		printf("%.3f\n", measure(works[i].work));
		return EXIT_SUCCESS;
	}
	return EXIT_FAILURE;
}

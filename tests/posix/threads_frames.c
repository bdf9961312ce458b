// SPDX-License-Identifier: BSD-3-Clause
/*
 * Small and large frames on the stacks of several threads, that lie in the red
 * zone in part or as a whole: interrupted by other threads and by handlers of
 * signals, they are as they were. Valgrind is to be of the same opinion.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include "tap.h"

enum { THREADS = 4, ROUNDS = 30000 };

/* Calls nothing, so that it has what is below its stack pointer. */
#define LEAF(size)                                                 \
	static __attribute__((noinline)) int leaf_##size(int seed) \
	{                                                          \
		volatile char bytes[size];                         \
                                                                   \
		bytes[0] = seed;                                   \
		bytes[(size)-1] = seed + 1;                        \
		for (volatile int i = 0; i < 5; i++)               \
			;                                          \
		return bytes[0] == (char)seed &&                   \
		       bytes[(size)-1] == (char)(seed + 1);        \
	}

LEAF(40)
LEAF(72)
LEAF(200)
LEAF(1000)

static volatile int caught, wrong;

static int leaves(int seed)
{
	return leaf_40(seed) & leaf_72(seed) & leaf_200(seed) & leaf_1000(seed);
}

static void catch (int signal)
{
	caught++;
	if (!leaves(signal))
		wrong = 1;
}

static void *use(void *arg)
{
	int right = 1;

	for (int i = 0; i < ROUNDS; i++)
		right &= leaves(i);
	return right ? arg : NULL;
}

static void threads(void)
{
	pthread_t threads[THREADS];
	int right = 1;

	for (long i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, use, (void *)(i + 1)) ==
		     0);
	for (long i = 0; i < THREADS; i++) {
		void *result;

		need(pthread_join(threads[i], &result) == 0);
		right &= result == (void *)(i + 1);
	}
	ok(right, "frames keep what was written there while others run");
}

static void handlers(void)
{
	struct itimerval never = {.it_value = {0, 0}};
	struct itimerval often = {
		.it_interval = {0, 1000},
		.it_value = {0, 1000},
	};
	int right = 1;

	need(signal(SIGALRM, catch) != SIG_ERR);
	need(setitimer(ITIMER_REAL, &often, NULL) == 0);
	while (caught < 20)
		right &= leaves(caught);
	need(setitimer(ITIMER_REAL, &never, NULL) == 0);
	ok(right && !wrong, "and while handlers run, which have their own");
}

int main(void)
{
	threads();
	handlers();
	return done();
}

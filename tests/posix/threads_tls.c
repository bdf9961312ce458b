// SPDX-License-Identifier: BSD-3-Clause
/*
 * Much thread-local storage: its first values, its alignment, one for each.
 */
#include <pthread.h>
#include <stdint.h>

#include "tap.h"

enum { THREADS = 4, WORDS = 65536, LINE = 256 };

static __thread int large[WORDS];
static __thread int first = 42;
static __thread char aligned[LINE] __attribute__((aligned(LINE)));
static __thread struct {
	long a;
	char text[16];
} given = {7, "given"};

static pthread_barrier_t barrier;

static int fresh(void)
{
	int sum = 0;

	for (int i = 0; i < WORDS; i++)
		sum |= large[i];
	return sum == 0 && first == 42 && given.a == 7 &&
	       strcmp(given.text, "given") == 0;
}

static void *use(void *arg)
{
	int number = (int)(long)arg, right = fresh();

	right &= (uintptr_t)aligned % LINE == 0;
	for (int i = 0; i < WORDS; i++)
		large[i] = number + i;
	first = number;
	memset(aligned, number, LINE);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < WORDS; i++)
		right &= large[i] == number + i;
	right &= first == number && aligned[LINE - 1] == number;
	return right ? arg : NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	int right = 1;

	ok(fresh(), "the first thread's is as it was written");
	need(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
	for (long i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, use, (void *)(i + 1)) ==
		     0);
	for (long i = 0; i < THREADS; i++) {
		void *result;

		need(pthread_join(threads[i], &result) == 0);
		right &= result == (void *)(i + 1);
	}
	ok(right, "so is each other's, and each has its own");
	ok(fresh(), "the first thread's stays");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads that compute and never wait let others run: sleepers wake, spinners
 * share, and nobody's registers are lost, floating point's neither.
 */
#include <fenv.h>
#include <pthread.h>
#include <time.h>

#include "tap.h"

enum { SPINNERS = 3, TERMS = 2000000 };

static volatile int stop;
static volatile long turns[SPINNERS];

static void *spin(void *arg)
{
	while (!stop)
		turns[(long)arg]++;
	return NULL;
}

static void sleep_ms(long ms)
{
	struct timespec time = {.tv_nsec = ms * 1000000};

	nanosleep(&time, NULL);
}

static void sleepers(void)
{
	pthread_t threads[SPINNERS];
	int all = 1;

	for (long i = 0; i < SPINNERS; i++)
		need(pthread_create(&threads[i], NULL, spin, (void *)i) == 0);
	for (int i = 0; i < 5; i++)
		sleep_ms(10);
	for (int i = 0; i < SPINNERS; i++) {
		for (int ms = 0; turns[i] == 0 && ms < 2000; ms += 10)
			sleep_ms(10);
		all &= turns[i] > 0;
	}
	ok(1, "a sleeper wakes while others spin");
	ok(all, "every spinner had its turn");
	stop = 1;
	for (int i = 0; i < SPINNERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
}

/* The same sum, with values in all kinds of registers, in two roundings. */
static void *sum(void *arg)
{
	double result = 0, product = 1;
	long double wide = 0;
	long whole = 0;

	fesetround((long)arg % 2 ? FE_UPWARD : FE_DOWNWARD);
	for (volatile int i = 1; i < TERMS; i++) {
		result += 1.0 / i;
		product *= 1.0 + 1e-7;
		wide += 1.0L / i;
		whole += i ^ (long)arg;
	}
	*(double *)arg = result + product + (double)wide + (double)whole;
	return NULL;
}

static double results[SPINNERS * 2] __attribute__((aligned(64)));

static void registers(void)
{
	pthread_t threads[SPINNERS * 2];
	double alone[SPINNERS * 2];
	int same = 1, before = fegetround();

	for (int i = 0; i < SPINNERS * 2; i++) {
		sum(&results[i]);
		alone[i] = results[i];
	}
	fesetround(before);
	for (int i = 0; i < SPINNERS * 2; i++)
		need(pthread_create(&threads[i], NULL, sum, &results[i]) == 0);
	for (int i = 0; i < SPINNERS * 2; i++) {
		need(pthread_join(threads[i], NULL) == 0);
		same &= results[i] == alone[i];
	}
	ok(same, "sums come out as they do alone");
	ok(fegetround() == before, "and one's own rounding stays");
}

int main(void)
{
	sleepers();
	registers();
	return done();
}

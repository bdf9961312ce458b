// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: clock_rate: how many nanoseconds go by in 10, 100 and 1,000 million
 * instructions, and in naps of 5 and of 500 ms; most of them twice.
 */
#include <stdio.h>
#include <time.h>

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void compute(long millions)
{
	long rounds = millions * 500000; /* of two instructions */

	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(rounds));
}

static void nap(long ms)
{
	const struct timespec time = {.tv_nsec = ms * 1000000};

	nanosleep(&time, NULL);
}

static void say(const char *what, long count, void (*spend)(long))
{
	long long start = now_ns();

	spend(count);
	printf("%s %ld %lld\n", what, count, now_ns() - start);
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		say("compute", 10, compute);
		say("nap", 5, nap);
		say("compute", 100, compute);
		say("nap", 500, nap);
		if (i == 0)
			say("compute", 1000, compute);
	}
	return 0;
}

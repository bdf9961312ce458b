// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: profiled ROUNDS [CALLS]
 *
 * Three quarters of the time in one function, a quarter in another, for each of
 * the ROUNDS; then a byte through a pipe, CALLS times (tests/image/trace.py).
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile unsigned sink;

__attribute__((noinline)) static void hot(unsigned rounds)
{
	while (rounds-- > 0)
		sink += rounds;
}

__attribute__((always_inline)) static inline void mix(unsigned value)
{
	sink ^= value;
}

__attribute__((noinline)) static void cool(unsigned rounds)
{
	while (rounds-- > 0)
		mix(rounds);
}

__attribute__((noinline)) static void work(unsigned turns)
{
	while (turns-- > 0) {
		hot(30000);
		cool(10000);
	}
}

static void call(unsigned times)
{
	int ends[2];
	char byte = 0;

	if (pipe(ends) < 0)
		return;
	while (times-- > 0)
		if (write(ends[1], &byte, 1) != 1 ||
		    read(ends[0], &byte, 1) != 1)
			abort();
}

int main(int argc, char **argv)
{
	work(argc > 1 ? (unsigned)atoi(argv[1]) : 1000);
	call(argc > 2 ? (unsigned)atoi(argv[2]) : 0);
	printf("%u\n", sink != 0);
	return 0;
}

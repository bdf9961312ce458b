// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: lateness: sleep a millisecond at a time, and say by how many
 * nanoseconds too long: the median and the worst.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT	 200
#define SLEEP_NS 1000000

static long late_ns(void)
{
	struct timespec before, after, sleep = {.tv_nsec = SLEEP_NS};

	clock_gettime(CLOCK_MONOTONIC, &before);
	if (nanosleep(&sleep, NULL) != 0)
		abort();
	clock_gettime(CLOCK_MONOTONIC, &after);
	return (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
	       before.tv_nsec - SLEEP_NS;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	long late[COUNT];

	for (int i = 0; i < COUNT; i++)
		late[i] = late_ns();
	qsort(late, COUNT, sizeof(late[0]), compare);
	printf("%ld %ld\n", late[COUNT / 2], late[COUNT - 1]);
	return EXIT_SUCCESS;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Naps for 250 ms, and says so. A debugger may call spin(), which takes twice
 * as long.
 */
#include <stdio.h>
#include <time.h>

static void spin(void)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000000000 +
		       (now.tv_nsec - start.tv_nsec) <
	       500000000);
}

/* So that it is there. */
static void (*volatile kept)(void) = spin;

int main(void)
{
	const struct timespec moment = {.tv_nsec = 250000000};

	if (kept == NULL || nanosleep(&moment, NULL) != 0)
		return 1;
	puts("awake");
	return 0;
}

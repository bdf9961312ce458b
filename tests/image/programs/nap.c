// SPDX-License-Identifier: BSD-3-Clause
/* Naps for 5 ms, and says so. A debugger may call spin(). */
#include <stdio.h>
#include <time.h>

void spin(void);

__attribute__((used)) void spin(void)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000000000 +
		       (now.tv_nsec - start.tv_nsec) <
	       50000000);
}

int main(void)
{
	const struct timespec moment = {.tv_nsec = 5000000};

	if (nanosleep(&moment, NULL) != 0)
		return 1;
	puts("awake");
	return 0;
}

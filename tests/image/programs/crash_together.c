// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: two threads read through a null pointer at the same time.
 * Expected: killed by SIGSEGV, with one report.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int ready;

static void *fall(void *arg)
{
	ready++;
	while (ready < 2)
		;
	printf("read: %d\n", *(volatile int *)arg);
	return arg;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fall, NULL) != 0)
		return 1;
	fall(NULL);
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Yields 6,400 times, with nobody else on its CPU.
 */
#include <pthread.h>
#include <sched.h>

static void *end(void *arg)
{
	return arg;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, end, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0)
		return 1;
	for (int i = 0; i < 6400; i++)
		sched_yield();
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/* Ends badly before its threads, or the last of them, have had a turn. */
#include <pthread.h>

static volatile int *volatile nowhere;

static void *later(void *arg)
{
	return arg;
}

int main(void)
{
	pthread_t thread;

	for (int i = 0; i < 8; i++)
		pthread_create(&thread, NULL, later, NULL);
	*nowhere = 1;
	return 0;
}

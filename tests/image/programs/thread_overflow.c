// SPDX-License-Identifier: BSD-3-Clause
/* A thread uses more stack than it has. */
#define _GNU_SOURCE
#include <pthread.h>

static int descend(int depth)
{
	volatile char block[1000];

	block[0] = (char)depth;
	return depth < 0 ? 0 : descend(depth + 1) + block[0];
}

static void *run(void *arg)
{
	pthread_setname_np(pthread_self(), "deep");
	descend(0);
	return arg;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, run, NULL);
	pthread_join(thread, NULL);
	return 0;
}

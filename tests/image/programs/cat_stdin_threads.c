// SPDX-License-Identifier: BSD-3-Clause
/* The same as cat_stdin, in a program of two threads. */
#include <pthread.h>
#include <unistd.h>

#define main copy
#include "cat_stdin.c"
#undef main

static void *sleep_on(void *arg)
{
	pause();
	return arg;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, sleep_on, NULL) != 0)
		return EXIT_FAILURE;
	return copy();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Gives root's privileges up while one thread waits for the other end of a FIFO
 * and one computes, says so, and stays until its input ends.
 * Expected: no thread of the process is root's any more; status 0.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static volatile int stop;

static void *opens(void *arg)
{
	int fd = open("fifo", O_RDONLY);

	return fd < 0 ? NULL : arg;
}

static void *computes(void *arg)
{
	while (!stop)
		;
	return arg;
}

int main(void)
{
	const struct timespec nap = {.tv_nsec = 50000000};
	pthread_t opener, other;
	void *result = NULL;
	char byte;

	if (mkfifo("fifo", 0666) != 0 || chmod("fifo", 0666) != 0 ||
	    pthread_create(&opener, NULL, opens, "") != 0 ||
	    pthread_create(&other, NULL, computes, NULL) != 0)
		return 1;
	nanosleep(&nap, NULL);
	if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 ||
	    setuid(NOBODY) != 0)
		return 2;
	puts("dropped");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	stop = 1;
	if (open("fifo", O_WRONLY) < 0 || pthread_join(opener, &result) != 0 ||
	    result == NULL || pthread_join(other, NULL) != 0)
		return 3;
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * "copy": standard input to standard output; "flood": 8 MiB, each block with its
 * number; "crash": a line, then a crash; "poll": how much poll() says there is;
 * "end": two threads write until the program ends, with status 7.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 65536, BLOCKS = 128 };

static char block[BLOCK];

static int copy(void)
{
	ssize_t n;

	while ((n = read(0, block, sizeof(block))) > 0)
		for (ssize_t done = 0, put; done < n; done += put) {
			put = write(1, block + done, n - done);
			if (put <= 0)
				return 3;
		}
	return n < 0 ? 4 : 0;
}

static int flood(void)
{
	for (int i = 0; i < BLOCKS; i++) {
		memset(block, i, sizeof(block));
		if (write(1, block, sizeof(block)) != (ssize_t)sizeof(block))
			return 3;
	}
	return 0;
}

static int crash(void)
{
	write(1, "before\n", 7);
	*(volatile char *)16 = 1;
	return 0;
}

/* Input is waited for, and its end is readable too. */
static int poll_all(void)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	int rounds = 0;

	do {
		if (poll(&in, 1, -1) != 1 || !(in.revents & POLLIN))
			return 3;
		rounds++;
	} while (read(0, block, 1) == 1);
	return printf("%d times\n", rounds) < 0;
}

static void *write_on(void *arg)
{
	while (write(1, arg, 4096) > 0)
		;
	return NULL;
}

static int end_amid(void)
{
	struct timespec a_while = {.tv_nsec = 100000000};
	pthread_t thread;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, write_on, block) != 0)
			return 3;
	nanosleep(&a_while, NULL);
	_exit(7);
}

int main(int argc, char **argv)
{
	if (strcmp(argv[1], "copy") == 0)
		return copy();
	if (strcmp(argv[1], "flood") == 0)
		return flood();
	if (strcmp(argv[1], "poll") == 0)
		return poll_all();
	if (strcmp(argv[1], "end") == 0)
		return end_amid();
	return crash();
}

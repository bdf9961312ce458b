// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: spin_and_talk echo|flood
 *
 * A thread computes and never waits. Meanwhile another answers each line of
 * its input (echo), or writes a mebibyte to its output, which nobody reads
 * before the main thread has said so on standard error (flood).
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FLOOD = 1 << 20 };

static volatile unsigned long spins;

static void *spin(void *arg)
{
	for (;;)
		spins++;
	return arg;
}

static void *echo(void *arg)
{
	char line[64];
	ssize_t n;

	while ((n = read(0, line, sizeof(line))) > 0) {
		if (write(1, line, n) != n)
			break;
	}
	return arg;
}

static void *flood(void *arg)
{
	static char block[FLOOD];

	memset(block, 'x', sizeof(block));
	return write(1, block, FLOOD) == FLOOD ? arg : NULL;
}

int main(int argc, char **argv)
{
	int flooding = argc > 1 && strcmp(argv[1], "flood") == 0;
	pthread_t spinner, talker;
	void *result = NULL;
	char go;

	if (pthread_create(&spinner, NULL, spin, NULL) != 0 ||
	    pthread_create(&talker, NULL, flooding ? flood : echo, argv) != 0)
		return 2;
	/* The writer has come as far as it can by the time of the answer. */
	if (flooding &&
	    (read(0, &go, 1) != 1 || write(2, "still here\n", 11) != 11))
		return 3;
	pthread_join(talker, &result);
	return result == argv ? 0 : 1;
}

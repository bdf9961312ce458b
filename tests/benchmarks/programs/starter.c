// SPDX-License-Identifier: BSD-3-Clause
/*
 * starter COUNT PROGRAM…: start each program (COUNT) times, by turns, with its
 * output thrown away, and print the median of how long each took from vfork()
 * to wait(), in nanoseconds, a line for each.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t start_once(char *program)
{
	int64_t start = now_ns();
	int status = -1;
	pid_t pid = vfork();

	if (pid == 0) {
		execl(program, program, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		exit(EXIT_FAILURE);
	return now_ns() - start;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0, programs = argc - 2;
	int64_t *took;
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);

	if (count < 1 || programs < 1)
		return EXIT_FAILURE;
	took = calloc((size_t)count * programs, sizeof(*took));
	if (took == NULL || dup2(null, STDOUT_FILENO) < 0)
		return EXIT_FAILURE;
	for (int i = -1; i < count; i++) { /* once to warm up */
		for (int p = 0; p < programs; p++) {
			int64_t one = start_once(argv[2 + p]);

			if (i >= 0)
				took[p * count + i] = one;
		}
	}
	for (int p = 0; p < programs; p++) {
		qsort(&took[p * count], count, sizeof(*took), by_size);
		dprintf(out, "%lld\n", (long long)took[p * count + count / 2]);
	}
	return 0;
}

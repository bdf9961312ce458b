// SPDX-License-Identifier: BSD-3-Clause
/*
 * Copies standard input to standard output line by line.
 * Expected: the same bytes, each line as it comes, exit status 0 at the end.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t size;

	while ((size = getline(&line, &capacity, stdin)) > 0) {
		fwrite(line, 1, size, stdout);
		fflush(stdout);
	}
	free(line);
	return ferror(stdin) || ferror(stdout);
}

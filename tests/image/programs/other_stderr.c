// SPDX-License-Identifier: BSD-3-Clause
/*
 * Makes the file "own" its standard error, then waits for the end of its
 * input, and ends badly.
 * Expected: "own" has what was written to it; a pipe that was standard error
 * ends at once.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	int *volatile pointer = NULL;
	int fd = open("own", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char byte;

	if (fd < 0 || (fd != STDERR_FILENO && dup2(fd, STDERR_FILENO) < 0))
		return 1;
	if (fd != STDERR_FILENO)
		close(fd);
	fputs("its own\n", stderr);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return *(volatile int *)pointer;
}

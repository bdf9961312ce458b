// SPDX-License-Identifier: BSD-3-Clause
/*
 * Opens a file that is not there.
 * Expected: "no-such-file: No such file or directory" on standard error,
 * exit status 1.
 */
#include <fcntl.h>
#include <stdio.h>

int main(void)
{
	if (open("no-such-file", O_RDONLY) >= 0) {
		printf("opened\n");
		return 0;
	}
	perror("no-such-file");
	return 1;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Linked with a program, has it begin on the disk that is mounted at /mnt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void begin_on_disk(void)
{
	if (chdir("/mnt") == 0)
		return;
	perror("/mnt");
	exit(EXIT_FAILURE);
}

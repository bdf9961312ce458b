// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: aborts.
 * Expected: "before" on standard output, killed by SIGABRT.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	printf("before\n");
	fflush(stdout);
	abort();
}

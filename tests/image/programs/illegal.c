// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: executes an instruction that is none (ud2 on x86).
 * Expected: killed by SIGILL.
 */
#include <stdio.h>

static volatile int yes = 1;

int main(void)
{
	if (yes)
		__builtin_trap();
	printf("went on\n");
	return 0;
}

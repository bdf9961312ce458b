// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: divides an integer by zero.
 * Expected: killed by SIGFPE (on x86).
 */
#include <stdio.h>

int main(void)
{
	volatile int one = 1;
	volatile int zero = 0;
	volatile int quotient = one / zero;

	printf("quotient: %d\n", quotient);
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: reads through a null pointer.
 * Expected: killed by SIGSEGV at address 0.
 */
#include <stdio.h>

int main(void)
{
	int *volatile pointer = NULL;

	printf("read: %d\n", *(volatile int *)pointer);
	return 0;
}

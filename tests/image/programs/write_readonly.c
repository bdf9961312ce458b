// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: writes to a string constant, which lies in read-only memory.
 * Expected: killed by SIGSEGV at the write.
 */
#include <stdio.h>

static const char text[] = "read-only";

int main(void)
{
	volatile char *writable = (volatile char *)text;

	writable[0] = 'R';
	printf("written: %s\n", text);
	return 0;
}

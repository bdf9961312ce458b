// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: writes past the end of a block, which free() notices.
 * Expected: ended by the C library.
 */
#include <stdlib.h>

int main(void)
{
	volatile char *block = malloc(10);

	for (int i = 0; i < 16; i++)
		block[i] = 1;
	free((void *)block);
	return 0;
}

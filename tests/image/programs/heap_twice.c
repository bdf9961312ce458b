// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: frees a block twice, which free() notices.
 * Expected: ended by the C library.
 */
#include <stdlib.h>

int main(void)
{
	void *volatile block = malloc(100);
	void *volatile other = malloc(100);

	free(block);
	free(other);
	free(block);
	return 0;
}

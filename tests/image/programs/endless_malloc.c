// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends specially: takes and touches memory until there is none.
 * Expected: malloc() answers NULL, a line says so, exit status 3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK (1024 * 1024)

int main(void)
{
	/* Every block is kept, linked by its first bytes. */
	void *last = NULL;
	void *block;

	while ((block = malloc(BLOCK)) != NULL) {
		memset(block, 1, BLOCK);
		memcpy(block, &last, sizeof(last));
		last = block;
	}
	fprintf(stderr, "malloc: out of memory after a while\n");
	return 3;
}

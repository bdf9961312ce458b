// SPDX-License-Identifier: BSD-3-Clause
/* usage: fill KIB: allocate, fill and check so much memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) << 10 : 0;
	char *block = malloc(size);

	if (!block)
		return EXIT_FAILURE;
	memset(block, 'x', size);
	for (size_t i = 0; i < size; i++)
		if (block[i] != 'x')
			return EXIT_FAILURE;
	puts("filled");
	return EXIT_SUCCESS;
}

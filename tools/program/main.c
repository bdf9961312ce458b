// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>
#include <string.h>

#include "count.h"

int main(void)
{
	char line[4096];
	size_t words = 0;

	while (fgets(line, sizeof(line), stdin) != NULL)
		words += count_words(line, strlen(line));
	if (ferror(stdin)) {
		perror("standard input");
		return 1;
	}
	printf("%zu words\n", words);
	return 0;
}

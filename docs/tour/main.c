// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: tally FILE [MISTAKE]: count the lines and words of FILE, then make the
 * MISTAKE: null, overflow, leak or deadlock.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mistakes.h"
#include "tally.h"

enum { TEXT_MAX = 1 << 20 };

int main(int argc, char **argv)
{
	struct tally tally;
	FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
	char *text = malloc(TEXT_MAX);
	size_t len;

	if (file == NULL || text == NULL) {
		perror(argc > 1 ? argv[1] : "usage: tally FILE [MISTAKE]");
		return EXIT_FAILURE;
	}
	len = fread(text, 1, TEXT_MAX, file);
	fclose(file);
	tally_init(&tally);
	tally_text(&tally, text, len);
	printf("%zu lines, %zu words\n", tally.lines, tally.words);
	fflush(stdout);
	free(text);
	if (argc > 2)
		mistake(argv[2]);
	return EXIT_SUCCESS;
}

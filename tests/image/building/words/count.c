// SPDX-License-Identifier: BSD-3-Clause
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "count.h"

void *count_words(void *arg)
{
	struct count *count = arg;
	bool inside = false;
	FILE *file = fopen(count->path, "r");

	if (!file) {
		count->error = errno;
		return NULL;
	}
	for (int c; (c = getc(file)) != EOF; inside = !isspace(c))
		count->words += !inside && !isspace(c);
	fclose(file);
	return NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>
#include <string.h>

#include "count.h"

void show(const struct count *count)
{
	if (count->error)
		printf("%s: %s\n", count->path, strerror(count->error));
	else
		printf("%s: %ld words\n", count->path, count->words);
}

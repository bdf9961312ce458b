// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: recurses without an end.
 * Expected: killed by SIGSEGV when the stack meets its guard.
 */
#include <stdio.h>

static volatile int forever = 1;

/* What follows the call keeps it from becoming a loop. */
static int descend(int depth)
{
	volatile char frame[256];
	int below = depth;

	frame[depth & 255] = (char)depth;
	if (forever)
		below += descend(depth + 1);
	return below + frame[depth & 255];
}

int main(void)
{
	printf("returned: %d\n", descend(0));
	return 0;
}

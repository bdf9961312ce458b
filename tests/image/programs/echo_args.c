// SPDX-License-Identifier: BSD-3-Clause
/*
 * Says what it was started with.
 * Expected: each argument in brackets, a line each, then GREETING's value.
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	const char *greeting = getenv("GREETING");

	for (int i = 1; i < argc; i++)
		printf("[%s]\n", argv[i]);
	printf("GREETING=%s\n", greeting ? greeting : "(unset)");
	return 0;
}

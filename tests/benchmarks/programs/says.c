// SPDX-License-Identifier: BSD-3-Clause
/* Prints a number: what starting a small program costs. */
#include <stdio.h>

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", argc);
	return 0;
}

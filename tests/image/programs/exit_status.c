// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends specially: exits with the number it is given.
 * Expected: that status, its low eight bits.
 */
#include <stdlib.h>

int main(int argc, char **argv)
{
	exit(argc > 1 ? atoi(argv[1]) : 0);
}

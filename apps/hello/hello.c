// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>

int main(int argc, char **argv)
{
	(void)argv;
	printf("Hello from Eft! argc is %d.\n", argc);
	return 0;
}

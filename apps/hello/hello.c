// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>

int main(void)
{
	printf("Hello from Eft!\n");
	return 0;
}

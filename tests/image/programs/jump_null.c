// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: calls a null function pointer.
 * Expected: killed by SIGSEGV, fetching an instruction at address 0.
 */
#include <stdio.h>

int main(void)
{
	void (*volatile function)(void) = NULL;

	function();
	printf("returned\n");
	return 0;
}

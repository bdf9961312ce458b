// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: calls into an array, whose byte is a `ret` instruction.
 * Expected: killed by SIGSEGV, for data is not executable.
 */
#include <stdint.h>
#include <stdio.h>

static unsigned char code[] = {0xc3};

int main(void)
{
	volatile uintptr_t address = (uintptr_t)code;

	((void (*)(void))address)();
	printf("returned\n");
	return 0;
}

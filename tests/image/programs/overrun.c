// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: runs over the end of a mapping into the guard of its stack, from
 * far away.
 * Expected: killed by SIGSEGV, and nothing about a stack that overflows.
 */
#include <sys/mman.h>

int main(void)
{
	volatile char *p = mmap(0, 4096, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (long i = 0;; i++)
		p[i] = 1;
}

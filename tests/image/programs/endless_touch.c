// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: reserves 1 TiB and touches all of it.
 * Expected: killed when memory runs out; never prints "touched".
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

#define SIZE (1UL << 40)
#define PAGE 4096

int main(void)
{
	volatile char *memory =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (unsigned long at = 0; at < SIZE; at += PAGE)
		memory[at] = 1;
	printf("touched\n");
	return 0;
}

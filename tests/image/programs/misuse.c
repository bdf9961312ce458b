// SPDX-License-Identifier: BSD-3-Clause
/*
 * Misuses memory in the way that its argument says, at the line that has the
 * argument in a comment; or does nothing wrong, for a while.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wuse-after-free"

static char *block;

static void make_block(void)
{
	block = malloc(24); /* block */
	__asm__ volatile("" ::: "memory");
}

static void leak(void)
{
	make_block();
	block = NULL;
	block = malloc(100);
	free(block);
}

static void overflow(void)
{
	block[24] = 1; /* overflow */
}

static void stale(void)
{
	free(block);
	block[3] = 1; /* stale */
}

static void twice(void)
{
	free(block);
	__asm__ volatile("" ::: "memory");
	free(block); /* twice */
}

static void unset(void)
{
	if (block[5] == 7) /* unset */
		puts("seven");
}

static void *grow(void *from, size_t size)
{
	return realloc(from, size);
}

__attribute__((noinline)) static unsigned compute(unsigned rounds)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < rounds; i++) {
		sum = sum * 31 + i;
		__asm__ volatile("" : "+r"(sum));
	}
	return sum;
}

/* All that malloc() has, and nothing wrong with it. */
static void work(void)
{
	char *aligned = aligned_alloc(256, 512), *zeroes = calloc(100, 100);
	char *copy = strdup("a string");
	void *more = NULL;

	memset(aligned, 1, 512);
	for (size_t size = 1000; size <= 1000000; size *= 10)
		more = grow(more, size);
	printf("%d %d %s %u\n", (int)((unsigned long)aligned % 256),
	       zeroes[9999], copy, compute(100000));
	for (int i = 0; i < 5000; i++)
		free(malloc(i));
	free(more);
	free(copy);
	free(zeroes);
	free(aligned);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	make_block();
	if (strcmp(what, "overflow") == 0)
		overflow();
	else if (strcmp(what, "stale") == 0)
		stale();
	else if (strcmp(what, "twice") == 0)
		twice();
	else if (strcmp(what, "unset") == 0)
		unset();
	else if (strcmp(what, "leak") == 0)
		leak();
	else
		work();
	return 0;
}

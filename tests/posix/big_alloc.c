// SPDX-License-Identifier: BSD-3-Clause
/*
 * The heap: blocks of all sizes are aligned, apart and keep their contents
 * through realloc(); calloc() is zero; too much is refused.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>

#include "files.h"
#include "tap.h"

#define BLOCKS 2000

static volatile size_t huge = SIZE_MAX / 2 - 4096;

static size_t size_of_block(int i)
{
	return 1 + (size_t)i * 37 % 3000;
}

static void many(void)
{
	static unsigned char *blocks[BLOCKS];
	int intact = 1, aligned = 1;

	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(size_of_block(i));
		need(blocks[i]);
		aligned &= (uintptr_t)blocks[i] % 16 == 0;
		memset(blocks[i], i & 255, size_of_block(i));
	}
	for (int i = 0; i < BLOCKS; i += 2) {
		intact &= all_bytes(blocks[i], i & 255, size_of_block(i));
		free(blocks[i]);
	}
	for (int i = 0; i < BLOCKS; i += 2) {
		blocks[i] = malloc(size_of_block(i + 1));
		need(blocks[i]);
		memset(blocks[i], 0x5a, size_of_block(i + 1));
	}
	for (int i = 1; i < BLOCKS; i += 2)
		intact &= all_bytes(blocks[i], i & 255, size_of_block(i));
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	ok(aligned, "2000 blocks are aligned to 16 bytes");
	ok(intact, "and keep to themselves");
}

static void growing(void)
{
	unsigned char *block = NULL;
	int intact = 1;

	for (size_t size = 1; size <= 4 * 1024 * 1024; size *= 2) {
		block = realloc(block, size);
		need(block);
		if (size > 1)
			intact &= all_bytes(block, 0x11, size / 2);
		memset(block, 0x11, size);
	}
	ok(intact, "realloc keeps the contents up to 4 MiB");
	block = realloc(block, 100);
	ok(block && all_bytes(block, 0x11, 100), "and down to 100 bytes");
	free(block);
}

static void zeroed(void)
{
	char *dirty = malloc(100000);
	char *block;
	int zero = 1;

	need(dirty);
	memset(dirty, 'd', 100000);
	free(dirty);
	for (size_t size = 10; size <= 1000000; size *= 10) {
		block = calloc(size / 10, 10);
		need(block);
		zero &= all_bytes(block, 0, size);
		memset(block, 'd', size);
		free(block);
	}
	ok(zero, "calloc is zero, also where something was");
}

static void aligned(void)
{
	void *block;
	int fits = 1;

	for (size_t to = 8; to <= 65536; to *= 2) {
		block = NULL;
		fits &= posix_memalign(&block, to, 100) == 0 &&
			(uintptr_t)block % to == 0;
		need(block);
		memset(block, 'a', 100);
		free(block);
		block = aligned_alloc(to, to);
		fits &= block && (uintptr_t)block % to == 0;
		free(block);
	}
	ok(fits, "aligned blocks from 8 bytes to 64 KiB");
	ok(posix_memalign(&block, 4, 10) == EINVAL, "4 is too small");
	ok(posix_memalign(&block, 24, 10) == EINVAL, "24 is no power of two");
}

static void large(void)
{
	int whole = 1;

	for (int i = 0; i < 20; i++) {
		char *block = malloc(8 * 1024 * 1024);

		need(block);
		for (size_t at = 0; at < 8 * 1024 * 1024; at += 65536)
			block[at] = (char)i;
		whole &= block[7 * 1024 * 1024] == (char)i;
		free(block);
	}
	ok(whole, "8 MiB, freed and taken again 20 times");
}

/* A compiler may take it that malloc() succeeds, unless it cannot see it. */
static void *(*volatile allocate)(size_t) = malloc;
static void *(*volatile allocate_zeroed)(size_t, size_t) = calloc;
static void *(*volatile reallocate)(void *, size_t) = realloc;

static void edges(void)
{
	void *block = malloc(0);

	free(block);
	free(NULL);
	block = malloc(50);
	ok(block && malloc_usable_size(block) >= 50, "malloc_usable_size");
	fails_null(reallocate(block, huge), ENOMEM, "realloc to too much");
	free(block);
	fails_null(allocate(huge), ENOMEM, "malloc of too much");
	ok(!allocate_zeroed(huge, 4), "calloc of an overflow");
}

int main(void)
{
	many();
	growing();
	zeroed();
	aligned();
	large();
	edges();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Places where the needle's first byte stands, and its last, are found sixteen
 * at a time. What lies between is compared there; where that has been in vain
 * so often that it could take for ever, the release's function goes on, whose
 * time is bounded.
 */
#define _GNU_SOURCE
#include <stddef.h>

#define memmem __eft_memmem_bounded
void *__eft_memmem_bounded(const void *h0, size_t k, const void *n0, size_t l);
#include "../memmem.c"
#undef memmem
#include "blocks.h"

/* A place of (found) where all of the needle is. */
static inline const unsigned char *whole(const unsigned char *h, unsigned found,
					 const unsigned char *n, size_t l,
					 size_t *in_vain)
{
	for (; found; found &= found - 1) {
		const unsigned char *p = h + __builtin_ctz(found);

		if (memcmp(p + 1, n + 1, l - 1) == 0)
			return p;
		*in_vain += l;
	}
	return NULL;
}

static void *in_few_places(const unsigned char *h, size_t places,
			   const unsigned char *n, size_t l)
{
	for (; places > 0; places--, h++) {
		if (h[0] == n[0] && h[l - 1] == n[l - 1] &&
		    memcmp(h, n, l) == 0)
			return (void *)h;
	}
	return NULL;
}

void *memmem(const void *haystack, size_t k, const void *needle, size_t l)
{
	const unsigned char *h = haystack, *n = needle, *found;
	size_t places = k - l + 1, in_vain = 0;
	block first, last;

	if (l == 0)
		return (void *)h;
	if (k < l)
		return NULL;
	if (l == 1)
		return memchr(h, *n, k);
	if (places < BLOCK)
		return in_few_places(h, places, n, l);
	first = blocks_of(n[0]);
	last = blocks_of(n[l - 1]);
	for (;;) {
		unsigned here =
			same(*(const unaligned_block *)h, first) &
			same(*(const unaligned_block *)(h + l - 1), last);

		found = here ? whole(h, here, n, l, &in_vain) : NULL;
		if (found || places == BLOCK)
			return (void *)found;
		if (in_vain >
		    8 * (size_t)(h - (const unsigned char *)haystack) + 1024)
			return __eft_memmem_bounded(h, places + l - 1, n, l);
		/* The last block ends where the places do. */
		h += places < 2 * BLOCK ? places - BLOCK : BLOCK;
		places -= places < 2 * BLOCK ? places - BLOCK : BLOCK;
	}
}

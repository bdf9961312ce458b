// SPDX-License-Identifier: BSD-3-Clause
#include "blocks.h"
#include <string.h>

enum { PAGE = 4096 };

static inline int in_one_page(const void *p, unsigned bytes)
{
	return (uintptr_t)p % PAGE <= PAGE - bytes;
}

/* Zero where block (i) of the strings differs, and where it is zero. */
static inline block goes_on(const unsigned char *l, const unsigned char *r,
			    int i)
{
	block a = ((const unaligned_block *)l)[i];
	block b = ((const unaligned_block *)r)[i];

	return least((block)(a == b), a);
}

int strcmp(const char *left, const char *right)
{
	const unsigned char *l = (const void *)left, *r = (const void *)right;
	const block zero = {0};
	unsigned end;

	while (is_watched()) {
		if (*l != *r || *l == 0)
			return *l - *r;
		l++, r++;
	}
	for (;; l += BLOCK, r += BLOCK) {
		while (in_one_page(l, 4 * BLOCK) && in_one_page(r, 4 * BLOCK)) {
			block first = goes_on(l, r, 0);

			end = same(first, zero);
			if (end)
				goto found;
			if (same(least(least(first, goes_on(l, r, 1)),
				       least(goes_on(l, r, 2),
					     goes_on(l, r, 3))),
				 zero))
				break;
			l += 4 * BLOCK;
			r += 4 * BLOCK;
		}
		if (in_one_page(l, BLOCK) && in_one_page(r, BLOCK)) {
			end = same(goes_on(l, r, 0), zero);
			if (end)
				goto found;
			continue;
		}
		for (int i = 0; i < BLOCK; i++) {
			if (l[i] != r[i] || l[i] == 0)
				return l[i] - r[i];
		}
	}
found:
	end = __builtin_ctz(end);
	return l[end] - r[end];
}

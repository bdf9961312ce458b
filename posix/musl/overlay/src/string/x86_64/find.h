// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/* What strchr() and strchrnul() have in common. */
#include "blocks.h"

/* Zero where (at) has the byte of (wanted), or zero. */
static inline block ends(block at, block wanted)
{
	return least(at, at ^ wanted);
}

/* The first (c) of the string (s), or its end. */
static inline char *find_or_end(const char *s, int c)
{
	if (is_watched()) {
		while (*s != 0 && *s != (char)c)
			s++;
		return (char *)s;
	}

	const block *at = block_at(s), zero = {0}, wanted = blocks_of(c);
	unsigned found = same(ends(*at, wanted), zero) >> offset_in_block(s);

	if (found)
		return (char *)s + __builtin_ctz(found);
	do {
		found = same(ends(*++at, wanted), zero);
		if (found)
			return (char *)at + __builtin_ctz(found);
	} while (!ends_four_blocks(at));
	for (at++;; at += 4) {
		block all =
			least(least(ends(at[0], wanted), ends(at[1], wanted)),
			      least(ends(at[2], wanted), ends(at[3], wanted)));

		if (same(all, zero))
			break;
	}
	while (!(found = same(ends(*at, wanted), zero)))
		at++;
	return (char *)at + __builtin_ctz(found);
}

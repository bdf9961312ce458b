// SPDX-License-Identifier: BSD-3-Clause
/*
 * Eight bytes at a time, read as big-endian numbers, whose order is that of
 * the bytes.
 */
#include "wide.h"
#include <string.h>

static inline int compare_8(const unsigned char *l, const unsigned char *r)
{
	uint64_t a = __builtin_bswap64(*(const wide8 *)l);
	uint64_t b = __builtin_bswap64(*(const wide8 *)r);

	return (a > b) - (a < b);
}

int memcmp(const void *left, const void *right, size_t n)
{
	const unsigned char *l = left, *r = right;

	if (n < 8) {
		for (; n > 0 && *l == *r; n--)
			l++, r++;
		return n > 0 ? *l - *r : 0;
	}
	for (; n > 8; n -= 8, l += 8, r += 8) {
		if (*(const wide8 *)l != *(const wide8 *)r)
			return compare_8(l, r);
	}
	return compare_8(l + n - 8, r + n - 8);
}

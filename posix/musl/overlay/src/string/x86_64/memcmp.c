// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sixteen bytes at a time, the last of them again where there are fewer. Less
 * are words, read as big-endian numbers, whose order is that of the bytes.
 */
#include "blocks.h"
#include <string.h>

static inline int compare_16(const unsigned char *l, const unsigned char *r)
{
	unsigned differ =
		same(*(const unaligned_block *)l, *(const unaligned_block *)r) ^
		0xffff;

	if (!differ)
		return 0;
	return l[__builtin_ctz(differ)] - r[__builtin_ctz(differ)];
}

static inline int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static inline int compare_8(const unsigned char *l, const unsigned char *r)
{
	return order(__builtin_bswap64(*(const wide8 *)l),
		     __builtin_bswap64(*(const wide8 *)r));
}

static inline uint64_t up_to_8(const unsigned char *p, size_t n)
{
	if (n >= 4)
		return (uint64_t)__builtin_bswap32(*(const wide4 *)p) << 32 |
		       __builtin_bswap32(*(const wide4 *)(p + n - 4));
	if (n >= 2)
		return p[0] << 16 | p[1] << 8 | p[n - 1];
	return p[0];
}

int memcmp(const void *left, const void *right, size_t n)
{
	const unsigned char *l = left, *r = right;
	int result;

	if (is_watched()) {
		while (n > 0 && *l == *r)
			l++, r++, n--;
		return n > 0 ? *l - *r : 0;
	}
	if (n < 8)
		return n == 0 ? 0 : order(up_to_8(l, n), up_to_8(r, n));
	if (n < 16) {
		result = compare_8(l, r);
		return result ? result : compare_8(l + n - 8, r + n - 8);
	}
	for (; n > 64; n -= 64, l += 64, r += 64) {
		const unaligned_block *a = (const void *)l,
				      *b = (const void *)r;
		block all = (block)(a[0] == b[0]) & (block)(a[1] == b[1]) &
			    (block)(a[2] == b[2]) & (block)(a[3] == b[3]);

		if (same(all, (block){0}))
			break;
	}
	for (; n > 16; n -= 16, l += 16, r += 16) {
		result = compare_16(l, r);
		if (result)
			return result;
	}
	return compare_16(l + n - 16, r + n - 16);
}

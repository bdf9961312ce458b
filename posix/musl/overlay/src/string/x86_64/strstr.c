// SPDX-License-Identifier: BSD-3-Clause
/*
 * Piece by piece: memmem() wants to know how long the haystack is, and what is
 * looked for is often near its begin.
 */
#define _GNU_SOURCE
#include <string.h>

enum { FIRST_PIECE = 256 };

char *strstr(const char *haystack, const char *needle)
{
	size_t l = strlen(needle), piece = FIRST_PIECE;
	const char *h = haystack;

	if (l <= 1)
		return l == 0 ? (char *)h : strchr(h, *needle);
	for (;; piece *= 2) {
		size_t k = strnlen(h, piece + l);
		char *found = memmem(h, k, needle, l);

		if (found || k < piece + l)
			return found;
		h += k - l + 1;
	}
}

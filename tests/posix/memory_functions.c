// SPDX-License-Identifier: BSD-3-Clause
/*
 * memcpy, memmove, memset and memcmp do what a loop over bytes does, at every
 * small length and offset, with overlap, and touch nothing beside.
 */
#include <string.h>

#include "tap.h"

enum { LONGEST = 300, ROOM = 2 * LONGEST, OFFSETS = 20 };

static unsigned char got[ROOM], want[ROOM];

static void refill(unsigned seed)
{
	for (size_t i = 0; i < ROOM; i++)
		got[i] = want[i] = (seed = seed * 1103515245 + 12345) >> 16;
}

static int same(void)
{
	for (size_t i = 0; i < ROOM; i++) {
		if (got[i] != want[i])
			return 0;
	}
	return 1;
}

static int copies(size_t to, size_t from, size_t n)
{
	static unsigned char saved[ROOM];

	refill(n);
	for (size_t i = 0; i < n; i++)
		saved[i] = want[from + i];
	for (size_t i = 0; i < n; i++)
		want[to + i] = saved[i];
	return memmove(got + to, got + from, n) == got + to && same();
}

static void moves(void)
{
	int up = 1, down = 1, apart = 1;

	for (size_t n = 0; n <= LONGEST; n++) {
		for (size_t by = 0; by < OFFSETS; by++) {
			up &= copies(by, 0, n);
			down &= copies(0, by, n);
			apart &= copies(LONGEST - by, by, n - n / 2);
		}
	}
	ok(up, "memmove upwards over itself");
	ok(down, "memmove downwards over itself");
	ok(apart, "memmove apart");
}

static void fills(void)
{
	int all = 1;

	for (size_t n = 0; n <= LONGEST; n++) {
		for (size_t at = 0; at < OFFSETS; at++) {
			refill(n);
			for (size_t i = 0; i < n; i++)
				want[at + i] = 0xa5;
			all &= memset(got + at, 0x7a5, n) == got + at;
			all &= same();
		}
	}
	ok(all, "memset of every length");
}

static void comparisons(void)
{
	int equal = 1, order = 1;

	for (size_t n = 1; n <= 70; n++) {
		for (size_t i = 0; i < n; i++) {
			refill(n);
			equal &= memcmp(got + 1, want + 1, n) == 0;
			got[1 + i] = 0x80, want[1 + i] = 0x7f;
			order &= memcmp(got + 1, want + 1, n) > 0;
			order &= memcmp(want + 1, got + 1, n) < 0;
			equal &= memcmp(got + 1, want + 1, i) == 0;
		}
	}
	ok(equal, "memcmp of what is equal");
	ok(order, "memcmp finds the first difference, bytes unsigned");
}

static void large(void)
{
	static unsigned char a[100000], b[100000];
	int all = 1;

	memset(a, 1, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++)
		all &= a[i] == 1;
	for (size_t i = 0; i < sizeof(a); i++)
		a[i] = i % 251;
	memcpy(b, a, sizeof(b) - 3);
	memmove(a + 7, a, sizeof(a) - 7);
	for (size_t i = 7; i < sizeof(a); i++)
		all &= a[i] == (i - 7) % 251;
	memmove(b, b + 5, sizeof(b) - 8);
	for (size_t i = 0; i < sizeof(b) - 8; i++)
		all &= b[i] == (i + 5) % 251;
	ok(all, "blocks of 100 KB");
}

int main(void)
{
	moves();
	fills();
	comparisons();
	large();
	return done();
}

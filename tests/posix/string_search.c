// SPDX-License-Identifier: BSD-3-Clause
/*
 * The functions that look through strings and memory answer as loops of a byte
 * at a time do, wherever what they look through begins, and touch no page after
 * its end.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

enum { LONGEST = 150, ROOM = 4096 };

/* Compilers know what the functions of these names do. */
static size_t (*volatile length)(const char *) = strlen;
static size_t (*volatile length_within)(const char *, size_t) = strnlen;
static char *(*volatile find)(const char *, int) = strchr;
static char *(*volatile find_or_end)(const char *, int) = strchrnul;
static void *(*volatile find_byte)(const void *, int, size_t) = memchr;
static int (*volatile compare)(const char *, const char *) = strcmp;
static int (*volatile compare_bytes)(const void *, const void *,
				     size_t) = memcmp;
static char *(*volatile find_string)(const char *, const char *) = strstr;
static void *(*volatile find_bytes)(const void *, size_t, const void *,
				    size_t) = memmem;

/* (ROOM) bytes, after which there is a page that nobody may touch. */
static char *guarded(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED);
	need(mprotect(at + ROOM, page, PROT_NONE) == 0);
	return at;
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static uint32_t random_state = 1;

static unsigned below(unsigned limit)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % limit;
}

/* Few different bytes, so that much is alike; none is zero, and one negative.
 */
static char letter(void)
{
	return "ab\xff\x80"[below(4)];
}

/* Strings of all lengths that end where the memory does, or somewhat before. */
static void ends(char *memory)
{
	int lengths = 1, found = 1, bytes = 1;

	for (int n = 0; n < LONGEST; n++) {
		for (int before = 0; before < 40; before++) {
			char *s = memory + ROOM - 1 - n - before;

			memset(memory, 'c', ROOM);
			for (int i = 0; i < n; i++)
				s[i] = letter();
			s[n] = 0;
			lengths &= length(s) == (size_t)n &&
				   length_within(s, n + 1) == (size_t)n &&
				   length_within(s, n) == (size_t)n &&
				   length_within(s, n / 2) == (size_t)n / 2;
			found &= find(s, 'c') == NULL && find(s, 0) == s + n &&
				 find_or_end(s, 'c') == s + n;
			bytes &= find_byte(s, 0, n) == NULL &&
				 find_byte(s, 0, n + 1) == s + n &&
				 find_byte(s, 0, SIZE_MAX) == s + n;
			if (n == 0)
				continue;
			for (int i = 0; i < n; i += 1 + n / 8) {
				char kept = s[i];

				s[i] = 'c';
				found &= find(s, 'c') == s + i &&
					 find(s, 0x100 | 'c') == s + i &&
					 find_or_end(s, 'c') == s + i;
				bytes &= find_byte(s, 'c', n) == s + i &&
					 find_byte(s, 'c', i) == NULL;
				s[i] = kept;
			}
		}
	}
	ok(lengths, "strlen and strnlen");
	ok(found, "strchr and strchrnul");
	ok(bytes, "memchr");
}

static int compare_slowly(const unsigned char *a, const unsigned char *b, int n)
{
	for (int i = 0; i < n; i++) {
		if (a[i] != b[i])
			return a[i] - b[i];
	}
	return 0;
}

static void differences(char *left, char *right)
{
	int strings = 1, bytes = 1;

	for (int n = 0; n < LONGEST; n++) {
		for (int before = 0; before < 40; before++) {
			char *a = left + ROOM - 1 - n - before;
			char *b = right + ROOM - 1 - n - before % 3;
			int at = n ? (int)below(n) : 0, want;

			for (int i = 0; i < n; i++)
				a[i] = b[i] = letter();
			a[n] = b[n] = 0;
			strings &= compare(a, b) == 0;
			bytes &= compare_bytes(a, b, n + 1) == 0;
			b[at] = letter();
			want = sign(
				compare_slowly((void *)a, (void *)b, n + 1));
			strings &= sign(compare(a, b)) == want;
			bytes &= sign(compare_bytes(a, b, n + 1)) == want &&
				 sign(compare_bytes(b, a, n + 1)) == -want;
		}
	}
	ok(strings, "strcmp");
	ok(bytes, "memcmp");
}

static char *search_slowly(char *h, int k, const char *needle, int l)
{
	for (int i = 0; i + l <= k; i++) {
		if (compare_slowly((void *)(h + i), (void *)needle, l) == 0)
			return h + i;
	}
	return NULL;
}

static void needles(char *memory, char *needle_memory)
{
	int bytes = 1, strings = 1;

	for (int i = 0; i < 20000; i++) {
		int k = below(i % 50 == 0 ? 2000 : 120), l = below(9);
		char *h = memory + ROOM - 1 - k - below(20);
		char *needle = needle_memory + ROOM - 1 - l;

		for (int at = 0; at < k; at++)
			h[at] = "ab"[below(8) == 0];
		for (int at = 0; at < l; at++)
			needle[at] = "ab"[below(3) == 0];
		h[k] = needle[l] = 0;
		bytes &= find_bytes(h, k, needle, l) ==
			 search_slowly(h, k, needle, l);
		strings &= find_string(h, needle) ==
			   search_slowly(h, k, needle, l);
	}
	ok(bytes, "memmem");
	ok(strings, "strstr");
}

/* Where every place looks right until its middle. */
static void hardest(void)
{
	static char haystack[200001], needle[20001];

	memset(haystack, 'a', sizeof(haystack) - 1);
	memset(needle, 'a', sizeof(needle) - 1);
	needle[sizeof(needle) / 2] = 'b';
	ok(find_string(haystack, needle) == NULL, "what is never there");
	memcpy(haystack + 150000, needle, sizeof(needle) - 1);
	ok(find_string(haystack, needle) == haystack + 150000,
	   "and what is there at last");
}

int main(void)
{
	char *memory = guarded(), *other = guarded();

	ends(memory);
	differences(memory, other);
	needles(memory, other);
	hardest();
	return done();
}

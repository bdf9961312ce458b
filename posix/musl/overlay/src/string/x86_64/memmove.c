// SPDX-License-Identifier: BSD-3-Clause
/*
 * Copies of up to 128 bytes load everything before they store anything, from
 * both ends towards the middle, so that overlap does not matter; longer ones
 * go by 64 bytes, in the direction that overlap asks for, and very long ones
 * by the CPU's own string move where that is quick.
 */
#include "wide.h"
#include <string.h>

/* From here on a string move wins (Intel optimization manual §3.7.6). */
enum { STRING_MOVE = 2048 };

#define COPY_ENDS(type)                                            \
	do {                                                       \
		type first = *(const type *)s;                     \
		type last = *(const type *)(s + n - sizeof(type)); \
		*(type *)d = first;                                \
		*(type *)(d + n - sizeof(type)) = last;            \
	} while (0)

static inline void copy_up_to_16(char *d, const char *s, size_t n)
{
	if (n >= 8)
		COPY_ENDS(wide8);
	else if (n >= 4)
		COPY_ENDS(wide4);
	else if (n >= 2)
		COPY_ENDS(wide2);
	else if (n == 1)
		*d = *s;
}

static inline void copy_up_to_64(char *d, const char *s, size_t n)
{
	wide16 a = *(const wide16 *)s, b = *(const wide16 *)(s + 16);
	wide16 c = *(const wide16 *)(s + n - 32);
	wide16 e = *(const wide16 *)(s + n - 16);

	*(wide16 *)d = a;
	*(wide16 *)(d + 16) = b;
	*(wide16 *)(d + n - 32) = c;
	*(wide16 *)(d + n - 16) = e;
}

static inline void copy_64(char *d, const char *s)
{
	copy_up_to_64(d, s, 64);
}

static inline void copy_up_to_128(char *d, const char *s, size_t n)
{
	const wide16 *head = (const wide16 *)s;
	const wide16 *tail = (const wide16 *)(s + n - 64);
	wide16 a = head[0], b = head[1], c = head[2], e = head[3];
	wide16 w = tail[0], x = tail[1], y = tail[2], z = tail[3];
	wide16 *to = (wide16 *)d, *to_tail = (wide16 *)(d + n - 64);

	to[0] = a, to[1] = b, to[2] = c, to[3] = e;
	to_tail[0] = w, to_tail[1] = x, to_tail[2] = y, to_tail[3] = z;
}

/* The last 64 bytes are loaded first: the loop may overwrite them. */
static void copy_forward(char *d, const char *s, size_t n)
{
	const wide16 *tail = (const wide16 *)(s + n - 64);
	wide16 w = tail[0], x = tail[1], y = tail[2], z = tail[3];
	wide16 *to_tail = (wide16 *)(d + n - 64);

	for (; n > 64; n -= 64, d += 64, s += 64)
		copy_64(d, s);
	to_tail[0] = w, to_tail[1] = x, to_tail[2] = y, to_tail[3] = z;
}

static void copy_backward(char *d, const char *s, size_t n)
{
	const wide16 *head = (const wide16 *)s;
	wide16 a = head[0], b = head[1], c = head[2], e = head[3];
	wide16 *to = (wide16 *)d;

	for (; n > 64; n -= 64)
		copy_64(d + n - 64, s + n - 64);
	to[0] = a, to[1] = b, to[2] = c, to[3] = e;
}

static inline void string_move(char *d, const char *s, size_t n)
{
	wide16 last = *(const wide16 *)(s + n - 16);
	wide16 *to_last = (wide16 *)(d + n - 16);
	size_t words = n / 8;

	__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(words)::"memory");
	*to_last = last;
}

void *memmove(void *dest, const void *src, size_t n)
{
	char *d = dest;
	const char *s = src;

	if (n <= 16) {
		copy_up_to_16(d, s, n);
	} else if (n <= 32) {
		COPY_ENDS(wide16);
	} else if (n <= 64) {
		copy_up_to_64(d, s, n);
	} else if (n <= 128) {
		copy_up_to_128(d, s, n);
	} else if ((uintptr_t)d - (uintptr_t)s < n) {
		copy_backward(d, s, n);
	} else if (n >= STRING_MOVE && (uintptr_t)s - (uintptr_t)d >= n) {
		string_move(d, s, n);
	} else {
		copy_forward(d, s, n);
	}
	return dest;
}

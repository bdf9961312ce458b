// SPDX-License-Identifier: BSD-3-Clause
/*
 * The memory functions of the libOS itself. The build renames its memcpy to
 * eft_memcpy and so on (the root meson.build): the program's may use vector
 * registers, which a trap has not saved.
 */
#include "core/lib.h"

void *eft_memcpy(void *restrict dst, const void *restrict src, size_t n);
void *eft_memmove(void *dst, const void *src, size_t n);
void *eft_memset(void *dst, int c, size_t n);
int eft_memcmp(const void *a, const void *b, size_t n);

typedef uint64_t word __attribute__((aligned(1), may_alias));

/*
 * Whole words by the CPU's string moves, upwards; then the last one, which may
 * overlap them and was read before them: memmove() downwards is this too.
 */
void *eft_memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	char *d = dst;
	const char *s = src;
	size_t words = n / 8;
	uint64_t last;

	if (n < 8) {
		while (n-- > 0)
			*(volatile char *)d++ = *s++;
		return dst;
	}
	last = *(const word *)(s + n - 8);
	__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(words)::"memory");
	*(word *)((char *)dst + n - 8) = last;
	return dst;
}

void *eft_memmove(void *dst, const void *src, size_t n)
{
	char *d = (char *)dst + n;
	const char *s = (const char *)src + n;

	if ((uintptr_t)dst - (uintptr_t)src >= n)
		return eft_memcpy(dst, src, n);
	while (d != dst)
		*(volatile char *)--d = *--s;
	return dst;
}

void *eft_memset(void *dst, int c, size_t n)
{
	uint64_t value = 0x0101010101010101u * (uint8_t)c;
	char *d = dst;
	size_t words = n / 8;

	if (n < 8) {
		while (n-- > 0)
			*(volatile char *)d++ = (char)c;
		return dst;
	}
	*(word *)(d + n - 8) = value;
	__asm__ volatile("rep stosq"
			 : "+D"(d), "+c"(words)
			 : "a"(value)
			 : "memory");
	return dst;
}

int eft_memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n > 0; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

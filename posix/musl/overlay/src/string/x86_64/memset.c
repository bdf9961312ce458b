// SPDX-License-Identifier: BSD-3-Clause
/*
 * Short blocks are written from both ends towards the middle, longer ones by
 * 64 bytes, very long ones by the CPU's own string store.
 */
#include "wide.h"
#include <string.h>

enum { STRING_STORE = 1024 };

static inline void set_up_to_16(char *d, uint64_t word, size_t n)
{
	if (n >= 8) {
		*(wide8 *)d = word;
		*(wide8 *)(d + n - 8) = word;
	} else if (n >= 4) {
		*(wide4 *)d = word;
		*(wide4 *)(d + n - 4) = word;
	} else if (n >= 2) {
		*(wide2 *)d = word;
		*(wide2 *)(d + n - 2) = word;
	} else if (n == 1) {
		*d = word;
	}
}

void *memset(void *dest, int c, size_t n)
{
	char *d = dest;
	uint64_t word = 0x0101010101010101u * (unsigned char)c;
	wide16 wide = {word, word};

	if (n <= 16) {
		set_up_to_16(d, word, n);
		return dest;
	}
	if (n >= STRING_STORE) {
		size_t words = n / 8;

		*(wide8 *)(d + n - 8) = word;
		__asm__ volatile("rep stosq"
				 : "+D"(d), "+c"(words)
				 : "a"(word)
				 : "memory");
		return dest;
	}
	*(wide16 *)(d + n - 16) = wide;
	if (n <= 32) {
		*(wide16 *)d = wide;
		return dest;
	}
	*(wide16 *)(d + n - 32) = wide;
	for (; n > 32; n -= 32, d += 32) {
		*(wide16 *)d = wide;
		*(wide16 *)(d + 16) = wide;
	}
	return dest;
}

// SPDX-License-Identifier: BSD-3-Clause
#include <string.h>

/* Knowing that nothing overlaps would save nothing. */
void *memcpy(void *restrict dest, const void *restrict src, size_t n)
{
	return memmove(dest, src, n);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/abi.h"
#include "core/lib.h"

size_t eft_strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

size_t eft_strlen(const char *s)
{
	return eft_strnlen(s, SIZE_MAX);
}

int eft_strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

bool eft_starts_with(const char *s, const char *prefix)
{
	while (*prefix != '\0' && *s == *prefix)
		s++, prefix++;
	return *prefix == '\0';
}

size_t eft_strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = eft_strlen(src);

	if (size > 0) {
		size_t n = eft_min(len, size - 1);

		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/abi.h"
#include "core/lib.h"

/* The value of digit (c), or 255. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 255;
}

/* How far the suffix (c) shifts, or -1. */
static int suffix_shift(char c)
{
	switch (c | 0x20) {
	case 'k':
		return 10;
	case 'm':
		return 20;
	case 'g':
		return 30;
	case 't':
		return 40;
	}
	return -1;
}

int eft_parse_u64(const char *s, bool suffix, uint64_t *ret_value)
{
	unsigned base = s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10;
	uint64_t value = 0;

	if (base == 16)
		s += 2;
	if (digit_value(*s) >= base)
		return -EINVAL;
	for (; digit_value(*s) < base; s++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit_value(*s), &value))
			return -ERANGE;
	}
	if (suffix && *s != '\0') {
		int shift = suffix_shift(*s++);

		if (shift < 0)
			return -EINVAL;
		if (value << shift >> shift != value)
			return -ERANGE;
		value <<= shift;
	}
	if (*s != '\0')
		return -EINVAL;
	*ret_value = value;
	return 0;
}

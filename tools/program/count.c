// SPDX-License-Identifier: BSD-3-Clause
#include <ctype.h>
#include <stdbool.h>

#include "count.h"

size_t count_words(const char *text, size_t len)
{
	size_t words = 0;
	bool inside = false;

	for (size_t i = 0; i < len; i++) {
		bool letter = !isspace((unsigned char)text[i]);

		words += letter && !inside;
		inside = letter;
	}
	return words;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "find.h"
#include <string.h>

char *__strchrnul(const char *s, int c)
{
	return find_or_end(s, c);
}

char *strchrnul(const char *, int)
	__attribute__((__weak__, __alias__("__strchrnul")));

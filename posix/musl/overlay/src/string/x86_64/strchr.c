// SPDX-License-Identifier: BSD-3-Clause
#include "find.h"
#include <string.h>

char *strchr(const char *s, int c)
{
	char *found = find_or_end(s, c);

	return *found == (char)c ? found : NULL;
}

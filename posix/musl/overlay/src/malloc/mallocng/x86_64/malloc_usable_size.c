// SPDX-License-Identifier: BSD-3-Clause
/* The release's own, and what stands before it: see eft_valgrind.h. */
#include "cache.h"
#include "eft_valgrind.h"
#include <stdlib.h>

#define malloc_usable_size __eft_usable_size_impl

#include "../malloc_usable_size.c"

#undef malloc_usable_size

size_t malloc_usable_size(void *p)
{
	return __eft_watched ? __eft_watched_size(p)
			     : __eft_usable_size_impl(p);
}

// SPDX-License-Identifier: BSD-3-Clause
/* The release's own, and what stands before it: see eft_valgrind.h. */
#include "cache.h"
#include "eft_valgrind.h"
#include <stdlib.h>

#define aligned_alloc __eft_aligned_alloc_impl

#include "../aligned_alloc.c"

#undef aligned_alloc

/* The zone before a block keeps it aligned. */
static void *watched(size_t align, size_t n)
{
	size_t lead = align < EFT_WATCHED_ZONE ? EFT_WATCHED_ZONE : align;
	size_t room = eft_watched_room(lead, n);

	return __eft_watch(__eft_aligned_alloc_impl(align, room), lead, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return __eft_watched ? watched(align, n)
			     : __eft_aligned_alloc_impl(align, n);
}

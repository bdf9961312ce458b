// SPDX-License-Identifier: BSD-3-Clause
/*
 * The allocator under valgrind, which is told of the program's blocks: what
 * malloc() and its family do there in place of the release's functions, which
 * know of nothing. A program that is not watched only tests a byte.
 *
 * Source: Valgrind manual, "The client request mechanism", and memcheck's.
 */
#pragma once
#include "features.h"
#include <stddef.h>
#include <stdint.h>

extern hidden char __eft_watched; /* by valgrind */

hidden void *__eft_watched_malloc(size_t n);
hidden void *__eft_watched_calloc(size_t n); /* not cleared yet */
hidden void *__eft_watched_realloc(void *p, size_t n);
hidden size_t __eft_watched_size(void *p);
hidden void __eft_watched_free(void *p);

hidden void __eft_free_impl(void *p);
hidden void __eft_free_slow(void *p);
hidden void *__eft_realloc_impl(void *p, size_t n);
hidden void *__eft_aligned_alloc_impl(size_t align, size_t n);
hidden size_t __eft_usable_size_impl(void *p);

/*
 * Before what the program has, within a zone that nobody may touch; there is
 * another behind it.
 */
struct eft_watched {
	size_t size;
	char *base; /* as the release's malloc() gave it */
	uintptr_t state;
};

enum { EFT_WATCHED_ZONE = 32 };
enum { EFT_WATCHED_LIVE = 0x6c697665, EFT_WATCHED_FREED = 0x66726565 };

enum {
	EFT_VG_RUNNING_ON_VALGRIND = 0x1001,
	EFT_VG_MALLOCLIKE_BLOCK = 0x1301,
	EFT_VG_FREELIKE_BLOCK = 0x1302,
	EFT_VG_MAKE_MEM_NOACCESS = 0x4d430000, /* 'M' 'C' base */
	EFT_VG_MAKE_MEM_DEFINED = EFT_VG_MAKE_MEM_NOACCESS + 2,
};

hidden uintptr_t __eft_valgrind(uintptr_t request, const void *at, size_t n);

/* The header of the block at (p), made readable. */
hidden struct eft_watched *__eft_watched_header(void *p);

/* Give out (n) bytes that begin (lead) bytes into (base); NULL stays NULL. */
hidden void *__eft_watch(char *base, size_t lead, size_t n);

/* The bytes that a block of (n) needs with its zones; too much stays so. */
static inline size_t eft_watched_room(size_t lead, size_t n)
{
	size_t room = n + lead + EFT_WATCHED_ZONE;

	return room < n ? SIZE_MAX : room;
}

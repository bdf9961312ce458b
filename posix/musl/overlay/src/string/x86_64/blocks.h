// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Blocks of sixteen bytes, for functions that look for a byte. A block that is
 * aligned lies in one page, and may be loaded as a whole where one byte of it
 * may be.
 */
#include "wide.h"

typedef unsigned char block __attribute__((vector_size(16), may_alias));
typedef char signed_block __attribute__((vector_size(16)));
typedef block unaligned_block __attribute__((aligned(1)));

enum { BLOCK = sizeof(block) };

extern const void *eft_heap_watch; /* core/dev/heapwatch.h */

/*
 * Does valgrind look on? It would say that bytes after the end are used: what
 * it watches looks at one byte after the other.
 */
static inline int is_watched(void)
{
	return __builtin_expect(eft_heap_watch != NULL, 0);
}

static inline block blocks_of(unsigned char byte)
{
	return (block){0} + byte;
}

/* A bit for each byte that is the same in (a) and (b). */
static inline unsigned same(block a, block b)
{
	return __builtin_ia32_pmovmskb128((signed_block)(a == b));
}

/* PMINUB, for which gcc and clang have names of their own. */
static inline block least(block a, block b)
{
#if __has_builtin(__builtin_elementwise_min)
	return __builtin_elementwise_min(a, b);
#else
	return (block)__builtin_ia32_pminub128((signed_block)a,
					       (signed_block)b);
#endif
}

static inline int any_bit(block a)
{
	return __builtin_ia32_pmovmskb128((signed_block)a);
}

static inline const block *block_at(const void *p)
{
	return (const block *)((uintptr_t)p & -BLOCK);
}

static inline unsigned offset_in_block(const void *p)
{
	return (uintptr_t)p % BLOCK;
}

/* The block after (at) begins four that may be loaded where one of them may. */
static inline int ends_four_blocks(const block *at)
{
	return (uintptr_t)(at + 1) % (4 * BLOCK) == 0;
}

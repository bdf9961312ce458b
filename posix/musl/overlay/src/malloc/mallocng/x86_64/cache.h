// SPDX-License-Identifier: BSD-3-Clause
/*
 * Freed blocks in front of the release's allocator: a cache a thread, which
 * needs no lock, and a few of the mappings that large blocks have.
 *
 * To the release a block in a cache is one that the program has: its slot stays
 * taken. It begins where its slot does, and in its header stands, in place of
 * the bytes that the program left unused, EFT_FREED, of which the release knows
 * that it is no size: whoever frees the block again is found out. In the
 * block's first bytes is the address of the next.
 */
#pragma once
/* Of the release's get_meta(), which is long, an image has one. */
#define get_meta get_meta_here
#include "../meta.h"
#undef get_meta
#define get_meta __eft_get_meta

hidden struct meta *__eft_get_meta(const unsigned char *p);

enum {
	EFT_CACHED_CLASSES = 32,
	EFT_CACHED_UNITS = 511, /* of the last class */
	EFT_FREED = 7,
};

/*
 * The four bytes before a block: a byte that tells whether its group is far;
 * the number of its slot, 5 bits; how many bytes at its end are not used, 3
 * bits, or 5 where another four say it; how many units it lies into the group,
 * 16 bits.
 */
typedef uint32_t eft_heap_word __attribute__((may_alias));

static inline eft_heap_word *eft_header(unsigned char *p)
{
	return (eft_heap_word *)(p - IB);
}

enum { EFT_INDEX_SHIFT = 8, EFT_UNUSED_SHIFT = 13, EFT_OFFSET_SHIFT = 16 };
#define EFT_UNUSED_MASK (7u << EFT_UNUSED_SHIFT)

static inline unsigned eft_unused(eft_heap_word header)
{
	return (header & EFT_UNUSED_MASK) >> EFT_UNUSED_SHIFT;
}

struct eft_heap_cache {
	unsigned char *blocks[EFT_CACHED_CLASSES];
	unsigned char room[EFT_CACHED_CLASSES]; /* for so many more */
	struct eft_heap_cache *next;		/* that no thread has */
};

/* NULL until the thread allocates or frees a block. */
extern hidden _Thread_local struct eft_heap_cache *__eft_heap_cache;

/* The calling thread's, which had none: a dead thread's, or NULL. */
hidden struct eft_heap_cache *__eft_heap_adopt(void);

hidden void *__eft_malloc_slow(size_t n);
hidden void __eft_free_slow(void *p);
hidden int __eft_is_allzero(void *p);

/* How many large blocks are kept. */
extern hidden int __eft_large_count;

/* One of them, if it fits a block of (n) bytes; or NULL. */
hidden void *__eft_large_take(size_t n);

/* (len) bytes that a group had, zeroed; or NULL. */
hidden void *__eft_group_take(size_t len);

/* Give all that is kept back; true: there was something. */
hidden int __eft_heap_give_back(void);

/*
 * What free() asks of a group stands in the three bytes that the release leaves
 * empty, before the header of the first block: what describes the group is in
 * other memory, which the processor may have to wait for.
 */
struct eft_group {
	struct meta *meta;
	unsigned char active_index; /* the release's */
	unsigned char class;	    /* of its slots; EFT_OTHER: not cached */
	unsigned char last_index;
	unsigned char tag; /* this is a group */
	eft_heap_word first_header;
};
_Static_assert(sizeof(struct eft_group) == offsetof(struct group, storage), "");

enum { EFT_OTHER = 255 };

static inline struct eft_group *eft_group_of(const unsigned char *p,
					     eft_heap_word header)
{
	return (void *)(p - UNIT * (header >> EFT_OFFSET_SHIFT) - UNIT);
}

/* A group that mremap() has moved keeps its tag: all pages have the same. */
static inline unsigned char eft_group_tag(const struct eft_group *group)
{
	return (uintptr_t)group / UNIT ^ ctx.secret;
}

static inline size_t eft_class_bytes(int class)
{
	return UNIT * size_classes[class];
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The array behind contents (core/pages.h), for the files that keep it:
 * pages.c, and cache*.c for contents that have a source.
 */
#include "core/pages.h"

enum { EFT_CHUNK_PAGES = 32 };

struct eft_chunk {
	struct eft_treap_node node; /* key: the index of its first page */
	unsigned used;		    /* pages that are there */

	/* cache*.c: one for each who uses a page of it without the lock. */
	unsigned pins;
	/* A bit a page. */
	uint32_t dirty;	   /* it is newer than what the source has */
	uint32_t writing;  /* the source is writing it */
	uint32_t reserved; /* the source has set something aside for it */
	uint32_t recent;   /* it was used since the last look for old ones */
	uint32_t kept;	   /* somebody knows it by its address */

	void *pages[EFT_CHUNK_PAGES];
};

/* The chunk of page (index), or NULL. (pages) locked. */
struct eft_chunk *eft_chunk_find(struct eft_pages *pages, uint64_t index);
/* The first chunk that has pages at or after (index), or NULL. Locked. */
struct eft_chunk *eft_chunk_after(struct eft_pages *pages, uint64_t index);

/*
 * Put (page) at (index), in its chunk or in *spare, a new one or NULL. Not when
 * there is a page by now, or there was a cut since (cuts): false. Locked.
 */
bool eft_chunk_insert(struct eft_pages *pages, uint64_t index, void *page,
		      struct eft_chunk **spare, unsigned cuts);

static inline uint32_t eft_chunk_bit(uint64_t index)
{
	return 1u << index % EFT_CHUNK_PAGES;
}

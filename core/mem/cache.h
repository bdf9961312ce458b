// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the files of the page cache (core/mem/cache*.c) share; cache.c says how
 * it works. Context of all: thread. Locked: the file's pages are.
 */
#include "core/cache.h"
#include "core/log.h"
#include "core/mem/chunk.h"
#include "core/thread.h"

struct eft_page_cache {
	struct eft_lock lock;
	/* Owned by lock: all files, and those that are dirty. */
	struct eft_list all, dirty;
	bool has_lists;
	uint64_t pages, dirty_pages; /* atomic */
	/* Something was written, or is not busy any more. */
	struct eft_waitq written;
};

extern struct eft_page_cache eft_page_cache;

/* Pages that are being read: what comes may be older than what was written. */
struct eft_fetch {
	struct eft_fetch *next;
	uint64_t index;
	unsigned count, cuts;
	bool old;
};

static inline void eft_page_cache_count(uint64_t *counter, int64_t more)
{
	__atomic_fetch_add(counter, (uint64_t)more, __ATOMIC_RELAXED);
}

static inline unsigned eft_chunk_count(uint32_t bits)
{
	unsigned n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

/* The page at (index), in its chunk or NULL. Locked. */
static inline void *eft_chunk_page(const struct eft_chunk *chunk,
				   uint64_t index)
{
	return chunk != NULL ? chunk->pages[index % EFT_CHUNK_PAGES] : NULL;
}

/* The bits of (chunk)'s pages that are in [first, end). */
uint32_t eft_chunk_bits_in(const struct eft_chunk *chunk, uint64_t first,
			   uint64_t end);

/* The page at (index), its chunk pinned, or NULL. */
void *eft_cached_pin(struct eft_cached *cached, uint64_t index,
		     struct eft_chunk **ret_chunk);
void eft_cached_unpin(struct eft_cached *cached, struct eft_chunk *chunk);
/* Take (chunk) out of the array if it is empty: then free it. Locked. */
bool eft_cached_take_empty(struct eft_cached *cached, struct eft_chunk *chunk);

/* Wake who waits in eft_cached_wait_while(). */
void eft_page_cache_wake(void);
/* Sleep until something was written after (is_so) was true. */
void eft_cached_wait_while(bool (*is_so)(struct eft_cached *cached,
					 uint64_t first, uint64_t end),
			   struct eft_cached *cached, uint64_t first,
			   uint64_t end);
/* Is a page of [first, end) being written? */
bool eft_cached_is_writing(struct eft_cached *cached, uint64_t first,
			   uint64_t end);

/*
 * What lies past the end in the last page is not the file's: a mapping may have
 * written it, or a source has read it.
 */
void eft_cached_clear_tail(struct eft_cached *cached, uint64_t index,
			   char *page);

/* The page of (bit) is dirty. True: it is the file's first. Locked. */
bool eft_cached_set_dirty(struct eft_cached *cached, struct eft_chunk *chunk,
			  uint32_t bit);
/* The last dirty page was written, or dropped: true, once. Locked. */
bool eft_cached_became_clean(struct eft_cached *cached);
/*
 * The last dirty page is no more, (times) times. (cached) may be gone then:
 * nobody who comes by it without counting it has it any more.
 */
void eft_cached_let_go(struct eft_cached *cached, unsigned times);

/* cache_read.c: as many pages as there are, up to (wanted). */
unsigned eft_page_cache_alloc(void *page[], unsigned wanted);
void eft_page_cache_free(void *const page[], unsigned from, unsigned to);
/*
 * The page at (index), pinned, read with (wanted) pages if it has to be; NULL:
 * it is past the end, or there is an error.
 */
int eft_cached_get(struct eft_cached *cached, uint64_t index, uint64_t wanted,
		   struct eft_chunk **ret_chunk, void **ret_page);

/* cache_write.c: the page at (index) of (chunk), pinned, will be written. */
int eft_cached_make_dirty(struct eft_cached *cached, uint64_t index,
			  struct eft_chunk *chunk);

/*
 * cache_back.c: write what is dirty of the pages [first, end). Returns how
 * often the file became clean, for eft_cached_let_go().
 */
unsigned eft_cached_write_range(struct eft_cached *cached, uint64_t first,
				uint64_t end);

/* cache_reclaim.c: evict some if fewer than (pages) can be had easily. */
void eft_page_cache_make_room(unsigned pages);

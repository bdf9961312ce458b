// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache: which pages a file has, who uses them, which are dirty. The
 * other files: cache_read.c reads them in, cache_write.c has the program write
 * them, cache_back.c writes them back, cache_cut.c drops them, and
 * cache_reclaim.c gives them back when memory is short.
 *
 * PAGES   A page is in the array (core/mem/pages.c) or with its source. Who
 *         uses one without the lock pins its chunk. One that is evicted counts
 *         as a cut: what was read before, and comes late, is not put there.
 * DIRTY   A mapping shows a clean page without the right to write, so that the
 *         first write is a fault (eft_cached_bring_in()). Write-back first makes
 *         the pages clean, then takes the right to write from all mappings,
 *         then has them written: what a mapping wrote before is in memory by
 *         then, what it writes later makes them dirty again.
 * WRITING Pages that are being written are not freed, nor written twice at a
 *         time. Who has to wait for that sleeps on (written), and so does who
 *         cuts a chunk that is pinned.
 * OLD     The pages of a file are looked at in turn, as by the hand of a clock:
 *         what was used since the last time is spared once. Files are looked
 *         at in turn too.
 * LOCKS   A file's pages, then the cache's. A file that is busy is not freed.
 */
#include "core/mem/cache.h"
#include "core/mem.h"
#include "core/time.h"

struct eft_page_cache eft_page_cache = {
	.lock = EFT_LOCK_INIT(EFT_RANK_CACHE),
	.written = EFT_WAITQ_INIT(eft_page_cache.written),
};

void eft_cached_init(struct eft_cached *cached,
		     const struct eft_cached_source *source, uint64_t size)
{
	eft_lock_init(&cached->pages.lock, EFT_RANK_FILE_PAGES);
	cached->pages.cached = true;
	cached->pages.size = size;
	cached->source = source;
	eft_list_init(&cached->dirty);
	eft_lock(&eft_page_cache.lock);
	if (!eft_page_cache.has_lists) {
		eft_list_init(&eft_page_cache.all);
		eft_list_init(&eft_page_cache.dirty);
		eft_page_cache.has_lists = true;
	}
	eft_list_insert(&eft_page_cache.all, &cached->all);
	eft_unlock(&eft_page_cache.lock);
}

void eft_page_cache_stats(struct eft_page_cache_stats *ret_stats)
{
	ret_stats->pages =
		__atomic_load_n(&eft_page_cache.pages, __ATOMIC_RELAXED);
	ret_stats->dirty =
		__atomic_load_n(&eft_page_cache.dirty_pages, __ATOMIC_RELAXED);
}

void *eft_cached_pin(struct eft_cached *cached, uint64_t index,
		     struct eft_chunk **ret_chunk)
{
	struct eft_chunk *chunk;
	void *page;

	eft_lock(&cached->pages.lock);
	chunk = eft_chunk_find(&cached->pages, index);
	page = eft_chunk_page(chunk, index);
	if (page != NULL) {
		chunk->pins++;
		chunk->recent |= eft_chunk_bit(index);
	}
	eft_unlock(&cached->pages.lock);
	*ret_chunk = chunk;
	return page;
}

bool eft_cached_take_empty(struct eft_cached *cached, struct eft_chunk *chunk)
{
	if (chunk->used > 0 || chunk->pins > 0)
		return false;
	eft_assert((chunk->dirty | chunk->writing | chunk->reserved) == 0);
	eft_treap_remove(&cached->pages.chunks, &chunk->node);
	return true;
}

void eft_cached_unpin(struct eft_cached *cached, struct eft_chunk *chunk)
{
	bool empty, last;

	eft_lock(&cached->pages.lock);
	eft_assert(chunk->pins > 0);
	last = --chunk->pins == 0;
	empty = eft_cached_take_empty(cached, chunk);
	eft_unlock(&cached->pages.lock);
	if (last)
		eft_page_cache_wake();
	if (empty)
		eft_free(chunk);
}

void eft_page_cache_wake(void)
{
	if (eft_waitq_busy(&eft_page_cache.written))
		eft_waitq_wake(&eft_page_cache.written, EFT_WAKE_ALL);
}

void eft_cached_wait_while(bool (*is_so)(struct eft_cached *cached,
					 uint64_t first, uint64_t end),
			   struct eft_cached *cached, uint64_t first,
			   uint64_t end)
{
	struct eft_waiter waiter;

	eft_wait_begin(&waiter, &eft_page_cache.written);
	while (is_so(cached, first, end))
		eft_sleep_through();
	eft_wait_end(&waiter);
}

uint32_t eft_chunk_bits_in(const struct eft_chunk *chunk, uint64_t first,
			   uint64_t end)
{
	uint64_t key = chunk->node.key;
	uint32_t bits = ~0u;

	if (first > key)
		bits = first - key < EFT_CHUNK_PAGES ? bits << (first - key)
						     : 0;
	if (end < key + EFT_CHUNK_PAGES)
		bits &= end > key ? ~(~0u << (end - key)) : 0;
	return bits;
}

bool eft_cached_is_writing(struct eft_cached *cached, uint64_t first,
			   uint64_t end)
{
	struct eft_chunk *chunk;
	bool found = false;

	eft_lock(&cached->pages.lock);
	for (chunk = eft_chunk_after(&cached->pages, first);
	     chunk != NULL && chunk->node.key < end && !found;
	     chunk = eft_chunk_after(&cached->pages,
				     chunk->node.key + EFT_CHUNK_PAGES))
		found = chunk->writing & eft_chunk_bits_in(chunk, first, end);
	eft_unlock(&cached->pages.lock);
	return found;
}

void eft_cached_clear_tail(struct eft_cached *cached, uint64_t index,
			   char *page)
{
	uint64_t size = cached->pages.size;

	if (size / EFT_PAGE_SIZE == index)
		memset(page + (size & EFT_PAGE_MASK), 0,
		       EFT_PAGE_SIZE - (size & EFT_PAGE_MASK));
}

/* The first or the last is. Locked. */
static void note_dirty(struct eft_cached *cached, bool dirty)
{
	eft_lock(&eft_page_cache.lock);
	eft_assert(eft_list_empty(&cached->dirty) == dirty);
	if (dirty) {
		cached->dirty_since_ns = eft_now_ns();
		eft_list_insert(&eft_page_cache.dirty, &cached->dirty);
	} else {
		eft_list_remove(&cached->dirty);
		eft_list_init(&cached->dirty);
	}
	eft_unlock(&eft_page_cache.lock);
}

void eft_cached_let_go(struct eft_cached *cached, unsigned times)
{
	const struct eft_cached_source *source = cached->source;

	while (times-- > 0 && source->let_go != NULL)
		source->let_go(cached);
}

bool eft_cached_set_dirty(struct eft_cached *cached, struct eft_chunk *chunk,
			  uint32_t bit)
{
	if (chunk->dirty & bit)
		return false;
	chunk->dirty |= bit;
	cached->dirty_pages++;
	eft_page_cache_count(&eft_page_cache.dirty_pages, 1);
	if (cached->held)
		return false;
	cached->held = true;
	note_dirty(cached, true);
	return true;
}

bool eft_cached_became_clean(struct eft_cached *cached)
{
	if (!cached->held || cached->dirty_pages > 0 || cached->writes > 0)
		return false;
	cached->held = false;
	note_dirty(cached, false);
	return true;
}

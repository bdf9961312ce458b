// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache: old pages go when memory is short.
 */
#include "core/mem.h"
#include "core/mem/cache.h"
#include "core/mem/flusher.h"
#include "core/mem/range.h"

/* Only images that map files have mappings to take away. */
#pragma weak eft_range_hide

enum { LOW_SHARE = 16, LOW_MIN = 32, LOW_MAX = 4096, RECLAIM_PAGES = 32 };

static uint64_t low_mark(const struct eft_page_stats *stats)
{
	return eft_min(eft_max(stats->total / LOW_SHARE, LOW_MIN), LOW_MAX);
}

void eft_page_cache_make_room(unsigned pages)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	if (stats.free < low_mark(&stats) + pages)
		eft_page_cache_reclaim(eft_max(pages, RECLAIM_PAGES));
}

/* Clean pages of (chunk) that were not used lately, up to (max). Locked. */
static unsigned take_old(struct eft_cached *cached, struct eft_chunk *chunk,
			 void *page[], unsigned max)
{
	uint32_t spared =
		chunk->dirty | chunk->writing | chunk->kept | chunk->recent;
	unsigned n = 0;

	if (chunk->pins > 0)
		return 0;
	chunk->recent = 0;
	for (unsigned i = 0; i < EFT_CHUNK_PAGES && n < max; i++) {
		if (chunk->pages[i] == NULL || (spared & 1u << i))
			continue;
		page[n++] = chunk->pages[i];
		chunk->pages[i] = NULL;
		chunk->used--;
	}
	if (n > 0)
		cached->pages.cuts++;
	eft_page_cache_count(&eft_page_cache.pages, -(int64_t)n);
	return n;
}

/*
 * Evict up to (max) pages of the chunk that the hand has come to. False: that
 * was the last one.
 */
static bool evict_next(struct eft_cached *cached, unsigned max,
		       unsigned *ret_evicted)
{
	void *page[EFT_CHUNK_PAGES];
	struct eft_chunk *chunk, *empty = NULL;
	uint64_t key = 0;
	unsigned n = 0;

	eft_lock(&cached->pages.lock);
	chunk = eft_chunk_after(&cached->pages, cached->hand);
	if (chunk != NULL) {
		key = chunk->node.key;
		n = take_old(cached, chunk, page,
			     eft_min(max, EFT_CHUNK_PAGES));
		if (eft_cached_take_empty(cached, chunk))
			empty = chunk;
	}
	cached->hand = chunk != NULL ? key + EFT_CHUNK_PAGES : 0;
	eft_unlock(&cached->pages.lock);
	if (n > 0 && cached->pages.mapped)
		eft_range_hide(&cached->pages, key, key + EFT_CHUNK_PAGES);
	for (unsigned i = 0; i < n; i++)
		eft_page_free(page[i]);
	eft_free(empty);
	*ret_evicted = n;
	return chunk != NULL;
}

/* Twice around: what is spared the first time is old the second. */
static unsigned evict(struct eft_cached *cached, unsigned max)
{
	unsigned evicted = 0, rounds = 0, n;

	while (evicted < max && rounds < 3) {
		if (!evict_next(cached, max - evicted, &n))
			rounds++;
		evicted += n;
	}
	return evicted;
}

/* The first of (list), which becomes the last, and busy; or NULL. */
static struct eft_cached *take_busy(struct eft_list *list, bool dirty)
{
	struct eft_cached *cached = NULL;

	eft_lock(&eft_page_cache.lock);
	if (eft_page_cache.has_lists && !eft_list_empty(list)) {
		cached = dirty ? eft_container_of(list->next, struct eft_cached,
						  dirty)
			       : eft_container_of(list->next, struct eft_cached,
						  all);
		eft_list_remove(list->next);
		eft_list_insert(list, dirty ? &cached->dirty : &cached->all);
		cached->busy++;
	}
	eft_unlock(&eft_page_cache.lock);
	return cached;
}

static void put_busy(struct eft_cached *cached)
{
	eft_lock(&eft_page_cache.lock);
	eft_assert(cached->busy > 0);
	cached->busy--;
	eft_unlock(&eft_page_cache.lock);
	eft_page_cache_wake();
}

static unsigned length(const struct eft_list *list)
{
	unsigned n = 0;

	eft_lock(&eft_page_cache.lock);
	if (eft_page_cache.has_lists) {
		for (const struct eft_list *at = list->next; at != list;
		     at = at->next)
			n++;
	}
	eft_unlock(&eft_page_cache.lock);
	return n;
}

static unsigned evict_all(unsigned max)
{
	unsigned evicted = 0;

	for (unsigned n = length(&eft_page_cache.all); n > 0 && evicted < max;
	     n--) {
		struct eft_cached *cached =
			take_busy(&eft_page_cache.all, false);

		if (cached == NULL)
			break;
		evicted += evict(cached, max - evicted);
		put_busy(cached);
	}
	return evicted;
}

unsigned eft_page_cache_reclaim(unsigned max)
{
	unsigned evicted = evict_all(max);

	for (unsigned n = length(&eft_page_cache.dirty); n > 0 && evicted < max;
	     n--) {
		struct eft_cached *cached =
			take_busy(&eft_page_cache.dirty, true);
		unsigned cleaned;

		if (cached == NULL)
			break;
		cleaned = eft_cached_write_range(cached, 0, UINT64_MAX);
		evicted += evict(cached, max - evicted);
		put_busy(cached);
		eft_cached_let_go(cached, cleaned);
	}
	return evicted;
}

unsigned eft_page_cache_lost(int *ret_error)
{
	struct eft_page_cache *cache = &eft_page_cache;
	struct eft_list *at;
	unsigned lost = 0;

	eft_lock(&cache->lock);
	for (at = cache->all.next; cache->has_lists && at != &cache->all;
	     at = at->next) {
		int error = __atomic_load_n(
			&eft_container_of(at, struct eft_cached, all)->error,
			__ATOMIC_RELAXED);

		if (error != 0) {
			*ret_error = error;
			lost++;
		}
	}
	eft_unlock(&cache->lock);
	return lost;
}

void eft_page_cache_write_old(uint64_t before_ns)
{
	for (unsigned n = length(&eft_page_cache.dirty); n > 0; n--) {
		struct eft_cached *cached =
			take_busy(&eft_page_cache.dirty, true);
		unsigned cleaned;

		if (cached == NULL)
			return;
		cleaned = 0;
		if (cached->dirty_since_ns <= before_ns)
			cleaned = eft_cached_write_range(cached, 0, UINT64_MAX);
		put_busy(cached);
		eft_cached_let_go(cached, cleaned);
	}
}

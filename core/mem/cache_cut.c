// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache: a file is cut, or forgotten.
 */
#include "core/mem.h"
#include "core/mem/cache.h"
#include "core/mem/range.h"

/* Only images that map files have mappings to take away. */
#pragma weak eft_range_hide

/* Take the pages of (bits) from (chunk): how many had something set aside. */
static unsigned take_pages(struct eft_cached *cached, struct eft_chunk *chunk,
			   uint32_t bits, void *page[], unsigned *ret_count)
{
	unsigned dirty = eft_chunk_count(chunk->dirty & bits);
	unsigned reserved = eft_chunk_count(chunk->reserved & bits);
	unsigned n = 0;

	for (unsigned i = 0; i < EFT_CHUNK_PAGES; i++) {
		if (!(bits & 1u << i) || chunk->pages[i] == NULL)
			continue;
		page[n++] = chunk->pages[i];
		chunk->pages[i] = NULL;
	}
	eft_assert(chunk->used >= n && cached->dirty_pages >= dirty);
	chunk->used -= n;
	chunk->dirty &= ~bits;
	chunk->reserved &= ~bits;
	chunk->kept &= ~bits;
	cached->dirty_pages -= dirty;
	eft_page_cache_count(&eft_page_cache.dirty_pages, -(int64_t)dirty);
	eft_page_cache_count(&eft_page_cache.pages, -(int64_t)n);
	*ret_count = n;
	return reserved;
}

/* Does somebody use pages of the chunk at (first), or what were its pages? */
static bool is_pinned(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	const struct eft_chunk *chunk;
	bool pinned;

	eft_lock(&cached->pages.lock);
	chunk = eft_chunk_find(&cached->pages, first);
	pinned = chunk != NULL && chunk->pins > 0;
	eft_unlock(&cached->pages.lock);
	return pinned;
}

/*
 * Drop what there is of the next chunk in [*first, end); false: no more. Who
 * reads it meanwhile has done with it before it is given back.
 */
static bool drop_next(struct eft_cached *cached, uint64_t *first, uint64_t end)
{
	struct eft_chunk *chunk, *empty = NULL;
	void *page[EFT_CHUNK_PAGES];
	unsigned n = 0, reserved = 0;
	bool waits = false, clean = false;
	uint64_t key = UINT64_MAX;

	eft_lock(&cached->pages.lock);
	chunk = eft_chunk_after(&cached->pages, *first);
	if (chunk != NULL && chunk->node.key < end) {
		uint32_t bits = eft_chunk_bits_in(chunk, *first, end);

		key = chunk->node.key;
		waits = chunk->writing & bits;
		if (!waits)
			reserved = take_pages(cached, chunk, bits, page, &n);
		if (!waits && eft_cached_take_empty(cached, chunk))
			empty = chunk;
		clean = eft_cached_became_clean(cached);
	}
	eft_unlock(&cached->pages.lock);
	eft_free(empty);
	if (n > 0 && cached->pages.mapped)
		eft_range_hide(&cached->pages, key, key + EFT_CHUNK_PAGES);
	if (n > 0)
		eft_cached_wait_while(is_pinned, cached, key, end);
	eft_page_cache_free(page, 0, n);
	if (reserved > 0)
		cached->source->unreserve(cached, reserved);
	eft_cached_let_go(cached, clean);
	if (waits)
		eft_cached_wait_while(eft_cached_is_writing, cached,
				      eft_max(key, *first),
				      eft_min(end, key + EFT_CHUNK_PAGES));
	else if (key != UINT64_MAX)
		*first = key + EFT_CHUNK_PAGES;
	return key != UINT64_MAX;
}

static void drop(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	while (drop_next(cached, &first, end))
		;
}

void eft_cached_drop(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	eft_lock(&cached->pages.lock);
	cached->pages.cuts++;
	eft_unlock(&cached->pages.lock);
	drop(cached, first, end);
}

/* Nothing of [first, end) is there, and nothing is read from now on: true. */
static bool close_empty(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	const struct eft_chunk *chunk;
	bool empty = true;

	eft_lock(&cached->pages.lock);
	for (uint64_t i = first; i < end && empty; i++) {
		chunk = eft_chunk_after(&cached->pages, i);
		if (chunk == NULL)
			break;
		i = eft_max(i, chunk->node.key);
		empty = i >= end || eft_chunk_page(chunk, i) == NULL;
	}
	cached->closed = empty;
	cached->pages.cuts += empty;
	eft_unlock(&cached->pages.lock);
	return empty;
}

/*
 * Who copies from a page may fault, and have to read another one before the cut
 * gets the page: so it is not closed while one is waited for.
 */
void eft_cached_close(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	eft_assert(!cached->closed);
	do
		eft_cached_drop(cached, first, end);
	while (!close_empty(cached, first, end));
}

void eft_cached_open(struct eft_cached *cached)
{
	eft_lock(&cached->pages.lock);
	eft_assert(cached->closed);
	cached->closed = false;
	eft_unlock(&cached->pages.lock);
	eft_page_cache_wake();
}

void eft_cached_resize(struct eft_cached *cached, uint64_t size)
{
	uint64_t index = size / EFT_PAGE_SIZE;
	bool shrinks;
	void *page;

	eft_lock(&cached->pages.lock);
	shrinks = size < cached->pages.size;
	eft_pages_set_size(&cached->pages, size);
	cached->pages.cuts++;
	page = eft_chunk_page(eft_chunk_find(&cached->pages, index), index);
	if (page != NULL && shrinks)
		eft_cached_clear_tail(cached, index, page);
	eft_unlock(&cached->pages.lock);
	if (shrinks && cached->pages.mapped) /* copies, of what is not here */
		eft_range_hide(&cached->pages,
			       (size + EFT_PAGE_MASK) / EFT_PAGE_SIZE,
			       UINT64_MAX);
	if (shrinks)
		drop(cached, (size + EFT_PAGE_MASK) / EFT_PAGE_SIZE,
		     UINT64_MAX);
}

void eft_cached_settle(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	eft_cached_wait_while(eft_cached_is_writing, cached, first, end);
}

static bool is_busy(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	bool busy;

	eft_lock(&eft_page_cache.lock);
	busy = cached->busy > 0;
	eft_unlock(&eft_page_cache.lock);
	return busy;
}

void eft_cached_fini(struct eft_cached *cached)
{
	eft_lock(&eft_page_cache.lock);
	eft_list_remove(&cached->all);
	eft_unlock(&eft_page_cache.lock);
	eft_cached_drop(cached, 0, UINT64_MAX);
	eft_cached_wait_while(is_busy, cached, 0, 0);
	eft_assert(eft_treap_first(&cached->pages.chunks) == NULL);
}

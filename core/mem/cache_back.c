// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache: dirty pages are written back.
 */
#include "core/mem/cache.h"
#include "core/mem/range.h"

/* Only images that map files have mappings to take away. */
#pragma weak eft_range_hide

/* Dirty pages in a row that are being written. */
struct run {
	struct eft_chunk *chunk; /* pinned */
	uint64_t index;
	uint32_t bits; /* of them, in (chunk) */
	unsigned count, reserved;
	void *page[EFT_CHUNK_PAGES];
};

/* Why there is no run. */
enum found { RUN, NOTHING, WAIT };

/* Take the first run of (bits), dirty pages of (chunk). Locked. */
static void take_run(struct eft_cached *cached, struct eft_chunk *chunk,
		     uint32_t bits, struct run *ret_run)
{
	unsigned first = (unsigned)__builtin_ctz(bits), n = 0;

	*ret_run =
		(struct run){.chunk = chunk, .index = chunk->node.key + first};
	for (; first + n < EFT_CHUNK_PAGES && bits & 1u << (first + n); n++) {
		ret_run->bits |= 1u << (first + n);
		ret_run->page[n] = chunk->pages[first + n];
		eft_assert(ret_run->page[n] != NULL);
		eft_cached_clear_tail(cached, ret_run->index + n,
				      ret_run->page[n]);
	}
	ret_run->count = n;
	ret_run->reserved = eft_chunk_count(chunk->reserved & ret_run->bits);
	chunk->dirty &= ~ret_run->bits;
	chunk->reserved &= ~ret_run->bits;
	chunk->writing |= ret_run->bits;
	chunk->pins++;
	cached->writes++;
	eft_assert(cached->dirty_pages >= n);
	cached->dirty_pages -= n;
	eft_page_cache_count(&eft_page_cache.dirty_pages, -(int64_t)n);
}

/* The first run of dirty pages in [first, end); others are written: WAIT. */
static enum found find_run(struct eft_cached *cached, uint64_t first,
			   uint64_t end, struct run *ret_run)
{
	enum found found = NOTHING;
	struct eft_chunk *chunk;

	eft_lock(&cached->pages.lock);
	for (chunk = eft_chunk_after(&cached->pages, first);
	     chunk != NULL && chunk->node.key < end && found == NOTHING;
	     chunk = eft_chunk_after(&cached->pages,
				     chunk->node.key + EFT_CHUNK_PAGES)) {
		uint32_t bits = eft_chunk_bits_in(chunk, first, end);

		if (chunk->writing & bits) {
			found = WAIT;
			ret_run->index = chunk->node.key;
		} else if (chunk->dirty & bits) {
			take_run(cached, chunk, chunk->dirty & bits, ret_run);
			found = RUN;
		}
	}
	eft_unlock(&cached->pages.lock);
	return found;
}

/* Returns whether nothing is dirty any more. */
static bool end_run(struct eft_cached *cached, const struct run *run, int error)
{
	bool clean;

	eft_lock(&cached->pages.lock);
	eft_assert((run->chunk->writing & run->bits) == run->bits);
	run->chunk->writing &= ~run->bits;
	cached->writes--;
	if (error != 0 && cached->error == 0)
		cached->error = error;
	clean = eft_cached_became_clean(cached);
	eft_unlock(&cached->pages.lock);
	eft_cached_unpin(cached, run->chunk);
	eft_page_cache_wake();
	return clean;
}

unsigned eft_cached_write_range(struct eft_cached *cached, uint64_t first,
				uint64_t end)
{
	unsigned cleaned = 0;
	enum found found;
	struct run run;

	while ((found = find_run(cached, first, end, &run)) != NOTHING) {
		int error;

		first = eft_max(first, run.index);
		if (found == WAIT) {
			eft_cached_wait_while(
				eft_cached_is_writing, cached, first,
				eft_min(end, run.index + EFT_CHUNK_PAGES));
			continue;
		}
		if (cached->pages.mapped)
			eft_range_hide(&cached->pages, run.index,
				       run.index + run.count);
		error = cached->source->write(cached, run.index, run.page,
					      run.count, run.reserved);
		first = run.index + run.count;
		cleaned += end_run(cached, &run, error);
	}
	return cleaned;
}

void eft_cached_write_back(struct eft_cached *cached)
{
	eft_cached_let_go(cached,
			  eft_cached_write_range(cached, 0, UINT64_MAX));
}

int eft_cached_sync(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	unsigned cleaned = eft_cached_write_range(cached, first, end);
	int error;

	eft_lock(&cached->pages.lock);
	error = cached->error;
	cached->error = 0;
	eft_unlock(&cached->pages.lock);
	eft_cached_let_go(cached, cleaned);
	return error;
}

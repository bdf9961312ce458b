// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache: dirty pages are written back.
 */
#include "core/mem/cache.h"
#include "core/mem/range.h"

/* Only images that map files have mappings to tell. */
#pragma weak eft_range_clean

/*
 * Runs of dirty pages that are being written, and where they are: (bits) of
 * (chunk), which is pinned. Pages that are written do not go from there.
 */
struct batch {
	unsigned count;
	struct eft_cached_run run[EFT_CACHED_RUNS];
	struct eft_chunk *chunk[EFT_CACHED_RUNS];
	uint32_t bits[EFT_CACHED_RUNS];
};

/* Runs whose pages are so near to each other are taken from mappings at once. */
enum { NEAR_PAGES = 1024 };

/* Why there is no run. */
enum found { RUN, NOTHING, WAIT };

/* Take the first run of (bits), dirty pages of (chunk). Locked. */
static void take_run(struct eft_cached *cached, struct eft_chunk *chunk,
		     uint32_t bits, struct batch *batch)
{
	unsigned first = (unsigned)__builtin_ctz(bits), n = 0;
	struct eft_cached_run *run = &batch->run[batch->count];
	uint32_t taken = 0;

	run->index = chunk->node.key + first;
	run->page = &chunk->pages[first];
	for (; first + n < EFT_CHUNK_PAGES && bits & 1u << (first + n); n++) {
		taken |= 1u << (first + n);
		eft_assert(run->page[n] != NULL);
		eft_cached_clear_tail(cached, run->index + n, run->page[n]);
	}
	run->count = n;
	run->reserved = eft_chunk_count(chunk->reserved & taken);
	batch->chunk[batch->count] = chunk;
	batch->bits[batch->count++] = taken;
	chunk->dirty &= ~taken;
	chunk->reserved &= ~taken;
	chunk->writing |= taken;
	chunk->pins++;
	cached->writes++;
	cached->begun++;
	eft_assert(cached->dirty_pages >= n);
	cached->dirty_pages -= n;
	eft_page_cache_count(&eft_page_cache.dirty_pages, -(int64_t)n);
}

/*
 * Take the first run of dirty pages in [*first, end), behind which *first is
 * then. WAIT: others are written, at *first or behind.
 */
static enum found find_run(struct eft_cached *cached, uint64_t *first,
			   uint64_t end, struct batch *batch)
{
	enum found found = NOTHING;
	struct eft_chunk *chunk;

	eft_lock(&cached->pages.lock);
	for (chunk = eft_chunk_after(&cached->pages, *first);
	     chunk != NULL && chunk->node.key < end && found == NOTHING;
	     chunk = eft_chunk_after(&cached->pages,
				     chunk->node.key + EFT_CHUNK_PAGES)) {
		uint32_t bits = eft_chunk_bits_in(chunk, *first, end);

		if (chunk->writing & bits) {
			found = WAIT;
			*first = eft_max(*first, chunk->node.key);
		} else if (chunk->dirty & bits) {
			const struct eft_cached_run *run =
				&batch->run[batch->count];

			take_run(cached, chunk, chunk->dirty & bits, batch);
			found = RUN;
			*first = run->index + run->count;
		}
	}
	eft_unlock(&cached->pages.lock);
	return found;
}

/* Returns whether nothing is dirty any more. */
static bool end_run(struct eft_cached *cached, struct eft_chunk *chunk,
		    uint32_t bits, int error)
{
	bool clean;

	eft_lock(&cached->pages.lock);
	eft_assert((chunk->writing & bits) == bits);
	chunk->writing &= ~bits;
	cached->writes--;
	if (error != 0 && cached->error == 0)
		cached->error = error;
	clean = eft_cached_became_clean(cached);
	eft_unlock(&cached->pages.lock);
	eft_cached_unpin(cached, chunk);
	eft_page_cache_wake();
	return clean;
}

/*
 * Have mappings fault at the next write. What lies between two runs may do so
 * too, in vain.
 */
static void clean(struct eft_cached *cached, const struct batch *batch)
{
	const struct eft_cached_run *run = batch->run;
	const struct eft_cached_run *last = &run[batch->count - 1];
	uint64_t end = last->index + last->count;

	if (end - run->index <= NEAR_PAGES) {
		eft_range_clean(&cached->pages, run->index, end);
		return;
	}
	for (; run <= last; run++)
		eft_range_clean(&cached->pages, run->index,
				run->index + run->count);
}

/* Returns how often the file became clean. */
static unsigned write_batch(struct eft_cached *cached, struct batch *batch)
{
	unsigned cleaned = 0;
	int error;

	if (batch->count == 0)
		return 0;
	if (cached->pages.mapped)
		clean(cached, batch);
	error = cached->source->write(cached, batch->run, batch->count);
	for (unsigned i = 0; i < batch->count; i++)
		cleaned +=
			end_run(cached, batch->chunk[i], batch->bits[i], error);
	return cleaned;
}

unsigned eft_cached_write_range(struct eft_cached *cached, uint64_t first,
				uint64_t end)
{
	unsigned cleaned = 0;
	struct batch batch;
	enum found found;

	do {
		batch.count = 0;
		do
			found = find_run(cached, &first, end, &batch);
		while (found == RUN && batch.count < EFT_CACHED_RUNS);
		cleaned += write_batch(cached, &batch);
		if (found == WAIT)
			eft_cached_wait_while(
				eft_cached_is_writing, cached, first,
				eft_min(end,
					eft_align_down(first, EFT_CHUNK_PAGES) +
						EFT_CHUNK_PAGES));
	} while (found != NOTHING);
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

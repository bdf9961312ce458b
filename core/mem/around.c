// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache and what maps it: what is shown beside the page that was
 * touched, which writes are faults, and what the platform is to know early.
 */
#include "core/abi.h"
#include "core/mem/chunk.h"
#include "core/mem/range.h"

/* Of the platform that runs; NULL: nothing of the page cache is mapped. */
static const struct eft_cached_paging *paging(void)
{
	const struct eft_cached_paging *found = eft_plat_guest_cached_paging();

	return found != NULL ? found : eft_plat_process_cached_paging();
}

/*
 * How many pages beside (page), which is at (i) of (chunk), go on by (step) in
 * RAM as they do in the file, and would be shown as it is: (max) at most.
 */
static unsigned count_neighbours(const struct eft_showing *s,
				 const struct eft_chunk *chunk, unsigned i,
				 int step, size_t max)
{
	const char *page = chunk->pages[i];
	bool dirty = chunk->dirty & eft_chunk_bit(i);
	bool private = s->range->flags & EFT_RANGE_COPY;
	unsigned n = 0;

	while (n < max && (i += (unsigned)step) < EFT_CHUNK_PAGES) {
		page += step * (long)EFT_PAGE_SIZE;
		if (chunk->pages[i] != page ||
		    (!private && dirty != !!(chunk->dirty & eft_chunk_bit(i))))
			break;
		n++;
	}
	return n;
}

int eft_range_show(void *page, bool clean, void *arg)
{
	const struct eft_showing *s = arg;
	const struct eft_range *range = s->range;
	struct eft_pages *pages = eft_range_pages(range);
	size_t before = (s->addr - range->start) / EFT_PAGE_SIZE;
	uint64_t index = (uint64_t)range->offset / EFT_PAGE_SIZE + before;
	uint64_t past = (eft_pages_size(pages) + EFT_PAGE_MASK) / EFT_PAGE_SIZE;
	size_t after = (range->end - s->addr) / EFT_PAGE_SIZE - 1;
	const struct eft_cached_paging *found = paging();
	enum eft_hold hold = eft_showing_hold(s, clean);
	struct eft_chunk *chunk;

	if (!pages->cached || found == NULL || found->map_around == NULL)
		return eft_showing_ended(eft_plat->map_page(
			s->space->plat, s->addr, page, range->prot, hold));
	chunk = eft_chunk_find(pages, index);
	after = eft_min(after, past - 1 - index); /* it is not past the end */
	index %= EFT_CHUNK_PAGES;
	return eft_showing_ended(found->map_around(
		s->space->plat, s->addr, page,
		count_neighbours(s, chunk, (unsigned)index, -1, before),
		count_neighbours(s, chunk, (unsigned)index, 1, after),
		range->prot, hold));
}

void eft_range_prepare(void *page, size_t len)
{
	const struct eft_cached_paging *found = paging();

	if (found != NULL && found->prepare != NULL)
		found->prepare(page, len);
}

/* Private mappings never write to it. */
static void clean_in(struct eft_space *space,
		     const struct eft_cached_paging *paging,
		     const struct eft_pages *pages, uint64_t index,
		     uint64_t end)
{
	const struct eft_range *range;
	uintptr_t at = 0;

	eft_lock(&space->lock);
	while ((range = eft_range_after(space, at)) != NULL) {
		uintptr_t addr;
		size_t len = eft_range_part(range, index, end, &addr);

		at = range->end;
		if (range->file != NULL && !(range->flags & EFT_RANGE_COPY) &&
		    len > 0 && eft_range_pages(range) == pages)
			paging->clean(space->plat, addr, len);
	}
	eft_unlock(&space->lock);
}

void eft_range_clean(const struct eft_pages *pages, uint64_t index,
		     uint64_t end)
{
	const struct eft_cached_paging *found = paging();
	struct eft_process *process = NULL;

	if (found == NULL)
		return;
	while ((process = eft_process_next(process)) != NULL)
		clean_in(process->space, found, pages, index, end);
}

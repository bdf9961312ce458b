// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache: what is not there is read, and more of it where somebody
 * reads on.
 *
 * STRAIGHT Large reads of what is not there go to the program's memory at once,
 *        where the source can do that, and into no page: a host has them in its
 *        own cache. If what was read may be old by the end, for there was a cut
 *        or the like, it is read again, into pages.
 */
#include "core/abi.h"
#include "core/mem.h"
#include "core/mem/cache.h"
#include "core/mem/range.h"
#include "core/user.h"

/* A mapping's first write, and its reads, are faults that sleep. */
eft_needs(eft_fault_divert);
eft_needs(eft_fault_error);

enum { STRAIGHT_MIN = 64 << 10, STRAIGHT_MAX = 1 << 20 };

/* How many pages are not there from (index) on, up to (max)? Locked. */
static unsigned absent_run(struct eft_cached *cached, uint64_t index,
			   unsigned max)
{
	struct eft_chunk *chunk = eft_chunk_find(&cached->pages, index);
	uint64_t end = (cached->pages.size + EFT_PAGE_MASK) / EFT_PAGE_SIZE;
	unsigned n = 0;

	max = eft_min(max, EFT_CHUNK_PAGES - index % EFT_CHUNK_PAGES);
	while (n < max && index + n < end &&
	       eft_chunk_page(chunk, index + n) == NULL)
		n++;
	return n;
}

/*
 * The pages to read at (index), which is not there, where (wanted) are asked
 * for: more than these, and twice as many each time, if that is where the last
 * reading ended.
 */
static unsigned choose_run(struct eft_cached *cached, uint64_t index,
			   uint64_t wanted)
{
	unsigned n = (unsigned)eft_min(wanted, EFT_CHUNK_PAGES);

	eft_lock(&cached->pages.lock);
	if (index == cached->ahead_next)
		n = eft_max(n, eft_min(2 * cached->ahead, EFT_CHUNK_PAGES));
	cached->ahead = n;
	n = absent_run(cached, index, n);
	cached->ahead_next = index + n;
	eft_unlock(&cached->pages.lock);
	return n;
}

/* Neighbours in RAM, which the disk and mappings have as one; how many. */
static unsigned alloc_run(void *page[], unsigned wanted)
{
	unsigned order = 31 - (unsigned)__builtin_clz(wanted);
	char *first;

	while ((first = eft_page_alloc(order)) == NULL) {
		if (order-- == 0)
			return 0;
	}
	eft_page_split(first);
	eft_range_prepare(first, EFT_PAGE_SIZE << order);
	for (unsigned i = 0; i < 1u << order; i++)
		page[i] = first + i * EFT_PAGE_SIZE;
	return 1u << order;
}

unsigned eft_page_cache_alloc(void *page[], unsigned wanted)
{
	unsigned n = 0, more = 1;

	eft_page_cache_make_room(wanted);
	for (; n < wanted && more > 0; n += more)
		more = alloc_run(page + n, wanted - n);
	return n;
}

void eft_page_cache_free(void *const page[], unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		eft_page_free(page[i]);
}

/*
 * Put (page) at (index), unless there is one, or there was a cut, or the source
 * has got something newer meanwhile: false. Nor past the end: the cut may have
 * come before the fetch, and may not have come to the source yet.
 */
static bool insert(struct eft_cached *cached, uint64_t index, void *page,
		   struct eft_chunk **spare, const struct eft_fetch *fetch)
{
	bool inserted;

	eft_lock(&cached->pages.lock);
	inserted = !fetch->old &&
		   !eft_pages_is_past_end(&cached->pages, index) &&
		   eft_chunk_insert(&cached->pages, index, page, spare,
				    fetch->cuts);
	if (inserted) {
		eft_chunk_find(&cached->pages, index)->recent |=
			eft_chunk_bit(index);
		eft_page_cache_count(&eft_page_cache.pages, 1);
	}
	eft_unlock(&cached->pages.lock);
	return inserted;
}

/* One that cannot be read does not keep others from being read. */
static int read_run(struct eft_cached *cached, uint64_t index,
		    void *const page[], unsigned *n)
{
	int error = cached->source->read(cached, index, page, *n);

	if (error != 0 && *n > 1) {
		eft_page_cache_free(page, 1, *n);
		*n = 1;
		error = cached->source->read(cached, index, page, 1);
	}
	for (unsigned i = 0; i < *n && error == 0; i++)
		eft_cached_clear_tail(cached, index + i, page[i]);
	return error;
}

static bool is_closed(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	bool closed;

	eft_lock(&cached->pages.lock);
	closed = cached->closed;
	eft_unlock(&cached->pages.lock);
	return closed;
}

static void begin_fetch(struct eft_cached *cached, struct eft_fetch *fetch)
{
	eft_lock(&cached->pages.lock);
	while (cached->closed) {
		eft_unlock(&cached->pages.lock);
		eft_cached_wait_while(is_closed, cached, 0, 0);
		eft_lock(&cached->pages.lock);
	}
	fetch->cuts = cached->pages.cuts;
	fetch->next = cached->fetches;
	cached->fetches = fetch;
	eft_unlock(&cached->pages.lock);
}

static void end_fetch(struct eft_cached *cached, struct eft_fetch *fetch)
{
	struct eft_fetch **at = &cached->fetches;

	eft_lock(&cached->pages.lock);
	while (*at != fetch)
		at = &(*at)->next;
	*at = fetch->next;
	eft_unlock(&cached->pages.lock);
}

/* Read the page at (index), and (wanted) with it, unless they are there. */
static int fetch(struct eft_cached *cached, uint64_t index, uint64_t wanted)
{
	unsigned n = choose_run(cached, index, wanted);
	struct eft_fetch this = {.index = index};
	struct eft_chunk *spare;
	void *page[EFT_CHUNK_PAGES];
	int error = -ENOMEM;

	if (n == 0)
		return 0;
	n = eft_page_cache_alloc(page, n);
	spare = eft_alloc(sizeof(*spare));
	this.count = n;
	begin_fetch(cached, &this); /* to make room was a cut */
	if (n > 0 && spare != NULL)
		error = read_run(cached, index, page, &n);
	for (unsigned i = 0; i < n; i++) {
		if (error != 0 ||
		    !insert(cached, index + i, page[i], &spare, &this))
			eft_page_free(page[i]);
	}
	end_fetch(cached, &this);
	eft_free(spare);
	return error;
}

int eft_cached_get(struct eft_cached *cached, uint64_t index, uint64_t wanted,
		   struct eft_chunk **ret_chunk, void **ret_page)
{
	int error = 0;

	while ((*ret_page = eft_cached_pin(cached, index, ret_chunk)) == NULL &&
	       !eft_pages_is_past_end(&cached->pages, index) && error == 0)
		error = fetch(cached, index, wanted);
	return error;
}

/*
 * How many pages are not there from (index) on, up to (max), and within the end?
 * Who asks may have seen the end before a cut. Locked.
 */
static uint64_t absent_pages(struct eft_cached *cached, uint64_t index,
			     uint64_t max)
{
	uint64_t past = cached->pages.size / EFT_PAGE_SIZE;
	uint64_t at = index, end = eft_max(index, eft_min(index + max, past));

	while (at < end) {
		struct eft_chunk *chunk = eft_chunk_find(&cached->pages, at);

		if (chunk == NULL)
			at = eft_align_down(at, EFT_CHUNK_PAGES) +
			     EFT_CHUNK_PAGES;
		else if (eft_chunk_page(chunk, at) == NULL)
			at++;
		else
			break;
	}
	return eft_min(at, end) - index;
}

/* From a page's beginning at (offset) on. How many bytes: whole pages, or 0. */
static size_t read_straight(struct eft_cached *cached, uint64_t offset,
			    char eft_user *buf, size_t len)
{
	struct eft_fetch this = {.index = offset / EFT_PAGE_SIZE};
	bool late;
	size_t n;

	if (!cached->reads_out || len < STRAIGHT_MIN)
		return 0;
	begin_fetch(cached, &this);
	eft_lock(&cached->pages.lock);
	this.count = (unsigned)absent_pages(
		cached, this.index, eft_min(len, STRAIGHT_MAX) / EFT_PAGE_SIZE);
	eft_unlock(&cached->pages.lock);
	n = (size_t)this.count * EFT_PAGE_SIZE;
	n = n < STRAIGHT_MIN ? 0
			     : cached->source->read_out(cached, offset, buf, n);
	end_fetch(cached, &this);
	eft_lock(&cached->pages.lock);
	late = this.old || cached->pages.cuts != this.cuts;
	eft_unlock(&cached->pages.lock);
	return late ? 0 : eft_align_down(n, EFT_PAGE_SIZE);
}

/* (len) bytes that are to be read, of which what is in one page is. */
static size_t read_page(struct eft_cached *cached, uint64_t at,
			char eft_user *buf, size_t len, int *ret_error)
{
	size_t in_page = at & EFT_PAGE_MASK, n = 0;
	uint64_t wanted = (len + in_page + EFT_PAGE_MASK) / EFT_PAGE_SIZE;
	struct eft_chunk *chunk;
	char *page;

	if (cached->reads_out && in_page > 0 &&
	    len >= STRAIGHT_MIN + EFT_PAGE_SIZE)
		wanted = 1; /* what follows may go straight */
	*ret_error = eft_cached_get(cached, at / EFT_PAGE_SIZE, wanted, &chunk,
				    (void **)&page);
	if (page == NULL) /* also: past the end, by a cut meanwhile */
		return 0;
	len = eft_min(len, EFT_PAGE_SIZE - in_page);
	n = eft_copy_out_some(buf, page + in_page, len);
	eft_cached_unpin(cached, chunk);
	if (n < len)
		*ret_error = -EFAULT;
	return n;
}

size_t eft_cached_read(struct eft_cached *cached, uint64_t offset,
		       char eft_user *buf, size_t len, int *ret_error)
{
	size_t done = 0, n = 1;

	while (done < len && *ret_error == 0 && n > 0) {
		uint64_t at = offset + done;

		n = (at & EFT_PAGE_MASK) == 0
			    ? read_straight(cached, at, buf + done, len - done)
			    : 0;
		if (n == 0)
			n = read_page(cached, at, buf + done, len - done,
				      ret_error);
		done += n;
	}
	return done;
}

ssize_t eft_cached_read_iov(struct eft_cached *cached,
			    const struct eft_iovec *iov, int count, off_t *at)
{
	off_t from = *at;
	int error = 0;

	for (int i = 0; i < count && error == 0; i++) {
		uint64_t size = eft_pages_size(&cached->pages);
		size_t len = eft_min(iov[i].len,
				     size - eft_min(size, (uint64_t)*at));
		size_t n = eft_cached_read(cached, (uint64_t)*at, iov[i].base,
					   len, &error);

		*at += (off_t)n;
		if (n < iov[i].len)
			break;
	}
	return *at > from ? *at - from : error;
}

int eft_cached_bring_in(struct eft_cached *cached, uint64_t index, bool writes)
{
	struct eft_chunk *chunk;
	void *page;
	int error = eft_cached_get(cached, index, 1, &chunk, &page);

	if (page == NULL)
		return error;
	if (writes)
		error = eft_cached_make_dirty(cached, index, chunk);
	eft_cached_unpin(cached, chunk);
	return error;
}

int eft_cached_keep(struct eft_cached *cached, uint64_t index, void **ret_page)
{
	struct eft_chunk *chunk;
	int error = eft_cached_get(cached, index, 1, &chunk, ret_page);

	if (*ret_page == NULL)
		return error;
	eft_lock(&cached->pages.lock);
	chunk->kept |= eft_chunk_bit(index);
	eft_unlock(&cached->pages.lock);
	eft_cached_unpin(cached, chunk);
	return 0;
}

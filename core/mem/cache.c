// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache.
 *
 * PAGES   A page is in the array (core/mem/pages.c) or with its source. Who
 *         uses one without the lock pins its chunk. One that is evicted counts
 *         as a cut: what was read before, and comes late, is not put there.
 * DIRTY   A mapping shows a clean page without the right to write, so that the
 *         first write is a fault (eft_cached_bring_in()). Write-back first makes
 *         the pages clean, then takes them from all mappings, then has them
 *         written: what a mapping wrote before is in memory by then, what it
 *         writes later makes them dirty again.
 * WRITING Pages that are being written are not freed, nor written twice at a
 *         time. Who has to wait for that sleeps on (written).
 * OLD     The pages of a file are looked at in turn, as by the hand of a clock:
 *         what was used since the last time is spared once. Files are looked
 *         at in turn too.
 * LOCKS   A file's pages, then the cache's. A file that is busy is not freed.
 */
#include "core/cache.h"
#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/mem/chunk.h"
#include "core/mem/flusher.h"
#include "core/mem/range.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/user.h"

/* Only images that map files have mappings to take away. */
#pragma weak eft_range_hide

/* A mapping's first write, and its reads, are faults that sleep. */
eft_needs(eft_fault_divert);
eft_needs(eft_fault_error);

enum { LOW_SHARE = 16, LOW_MIN = 32, LOW_MAX = 4096 };
enum { DIRTY_SHARE = 8, RECLAIM_PAGES = 32 };

static struct {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_list all, dirty;
	bool has_lists;
	uint64_t pages, dirty_pages; /* atomic */
} cache = {.lock = EFT_LOCK_INIT(EFT_RANK_CACHE)};

/* Something was written, or is not busy any more. */
static struct eft_waitq written = EFT_WAITQ_INIT(written);

void eft_cached_init(struct eft_cached *cached,
		     const struct eft_cached_source *source, uint64_t size)
{
	eft_lock_init(&cached->pages.lock, EFT_RANK_FILE_PAGES);
	cached->pages.cached = true;
	cached->pages.size = size;
	cached->source = source;
	eft_list_init(&cached->dirty);
	eft_lock(&cache.lock);
	if (!cache.has_lists) {
		eft_list_init(&cache.all);
		eft_list_init(&cache.dirty);
		cache.has_lists = true;
	}
	eft_list_insert(&cache.all, &cached->all);
	eft_unlock(&cache.lock);
}

void eft_page_cache_stats(struct eft_page_cache_stats *ret_stats)
{
	ret_stats->pages = __atomic_load_n(&cache.pages, __ATOMIC_RELAXED);
	ret_stats->dirty =
		__atomic_load_n(&cache.dirty_pages, __ATOMIC_RELAXED);
}

static unsigned bits_of(uint32_t bits)
{
	unsigned n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

static void count(uint64_t *counter, int64_t more)
{
	__atomic_fetch_add(counter, (uint64_t)more, __ATOMIC_RELAXED);
}

/*
 * Pins and waits.
 */

static void *page_in(const struct eft_chunk *chunk, uint64_t index)
{
	return chunk != NULL ? chunk->pages[index % EFT_CHUNK_PAGES] : NULL;
}

/* The page at (index), its chunk pinned, or NULL. */
static void *pin(struct eft_cached *cached, uint64_t index,
		 struct eft_chunk **ret_chunk)
{
	struct eft_chunk *chunk;
	void *page;

	eft_lock(&cached->pages.lock);
	chunk = eft_chunk_find(&cached->pages, index);
	page = page_in(chunk, index);
	if (page != NULL) {
		chunk->pins++;
		chunk->recent |= eft_chunk_bit(index);
	}
	eft_unlock(&cached->pages.lock);
	*ret_chunk = chunk;
	return page;
}

/* Take (chunk) out of the array if it is empty. Locked. */
static bool take_empty(struct eft_cached *cached, struct eft_chunk *chunk)
{
	if (chunk->used > 0 || chunk->pins > 0)
		return false;
	eft_assert((chunk->dirty | chunk->writing | chunk->reserved) == 0);
	eft_treap_remove(&cached->pages.chunks, &chunk->node);
	return true;
}

static void unpin(struct eft_cached *cached, struct eft_chunk *chunk)
{
	bool empty;

	eft_lock(&cached->pages.lock);
	eft_assert(chunk->pins > 0);
	chunk->pins--;
	empty = take_empty(cached, chunk);
	eft_unlock(&cached->pages.lock);
	if (empty)
		eft_free(chunk);
}

static void wake_waiters(void)
{
	if (eft_waitq_busy(&written))
		eft_waitq_wake(&written, EFT_WAKE_ALL);
}

/* Sleep until something was written after (is_so) was true. */
static void wait_while(bool (*is_so)(struct eft_cached *cached, uint64_t first,
				     uint64_t end),
		       struct eft_cached *cached, uint64_t first, uint64_t end)
{
	struct eft_waiter waiter;

	eft_wait_begin(&waiter, &written);
	while (is_so(cached, first, end))
		eft_sleep_through();
	eft_wait_end(&waiter);
}

/* The bits of (chunk)'s pages that are in [first, end). */
static uint32_t bits_in(const struct eft_chunk *chunk, uint64_t first,
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

static bool is_writing(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	struct eft_chunk *chunk;
	bool found = false;

	eft_lock(&cached->pages.lock);
	for (chunk = eft_chunk_after(&cached->pages, first);
	     chunk != NULL && chunk->node.key < end && !found;
	     chunk = eft_chunk_after(&cached->pages,
				     chunk->node.key + EFT_CHUNK_PAGES))
		found = chunk->writing & bits_in(chunk, first, end);
	eft_unlock(&cached->pages.lock);
	return found;
}

/*
 * Dirty pages.
 */

/* The first or the last is. Locked. */
static void note_dirty_locked(struct eft_cached *cached, bool dirty)
{
	eft_lock(&cache.lock);
	eft_assert(eft_list_empty(&cached->dirty) == dirty);
	if (dirty) {
		cached->dirty_since_ns = eft_now_ns();
		eft_list_insert(&cache.dirty, &cached->dirty);
	} else {
		eft_list_remove(&cached->dirty);
		eft_list_init(&cached->dirty);
	}
	eft_unlock(&cache.lock);
}

/* The first page became dirty. */
static void hold(struct eft_cached *cached)
{
	eft_flusher_wake();
	if (cached->source->hold != NULL)
		cached->source->hold(cached);
}

/*
 * The last dirty page is no more, (times) times. (cached) may be gone then:
 * nobody who comes by it without counting it has it any more.
 */
static void let_go(struct eft_cached *cached, unsigned times)
{
	const struct eft_cached_source *source = cached->source;

	while (times-- > 0 && source->let_go != NULL)
		source->let_go(cached);
}

/* True: it is the first. Locked. */
static bool set_dirty_locked(struct eft_cached *cached, struct eft_chunk *chunk,
			     uint32_t bit)
{
	if (chunk->dirty & bit)
		return false;
	chunk->dirty |= bit;
	cached->dirty_pages++;
	count(&cache.dirty_pages, 1);
	if (cached->held)
		return false;
	cached->held = true;
	note_dirty_locked(cached, true);
	return true;
}

/*
 * Make the page at (index) of (chunk), pinned, dirty, for which (reserved)
 * pages, 0 or 1, are set aside. A cut may have taken it, or another thread may
 * have done the same.
 */
static void set_dirty(struct eft_cached *cached, uint64_t index,
		      struct eft_chunk *chunk, unsigned reserved)
{
	uint32_t bit = eft_chunk_bit(index);
	bool first = false;

	eft_lock(&cached->pages.lock);
	if (page_in(chunk, index) != NULL) {
		first = set_dirty_locked(cached, chunk, bit);
		if (reserved > 0 && !(chunk->reserved & bit)) {
			chunk->reserved |= bit;
			reserved = 0;
		}
	}
	eft_unlock(&cached->pages.lock);
	if (reserved > 0)
		cached->source->unreserve(cached, reserved);
	if (first)
		hold(cached);
}

/* The last dirty page was written, or dropped: true, once. Locked. */
static bool became_clean_locked(struct eft_cached *cached)
{
	if (!cached->held || cached->dirty_pages > 0 || cached->writes > 0)
		return false;
	cached->held = false;
	note_dirty_locked(cached, false);
	return true;
}

static bool is_dirty(struct eft_cached *cached, uint64_t index,
		     struct eft_chunk *chunk)
{
	bool dirty;

	eft_lock(&cached->pages.lock);
	dirty = chunk->dirty & eft_chunk_bit(index);
	eft_unlock(&cached->pages.lock);
	return dirty;
}

/* Something set aside for a page that will be dirty: 0, 1 or an error. */
static int reserve(struct eft_cached *cached, uint64_t index)
{
	if (cached->source->write == NULL)
		return -EROFS;
	if (cached->source->reserve == NULL)
		return 0;
	return cached->source->reserve(cached, index);
}

static int make_dirty(struct eft_cached *cached, uint64_t index,
		      struct eft_chunk *chunk)
{
	int reserved;

	if (is_dirty(cached, index, chunk))
		return 0;
	reserved = reserve(cached, index);
	if (reserved < 0)
		return reserved;
	set_dirty(cached, index, chunk, (unsigned)reserved);
	return 0;
}

/*
 * Memory.
 */

static uint64_t low_mark(const struct eft_page_stats *stats)
{
	return eft_min(eft_max(stats->total / LOW_SHARE, LOW_MIN), LOW_MAX);
}

static void make_room(unsigned pages)
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
	count(&cache.pages, -(int64_t)n);
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
		if (take_empty(cached, chunk))
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

	eft_lock(&cache.lock);
	if (cache.has_lists && !eft_list_empty(list)) {
		cached = dirty ? eft_container_of(list->next, struct eft_cached,
						  dirty)
			       : eft_container_of(list->next, struct eft_cached,
						  all);
		eft_list_remove(list->next);
		eft_list_insert(list, dirty ? &cached->dirty : &cached->all);
		cached->busy++;
	}
	eft_unlock(&cache.lock);
	return cached;
}

static void put_busy(struct eft_cached *cached)
{
	eft_lock(&cache.lock);
	eft_assert(cached->busy > 0);
	cached->busy--;
	eft_unlock(&cache.lock);
	wake_waiters();
}

static unsigned length(const struct eft_list *list)
{
	unsigned n = 0;

	eft_lock(&cache.lock);
	if (cache.has_lists) {
		for (const struct eft_list *at = list->next; at != list;
		     at = at->next)
			n++;
	}
	eft_unlock(&cache.lock);
	return n;
}

static unsigned evict_all(unsigned max)
{
	unsigned evicted = 0;

	for (unsigned n = length(&cache.all); n > 0 && evicted < max; n--) {
		struct eft_cached *cached = take_busy(&cache.all, false);

		if (cached == NULL)
			break;
		evicted += evict(cached, max - evicted);
		put_busy(cached);
	}
	return evicted;
}

/*
 * Reading.
 */

/* How many pages are not there from (index) on, up to (max)? Locked. */
static unsigned absent_run(struct eft_cached *cached, uint64_t index,
			   unsigned max)
{
	struct eft_chunk *chunk = eft_chunk_find(&cached->pages, index);
	uint64_t end = (cached->pages.size + EFT_PAGE_MASK) / EFT_PAGE_SIZE;
	unsigned n = 0;

	max = eft_min(max, EFT_CHUNK_PAGES - index % EFT_CHUNK_PAGES);
	while (n < max && index + n < end && page_in(chunk, index + n) == NULL)
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

/* As many pages as there are, up to (count). */
static unsigned alloc_pages(void *page[], unsigned wanted)
{
	unsigned n = 0;

	make_room(wanted);
	while (n < wanted && (page[n] = eft_page_alloc(0)) != NULL)
		n++;
	return n;
}

static void free_pages(void *const page[], unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		eft_page_free(page[i]);
}

/* Put (page) at (index), unless there is one, or there was a cut: false. */
static bool insert(struct eft_cached *cached, uint64_t index, void *page,
		   struct eft_chunk **spare, unsigned cuts)
{
	bool inserted;

	eft_lock(&cached->pages.lock);
	inserted = eft_chunk_insert(&cached->pages, index, page, spare, cuts);
	if (inserted) {
		eft_chunk_find(&cached->pages, index)->recent |=
			eft_chunk_bit(index);
		count(&cache.pages, 1);
	}
	eft_unlock(&cached->pages.lock);
	return inserted;
}

/*
 * What lies past the end in the last page is not the file's: a mapping may have
 * written it, or a source has read it.
 */
static void clear_tail(struct eft_cached *cached, uint64_t index, char *page)
{
	uint64_t size = cached->pages.size;

	if (size / EFT_PAGE_SIZE == index)
		memset(page + (size & EFT_PAGE_MASK), 0,
		       EFT_PAGE_SIZE - (size & EFT_PAGE_MASK));
}

/* One that cannot be read does not keep others from being read. */
static int read_run(struct eft_cached *cached, uint64_t index,
		    void *const page[], unsigned *n)
{
	int error = cached->source->read(cached, index, page, *n);

	if (error != 0 && *n > 1) {
		free_pages(page, 1, *n);
		*n = 1;
		error = cached->source->read(cached, index, page, 1);
	}
	for (unsigned i = 0; i < *n && error == 0; i++)
		clear_tail(cached, index + i, page[i]);
	return error;
}

static unsigned cuts_of(struct eft_cached *cached)
{
	unsigned cuts;

	eft_lock(&cached->pages.lock);
	cuts = cached->pages.cuts;
	eft_unlock(&cached->pages.lock);
	return cuts;
}

/* Read the page at (index), and (wanted) with it, unless they are there. */
static int fetch(struct eft_cached *cached, uint64_t index, uint64_t wanted)
{
	unsigned n = choose_run(cached, index, wanted), cuts;
	struct eft_chunk *spare;
	void *page[EFT_CHUNK_PAGES];
	int error = -ENOMEM;

	if (n == 0)
		return 0;
	n = alloc_pages(page, n);
	spare = eft_alloc(sizeof(*spare));
	cuts = cuts_of(cached); /* to make room was one */
	if (n > 0 && spare != NULL)
		error = read_run(cached, index, page, &n);
	for (unsigned i = 0; i < n; i++) {
		if (error != 0 ||
		    !insert(cached, index + i, page[i], &spare, cuts))
			eft_page_free(page[i]);
	}
	eft_free(spare);
	return error;
}

/* The page at (index), pinned; NULL: it is past the end. */
static int get(struct eft_cached *cached, uint64_t index, uint64_t wanted,
	       struct eft_chunk **ret_chunk, void **ret_page)
{
	int error = 0;

	while ((*ret_page = pin(cached, index, ret_chunk)) == NULL &&
	       !eft_pages_is_past_end(&cached->pages, index) && error == 0)
		error = fetch(cached, index, wanted);
	return error;
}

size_t eft_cached_read(struct eft_cached *cached, uint64_t offset,
		       char eft_user *buf, size_t len, int *ret_error)
{
	size_t done = 0;

	while (done < len && *ret_error == 0) {
		uint64_t at = offset + done;
		size_t in_page = at & EFT_PAGE_MASK, n;
		size_t wanted = eft_min(len - done, EFT_PAGE_SIZE - in_page);
		struct eft_chunk *chunk;
		char *page;

		*ret_error = get(cached, at / EFT_PAGE_SIZE,
				 (len - done + in_page + EFT_PAGE_MASK) /
					 EFT_PAGE_SIZE,
				 &chunk, (void **)&page);
		if (page == NULL) /* also: past the end, by a cut meanwhile */
			break;
		n = eft_copy_out_some(buf + done, page + in_page, wanted);
		unpin(cached, chunk);
		done += n;
		if (n < wanted)
			*ret_error = -EFAULT;
	}
	return done;
}

int eft_cached_bring_in(struct eft_cached *cached, uint64_t index, bool writes)
{
	struct eft_chunk *chunk;
	void *page;
	int error = get(cached, index, 1, &chunk, &page);

	if (page == NULL)
		return error;
	if (writes)
		error = make_dirty(cached, index, chunk);
	unpin(cached, chunk);
	return error;
}

int eft_cached_keep(struct eft_cached *cached, uint64_t index, void **ret_page)
{
	struct eft_chunk *chunk;
	int error = get(cached, index, 1, &chunk, ret_page);

	if (*ret_page == NULL)
		return error;
	eft_lock(&cached->pages.lock);
	chunk->kept |= eft_chunk_bit(index);
	eft_unlock(&cached->pages.lock);
	unpin(cached, chunk);
	return 0;
}

/*
 * Writing.
 */

static void grow(struct eft_cached *cached, uint64_t end)
{
	if (end > cached->pages.size)
		eft_pages_set_size(&cached->pages, end);
}

/*
 * Write into a page that is there, or is read. The page is dirty before, so
 * that there will be room for it; and after, in case it was written back
 * meanwhile.
 */
static size_t write_into(struct eft_cached *cached, uint64_t offset,
			 const char eft_user *buf, size_t len, int *ret_error)
{
	uint64_t index = offset / EFT_PAGE_SIZE;
	struct eft_chunk *chunk;
	char *page;
	size_t n = 0;

	*ret_error = get(cached, index, 1, &chunk, (void **)&page);
	if (page == NULL)
		return 0;
	*ret_error = make_dirty(cached, index, chunk);
	if (*ret_error == 0) {
		n = eft_copy_in_some(page + (offset & EFT_PAGE_MASK), buf, len);
		grow(cached, offset + n);
		set_dirty(cached, index, chunk, 0);
		*ret_error = n < len ? -EFAULT : 0;
	}
	unpin(cached, chunk);
	return n;
}

/* Put (page), which is newer than the source's, at (index). */
static bool insert_dirty(struct eft_cached *cached, uint64_t index, void *page,
			 uint64_t end, unsigned reserved)
{
	struct eft_chunk *spare = eft_alloc(sizeof(*spare)), *chunk;
	bool inserted;

	eft_lock(&cached->pages.lock);
	inserted = eft_chunk_insert(&cached->pages, index, page, &spare,
				    cached->pages.cuts);
	chunk = eft_chunk_find(&cached->pages, index);
	if (inserted) {
		chunk->recent |= eft_chunk_bit(index);
		chunk->pins++;
		count(&cache.pages, 1);
		grow(cached, end);
	}
	eft_unlock(&cached->pages.lock);
	eft_free(spare);
	if (inserted) {
		set_dirty(cached, index, chunk, reserved);
		unpin(cached, chunk);
	}
	return inserted;
}

/*
 * Write a page of which the source need not be asked: all of it, or what lies
 * past the end. It is there when its contents are. Returns 0, and no error,
 * where that cannot be.
 */
static size_t write_new(struct eft_cached *cached, uint64_t offset,
			const char eft_user *buf, size_t len, int *ret_error)
{
	uint64_t index = offset / EFT_PAGE_SIZE;
	size_t in_page = offset & EFT_PAGE_MASK, n;
	void *page;
	int reserved;

	if (alloc_pages(&page, 1) == 0)
		return 0;
	memset(page, 0, EFT_PAGE_SIZE);
	n = eft_copy_in_some((char *)page + in_page, buf, len);
	*ret_error = n < len ? -EFAULT : 0;
	reserved = n > 0 ? reserve(cached, index) : 0;
	if (reserved < 0)
		*ret_error = reserved;
	if (n > 0 && reserved >= 0 &&
	    insert_dirty(cached, index, page, offset + n, (unsigned)reserved))
		return n;
	eft_page_free(page);
	if (reserved > 0)
		cached->source->unreserve(cached, 1);
	return 0;
}

static bool is_there(struct eft_cached *cached, uint64_t index)
{
	bool there;

	eft_lock(&cached->pages.lock);
	there = page_in(eft_chunk_find(&cached->pages, index), index) != NULL;
	eft_unlock(&cached->pages.lock);
	return there;
}

/* Write (len) bytes at (offset), which are of one page. */
static size_t write_page(struct eft_cached *cached, uint64_t offset,
			 const char eft_user *buf, size_t len, int *ret_error)
{
	uint64_t index = offset / EFT_PAGE_SIZE;
	bool past = eft_pages_is_past_end(&cached->pages, index);
	size_t n = 0;

	if ((past || len == EFT_PAGE_SIZE) && !is_there(cached, index))
		n = write_new(cached, offset, buf, len, ret_error);
	if (n > 0 || (past && *ret_error != 0))
		return n;
	if (past)
		*ret_error = -ENOMEM;
	else /* also: only a part of the page could be copied */
		n = write_into(cached, offset, buf, len, ret_error);
	return n;
}

static void throttle(struct eft_cached *cached)
{
	struct eft_page_stats memory;
	struct eft_page_cache_stats stats;

	eft_page_cache_stats(&stats);
	eft_page_stats(&memory);
	if (stats.dirty > memory.total / DIRTY_SHARE)
		eft_cached_write_back(cached);
}

size_t eft_cached_write(struct eft_cached *cached, uint64_t offset,
			const char eft_user *buf, size_t len, int *ret_error)
{
	size_t done = 0;

	while (done < len && *ret_error == 0) {
		uint64_t at = offset + done;
		size_t in_page = at & EFT_PAGE_MASK;
		size_t wanted = eft_min(len - done, EFT_PAGE_SIZE - in_page);

		done += write_page(cached, at, buf + done, wanted, ret_error);
	}
	throttle(cached);
	return done;
}

/*
 * Writing back.
 */

/* Dirty pages in a row that are being written. */
struct run {
	struct eft_chunk *chunk; /* pinned */
	uint64_t index;
	uint32_t bits; /* of them, in (chunk) */
	unsigned count, reserved;
	void *page[EFT_CHUNK_PAGES];
};

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
		clear_tail(cached, ret_run->index + n, ret_run->page[n]);
	}
	ret_run->count = n;
	ret_run->reserved = bits_of(chunk->reserved & ret_run->bits);
	chunk->dirty &= ~ret_run->bits;
	chunk->reserved &= ~ret_run->bits;
	chunk->writing |= ret_run->bits;
	chunk->pins++;
	cached->writes++;
	eft_assert(cached->dirty_pages >= n);
	cached->dirty_pages -= n;
	count(&cache.dirty_pages, -(int64_t)n);
}

/* Why there is no run. */
enum found { RUN, NOTHING, WAIT };

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
		uint32_t bits = bits_in(chunk, first, end);

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
	clean = became_clean_locked(cached);
	eft_unlock(&cached->pages.lock);
	unpin(cached, run->chunk);
	wake_waiters();
	return clean;
}

/* Returns how often it became clean: let_go(). */
static unsigned write_range(struct eft_cached *cached, uint64_t first,
			    uint64_t end)
{
	unsigned cleaned = 0;
	enum found found;
	struct run run;

	while ((found = find_run(cached, first, end, &run)) != NOTHING) {
		int error;

		first = eft_max(first, run.index);
		if (found == WAIT) {
			wait_while(is_writing, cached, first,
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
	let_go(cached, write_range(cached, 0, UINT64_MAX));
}

int eft_cached_sync(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	unsigned cleaned = write_range(cached, first, end);
	int error;

	eft_lock(&cached->pages.lock);
	error = cached->error;
	cached->error = 0;
	eft_unlock(&cached->pages.lock);
	let_go(cached, cleaned);
	return error;
}

unsigned eft_page_cache_reclaim(unsigned max)
{
	unsigned evicted = evict_all(max);

	for (unsigned n = length(&cache.dirty); n > 0 && evicted < max; n--) {
		struct eft_cached *cached = take_busy(&cache.dirty, true);
		unsigned cleaned;

		if (cached == NULL)
			break;
		cleaned = write_range(cached, 0, UINT64_MAX);
		evicted += evict(cached, max - evicted);
		put_busy(cached);
		let_go(cached, cleaned);
	}
	return evicted;
}

void eft_page_cache_write_old(uint64_t before_ns)
{
	for (unsigned n = length(&cache.dirty); n > 0; n--) {
		struct eft_cached *cached = take_busy(&cache.dirty, true);
		unsigned cleaned;

		if (cached == NULL)
			return;
		cleaned = 0;
		if (cached->dirty_since_ns <= before_ns)
			cleaned = write_range(cached, 0, UINT64_MAX);
		put_busy(cached);
		let_go(cached, cleaned);
	}
}

/*
 * Cuts.
 */

/* Take the pages of (bits) from (chunk): how many had something set aside. */
static unsigned take_pages(struct eft_cached *cached, struct eft_chunk *chunk,
			   uint32_t bits, void *page[], unsigned *ret_count)
{
	unsigned dirty = bits_of(chunk->dirty & bits);
	unsigned reserved = bits_of(chunk->reserved & bits);
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
	count(&cache.dirty_pages, -(int64_t)dirty);
	count(&cache.pages, -(int64_t)n);
	*ret_count = n;
	return reserved;
}

/* Drop what there is of the next chunk in [*first, end); false: no more. */
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
		uint32_t bits = bits_in(chunk, *first, end);

		key = chunk->node.key;
		waits = chunk->writing & bits;
		if (!waits)
			reserved = take_pages(cached, chunk, bits, page, &n);
		if (!waits && take_empty(cached, chunk))
			empty = chunk;
		clean = became_clean_locked(cached);
	}
	eft_unlock(&cached->pages.lock);
	eft_free(empty);
	if (n > 0 && cached->pages.mapped)
		eft_range_hide(&cached->pages, key, key + EFT_CHUNK_PAGES);
	free_pages(page, 0, n);
	if (reserved > 0)
		cached->source->unreserve(cached, reserved);
	let_go(cached, clean);
	if (waits)
		wait_while(is_writing, cached, eft_max(key, *first),
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

void eft_cached_resize(struct eft_cached *cached, uint64_t size)
{
	uint64_t index = size / EFT_PAGE_SIZE;
	bool shrinks;
	void *page;

	eft_lock(&cached->pages.lock);
	shrinks = size < cached->pages.size;
	eft_pages_set_size(&cached->pages, size);
	cached->pages.cuts++;
	page = page_in(eft_chunk_find(&cached->pages, index), index);
	if (page != NULL && shrinks)
		clear_tail(cached, index, page);
	eft_unlock(&cached->pages.lock);
	if (shrinks)
		drop(cached, (size + EFT_PAGE_MASK) / EFT_PAGE_SIZE,
		     UINT64_MAX);
}

static bool is_busy(struct eft_cached *cached, uint64_t first, uint64_t end)
{
	bool busy;

	eft_lock(&cache.lock);
	busy = cached->busy > 0;
	eft_unlock(&cache.lock);
	return busy;
}

void eft_cached_fini(struct eft_cached *cached)
{
	eft_lock(&cache.lock);
	eft_list_remove(&cached->all);
	eft_unlock(&cache.lock);
	eft_cached_drop(cached, 0, UINT64_MAX);
	wait_while(is_busy, cached, 0, 0);
	eft_assert(eft_treap_first(&cached->pages.chunks) == NULL);
}

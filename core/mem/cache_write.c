// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache: the program writes, and what was clean becomes dirty.
 */
#include "core/abi.h"
#include "core/mem.h"
#include "core/mem/cache.h"
#include "core/user.h"

enum { DIRTY_SHARE = 8 };

/* The first page became dirty. */
static void hold(struct eft_cached *cached)
{
	eft_flusher_wake();
	if (cached->source->hold != NULL)
		cached->source->hold(cached);
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
	if (eft_chunk_page(chunk, index) != NULL) {
		first = eft_cached_set_dirty(cached, chunk, bit);
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

int eft_cached_make_dirty(struct eft_cached *cached, uint64_t index,
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
 * Writing.
 */

static void grow(struct eft_cached *cached, uint64_t end)
{
	if (end > cached->pages.size)
		eft_pages_set_size(&cached->pages, end);
}

static unsigned runs_begun(struct eft_cached *cached)
{
	unsigned begun;

	eft_lock(&cached->pages.lock);
	begun = cached->begun;
	eft_unlock(&cached->pages.lock);
	return begun;
}

/* False: more runs than (begun) are being written. */
static bool grow_unless(struct eft_cached *cached, uint64_t end, unsigned begun)
{
	bool none;

	eft_lock(&cached->pages.lock);
	none = cached->begun == begun;
	if (none)
		grow(cached, end);
	eft_unlock(&cached->pages.lock);
	return none;
}

/*
 * Copy to what lies behind the end, too. Write-back clears that, until the file is
 * longer: if it may have, meanwhile, all is copied again.
 */
static size_t copy_and_grow(struct eft_cached *cached, uint64_t offset,
			    char *to, const char eft_user *buf, size_t len)
{
	unsigned begun;
	size_t n;

	if (offset + len <= cached->pages.size)
		return eft_copy_in_some(to, buf, len);
	do {
		begun = runs_begun(cached);
		n = eft_copy_in_some(to, buf, len);
	} while (n > 0 && !grow_unless(cached, offset + n, begun));
	return n;
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

	*ret_error = eft_cached_get(cached, index, 1, &chunk, (void **)&page);
	if (page == NULL)
		return 0;
	*ret_error = eft_cached_make_dirty(cached, index, chunk);
	if (*ret_error == 0) {
		n = copy_and_grow(cached, offset,
				  page + (offset & EFT_PAGE_MASK), buf, len);
		set_dirty(cached, index, chunk, 0);
		*ret_error = n < len ? -EFAULT : 0;
	}
	eft_cached_unpin(cached, chunk);
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
		eft_page_cache_count(&eft_page_cache.pages, 1);
		grow(cached, end);
	}
	eft_unlock(&cached->pages.lock);
	eft_free(spare);
	if (inserted) {
		set_dirty(cached, index, chunk, reserved);
		eft_cached_unpin(cached, chunk);
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
	char *page;
	int reserved;

	if (eft_page_cache_alloc((void **)&page, 1) == 0)
		return 0;
	memset(page, 0, in_page);
	n = eft_copy_in_some(page + in_page, buf, len);
	memset(page + in_page + n, 0, EFT_PAGE_SIZE - in_page - n);
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
	there = eft_chunk_page(eft_chunk_find(&cached->pages, index), index) !=
		NULL;
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

/* What is being read of the page at (index) may be older than what is written. */
static void outdate(struct eft_cached *cached, uint64_t index)
{
	eft_lock(&cached->pages.lock);
	for (struct eft_fetch *f = cached->fetches; f != NULL; f = f->next)
		f->old |= index - f->index < f->count;
	eft_unlock(&cached->pages.lock);
}

unsigned eft_cached_ended(struct eft_cached *cached)
{
	unsigned ended;

	eft_lock(&cached->pages.lock);
	ended = cached->begun - cached->writes;
	eft_unlock(&cached->pages.lock);
	return ended;
}

/* What was being written may have come to the source later than (data) did. */
static void patch_page(struct eft_cached *cached, uint64_t offset,
		       const void *data, size_t len, unsigned ended)
{
	uint64_t index = offset / EFT_PAGE_SIZE;
	struct eft_chunk *chunk;
	bool wrote;
	char *page;

	outdate(cached, index);
	page = eft_cached_pin(cached, index, &chunk);
	if (page == NULL)
		return;
	memcpy(page + (offset & EFT_PAGE_MASK), data, len);
	eft_lock(&cached->pages.lock);
	wrote = cached->begun != ended;
	eft_unlock(&cached->pages.lock);
	if (wrote)
		eft_cached_make_dirty(cached, index, chunk);
	eft_cached_unpin(cached, chunk);
}

void eft_cached_patch(struct eft_cached *cached, uint64_t offset,
		      const void *data, size_t len, unsigned ended)
{
	size_t first = eft_min(len, EFT_PAGE_SIZE - (offset & EFT_PAGE_MASK));

	patch_page(cached, offset, data, first, ended);
	if (len > first)
		patch_page(cached, offset + first, (const char *)data + first,
			   len - first, ended);
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

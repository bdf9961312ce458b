// SPDX-License-Identifier: BSD-3-Clause
/*
 * A sparse array of pages: chunks of 32 in an ordered tree. A small file has
 * one chunk, a hole of any size costs nothing.
 *
 * HOW    What was borrowed stands behind the pages: it is read where there is
 *        none, and copied when one is made.
 * LOCKS  The spin lock guards the array alone, so that a page fault may use it
 *        while a reader of the same file holds the file's mutex. Memory is
 *        allocated and filled before it is taken.
 * CUT    First the size is less, then the mappings are taken away, then the
 *        pages are freed. A fault maps a page under the lock, having compared
 *        the size: before the first step, and so before the second, or not.
 */
#include "core/pages.h"
#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/mem/chunk.h"
#include "core/user.h"

/* Only images that map files have mappings to take away, and these. */
#pragma weak eft_range_hide
#pragma weak eft_pages_host_read
#pragma weak eft_pages_host_write
#pragma weak eft_pages_host_resize
#pragma weak eft_pages_host_allocate
#pragma weak eft_pages_host_next
#pragma weak eft_pages_host_used
#pragma weak eft_pages_host_close

static struct eft_chunk *chunk_of(struct eft_treap_node *node)
{
	return node != NULL ? eft_container_of(node, struct eft_chunk, node)
			    : NULL;
}

struct eft_chunk *eft_chunk_after(struct eft_pages *pages, uint64_t index)
{
	return chunk_of(eft_treap_at_or_after(&pages->chunks,
					      index - index % EFT_CHUNK_PAGES));
}

struct eft_chunk *eft_chunk_find(struct eft_pages *pages, uint64_t index)
{
	struct eft_chunk *chunk = eft_chunk_after(pages, index);

	return chunk != NULL && index - chunk->node.key < EFT_CHUNK_PAGES
		       ? chunk
		       : NULL;
}

static void *find_page(struct eft_pages *pages, uint64_t index)
{
	struct eft_chunk *chunk = eft_chunk_find(pages, index);

	return chunk != NULL ? chunk->pages[index % EFT_CHUNK_PAGES] : NULL;
}

/* The page at (index), or NULL; *ret_cuts for a later insert_page(). */
static void *lookup(struct eft_pages *pages, uint64_t index, unsigned *ret_cuts)
{
	void *page;

	eft_lock(&pages->lock);
	page = find_page(pages, index);
	*ret_cuts = pages->cuts;
	eft_unlock(&pages->lock);
	return page;
}

static uint64_t borrowed_pages(const struct eft_pages *pages)
{
	return (pages->borrowed_bytes + EFT_PAGE_MASK) / EFT_PAGE_SIZE;
}

/* Fill (page) with what there is at (index), as long as there is no page. */
static void fill_page(struct eft_pages *pages, uint64_t index, char *page)
{
	size_t offset = index * EFT_PAGE_SIZE, len = 0;

	if (index < borrowed_pages(pages)) {
		len = eft_min(pages->borrowed_bytes - offset, EFT_PAGE_SIZE);
		memcpy(page, pages->borrowed + offset, len);
	}
	memset(page + len, 0, EFT_PAGE_SIZE - len);
}

bool eft_chunk_insert(struct eft_pages *pages, uint64_t index, void *page,
		      struct eft_chunk **spare, unsigned cuts)
{
	struct eft_chunk *chunk = eft_chunk_find(pages, index);

	if (pages->cuts != cuts)
		return false;
	if (chunk == NULL) {
		chunk = *spare;
		*spare = NULL;
		if (chunk == NULL)
			return false;
		eft_treap_insert(&pages->chunks, &chunk->node,
				 index - index % EFT_CHUNK_PAGES);
	}
	if (chunk->pages[index % EFT_CHUNK_PAGES] != NULL)
		return false;
	eft_assert(chunk->used < EFT_CHUNK_PAGES);
	chunk->pages[index % EFT_CHUNK_PAGES] = page;
	chunk->used++;
	pages->count += index >= borrowed_pages(pages);
	return true;
}

/* Make a page at (index), unless somebody does meanwhile, or cuts. */
static int make_page(struct eft_pages *pages, uint64_t index, unsigned cuts)
{
	struct eft_chunk *spare = eft_alloc(sizeof(*spare));
	void *page = spare != NULL ? eft_page_alloc(0) : NULL;
	bool inserted = false;

	if (page != NULL) {
		fill_page(pages, index, page);
		eft_lock(&pages->lock);
		inserted = eft_chunk_insert(pages, index, page, &spare, cuts);
		eft_unlock(&pages->lock);
	}
	if (!inserted)
		eft_page_free(page);
	eft_free(spare);
	return page != NULL ? 0 : -ENOMEM;
}

/* *ret_page is the page at (index), which is made if there is none. */
static int fill(struct eft_pages *pages, uint64_t index, void **ret_page)
{
	unsigned cuts;
	int error = 0;

	while ((*ret_page = lookup(pages, index, &cuts)) == NULL && error == 0)
		error = make_page(pages, index, cuts);
	return error;
}

/* Call (use) with the page, if it is there: its result, else 0. */
static int use_page(struct eft_pages *pages, uint64_t index, bool writes,
		    int (*use)(void *page, bool clean, void *arg), void *arg,
		    void **ret_page)
{
	struct eft_chunk *chunk = eft_chunk_find(pages, index);
	bool clean;

	*ret_page =
		chunk != NULL ? chunk->pages[index % EFT_CHUNK_PAGES] : NULL;
	if (eft_pages_is_past_end(pages, index))
		return -ENXIO;
	if (*ret_page == NULL)
		return 0;
	clean = pages->cached && !(chunk->dirty & eft_chunk_bit(index));
	return clean && writes ? -EAGAIN : use(*ret_page, clean, arg);
}

int eft_pages_with(struct eft_pages *pages, uint64_t index, bool writes,
		   int (*use)(void *page, bool clean, void *arg), void *arg)
{
	int result;

	for (;;) {
		void *page;

		eft_lock(&pages->lock);
		result = use_page(pages, index, writes, use, arg, &page);
		eft_unlock(&pages->lock);
		if (result < 0 || page != NULL)
			return result;
		if (pages->cached)
			return -EAGAIN;
		result = fill(pages, index, &page);
		if (result < 0)
			return result;
	}
}

/* Of what has no page: bytes that were borrowed, and zeroes. */
static size_t read_hole(struct eft_pages *pages, uint64_t offset,
			char eft_user *buf, size_t len)
{
	size_t n = 0;

	if (offset < pages->borrowed_bytes) {
		size_t stored = eft_min(len, pages->borrowed_bytes - offset);

		n = eft_copy_out_some(buf, pages->borrowed + offset, stored);
		if (n < stored)
			return n;
	}
	return n + eft_clear_some(buf + n, len - n);
}

size_t eft_pages_read(struct eft_pages *pages, uint64_t offset,
		      char eft_user *buf, size_t len, int *ret_error)
{
	size_t done = 0;

	if (pages->on_host)
		done = eft_pages_host_read(pages, offset, buf, len);
	while (!pages->on_host && done < len) {
		uint64_t at = offset + done, index = at / EFT_PAGE_SIZE;
		size_t in_page = at & EFT_PAGE_MASK, n;
		size_t wanted = eft_min(len - done, EFT_PAGE_SIZE - in_page);
		unsigned cuts;
		char *page = lookup(pages, index, &cuts);

		n = page != NULL ? eft_copy_out_some(buf + done, page + in_page,
						     wanted)
				 : read_hole(pages, at, buf + done, wanted);
		done += n;
		if (n < wanted)
			break;
	}
	if (done < len)
		*ret_error = -EFAULT;
	return done;
}

/* Write of (len) bytes at (offset) what lies in the first page. */
static size_t write_page(struct eft_pages *pages, uint64_t offset,
			 const char eft_user *buf, size_t len, int *ret_error)
{
	size_t in_page = offset & EFT_PAGE_MASK, n;
	void *page;
	int error = fill(pages, offset / EFT_PAGE_SIZE, &page);

	if (error < 0) {
		*ret_error = error == -ENOMEM ? -ENOSPC : error;
		return 0;
	}
	len = eft_min(len, EFT_PAGE_SIZE - in_page);
	n = eft_copy_in_some((char *)page + in_page, buf, len);
	if (n < len)
		*ret_error = -EFAULT;
	return n;
}

size_t eft_pages_write(struct eft_pages *pages, uint64_t offset,
		       const char eft_user *buf, size_t len, int *ret_error)
{
	size_t done = 0;

	/* What follows may be read from a mapping of what is written. */
	while (done < len && *ret_error == 0) {
		uint64_t at = offset + done;
		size_t left = len - done, n;

		n = pages->on_host ? eft_pages_host_write(pages, at, buf + done,
							  left, ret_error)
				   : write_page(pages, at, buf + done, left,
						ret_error);
		done += n;
		if (n > 0 && at + n > pages->size)
			eft_pages_set_size(pages, at + n);
	}
	return done;
}

/*
 * Free the page of (chunk) at (i). Before the cut, (borrowed) pages were
 * borrowed.
 */
static void drop_page(struct eft_pages *pages, struct eft_chunk *chunk,
		      unsigned i, uint64_t borrowed)
{
	if (chunk->pages[i] == NULL)
		return;
	eft_assert(chunk->used > 0);
	eft_page_free(chunk->pages[i]);
	chunk->pages[i] = NULL;
	chunk->used--;
	if (chunk->node.key + i >= borrowed) {
		eft_assert(pages->count > 0);
		pages->count--;
	}
}

/* Cut the next chunk with pages at or after *index; false: there is none. */
static bool cut_chunk(struct eft_pages *pages, uint64_t *index,
		      uint64_t borrowed)
{
	uint64_t key = *index - *index % EFT_CHUNK_PAGES;
	struct eft_chunk *chunk, *empty = NULL;

	eft_lock(&pages->lock);
	chunk = eft_chunk_after(pages, key);
	if (chunk != NULL) {
		key = chunk->node.key;
		for (unsigned i = 0; i < EFT_CHUNK_PAGES; i++) {
			if (key + i >= *index)
				drop_page(pages, chunk, i, borrowed);
		}
		*index = key + EFT_CHUNK_PAGES;
		if (chunk->used == 0) {
			eft_treap_remove(&pages->chunks, &chunk->node);
			empty = chunk;
		}
	}
	eft_unlock(&pages->lock);
	eft_free(empty);
	return chunk != NULL;
}

/* From byte (size) on there is nothing. */
static void cut(struct eft_pages *pages, uint64_t size)
{
	uint64_t index = (size + EFT_PAGE_MASK) / EFT_PAGE_SIZE, borrowed;
	char *page;

	eft_lock(&pages->lock);
	eft_pages_set_size(pages, size);
	pages->cuts++;
	borrowed = borrowed_pages(pages);
	pages->borrowed_bytes = eft_min(pages->borrowed_bytes, size);
	page = find_page(pages, size / EFT_PAGE_SIZE);
	if (page != NULL && (size & EFT_PAGE_MASK) != 0)
		memset(page + (size & EFT_PAGE_MASK), 0,
		       EFT_PAGE_SIZE - (size & EFT_PAGE_MASK));
	eft_unlock(&pages->lock);
	if (pages->mapped)
		eft_range_hide(pages, index, UINT64_MAX);
	while (cut_chunk(pages, &index, borrowed))
		;
}

int eft_pages_resize(struct eft_pages *pages, uint64_t size)
{
	int error = 0;

	if (pages->on_host)
		error = eft_pages_host_resize(pages, size);
	else if (size <= pages->size) /* the same: frees what lies past it */
		cut(pages, size);
	if (error == 0)
		eft_pages_set_size(pages, size);
	return error;
}

int eft_pages_allocate(struct eft_pages *pages, uint64_t offset, uint64_t len)
{
	uint64_t first = offset / EFT_PAGE_SIZE;
	uint64_t last = (offset + len - 1) / EFT_PAGE_SIZE;
	struct eft_page_stats stats;

	eft_assert(len > 0);
	if (pages->on_host)
		return eft_pages_host_allocate(pages, offset, len);
	/* Refuse at once what cannot succeed, and leave the memory free. */
	eft_page_stats(&stats);
	if (last - first >= stats.free + eft_pages_used(pages))
		return -ENOSPC;
	for (uint64_t index = first; index <= last; index++) {
		void *page;

		if (fill(pages, index, &page) < 0)
			return -ENOSPC;
	}
	return 0;
}

const void *eft_pages_peek(struct eft_pages *pages, uint64_t index,
			   void *buffer)
{
	unsigned cuts;
	const void *page;

	if (pages->on_host) {
		eft_pages_host_read(pages, index * EFT_PAGE_SIZE,
				    eft_as_user((char *)buffer), EFT_PAGE_SIZE);
		return buffer;
	}
	page = lookup(pages, index, &cuts);
	return page != NULL ? page : pages->borrowed + index * EFT_PAGE_SIZE;
}

static bool has_data(struct eft_pages *pages, uint64_t index)
{
	bool data;

	eft_lock(&pages->lock);
	data = index < borrowed_pages(pages) || find_page(pages, index) != NULL;
	eft_unlock(&pages->lock);
	return data;
}

/* The first index >= (index) that may have contents; UINT64_MAX: none. */
static uint64_t next_chunk(struct eft_pages *pages, uint64_t index)
{
	struct eft_chunk *chunk;
	uint64_t key;

	eft_lock(&pages->lock);
	chunk = eft_chunk_after(pages, index);
	key = chunk != NULL ? chunk->node.key : UINT64_MAX;
	eft_unlock(&pages->lock);
	return eft_max(key, index);
}

uint64_t eft_pages_next(struct eft_pages *pages, uint64_t index, bool data)
{
	if (pages->on_host)
		return eft_pages_host_next(pages, index, data);
	while (has_data(pages, index) != data) {
		index++;
		if (data && index % EFT_CHUNK_PAGES == 0)
			index = next_chunk(pages, index);
		if (data && index == UINT64_MAX)
			break;
	}
	return index;
}

uint64_t eft_pages_used(struct eft_pages *pages)
{
	uint64_t used;

	if (pages->on_host)
		return eft_pages_host_used(pages);
	eft_lock(&pages->lock);
	used = pages->count + borrowed_pages(pages);
	eft_unlock(&pages->lock);
	return used;
}

void eft_pages_fini(struct eft_pages *pages)
{
	struct eft_treap_node *node;

	if (pages->on_host)
		eft_pages_host_close(pages);

	while ((node = eft_treap_first(&pages->chunks)) != NULL) {
		struct eft_chunk *chunk = chunk_of(node);

		eft_treap_remove(&pages->chunks, node);
		for (unsigned i = 0; i < EFT_CHUNK_PAGES; i++)
			eft_page_free(chunk->pages[i]);
		eft_free(chunk);
	}
}

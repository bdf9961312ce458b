// SPDX-License-Identifier: BSD-3-Clause
/*
 * A sparse array of pages: chunks of 32 in an ordered tree. A small file has
 * one chunk, a hole of any size costs nothing.
 *
 * HOW    A page pointer's lowest bit says that the page is mapped somewhere
 *        (pinned). Nobody can find those mappings, so a cut only clears such a
 *        page, and it is freed with the file.
 *        What was borrowed stands behind the pages: it is read where there is
 *        none, and copied when one is made.
 * LOCKS  The spin lock guards the array alone, so that a page fault may use it
 *        while a reader of the same file holds the file's mutex. Memory is
 *        allocated and filled before it is taken.
 */
#include "core/fs/ramfs/pages.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/user.h"

enum { CHUNK_PAGES = 32, PINNED = 1 };

struct chunk {
	struct eft_treap_node node;
	unsigned used;
	uintptr_t pages[CHUNK_PAGES];
};

static void *page_of(uintptr_t entry)
{
	return (void *)(entry & ~(uintptr_t)PINNED);
}

static struct chunk *chunk_of(struct eft_treap_node *node)
{
	return node != NULL ? eft_container_of(node, struct chunk, node) : NULL;
}

static struct chunk *find_chunk(struct eft_pages *pages, uint64_t index)
{
	uint64_t key = index - index % CHUNK_PAGES;
	struct eft_treap_node *node =
		eft_treap_at_or_after(&pages->chunks, key);

	return node != NULL && node->key == key ? chunk_of(node) : NULL;
}

static void *find_page(struct eft_pages *pages, uint64_t index)
{
	struct chunk *chunk = find_chunk(pages, index);

	return chunk != NULL ? page_of(chunk->pages[index % CHUNK_PAGES])
			     : NULL;
}

void *eft_pages_lookup(struct eft_pages *pages, uint64_t index)
{
	void *page;

	eft_lock(&pages->lock);
	page = find_page(pages, index);
	eft_unlock(&pages->lock);
	return page;
}

static uint64_t borrowed_pages(const struct eft_pages *pages)
{
	return (pages->borrowed_bytes + EFT_PAGE_MASK) / EFT_PAGE_SIZE;
}

/* A new page with what the file has at (index), as long as it has no page. */
static void *make_page(const struct eft_pages *pages, uint64_t index)
{
	size_t offset = index * EFT_PAGE_SIZE, len;
	char *page;

	if (index >= borrowed_pages(pages))
		return eft_page_alloc_zeroed(0);
	page = eft_page_alloc(0);
	if (page == NULL)
		return NULL;
	len = eft_min(pages->borrowed_bytes - offset, EFT_PAGE_SIZE);
	memcpy(page, pages->borrowed + offset, len);
	memset(page + len, 0, EFT_PAGE_SIZE - len);
	return page;
}

/*
 * Put (page) at (index), in its chunk or in *spare, a new one or NULL. Not when
 * there is a page by now, or there was a cut since (cuts): false.
 */
static bool insert_page(struct eft_pages *pages, uint64_t index, void *page,
			struct chunk **spare, unsigned cuts)
{
	struct chunk *chunk = find_chunk(pages, index);

	if (pages->cuts != cuts)
		return false;
	if (chunk == NULL) {
		chunk = *spare;
		*spare = NULL;
		if (chunk == NULL)
			return false;
		eft_treap_insert(&pages->chunks, &chunk->node,
				 index - index % CHUNK_PAGES);
	}
	if (chunk->pages[index % CHUNK_PAGES] != 0)
		return false;
	eft_assert(((uintptr_t)page & PINNED) == 0);
	eft_assert(chunk->used < CHUNK_PAGES);
	chunk->pages[index % CHUNK_PAGES] = (uintptr_t)page;
	chunk->used++;
	pages->count++;
	pages->shadowing += index < borrowed_pages(pages);
	return true;
}

/* The page at (index), or NULL; *ret_cuts for a later insert_page(). */
static void *find_and_pin(struct eft_pages *pages, uint64_t index, bool pin,
			  unsigned *ret_cuts)
{
	struct chunk *chunk;
	void *page = NULL;

	eft_lock(&pages->lock);
	*ret_cuts = pages->cuts;
	chunk = find_chunk(pages, index);
	if (chunk != NULL) {
		uintptr_t *entry = &chunk->pages[index % CHUNK_PAGES];

		page = page_of(*entry);
		if (page != NULL && pin)
			*entry |= PINNED;
	}
	eft_unlock(&pages->lock);
	return page;
}

void *eft_pages_fill(struct eft_pages *pages, uint64_t index, bool pin)
{
	void *page;
	unsigned cuts;

	while ((page = find_and_pin(pages, index, pin, &cuts)) == NULL) {
		struct chunk *spare = eft_alloc(sizeof(*spare));
		bool inserted = false;

		if (spare != NULL)
			page = make_page(pages, index);
		if (page != NULL) {
			eft_lock(&pages->lock);
			inserted =
				insert_page(pages, index, page, &spare, cuts);
			eft_unlock(&pages->lock);
		}
		eft_free(spare);
		if (page == NULL)
			return NULL;
		if (!inserted)
			eft_page_free(page);
	}
	return page;
}

size_t eft_pages_read(struct eft_pages *pages, uint64_t offset,
		      char eft_user *buf, size_t len)
{
	size_t in_page = offset & EFT_PAGE_MASK, n = 0;
	const char *page = eft_pages_lookup(pages, offset / EFT_PAGE_SIZE);

	eft_assert(in_page + len <= EFT_PAGE_SIZE);
	if (page != NULL)
		return eft_copy_out_some(buf, page + in_page, len);
	if (offset < pages->borrowed_bytes) {
		size_t stored = eft_min(len, pages->borrowed_bytes - offset);

		n = eft_copy_out_some(buf, pages->borrowed + offset, stored);
		if (n < stored)
			return n;
	}
	return n + eft_clear_some(buf + n, len - n);
}

/*
 * Free the page of (chunk) at (i), or clear it when it is pinned. Before the
 * cut, (borrowed) pages were borrowed.
 */
static void drop_page(struct eft_pages *pages, struct chunk *chunk, unsigned i,
		      uint64_t borrowed)
{
	void *page = page_of(chunk->pages[i]);

	if (page != NULL && chunk->node.key + i < borrowed) {
		eft_assert(pages->shadowing > 0);
		pages->shadowing--;
	}
	if (chunk->pages[i] & PINNED) {
		memset(page, 0, EFT_PAGE_SIZE);
	} else if (page != NULL) {
		eft_assert(chunk->used > 0 && pages->count > 0);
		eft_page_free(page);
		chunk->pages[i] = 0;
		chunk->used--;
		pages->count--;
	}
}

/* Cut the next chunk with pages at or after *index; false: there is none. */
static bool cut_chunk(struct eft_pages *pages, uint64_t *index,
		      uint64_t borrowed)
{
	uint64_t key = *index - *index % CHUNK_PAGES;
	struct chunk *chunk, *empty = NULL;

	eft_lock(&pages->lock);
	chunk = chunk_of(eft_treap_at_or_after(&pages->chunks, key));
	if (chunk != NULL) {
		key = chunk->node.key;
		for (unsigned i = 0; i < CHUNK_PAGES; i++) {
			if (key + i >= *index)
				drop_page(pages, chunk, i, borrowed);
		}
		*index = key + CHUNK_PAGES;
		if (chunk->used == 0) {
			eft_treap_remove(&pages->chunks, &chunk->node);
			empty = chunk;
		}
	}
	eft_unlock(&pages->lock);
	eft_free(empty);
	return chunk != NULL;
}

void eft_pages_cut(struct eft_pages *pages, uint64_t size)
{
	uint64_t index = (size + EFT_PAGE_MASK) / EFT_PAGE_SIZE, borrowed;
	char *page;

	eft_lock(&pages->lock);
	pages->cuts++;
	borrowed = borrowed_pages(pages);
	pages->borrowed_bytes = eft_min(pages->borrowed_bytes, size);
	page = find_page(pages, size / EFT_PAGE_SIZE);
	if (page != NULL && (size & EFT_PAGE_MASK) != 0)
		memset(page + (size & EFT_PAGE_MASK), 0,
		       EFT_PAGE_SIZE - (size & EFT_PAGE_MASK));
	eft_unlock(&pages->lock);
	while (cut_chunk(pages, &index, borrowed))
		;
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
	struct eft_treap_node *node;
	uint64_t key;

	eft_lock(&pages->lock);
	node = eft_treap_at_or_after(&pages->chunks,
				     index - index % CHUNK_PAGES);
	key = node != NULL ? node->key : UINT64_MAX;
	eft_unlock(&pages->lock);
	return eft_max(key, index);
}

uint64_t eft_pages_next(struct eft_pages *pages, uint64_t index, bool data)
{
	while (has_data(pages, index) != data) {
		index++;
		if (data && index % CHUNK_PAGES == 0)
			index = next_chunk(pages, index);
		if (data && index == UINT64_MAX)
			break;
	}
	return index;
}

uint64_t eft_pages_used(struct eft_pages *pages)
{
	uint64_t used;

	eft_lock(&pages->lock);
	used = pages->count - pages->shadowing + borrowed_pages(pages);
	eft_unlock(&pages->lock);
	return used;
}

void eft_pages_fini(struct eft_pages *pages)
{
	struct eft_treap_node *node;

	while ((node = eft_treap_first(&pages->chunks)) != NULL) {
		struct chunk *chunk = chunk_of(node);

		eft_treap_remove(&pages->chunks, node);
		for (unsigned i = 0; i < CHUNK_PAGES; i++)
			eft_page_free(page_of(chunk->pages[i]));
		eft_free(chunk);
	}
}

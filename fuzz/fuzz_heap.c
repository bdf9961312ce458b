// SPDX-License-Identifier: BSD-3-Clause
/*
 * Stands in for core/mem/fuzz_heap.c. Its variables lie outside of the world
 * that is put back: it has to know what an input allocated.
 *
 * A block of the saved world that an input frees is poisoned, not freed.
 */
#include "fuzz/fuzz_heap.h"

#include <sanitizer/asan_interface.h>

#include "core/mem.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

struct block {
	struct eft_list link;
	void *data;
	size_t size;
	void *saved; /* what it held, of the saved world; or NULL */
	bool freed;  /* by the input, of the saved world */
};

static struct eft_list blocks = {&blocks, &blocks};

static struct block *find(void *data)
{
	/* The youngest first: it is likely the one. */
	for (struct eft_list *at = blocks.prev; at != &blocks; at = at->prev) {
		struct block *block = eft_container_of(at, struct block, link);

		if (block->data == data && !block->freed)
			return block;
	}
	host_abort("free of what is no block", fake_console);
}

void *eft_alloc(size_t size)
{
	struct block *block;

	if (size > EFT_PAGE_SIZE << EFT_PAGE_ORDER_MAX || eft_alloc_injected())
		return NULL;
	block = host_calloc(sizeof(*block));
	block->data = host_calloc(size);
	block->size = size;
	eft_list_insert(&blocks, &block->link);
	return block->data;
}

static void drop(struct block *block)
{
	eft_list_remove(&block->link);
	host_free(block->data);
	host_free(block);
}

void eft_free(void *ptr)
{
	struct block *block;

	if (ptr == NULL)
		return;
	block = find(ptr);
	if (block->saved == NULL) {
		drop(block);
		return;
	}
	block->freed = true;
	__asan_poison_memory_region(block->data, block->size);
}

void *eft_realloc(void *ptr, size_t size)
{
	void *bigger = eft_alloc(size);

	if (bigger != NULL && ptr != NULL) {
		memcpy(bigger, ptr, eft_min(find(ptr)->size, size));
		eft_free(ptr);
	}
	return bigger;
}

char *eft_strndup(const char *s, size_t len)
{
	char *copy = eft_alloc(len + 1);

	if (copy != NULL)
		memcpy(copy, s, len);
	return copy;
}

void fuzz_heap_save(void)
{
	for (struct eft_list *at = blocks.next; at != &blocks; at = at->next) {
		struct block *block = eft_container_of(at, struct block, link);

		block->saved = host_calloc(block->size + 1);
		memcpy(block->saved, block->data, block->size);
	}
}

void fuzz_heap_restore(void)
{
	struct eft_list *next;

	for (struct eft_list *at = blocks.next; at != &blocks; at = next) {
		struct block *block = eft_container_of(at, struct block, link);

		next = at->next;
		if (block->saved == NULL) {
			drop(block);
			continue;
		}
		__asan_unpoison_memory_region(block->data, block->size);
		memcpy(block->data, block->saved, block->size);
		block->freed = false;
	}
}

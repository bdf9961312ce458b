// SPDX-License-Identifier: BSD-3-Clause
/*
 * Stands in for core/mem/fuzz_heap.c. Its variables lie outside of the world
 * that is put back: it has to know what an input allocated.
 *
 * A block of the saved world that an input frees is poisoned, not freed.
 */
#include "fuzz/fuzz_heap.h"
#include "fuzz/program.h"

#include <sanitizer/asan_interface.h>

#include "core/mem.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

enum owner { LIBOS, TARGET, PROGRAM };

struct block {
	struct eft_list link, same; /* all blocks; those of one hash */
	void *data;
	size_t size;
	void *saved; /* what it held, of the saved world; or NULL */
	bool freed;  /* by the input, of the saved world */
	enum owner owner;
};

enum { HASH_BITS = 12 };

static struct eft_list blocks = {&blocks, &blocks};
static struct eft_list hashed[1 << HASH_BITS];

/* The blocks that may be at (data). */
static struct eft_list *chain_of(const void *data)
{
	uint64_t mixed = (uintptr_t)data * 0x9e3779b97f4a7c15; /* 2^64 / phi */
	struct eft_list *chain = &hashed[mixed >> (64 - HASH_BITS)];

	if (chain->next == NULL)
		eft_list_init(chain);
	return chain;
}

static struct block *find(const void *data)
{
	struct eft_list *chain = chain_of(data), *at = chain->next;

	for (; at != chain; at = at->next) {
		struct block *block = eft_container_of(at, struct block, same);

		if (block->data == data && !block->freed)
			return block;
	}
	return NULL;
}

static void *add(void *data, size_t size, enum owner owner)
{
	struct block *block = host_calloc(sizeof(*block));

	block->data = data;
	block->size = size;
	block->owner = owner;
	eft_list_insert(&blocks, &block->link);
	eft_list_insert(chain_of(data), &block->same);
	return data;
}

void *eft_alloc(size_t size)
{
	if (size > EFT_PAGE_SIZE << EFT_PAGE_ORDER_MAX || eft_alloc_injected())
		return NULL;
	return add(host_calloc(size), size, LIBOS);
}

/* Whoever takes it for cleared is to be found out. */
void *eft_alloc_unset(size_t size)
{
	void *ptr = eft_alloc(size);

	if (ptr != NULL)
		memset(ptr, 0xa5, size);
	return ptr;
}

size_t fuzz_heap_blocks(void)
{
	size_t count = 0;

	for (struct eft_list *at = blocks.next; at != &blocks; at = at->next) {
		struct block *block = eft_container_of(at, struct block, link);

		count += !block->freed && block->owner == LIBOS;
	}
	return count;
}

static void drop(struct block *block)
{
	eft_list_remove(&block->link);
	eft_list_remove(&block->same);
	host_free(block->data);
	host_free(block);
}

void *fuzz_alloc(size_t size)
{
	return add(host_calloc(size), size, TARGET);
}

static void release(struct block *block)
{
	if (block->saved == NULL) {
		drop(block);
		return;
	}
	block->freed = true;
	__asan_poison_memory_region(block->data, block->size);
}

void eft_free(void *ptr)
{
	struct block *block;

	if (ptr == NULL)
		return;
	block = find(ptr);
	if (block == NULL)
		host_abort("free of what is no block", fake_console);
	release(block);
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

void *fuzz_program_alloc(size_t align, size_t size)
{
	void *data = host_memalign(align, size);

	return data != NULL ? add(data, size, PROGRAM) : NULL;
}

/* What is no block, the host's heap reports with a stack. */
void fuzz_program_free(void *ptr)
{
	struct block *block = find(ptr);

	if (block != NULL)
		release(block);
	else
		host_free(ptr);
}

size_t fuzz_program_size(void *ptr)
{
	struct block *block = find(ptr);

	return block != NULL ? block->size : host_usable_size(ptr);
}

void fuzz_heap_check_leaks(void)
{
	bool leaks = false;

	for (struct eft_list *at = blocks.next; at != &blocks; at = at->next) {
		struct block *block = eft_container_of(at, struct block, link);

		if (block->owner != PROGRAM || block->saved != NULL)
			continue;
		__asan_describe_address(block->data);
		leaks = true;
	}
	if (leaks)
		host_abort("the program leaks memory", "");
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

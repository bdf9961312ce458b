// SPDX-License-Identifier: BSD-3-Clause
/*
 * Stands in for core/mem/heap.c where another room is tested: libc's heap, so
 * that AddressSanitizer sees every overrun, use after free and double free.
 */
#include "core/lock.h"
#include "core/mem.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

static size_t blocks;

size_t fake_heap_blocks(void)
{
	return blocks;
}

void *eft_alloc(size_t size)
{
	if (size > EFT_PAGE_SIZE << EFT_PAGE_ORDER_MAX || eft_alloc_injected())
		return NULL;
	blocks++;
	return host_calloc(size);
}

/* Whoever takes it for cleared is to be found out. */
void *eft_alloc_unset(size_t size)
{
	void *ptr = eft_alloc(size);

	if (ptr != NULL)
		memset(ptr, 0xa5, size);
	return ptr;
}

void eft_free(void *ptr)
{
	if (ptr == NULL)
		return;
	blocks--;
	host_free(ptr);
}

void *eft_realloc(void *ptr, size_t size)
{
	void *bigger = eft_alloc(size);

	if (bigger != NULL && ptr != NULL) {
		memcpy(bigger, ptr, eft_min(host_usable_size(ptr), size));
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

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pages that are free are poisoned, but for the links that the allocator keeps
 * in their first bytes. Wrapped around core's allocator by the linker (--wrap).
 */
#include <sanitizer/asan_interface.h>

#include "core/mem.h"
#include "tests/fake/fake.h"

enum { LINKS = sizeof(struct eft_list) };

void *__real_eft_page_alloc(unsigned order);
void *__wrap_eft_page_alloc(unsigned order);
void *__wrap_eft_page_alloc_zeroed(unsigned order);
void __real_eft_page_free(void *page);
void __wrap_eft_page_free(void *page);

static uintptr_t used_end;

uintptr_t fake_ram_used(void)
{
	return used_end;
}

void *__wrap_eft_page_alloc(unsigned order)
{
	size_t size = EFT_PAGE_SIZE << order;
	char *page = __real_eft_page_alloc(order);

	if (page != NULL) {
		used_end = eft_max(used_end, (uintptr_t)page + size);
		__asan_unpoison_memory_region(page, size);
		memset(page, 0xa5, size); /* nobody may count on zeroes */
	}
	return page;
}

void *__wrap_eft_page_alloc_zeroed(unsigned order)
{
	void *page = __wrap_eft_page_alloc(order);

	if (page != NULL)
		memset(page, 0, EFT_PAGE_SIZE << order);
	return page;
}

void __wrap_eft_page_free(void *page)
{
	unsigned count = page != NULL ? 1u << eft_page_order(page) : 0;
	char *at = page;

	for (; count > 0; count--, at += EFT_PAGE_SIZE)
		__asan_poison_memory_region(at + LINKS, EFT_PAGE_SIZE - LINKS);
	__real_eft_page_free(page); /* and it may be another's at once */
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page allocator, against a map of who has which page.
 */
#include "tests/unit/unit.h"

enum { BLOCKS = 300, STEPS = 40000 };

struct block {
	char *at;
	unsigned order;
};

static struct block blocks[BLOCKS];

static uint64_t free_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

static uint64_t total_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.total;
}

static bool in_ram(const char *start, size_t len)
{
	for (unsigned i = 0; i < fake_info.ram_count; i++) {
		if ((uintptr_t)start >= fake_info.ram[i].start &&
		    (uintptr_t)start + len <= fake_info.ram[i].end)
			return true;
	}
	return false;
}

/* Sign every page of a block; a signature that changed tells of an overlap. */
static void sign(struct block *block)
{
	size_t size = EFT_PAGE_SIZE << block->order;

	check(in_ram(block->at, size));
	check_eq((uintptr_t)block->at % size, 0);
	check_eq(eft_page_order(block->at), block->order);
	for (size_t at = 0; at < size; at += EFT_PAGE_SIZE) {
		*(struct block **)(block->at + at) = block;
		*(struct block **)(block->at + at + EFT_PAGE_SIZE - 8) = block;
	}
}

static void release(struct block *block)
{
	size_t size = EFT_PAGE_SIZE << block->order;

	for (size_t at = 0; at < size; at += EFT_PAGE_SIZE) {
		check(*(struct block **)(block->at + at) == block);
		check(*(struct block **)(block->at + at + EFT_PAGE_SIZE - 8) ==
		      block);
	}
	eft_page_free(block->at);
	block->at = NULL;
}

static void random_operations(void)
{
	uint64_t total = total_pages(), used = 0;

	for (unsigned step = 0; step < STEPS; step++) {
		struct block *block = &blocks[unit_random(BLOCKS)];

		if (block->at != NULL) {
			used -= 1u << block->order;
			release(block);
		} else {
			/* Mostly small, now and then a large one. */
			block->order = unit_random(4) ? unit_random(3)
						      : unit_random(10);
			block->at = eft_page_alloc(block->order);
			if (block->at != NULL) {
				used += 1u << block->order;
				sign(block);
			}
		}
		check_eq(free_pages(), total - used);
	}
	for (unsigned i = 0; i < BLOCKS; i++) {
		if (blocks[i].at != NULL)
			release(&blocks[i]);
	}
	check_eq(free_pages(), total);
}

/* How many blocks of (order) there are; all are given back. */
static unsigned count_blocks(unsigned order)
{
	void **chain = NULL;
	unsigned count = 0;

	for (;;) {
		void **block = eft_page_alloc(order);

		if (block == NULL)
			break;
		*block = chain;
		chain = block;
		count++;
	}
	while (chain != NULL) {
		void **next = *chain;

		eft_page_free(chain);
		chain = next;
	}
	return count;
}

Test(page, random_operations_one_zone)
{
	fake_boot(NULL);
	random_operations();
}

Test(page, random_operations_several_zones)
{
	struct fake_config config = {
		.zone_bytes = {1 << 20, 64 << 10, 5 << 20, 12288}};

	fake_boot(&config);
	unit_srandom(2);
	random_operations();
}

/* All that were free blocks join to the same large ones again. */
Test(page, joins_to_full_size)
{
	struct fake_config config = {.zone_bytes = {3 << 20, 5 << 20}};
	unsigned before[EFT_PAGE_ORDER_MAX + 1];

	fake_boot(&config);
	for (unsigned order = 0; order <= EFT_PAGE_ORDER_MAX; order++)
		before[order] = count_blocks(order);
	check_eq(before[0], total_pages());
	check(before[EFT_PAGE_ORDER_MAX] >= 2);
	random_operations();
	for (unsigned order = 0; order <= EFT_PAGE_ORDER_MAX; order++)
		check_eq(count_blocks(order), before[order]);
}

Test(page, split)
{
	char *block;
	unsigned whole;
	uint64_t free;

	fake_boot(NULL);
	free = free_pages();
	block = eft_page_alloc(3);
	whole = count_blocks(3);
	eft_page_split(block);
	check_eq(free_pages(), free - 8);
	for (unsigned i = 0; i < 8; i++) {
		check_eq(eft_page_order(block + i * EFT_PAGE_SIZE), 0);
		eft_page_free(block + i * EFT_PAGE_SIZE);
		check_eq(free_pages(), free - 7 + i);
	}
	check_eq(count_blocks(3), whole + 1); /* they have joined again */
	block = eft_page_alloc(0);
	eft_page_split(block);
	eft_page_free(block);
	check_eq(free_pages(), free);
}

/* Memory that was never touched costs nothing: zones are taken from the front.
 */
Test(page, stats_of_zones)
{
	struct fake_config config = {.zone_bytes = {1 << 20, 4096, 8192}};

	fake_boot(&config);
	/* A page of each zone says what is in it; too small ones are left. */
	check_eq(total_pages(), 255);
	check_eq(free_pages(), 255);
}

Test(page, limit)
{
	fake_boot(NULL);
	check(!eft_page_set_limit(65)); /* less than what is in use */
	check(eft_page_set_limit(64 * EFT_PAGE_SIZE + 17));
	check_eq(total_pages(), 64);
	check_eq(count_blocks(0), 64);
	check_eq(count_blocks(3), 8);
	eft_page_set_limit(UINT64_MAX);
	check_eq(total_pages(), 64); /* more than there was is never */
}

/* What a block would make it is held against the limit, not what it is. */
Test(page, limit_of_large_blocks)
{
	fake_boot(NULL);
	check(eft_page_set_limit(10 * EFT_PAGE_SIZE));
	check(eft_page_alloc(3) != NULL);
	check(eft_page_alloc(2) == NULL);
	check(eft_page_alloc(1) != NULL);
	check(eft_page_alloc(0) == NULL);
}

Test(page, exhaustion_then_recovery)
{
	void *first;

	fake_boot(NULL);
	first = eft_page_alloc(0);
	count_blocks(2);
	check_eq(count_blocks(0), total_pages() - 1);
	check(eft_page_alloc(EFT_PAGE_ORDER_MAX) != NULL);
	eft_page_free(first);
	eft_page_free(NULL);
}

Test(page, zeroed)
{
	char *page;

	fake_boot(NULL);
	page = eft_page_alloc(1);
	memset(page, 7, 2 * EFT_PAGE_SIZE);
	eft_page_free(page);
	page = eft_page_alloc_zeroed(1);
	for (unsigned i = 0; i < 2 * EFT_PAGE_SIZE; i++)
		check_eq(page[i], 0);
}

Test(page, for_the_platform)
{
	uint64_t before;
	char *page;

	fake_boot(NULL);
	before = free_pages();
	page = eft_page_for_tables();
	check(page != NULL && page[0] == 0 && page[4095] == 0);
	eft_page_release(page);
	check_eq(free_pages(), before);
}

Test(page, injected_failure)
{
	fake_boot(NULL);
	eft_alloc_fail_after(2);
	check(eft_page_alloc(0) != NULL);
	check(eft_page_alloc_zeroed(0) != NULL);
	check(eft_page_alloc(0) == NULL);
	check(eft_page_alloc(0) == NULL);
	eft_alloc_fail_after(UINT64_MAX);
	check(eft_page_alloc(0) != NULL);
}

static void free_it(void *page)
{
	eft_page_free(page);
}

Test(page, double_free_panics)
{
	void *page;

	fake_boot(NULL);
	page = eft_page_alloc(0);
	eft_page_free(page);
	unit_check_panics(free_it, page, "assertion failed");
}

Test(page, free_of_inside_panics)
{
	char *page;

	fake_boot(NULL);
	page = eft_page_alloc(2);
	unit_check_panics(free_it, page + EFT_PAGE_SIZE, "assertion failed");
}

Test(page, free_of_foreign_panics)
{
	static char page[4096];

	fake_boot(NULL);
	unit_check_panics(free_it, page, "assertion failed");
}

Test(page, free_of_middle_panics)
{
	char *page;

	fake_boot(NULL);
	page = eft_page_alloc(0);
	unit_check_panics(free_it, page + 16, "assertion failed");
}

static void too_large(void *arg)
{
	eft_page_alloc(EFT_PAGE_ORDER_MAX + 1);
}

Test(page, order_too_large_panics)
{
	fake_boot(NULL);
	unit_check_panics(too_large, NULL, "assertion failed");
}

/* A platform that gives no RAM at all. */
Test(page, no_ram)
{
	struct fake_config config = {.zone_bytes = {4096}};

	fake_boot(&config);
	check_eq(total_pages(), 0);
	check(eft_page_alloc(0) == NULL);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page allocator: binary buddies over a few zones of RAM.
 *
 * A zone's RAM is taken into use in address order: pages past its frontier
 * have never been touched, so that boot costs the same whatever the size of
 * memory. A byte a page, at the start of the zone, says what begins there: a
 * free block, an allocated block, or the inside of one. Free blocks are in a
 * list for each order, linked through the blocks themselves; a block that is
 * freed joins its buddy (the one at its address with one bit flipped) while
 * that is free too.
 *
 * Lock: zones.lock guards all of it.
 */
#include "core/check/heap.h"
#include "core/lock.h"
#include "core/mem.h"
#include "core/plat.h"

/* What a page's byte says; the low bits are the order. */
enum { INSIDE = 0, FREE = 0x40, ALLOCATED = 0x80, ORDER_MASK = 0x3f };

struct zone {
	uintptr_t start, end;
	uintptr_t frontier;
	uint8_t *kinds; /* of the pages from (start) on */
};

static struct {
	struct eft_lock lock;
	struct zone zone[eft_array_size(((struct eft_boot_info *)0)->ram)];
	unsigned count;
	struct eft_list free[EFT_PAGE_ORDER_MAX + 1];
	uint64_t total, used; /* pages */
} zones = {.lock = EFT_LOCK_INIT(EFT_RANK_PAGES)};

/* Fault injection; UINT64_MAX: off. Apart: the zones take no room in a file. */
static uint64_t fail_after = UINT64_MAX;

const struct eft_heap_watch *eft_heap_watch = EFT_HEAPCHECK;

static size_t block_size(unsigned order)
{
	return EFT_PAGE_SIZE << order;
}

static uint8_t *kind_of(const struct zone *zone, uintptr_t page)
{
	return &zone->kinds[(page - zone->start) / EFT_PAGE_SIZE];
}

static struct zone *zone_of(uintptr_t page)
{
	for (unsigned i = 0; i < zones.count; i++) {
		struct zone *zone = &zones.zone[i];

		if (page >= zone->start &&
		    page < __atomic_load_n(&zone->frontier, __ATOMIC_RELAXED))
			return zone;
	}
	return NULL;
}

bool eft_page_zone(unsigned number, uintptr_t *ret_start, uintptr_t *ret_end)
{
	const struct zone *zone = &zones.zone[number];

	if (number >= zones.count)
		return false;
	*ret_start = zone->start;
	*ret_end = __atomic_load_n(&zone->frontier, __ATOMIC_RELAXED);
	return true;
}

static void push(struct zone *zone, uintptr_t page, unsigned order)
{
	*kind_of(zone, page) = FREE | order;
	eft_list_insert(&zones.free[order], (struct eft_list *)page);
}

static void pull(struct zone *zone, uintptr_t page)
{
	*kind_of(zone, page) = INSIDE;
	eft_list_remove((struct eft_list *)page);
}

/* Give back a block, with its buddies as far as they are free. */
static void join(struct zone *zone, uintptr_t page, unsigned order)
{
	for (; order < EFT_PAGE_ORDER_MAX; order++) {
		uintptr_t buddy = page ^ block_size(order);

		if (buddy < zone->start || buddy >= zone->frontier ||
		    *kind_of(zone, buddy) != (FREE | order))
			break;
		pull(zone, buddy);
		page = eft_min(page, buddy);
	}
	push(zone, page, order);
}

/* A block from the lists, split down to (order), or 0. */
static uintptr_t take_free(unsigned order)
{
	for (unsigned have = order; have <= EFT_PAGE_ORDER_MAX; have++) {
		uintptr_t page = (uintptr_t)zones.free[have].next;
		struct zone *zone;

		if (eft_list_empty(&zones.free[have]))
			continue;
		zone = zone_of(page);
		pull(zone, page);
		while (have-- > order)
			push(zone, page + block_size(have), have);
		return page;
	}
	return 0;
}

/* A block from beyond the frontier of (zone), or 0. */
static uintptr_t take_fresh(struct zone *zone, unsigned order)
{
	uintptr_t page = eft_align_up(zone->frontier, block_size(order));
	uintptr_t end = page + block_size(order);
	uintptr_t skipped = zone->frontier;

	if (end > zone->end || end < page)
		return 0;
	memset(kind_of(zone, skipped), INSIDE, (end - skipped) / EFT_PAGE_SIZE);
	/* Who asks for a block of its own has no lock: eft_page_order(). */
	__atomic_store_n(&zone->frontier, end, __ATOMIC_RELAXED);
	for (; skipped < page; skipped += EFT_PAGE_SIZE)
		join(zone, skipped, 0);
	return page;
}

static uintptr_t take(unsigned order)
{
	uintptr_t page;

	if (zones.used + (1ul << order) > zones.total)
		return 0;
	page = take_free(order);
	for (unsigned i = zones.count; page == 0 && i-- > 0;)
		page = take_fresh(&zones.zone[i], order);
	if (page != 0) {
		*kind_of(zone_of(page), page) = ALLOCATED | order;
		zones.used += 1ul << order;
	}
	return page;
}

static void add_zone(const struct eft_ram *ram)
{
	struct zone *zone = &zones.zone[zones.count];
	uint64_t pages = (ram->end - ram->start) / EFT_PAGE_SIZE;
	size_t kinds = eft_align_up(pages, EFT_PAGE_SIZE);

	if (pages < 2 + kinds / EFT_PAGE_SIZE)
		return;
	zone->kinds = (uint8_t *)ram->start;
	zone->start = zone->frontier = ram->start + kinds;
	zone->end = ram->end;
	zones.total += (zone->end - zone->start) / EFT_PAGE_SIZE;
	zones.count++;
}

void eft_page_init(const struct eft_boot_info *info)
{
	for (unsigned i = 0; i <= EFT_PAGE_ORDER_MAX; i++)
		eft_list_init(&zones.free[i]);
	for (unsigned i = 0; i < info->ram_count; i++)
		add_zone(&info->ram[i]);
	if (info->heap_watch != NULL)
		eft_heap_watch = info->heap_watch;
}

static void note_use(uintptr_t page, unsigned order, bool used)
{
	if (eft_unlikely(eft_heap_watch != NULL) &&
	    eft_heap_watch->pages != NULL)
		eft_heap_watch->pages((void *)page, block_size(order), used);
}

bool eft_page_set_limit(uint64_t bytes)
{
	uint64_t pages = eft_min(zones.total, bytes / EFT_PAGE_SIZE);

	if (pages <= zones.used)
		return false;
	zones.total = pages;
	return true;
}

void *eft_page_alloc(unsigned order)
{
	uintptr_t page = 0;

	eft_assert(order <= EFT_PAGE_ORDER_MAX);
	eft_lock(&zones.lock);
	if (!eft_alloc_injected())
		page = take(order);
	eft_unlock(&zones.lock);
	if (page != 0)
		note_use(page, order, true);
	return (void *)page;
}

void *eft_page_alloc_zeroed(unsigned order)
{
	void *page = eft_page_alloc(order);

	if (page != NULL)
		memset(page, 0, block_size(order));
	return page;
}

/* The zone and byte of the allocated block at (page). */
static struct zone *check_allocated(uintptr_t page)
{
	struct zone *zone = zone_of(page);

	eft_assert(zone != NULL);
	eft_assert(page % EFT_PAGE_SIZE == 0);
	eft_assert(*kind_of(zone, page) & ALLOCATED);
	return zone;
}

void eft_page_free(void *ptr)
{
	uintptr_t page = (uintptr_t)ptr;
	struct zone *zone;
	unsigned order;

	if (ptr == NULL)
		return;
	eft_lock(&zones.lock);
	zone = check_allocated(page);
	order = *kind_of(zone, page) & ORDER_MASK;
	*kind_of(zone, page) = INSIDE;
	note_use(page, order, false);
	zones.used -= 1ul << order;
	join(zone, page, order);
	eft_unlock(&zones.lock);
}

void eft_page_split(void *ptr)
{
	uintptr_t page = (uintptr_t)ptr;
	struct zone *zone;
	unsigned order;

	eft_lock(&zones.lock);
	zone = check_allocated(page);
	order = *kind_of(zone, page) & ORDER_MASK;
	memset(kind_of(zone, page), ALLOCATED, 1ul << order);
	eft_unlock(&zones.lock);
	if (order == 0)
		return;
	note_use(page, order, false);
	for (unsigned i = 0; i < 1u << order; i++)
		note_use(page + i * EFT_PAGE_SIZE, 0, true);
}

unsigned eft_page_order(const void *ptr)
{
	uintptr_t page = (uintptr_t)ptr;

	return *kind_of(check_allocated(page), page) & ORDER_MASK;
}

void eft_page_stats(struct eft_page_stats *ret_stats)
{
	eft_lock(&zones.lock);
	ret_stats->total = zones.total;
	ret_stats->free = zones.total - zones.used;
	eft_unlock(&zones.lock);
}

void eft_page_release(void *page)
{
	eft_page_free(page);
}

void *eft_page_for_tables(void)
{
	return eft_page_alloc_zeroed(0);
}

void *eft_page_for_platform(unsigned order)
{
	return eft_page_alloc_zeroed(order);
}

void eft_alloc_fail_after(uint64_t n)
{
	fail_after = n;
}

bool eft_alloc_injected(void)
{
	if (eft_likely(fail_after == UINT64_MAX))
		return false;
	if (fail_after == 0)
		return true;
	fail_after--;
	return false;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's address space (core/mem/range.c, remap.c) against a table of
 * pages: the input is a sequence of calls, with allocations that may fail.
 */
#include "fuzz/fuzz.h"

enum { PAGES = 64, R = EFT_PROT_READ, RW = EFT_PROT_READ | EFT_PROT_WRITE };

static struct page {
	bool mapped;
	int prot;
	uint8_t tag; /* its first byte */
} model[PAGES];

static unsigned first, count; /* the pages that a step is about */

static uintptr_t at(unsigned page)
{
	return fake_info.window_start + page * EFT_PAGE_SIZE;
}

void fuzz_boot(void)
{
	struct fake_config config = {
		.zone_bytes = {1 << 20},
		.window_bytes = PAGES * EFT_PAGE_SIZE,
	};

	fake_boot(&config);
}

static int any_prot(void)
{
	static const int prots[] = {0, R, RW, RW | EFT_PROT_EXEC};

	return prots[fuzz_below(4)];
}

static void set_model(unsigned page, unsigned n, struct page to)
{
	for (unsigned i = page; i < page + n; i++)
		model[i] = to;
}

static unsigned model_mapped(unsigned page, unsigned n)
{
	unsigned mapped = 0;

	for (unsigned i = page; i < page + n; i++)
		mapped += model[i].mapped;
	return mapped;
}

/* After a failure: what was to be replaced may be gone, as mmap(2) has it. */
static void forget_lost(unsigned page, unsigned n)
{
	for (unsigned i = page; i < page + n; i++)
		model[i].mapped &= eft_range_mapped(at(i), EFT_PAGE_SIZE);
}

static void do_map(void)
{
	bool fixed = fuzz_below(2);
	int prot = any_prot();
	intptr_t addr = eft_range_map(fixed ? at(first) : 0,
				      count * EFT_PAGE_SIZE, prot, 0, NULL, 0);

	if (addr < 0) {
		fuzz_check(addr == -ENOMEM || addr == -EACCES);
		forget_lost(first, fixed ? count : 0);
		return;
	}
	fuzz_check(!(prot & EFT_PROT_EXEC));
	fuzz_check(fixed ? (uintptr_t)addr == at(first)
			 : model_mapped((addr - at(0)) / EFT_PAGE_SIZE,
					count) == 0);
	set_model((addr - at(0)) / EFT_PAGE_SIZE, count,
		  (struct page){.mapped = true, .prot = prot});
}

static void do_unmap(void)
{
	if (eft_range_unmap(at(first), count * EFT_PAGE_SIZE) == 0)
		set_model(first, count, (struct page){.mapped = false});
}

static void do_protect(void)
{
	int prot = any_prot();

	if (eft_range_protect(at(first), count * EFT_PAGE_SIZE, prot) < 0)
		return;
	fuzz_check(model_mapped(first, count) == count);
	for (unsigned i = first; i < first + count; i++)
		model[i].prot = prot;
}

static void do_discard(void)
{
	int error = eft_range_discard(at(first), count * EFT_PAGE_SIZE);

	fuzz_check((error == 0) == (model_mapped(first, count) == count));
	for (unsigned i = first; i < first + count && model[i].mapped; i++)
		model[i].tag = 0;
}

static void do_remap(void)
{
	unsigned new_count = 1 + fuzz_below(PAGES);
	intptr_t addr =
		eft_range_remap(at(first), count * EFT_PAGE_SIZE,
				new_count * EFT_PAGE_SIZE, MREMAP_MAYMOVE, 0);
	unsigned to = (addr - at(0)) / EFT_PAGE_SIZE;
	struct page moved[PAGES], added = model[first];

	if (addr < 0)
		return;
	fuzz_check(model_mapped(first, count) == count);
	added.tag = 0;
	memcpy(moved, model, sizeof(model));
	set_model(first, count, (struct page){.mapped = false});
	fuzz_check(model_mapped(to, new_count) == 0);
	set_model(to, new_count, added);
	memcpy(&model[to], &moved[first],
	       eft_min(count, new_count) * sizeof(*moved));
}

static void do_touch(void)
{
	volatile uint8_t *byte = (uint8_t *)at(first);

	if (!model[first].mapped || !(model[first].prot & R))
		return;
	fuzz_check(*byte == model[first].tag);
	if (model[first].prot == RW)
		*byte = model[first].tag = fuzz_u8();
}

static void compare(void)
{
	struct eft_range range, last = {.end = 0};
	struct page *page;

	for (unsigned i = 0; i < PAGES; i++)
		fuzz_check(eft_range_mapped(at(i), EFT_PAGE_SIZE) ==
			   model[i].mapped);
	while (eft_range_next(last.end, &range)) {
		fuzz_check(range.start < range.end && range.start >= last.end);
		for (uintptr_t addr = range.start; addr < range.end;
		     addr += EFT_PAGE_SIZE) {
			page = &model[(addr - at(0)) / EFT_PAGE_SIZE];
			fuzz_check(page->mapped && page->prot == range.prot);
		}
		last = range;
	}
}

void fuzz_one(void)
{
	static void (*const steps[])(void) = {do_map,	  do_unmap, do_protect,
					      do_discard, do_remap, do_touch};

	while (fuzz_more()) {
		unsigned step = fuzz_u8();

		first = fuzz_below(PAGES);
		count = 1 + fuzz_below(PAGES - first);
		eft_alloc_fail_after(step & 0x80 ? fuzz_below(4) : UINT64_MAX);
		steps[step % eft_array_size(steps)]();
		eft_alloc_fail_after(UINT64_MAX);
	}
	compare();
	fuzz_check(eft_range_unmap(at(0), PAGES * EFT_PAGE_SIZE) == 0);
	fuzz_check_left();
}

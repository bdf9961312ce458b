// SPDX-License-Identifier: BSD-3-Clause
/*
 * The address space, against a table of what each page is: random operations,
 * with allocations that fail, both as in a process (the host brings in pages)
 * and as in a guest (core does, at a real fault).
 */
#include "tests/unit/unit.h"

enum { PAGES = 512, STEPS = 5000, LIMIT = 200 };
enum { NONE = EFT_PROT_NONE, R = EFT_PROT_READ, W = EFT_PROT_WRITE };
enum { X = EFT_PROT_EXEC, RW = R | W, RX = R | X };

struct page {
	bool mapped;
	int prot;
	unsigned flags;
	char tag; /* its first byte */
};

static struct page model[PAGES];
static bool injected;	 /* an allocation is to fail */
static bool tidy = true; /* no failure has left a split range */

static uintptr_t at(unsigned page)
{
	return fake_info.window_start + page * EFT_PAGE_SIZE;
}

static unsigned page_of(uintptr_t addr)
{
	return (unsigned)((addr - fake_info.window_start) / EFT_PAGE_SIZE);
}

static void boot(bool paging)
{
	struct fake_config config = {
		.window_bytes = PAGES * EFT_PAGE_SIZE,
		.paging = paging,
		.program_bytes = LIMIT * EFT_PAGE_SIZE,
	};

	fake_boot(&config);
}

static bool counted(const struct page *page)
{
	return page->mapped &&
	       (page->prot & W || page->flags & EFT_RANGE_WRITTEN) &&
	       !(page->flags & EFT_RANGE_NORESERVE);
}

static unsigned model_committed(void)
{
	unsigned pages = 0;

	for (unsigned i = 0; i < PAGES; i++)
		pages += counted(&model[i]);
	return pages;
}

static uint64_t committed(void)
{
	struct eft_range_stats stats;

	eft_range_stats(&stats);
	check_eq(stats.limit, LIMIT * EFT_PAGE_SIZE);
	check_eq(stats.committed % EFT_PAGE_SIZE, 0);
	return stats.committed / EFT_PAGE_SIZE;
}

/* What core says there is, page by page. */
static void read_space(struct page *space)
{
	struct eft_range range, last = {.end = 0};

	for (unsigned i = 0; i < PAGES; i++)
		space[i].mapped = false;
	while (eft_range_next(last.end, &range)) {
		check(range.start < range.end && range.start >= last.end);
		check(range.start >= at(0) && range.end <= at(PAGES));
		if (tidy && range.start == last.end)
			check(range.prot != last.prot ||
			      range.flags != last.flags);
		for (unsigned i = page_of(range.start); at(i) < range.end;
		     i++) {
			space[i].mapped = true;
			space[i].prot = range.prot;
			space[i].flags = range.flags;
		}
		last = range;
	}
}

static void compare(void)
{
	static struct page space[PAGES];

	read_space(space);
	for (unsigned i = 0; i < PAGES; i++) {
		int prot = fake_prot_at(at(i));

		check_eq(space[i].mapped, model[i].mapped);
		if (!model[i].mapped) {
			check_eq(prot, -1);
			continue;
		}
		check_eq(space[i].prot, model[i].prot);
		check_eq(space[i].flags, model[i].flags);
		if (prot >= 0 || fake_plat.map_zero != NULL)
			check_eq(prot, model[i].prot);
	}
	check_eq(committed(), model_committed());
}

/* Contents, at a page or two. */
static void touch(void)
{
	unsigned i = unit_random(PAGES);
	volatile char *addr = (char *)at(i);

	if (!model[i].mapped || !(model[i].prot & R))
		return;
	check_eq(addr[0], model[i].tag);
	check_eq(addr[EFT_PAGE_SIZE - 1], 0);
	if (model[i].prot & W)
		addr[0] = model[i].tag = (char)unit_random(100);
}

static void model_set(unsigned first, unsigned count, int prot, unsigned flags)
{
	if (prot & W)
		flags |= EFT_RANGE_WRITTEN;
	for (unsigned i = first; i < first + count; i++)
		model[i] = (struct page){true, prot, flags, 0};
}

static void model_clear(unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++)
		model[i].mapped = false;
}

static bool model_is_free(unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		if (model[i].mapped)
			return false;
	}
	return true;
}

/*
 * An operation failed: where it was to replace [first, first+count), the old
 * pages may be gone (as POSIX lets mmap do), but only all together or not.
 */
static void failed(intptr_t error, unsigned first, unsigned count)
{
	static struct page space[PAGES];

	check_eq(error, -ENOMEM);
	tidy &= !injected;
	read_space(space);
	for (unsigned i = first; i < first + count; i++) {
		if (!space[i].mapped)
			model[i].mapped = false;
	}
}

static int random_prot(void)
{
	static const int prots[] = {NONE, R, RW, RW, RW, RX};

	return prots[unit_random(eft_array_size(prots))];
}

static void random_span(unsigned *first, unsigned *count)
{
	*count = 1 + unit_random(unit_random(4) ? 8 : 64);
	*first = unit_random(PAGES - *count + 1);
}

/* The limit refuses (more) pages; what [first, first+count) has is given up. */
static bool over_limit(unsigned more, unsigned first, unsigned count)
{
	unsigned now = model_committed();

	for (unsigned i = first; i < first + count; i++)
		now -= counted(&model[i]);
	return now + more > LIMIT;
}

static bool has_gap(unsigned count)
{
	for (unsigned first = 0; first + count <= PAGES; first++) {
		if (model_is_free(first, count))
			return true;
	}
	return false;
}

static void do_map(void)
{
	unsigned first, count, flags = unit_random(4) ? 0 : EFT_RANGE_NORESERVE;
	struct page page = {true, random_prot(), flags, 0};
	bool fixed = unit_random(3) != 0, refuse;
	intptr_t addr;

	random_span(&first, &count);
	refuse = over_limit(counted(&page) ? count : 0, first,
			    fixed ? count : 0);
	addr = eft_range_map(fixed ? at(first) : 0, count * EFT_PAGE_SIZE,
			     page.prot, flags, NULL, 0);
	if (addr < 0) {
		check(injected || refuse || (!fixed && !has_gap(count)));
		failed(addr, first, fixed ? count : 0);
		return;
	}
	check(!refuse);
	if (fixed)
		check_eq(addr, at(first));
	else
		check(model_is_free(page_of(addr), count));
	model_set(page_of(addr), count, page.prot, flags);
}

static void do_unmap(void)
{
	unsigned first, count;
	int error;

	random_span(&first, &count);
	error = eft_range_unmap(at(first), count * EFT_PAGE_SIZE);
	if (error < 0) {
		check(injected);
		failed(error, 0, 0);
	} else {
		model_clear(first, count);
	}
}

static void do_protect(void)
{
	unsigned first, count, more = 0;
	int prot = random_prot(), error;
	bool mapped = true;

	random_span(&first, &count);
	for (unsigned i = first; i < first + count; i++) {
		struct page page = model[i];

		mapped &= page.mapped;
		page.prot = prot;
		more += counted(&page);
	}
	error = eft_range_protect(at(first), count * EFT_PAGE_SIZE, prot);
	if (error < 0) {
		check(injected || !mapped || over_limit(more, first, count));
		failed(error, 0, 0);
		return;
	}
	check(mapped);
	for (unsigned i = first; i < first + count; i++) {
		model[i].prot = prot;
		model[i].flags |= prot & W ? EFT_RANGE_WRITTEN : 0;
	}
}

static void do_discard(void)
{
	unsigned first, count, n = 0;
	int error;

	random_span(&first, &count);
	error = eft_range_discard(at(first), count * EFT_PAGE_SIZE);
	/* As in Linux: up to the first hole it is done. */
	while (n < count && model[first + n].mapped)
		model[first + n++].tag = 0;
	check_eq(error, n < count ? -ENOMEM : 0);
}

static bool one_range(unsigned first, unsigned count)
{
	struct eft_range range;

	return eft_range_next(at(first), &range) && range.start <= at(first) &&
	       range.end >= at(first + count);
}

static void model_move(unsigned from, unsigned to, unsigned keep,
		       unsigned count)
{
	struct page kind = model[from];
	static struct page moved[PAGES];

	memcpy(moved, &model[from], keep * sizeof(*moved));
	model_clear(from, keep);
	model_set(to, count, kind.prot, kind.flags);
	memcpy(&model[to], moved, keep * sizeof(*moved));
}

static void do_remap(void)
{
	unsigned first, count, to, new_count;
	int flags = unit_random(2) ? MREMAP_MAYMOVE : 0;
	bool one, overlap;
	intptr_t addr;

	random_span(&first, &count);
	random_span(&to, &new_count);
	if (flags && unit_random(2))
		flags |= MREMAP_FIXED;
	one = one_range(first, count);
	overlap = to < first + count && first < to + new_count;
	addr = eft_range_remap(at(first), count * EFT_PAGE_SIZE,
			       new_count * EFT_PAGE_SIZE, flags, at(to));
	if (!one || ((flags & MREMAP_FIXED) && overlap)) {
		check_eq(addr, one ? -EINVAL : -EFAULT);
		return;
	}
	if (addr < 0) {
		failed(addr, to, flags & MREMAP_FIXED ? new_count : 0);
		/* A part that shrinks goes before the rest moves. */
		if ((flags & MREMAP_FIXED) && new_count < count)
			failed(addr, first + new_count, count - new_count);
		return;
	}
	if (new_count < count) {
		model_clear(first + new_count, count - new_count);
		count = new_count;
	}
	if (flags & MREMAP_FIXED)
		check_eq(addr, at(to));
	if (flags & MREMAP_FIXED)
		model_clear(to, new_count);
	else if ((uintptr_t)addr != at(first))
		check(flags && model_is_free(page_of(addr), new_count));
	else
		check(model_is_free(first + count, new_count - count));
	model_move(first, page_of(addr), count, new_count);
}

static void do_break(void)
{
	uintptr_t old = eft_range_break(0);
	uintptr_t end = at(0) + unit_random(20 * EFT_PAGE_SIZE), got;
	unsigned from, to;

	got = eft_range_break(end);
	if (got != end) {
		check_eq(got, old);
		tidy &= !injected;
		return;
	}
	from = page_of(eft_align_up(old, EFT_PAGE_SIZE));
	to = page_of(eft_align_up(end, EFT_PAGE_SIZE));
	if (to > from) {
		check(model_is_free(from, to - from));
		model_set(from, to - from, RW, EFT_RANGE_HEAP);
	} else {
		model_clear(to, from - to);
	}
}

/* No allocation fails in the first half, where ranges stay tidy. */
static void step(unsigned number)
{
	static void (*const operations[])(void) = {
		do_map,	    do_map,	do_map,	  do_unmap, do_unmap,
		do_protect, do_discard, do_remap, do_remap, do_break,
	};

	injected = number >= STEPS / 2 && unit_random(8) == 0;
	eft_alloc_fail_after(injected ? unit_random(4) : UINT64_MAX);
	operations[unit_random(eft_array_size(operations))]();
	eft_alloc_fail_after(UINT64_MAX);
}

static void random_operations(void)
{
	struct eft_page_stats start, end;

	eft_page_stats(&start);
	for (unsigned i = 0; i < STEPS; i++) {
		step(i);
		compare();
		touch();
	}
	check_eq(eft_range_unmap(at(0), PAGES * EFT_PAGE_SIZE), 0);
	model_clear(0, PAGES);
	compare();
	check_eq(fake_mapped_pages(), 0);
	check_eq(fake_owned_pages(), 0);
	check_eq(fake_heap_blocks(), 0);
	eft_page_stats(&end);
	check_eq(end.free, start.free);
}

Test(range, random_operations_process)
{
	boot(false);
	random_operations();
}

Test(range, random_operations_guest)
{
	boot(true);
	unit_srandom(7);
	random_operations();
}

Test(range, platform_failures)
{
	static const enum fake_call calls[] = {FAKE_MAP_ZERO, FAKE_PROTECT,
					       FAKE_MOVE};

	boot(false);
	eft_range_map(at(8), 8 * EFT_PAGE_SIZE, RW, 0, NULL, 0);
	model_set(8, 8, RW, 0);
	*(char *)at(8) = model[8].tag = 5;
	for (unsigned i = 0; i < eft_array_size(calls); i++)
		fake_fail(calls[i], 1, -ENOMEM);
	check_eq(eft_range_map(at(64), EFT_PAGE_SIZE, RW, 0, NULL, 0), -ENOMEM);
	check_eq(eft_range_remap(at(8), 4 * EFT_PAGE_SIZE, 16 * EFT_PAGE_SIZE,
				 MREMAP_MAYMOVE, 0),
		 -ENOMEM);
	check_eq(eft_range_protect(at(9), EFT_PAGE_SIZE, R), -ENOMEM);
	tidy = false;
	compare();
	check_eq(*(char *)at(8), 5);
	check_eq(eft_range_unmap(at(0), PAGES * EFT_PAGE_SIZE), 0);
	check_eq(fake_heap_blocks(), 0);
}

/* Moved first, then refused what was to come after it: all is moved back. */
Test(range, remap_that_fails_late)
{
	boot(false);
	eft_range_map(at(8), 4 * EFT_PAGE_SIZE, RW, 0, NULL, 0);
	eft_range_map(at(12), EFT_PAGE_SIZE, R, 0, NULL, 0);
	*(char *)at(8) = 5;
	check_eq(eft_range_remap(at(8), 4 * EFT_PAGE_SIZE,
				 (LIMIT + 1) * EFT_PAGE_SIZE, MREMAP_MAYMOVE,
				 0),
		 -ENOMEM);
	check_eq(*(char *)at(8), 5);
	check_eq(committed(), 4);
	check(eft_range_mapped(at(8), 5 * EFT_PAGE_SIZE));
	check_eq(fake_mapped_pages(), 5);
}

Test(range, bad_arguments)
{
	uintptr_t in = 0;
	size_t huge = 0 - EFT_PAGE_SIZE;

	boot(false);
	in = at(4);
	check_eq(eft_range_map(in, 0, R, 0, NULL, 0), -EINVAL);
	check_eq(eft_range_map(in, 1, R, 0, NULL, 0), -EINVAL);
	check_eq(eft_range_map(in + 1, EFT_PAGE_SIZE, R, 0, NULL, 0), -EINVAL);
	check_eq(eft_range_map(at(0) - EFT_PAGE_SIZE, EFT_PAGE_SIZE, R, 0, NULL,
			       0),
		 -ENOMEM);
	check_eq(eft_range_map(at(PAGES - 1), 2 * EFT_PAGE_SIZE, R, 0, NULL, 0),
		 -ENOMEM);
	check_eq(eft_range_map(in, huge, R, 0, NULL, 0), -ENOMEM);
	check_eq(eft_range_map(0, (PAGES + 1) * EFT_PAGE_SIZE, R, 0, NULL, 0),
		 -ENOMEM);
	check_eq(eft_range_unmap(in, 0), -EINVAL);
	check_eq(eft_range_unmap(in + 1, EFT_PAGE_SIZE), -EINVAL);
	check_eq(eft_range_unmap(in, huge), -EINVAL);
	check_eq(eft_range_protect(in, 0, R), 0);
	check_eq(eft_range_protect(in, EFT_PAGE_SIZE, R), -ENOMEM);
	check_eq(eft_range_protect(in, huge, R), -ENOMEM);
	check_eq(eft_range_discard(in, EFT_PAGE_SIZE), -ENOMEM);
	check_eq(eft_range_discard(in + 1, EFT_PAGE_SIZE), -EINVAL);
	check(!eft_range_mapped(in, EFT_PAGE_SIZE));
	check(!eft_range_mapped(in, huge));
	check(!eft_range_is_free(0, EFT_PAGE_SIZE));
}

/* Lengths that wrap around the address space, and nothing counted in them. */
Test(range, huge_anywhere)
{
	boot(false);
	for (unsigned i = 1; i < 64; i++) {
		size_t len = 0 - i * EFT_PAGE_SIZE;

		check_eq(eft_range_map(0, len, NONE, 0, NULL, 0), -ENOMEM);
	}
	for (unsigned shift = 22; shift < 64; shift++)
		check_eq(eft_range_map(0, 1ul << shift, NONE, 0, NULL, 0),
			 -ENOMEM);
	compare();
}

Test(range, huge_remap)
{
	size_t huge = 0 - EFT_PAGE_SIZE;

	boot(false);
	eft_range_map(at(4), EFT_PAGE_SIZE, NONE, 0, NULL, 0);
	model_set(4, 1, NONE, 0);
	check(eft_range_remap(at(4), EFT_PAGE_SIZE, huge, MREMAP_MAYMOVE, 0) <
	      0);
	check(eft_range_remap(at(4), huge, EFT_PAGE_SIZE, MREMAP_MAYMOVE, 0) <
	      0);
	check(eft_range_remap(at(4), EFT_PAGE_SIZE, huge,
			      MREMAP_MAYMOVE | MREMAP_FIXED, at(8)) < 0);
	compare();
}

Test(range, write_and_execute_refused)
{
	boot(false);
	check_eq(eft_range_map(0, EFT_PAGE_SIZE, RW | X, 0, NULL, 0), -EACCES);
	check_eq(eft_range_map(0, EFT_PAGE_SIZE, W | X, 0, NULL, 0), -EACCES);
	eft_range_map(at(1), EFT_PAGE_SIZE, RW, 0, NULL, 0);
	check_eq(eft_range_protect(at(1), EFT_PAGE_SIZE, RW | X), -EACCES);
	check_eq(eft_range_protect(at(1), EFT_PAGE_SIZE, RX), 0);
	check_eq(committed(), 1); /* what was written is still there */
}

Test(range, commitment)
{
	boot(false);
	check_eq(eft_range_map(at(0), LIMIT * EFT_PAGE_SIZE, RW, 0, NULL, 0),
		 at(0));
	check_eq(eft_range_map(0, EFT_PAGE_SIZE, RW, 0, NULL, 0), -ENOMEM);
	check(eft_range_map(at(300), EFT_PAGE_SIZE, R, 0, NULL, 0) > 0);
	check_eq(eft_range_protect(at(300), EFT_PAGE_SIZE, RW), -ENOMEM);
	check(eft_range_map(0, EFT_PAGE_SIZE, RW, EFT_RANGE_NORESERVE, NULL,
			    0) > 0);
	/* In the place of something as large it is allowed. */
	check_eq(eft_range_map(at(0), LIMIT * EFT_PAGE_SIZE, RW, 0, NULL, 0),
		 at(0));
	check_eq(eft_range_protect(at(0), EFT_PAGE_SIZE, R), 0);
	check_eq(committed(), LIMIT);
	check_eq(eft_range_protect(at(300), EFT_PAGE_SIZE, RW), -ENOMEM);
	check_eq(eft_range_unmap(at(0), EFT_PAGE_SIZE), 0);
	check_eq(eft_range_protect(at(300), EFT_PAGE_SIZE, RW), 0);
	check_eq(committed(), LIMIT);
}

Test(range, option_limits)
{
	struct eft_range_stats stats;

	boot(false);
	eft_range_init(&fake_info, 7 * EFT_PAGE_SIZE);
	eft_range_stats(&stats);
	check_eq(stats.limit, 7 * EFT_PAGE_SIZE);
	eft_range_init(&fake_info, 1 << 30);
	eft_range_stats(&stats);
	check_eq(stats.limit, LIMIT * EFT_PAGE_SIZE);
}

Test(range, break_rules)
{
	uintptr_t start;

	boot(false);
	start = eft_range_break(0);
	check_eq(start, at(0));
	check_eq(eft_range_break(start - 1), start);
	check_eq(eft_range_break(start + 1), start + 1);
	check(eft_range_mapped(start, EFT_PAGE_SIZE));
	*(char *)start = 3;
	check_eq(eft_range_break(start + 5000), start + 5000);
	check_eq(*(char *)start, 3);
	check_eq(eft_range_break(at(PAGES)), start + 5000);
	check_eq(eft_range_break(UINTPTR_MAX), start + 5000);
	eft_range_map(at(3), EFT_PAGE_SIZE, R, 0, NULL, 0); /* in the way */
	check_eq(eft_range_break(at(3)), at(3));
	check_eq(eft_range_break(at(3) + 1), at(3));
	check_eq(eft_range_break(start), start);
	check_eq(committed(), 0);
	check_eq(fake_mapped_pages(), 1);
}

/* Every allocation of one large operation fails in turn; nothing is lost. */
Test(range, every_failure_of_map_over_many)
{
	uint64_t n;
	intptr_t addr = -1;

	boot(true);
	for (n = 0; addr < 0; n++) {
		eft_range_unmap(at(0), PAGES * EFT_PAGE_SIZE);
		for (unsigned i = 0; i < 10; i++)
			check(eft_range_map(at(i), EFT_PAGE_SIZE,
					    i % 2 ? R : RW, 0, NULL, 0) > 0);
		eft_range_map(at(10), 10 * EFT_PAGE_SIZE, RW, 0, NULL, 0);
		for (unsigned i = 10; i < 20; i++)
			*(char *)at(i) = 1;
		eft_alloc_fail_after(n);
		addr = eft_range_map(at(1), 14 * EFT_PAGE_SIZE, RW, 0, NULL, 0);
		eft_alloc_fail_after(UINT64_MAX);
		check(addr == -ENOMEM || addr == (intptr_t)at(1));
		check(eft_range_mapped(at(0), EFT_PAGE_SIZE));
		check_eq(*(char *)at(15), 1);
	}
	check(n > 1);
	eft_range_unmap(at(0), PAGES * EFT_PAGE_SIZE);
	check_eq(committed(), 0);
	check_eq(fake_heap_blocks(), 0);
	check_eq(fake_owned_pages(), 0);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's address space: which ranges there are, and of what.
 *
 * WHAT   Ranges lie in a tree by their start and never overlap. Neighbours
 *        of one kind are joined, so that their number stays small.
 * HOW    An operation first splits ranges at its two ends; that is the only
 *        step that can fail, and it changes nothing that shows. Then it works
 *        on whole ranges. Memory itself comes from the platform: at once
 *        (map_zero), or page by page as it is touched (eft_range_fault).
 * COUNT  Private writable memory is promised when it is mapped and never more
 *        of it than there is, so that a program sees ENOMEM from mmap and not
 *        its end at a touch. What was writable stays promised. Stacks and
 *        MAP_NORESERVE are the exception; in a process with a limit they
 *        count, the first thread's stack in part.
 * LOCK   space.lock guards all of it. References to files are given back after
 *        it is released: the last one may close a host's file.
 */
#include "core/mem/range.h"
#include "core/abi.h"
#include "core/arch/x86_64/image.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/plat.h"

/* Whoever maps a file names it (see eft_needs). */
#pragma weak eft_file_runs_nothing
#pragma weak eft_range_map_file

struct eft_space eft_first_space = {.lock = EFT_LOCK_INIT(EFT_RANK_SPACE)};

static struct eft_range *range_of(struct eft_treap_node *node)
{
	return node ? eft_container_of(node, struct eft_range, node) : NULL;
}

/* The first range that ends after (addr), or NULL. */
struct eft_range *eft_range_after(struct eft_space *space, uintptr_t addr)
{
	struct eft_range *range =
		range_of(eft_treap_at_or_before(&space->tree, addr));

	if (range != NULL && range->end > addr)
		return range;
	return range_of(eft_treap_at_or_after(&space->tree, addr));
}

/* What a stack counts where all else counts: few use more. */
enum { STACK_PROMISE = 256 << 10 };

static uint64_t promised(struct eft_space *space, const struct eft_range *range)
{
	uint64_t bytes = range->end - range->start;

	if (!eft_range_is_own(range))
		return 0;
	if (!(range->prot & EFT_PROT_WRITE) &&
	    !(range->flags & EFT_RANGE_WRITTEN))
		return 0;
	if (range->flags & EFT_RANGE_NORESERVE && !space->strict)
		return 0;
	if (range->flags & EFT_RANGE_STACK)
		return eft_min(bytes, STACK_PROMISE);
	return bytes;
}

void eft_range_insert(struct eft_space *space, struct eft_range *range)
{
	struct eft_range *next = eft_range_after(space, range->start);

	eft_assert(range->start < range->end);
	eft_assert(range->start >= space->start && range->end <= space->end);
	eft_assert((range->start | range->end) % EFT_PAGE_SIZE == 0);
	eft_assert(next == NULL || range->end <= next->start);
	if (range->prot & EFT_PROT_WRITE && eft_range_is_own(range))
		range->flags |= EFT_RANGE_WRITTEN;
	space->committed += promised(space, range);
	eft_treap_insert(&space->tree, &range->node, range->start);
}

void eft_range_take_out(struct eft_space *space, struct eft_range *range)
{
	eft_assert(space->committed >= promised(space, range));
	space->committed -= promised(space, range);
	eft_treap_remove(&space->tree, &range->node);
}

/* True when (addr, len) is page aligned and in the program's part. */
static bool valid(uintptr_t addr, size_t len)
{
	const struct eft_space *space = eft_space();

	return addr % EFT_PAGE_SIZE == 0 && len % EFT_PAGE_SIZE == 0 &&
	       len > 0 && addr >= space->start && addr < space->end &&
	       len <= space->end - addr;
}

static bool write_and_execute(int prot)
{
	return (prot & EFT_PROT_WRITE) && (prot & EFT_PROT_EXEC);
}

/* See that a range begins at (addr), if one lies across it. */
static int split(struct eft_space *space, uintptr_t addr)
{
	struct eft_range *low = eft_range_after(space, addr), *high;

	if (low == NULL || low->start >= addr)
		return 0;
	high = eft_alloc(sizeof(*high));
	if (high == NULL)
		return -ENOMEM;
	*high = *low;
	high->start = addr;
	high->offset += addr - low->start;
	if (high->file != NULL)
		eft_file_get(high->file);
	eft_range_take_out(space, low);
	low->end = addr;
	eft_range_insert(space, low);
	eft_range_insert(space, high);
	return 0;
}

int eft_range_split(struct eft_space *space, uintptr_t addr, size_t len)
{
	int error = split(space, addr);

	return error < 0 ? error : split(space, addr + len);
}

static bool alike(const struct eft_range *a, const struct eft_range *b)
{
	off_t len = (off_t)(a->end - a->start);

	return a->end == b->start && a->prot == b->prot &&
	       a->flags == b->flags && a->file == b->file &&
	       (a->file == NULL || a->offset + len == b->offset);
}

void eft_range_join(struct eft_space *space, uintptr_t addr)
{
	struct eft_range *high =
		range_of(eft_treap_at_or_before(&space->tree, addr));
	struct eft_range *low = range_of(
		addr == 0 ? NULL
			  : eft_treap_at_or_before(&space->tree, addr - 1));

	if (high == NULL || low == NULL || high == low || !alike(low, high))
		return;
	eft_range_take_out(space, low);
	eft_range_take_out(space, high);
	low->end = high->end;
	eft_range_insert(space, low);
	eft_file_put(high->file); /* not the last reference: low has one */
	eft_free(high);
}

/* Take whole ranges out of [addr, addr+len), onto (dead). */
static void carve(struct eft_space *space, uintptr_t addr, size_t len,
		  struct eft_range **dead)
{
	struct eft_range *range;

	while ((range = eft_range_after(space, addr)) &&
	       range->start < addr + len) {
		eft_range_take_out(space, range);
		eft_plat->unmap(space->plat, range->start,
				range->end - range->start);
		range->node.left = *dead ? &(*dead)->node : NULL;
		*dead = range;
	}
}

static void bury(struct eft_range *dead)
{
	while (dead != NULL) {
		struct eft_range *next = range_of(dead->node.left);

		eft_file_put(dead->file);
		eft_free(dead);
		dead = next;
	}
}

/*
 * True when (bytes) more may be promised: within the limit and, where pages
 * come from our own RAM, now free there (the libOS's own use has no promise).
 */
static bool may_promise(struct eft_space *space, uint64_t bytes)
{
	struct eft_page_stats pages;

	if (eft_alloc_injected())
		return false;
	eft_page_stats(&pages);
	if (eft_plat->map_zero == NULL && bytes / EFT_PAGE_SIZE > pages.free)
		return false;
	return bytes <= space->limit - eft_min(space->limit, space->committed);
}

/*
 * An address with (len) free bytes below (below), the highest; 0: none. Goes
 * down gap by gap.
 */
static uintptr_t find_gap(struct eft_space *space, size_t len, uintptr_t below)
{
	while (below - space->start >= len) {
		struct eft_range *range = range_of(
			eft_treap_at_or_before(&space->tree, below - 1));

		if (range == NULL || range->end <= below - len)
			return below - len;
		below = eft_min(below, range->start);
	}
	return 0;
}

/* Highest first; the search begins where the last one ended. */
uintptr_t eft_range_choose(struct eft_space *space, size_t len)
{
	uintptr_t addr = find_gap(space, len, space->cursor);

	if (addr == 0)
		addr = find_gap(space, len, space->end);
	if (addr != 0)
		space->cursor = addr;
	return addr;
}

/* Until core shows what is in its place, or for good. */
static bool has_zeroes(const struct eft_range *range)
{
	return range->file == NULL ||
	       range->flags & (EFT_RANGE_COPY | EFT_RANGE_SHOWN);
}

static int map_locked(struct eft_space *space, struct eft_range *range,
		      struct eft_range **dead)
{
	size_t len = range->end - range->start;
	int error = eft_range_split(space, range->start, len);

	if (error < 0)
		return error;
	carve(space, range->start, len, dead);
	if (!may_promise(space, promised(space, range)))
		return -ENOMEM;
	if (has_zeroes(range) && eft_plat->map_zero != NULL) {
		error = eft_plat->map_zero(space->plat, range->start, len,
					   eft_range_zero_prot(range));
		if (error < 0)
			return error;
	}
	eft_range_insert(space, range);
	return 0;
}

intptr_t eft_range_map_anonymous(uintptr_t addr, size_t len, int prot,
				 unsigned flags, struct eft_file *file,
				 off_t offset)
{
	struct eft_space *space = eft_space();
	struct eft_range *range = eft_alloc(sizeof(*range)), *dead = NULL;
	int error = -ENOMEM;

	if (range == NULL)
		return -ENOMEM;
	eft_lock(&space->lock);
	if (addr == 0)
		addr = eft_range_choose(space, len);
	if (addr != 0) {
		*range = (struct eft_range){.start = addr,
					    .end = addr + len,
					    .prot = prot,
					    .flags = flags | space->more_flags,
					    .file = file,
					    .offset = offset};
		if (file != NULL)
			eft_file_get(file);
		error = map_locked(space, range, &dead);
	}
	if (error == 0) {
		eft_range_join(space, addr + len);
		eft_range_join(space, addr);
	}
	eft_unlock(&space->lock);
	bury(dead);
	if (error < 0) {
		if (addr != 0)
			eft_file_put(file);
		eft_free(range);
		return error;
	}
	return addr;
}

intptr_t eft_range_map_now(uintptr_t addr, size_t len, int prot, unsigned flags,
			   struct eft_file *file, off_t offset)
{
	if (len == 0 || len % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (addr != 0 && addr % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (addr != 0 && !valid(addr, len))
		return -ENOMEM;
	if (write_and_execute(prot))
		return -EACCES;
	if (file != NULL)
		return eft_range_map_file(addr, len, prot, flags, file, offset);
	return eft_range_map_anonymous(addr, len, prot, flags, NULL, 0);
}

/* core/mem/balloon.c has another. */
intptr_t eft_range_map(uintptr_t addr, size_t len, int prot, unsigned flags,
		       struct eft_file *file, off_t offset)
	__attribute__((weak, alias("eft_range_map_now")));

/* Whole pages where nothing of the program's is, nor ever can be. */
static bool is_elsewhere(uintptr_t addr, size_t len)
{
	uintptr_t end = addr + len;

	if (addr % EFT_PAGE_SIZE != 0 || len % EFT_PAGE_SIZE != 0 || len == 0)
		return false;
	if (end <= addr || end <= (uintptr_t)eft_image_start)
		return end > addr;
	return (addr >= (uintptr_t)eft_image_end &&
		end <= eft_space()->start) ||
	       addr >= eft_space()->end;
}

int eft_range_unmap(uintptr_t addr, size_t len)
{
	struct eft_space *space = eft_space();
	struct eft_range *dead = NULL;
	int error;

	if (!valid(addr, len))
		return is_elsewhere(addr, len) ? 0 : -EINVAL;
	eft_lock(&space->lock);
	error = eft_range_split(space, addr, len);
	if (error == 0)
		carve(space, addr, len, &dead);
	space->cursor = space->end;
	eft_unlock(&space->lock);
	bury(dead);
	return error;
}

static bool mapped_locked(struct eft_space *space, uintptr_t addr, size_t len)
{
	uintptr_t end = addr + len;

	while (addr < end) {
		struct eft_range *range = eft_range_after(space, addr);

		if (range == NULL || range->start > addr)
			return false;
		addr = range->end;
	}
	return true;
}

/* Bytes that protecting [addr, addr+len) as (prot) would promise anew. */
static uint64_t newly_promised(struct eft_space *space, uintptr_t addr,
			       size_t len, int prot)
{
	uint64_t bytes = 0;

	while (len > 0) {
		struct eft_range piece = *eft_range_after(space, addr);

		piece.start = addr;
		piece.end = eft_min(piece.end, addr + len);
		bytes -= promised(space, &piece);
		piece.prot = prot;
		bytes += promised(space, &piece);
		len -= piece.end - addr;
		addr = piece.end;
	}
	return bytes;
}

/* True when (prot) lets a file be written that was not opened for it. */
static bool writes_unwritable(const struct eft_range *range, int prot)
{
	return prot & EFT_PROT_WRITE && range->flags & EFT_RANGE_SHARED &&
	       range->file != NULL &&
	       (range->file->flags & O_ACCMODE) != O_RDWR;
}

/* True when (prot) runs a file of a mount that has no code. */
static bool runs_data(const struct eft_range *range, int prot)
{
	return eft_file_runs_nothing != NULL && prot & EFT_PROT_EXEC &&
	       range->file != NULL && eft_file_runs_nothing(range->file);
}

/* 0; -ENOMEM a hole; -EACCES: what comes first. */
static int may_protect(struct eft_space *space, uintptr_t addr, size_t len,
		       int prot)
{
	uintptr_t end = addr + len;

	while (addr < end) {
		struct eft_range *range = eft_range_after(space, addr);

		if (range == NULL || range->start > addr)
			return -ENOMEM;
		if (writes_unwritable(range, prot) || runs_data(range, prot))
			return -EACCES;
		addr = range->end;
	}
	return 0;
}

static int protect_locked(struct eft_space *space, uintptr_t addr, size_t len,
			  int prot)
{
	uintptr_t end = addr + len, at = addr;
	int error = may_protect(space, addr, len, prot);
	uint64_t more;

	if (error < 0)
		return error;
	more = newly_promised(space, addr, len, prot);
	if ((int64_t)more > 0 && !may_promise(space, more))
		return -ENOMEM;
	error = eft_range_split(space, addr, len);
	if (error == 0)
		error = eft_plat->protect(space->plat, addr, len, prot);
	if (error < 0)
		return error;
	while (at < end) {
		struct eft_range *range = eft_range_after(space, at);

		at = range->end;
		eft_range_take_out(space, range);
		range->prot = prot;
		eft_range_insert(space, range);
		eft_range_join(space, range->start);
	}
	eft_range_join(space, end);
	return 0;
}

int eft_range_protect(uintptr_t addr, size_t len, int prot)
{
	struct eft_space *space = eft_space();
	int error;

	if (addr % EFT_PAGE_SIZE != 0 || len % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (len == 0)
		return 0;
	if (!valid(addr, len))
		return -ENOMEM;
	if (write_and_execute(prot))
		return -EACCES;
	eft_lock(&space->lock);
	error = protect_locked(space, addr, len, prot);
	eft_unlock(&space->lock);
	return error;
}

bool eft_range_mapped(uintptr_t addr, size_t len)
{
	struct eft_space *space = eft_space();
	bool mapped;

	eft_lock(&space->lock);
	mapped = addr + len >= addr && mapped_locked(space, addr, len);
	eft_unlock(&space->lock);
	return mapped;
}

bool eft_range_is_free(uintptr_t addr, size_t len)
{
	struct eft_space *space = eft_space();
	struct eft_range *range;
	bool is_free;

	if (!valid(addr, len))
		return false;
	eft_lock(&space->lock);
	range = eft_range_after(space, addr);
	is_free = range == NULL || range->start >= addr + len;
	eft_unlock(&space->lock);
	return is_free;
}

/* What the program forbids of its stack, by mprotect(2), is none. */
static bool is_guard(const struct eft_range *range)
{
	return (range->flags & (EFT_RANGE_STACK | EFT_RANGE_WRITTEN)) ==
	       EFT_RANGE_STACK;
}

bool eft_range_next(uintptr_t addr, struct eft_range *ret_range)
{
	struct eft_space *space = eft_space();
	struct eft_range *range;

	eft_lock(&space->lock);
	do {
		range = eft_range_after(space, addr);
		addr = range != NULL ? range->end : addr;
	} while (range != NULL && is_guard(range));
	if (range != NULL) {
		*ret_range = *range;
		if (range->file != NULL)
			eft_file_get(range->file);
	}
	eft_unlock(&space->lock);
	return range != NULL;
}

bool eft_space_lock_if_free(struct eft_space *space)
{
	enum { TRIES = 1000000 };
	static bool stuck; /* it was waited for in vain */

	for (unsigned i = 0; !eft_try_lock(&space->lock); i++) {
		if (i == TRIES || __atomic_load_n(&stuck, __ATOMIC_RELAXED)) {
			__atomic_store_n(&stuck, true, __ATOMIC_RELAXED);
			return false;
		}
		eft_spin(i);
	}
	__atomic_store_n(&stuck, false, __ATOMIC_RELAXED);
	return true;
}

bool eft_range_peek(uintptr_t addr, struct eft_range *ret_range)
{
	struct eft_space *space = eft_space();
	struct eft_range *range;

	if (!eft_space_lock_if_free(space))
		return false;
	range = eft_range_after(space, addr);
	if (range != NULL)
		*ret_range = *range;
	eft_unlock(&space->lock);
	return range != NULL;
}

void eft_range_stats(struct eft_range_stats *ret_stats)
{
	struct eft_space *space = eft_space();

	eft_lock(&space->lock);
	ret_stats->limit = space->limit;
	ret_stats->committed = space->committed;
	eft_unlock(&space->lock);
}

void eft_range_init(const struct eft_boot_info *info, uint64_t limit)
{
	struct eft_space *space = eft_space();
	struct eft_page_stats pages;

	eft_page_stats(&pages);
	space->plat = info->space;
	space->limit = info->program_bytes;
	if (space->limit == 0) /* page tables are RAM too */
		space->limit = (pages.free - pages.free / 64) * EFT_PAGE_SIZE;
	if (limit != 0)
		space->limit = eft_min(space->limit, limit);
	/* Nobody sees what a host brings in: a limit then counts promises. */
	space->strict = limit != 0 && eft_plat->map_zero != NULL;
	space->start = info->window_start;
	space->end = space->cursor = info->window_end;
	space->break_start = space->break_end = info->window_start;
}

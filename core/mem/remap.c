// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ranges that grow, move and empty: mremap, brk, MADV_DONTNEED.
 */
#include "core/abi.h"
#include "core/file.h"
#include "core/mem/range.h"
#include "core/plat.h"

/*
 * Move the whole range at [from, from+len) to (to), which is free. There it is a
 * range of its own until eft_range_join(): it can go back without memory.
 */
static int move_locked(struct eft_space *space, uintptr_t from, size_t len,
		       uintptr_t to)
{
	int error = eft_range_split(space, from, len);
	struct eft_range *range;

	if (error == 0)
		error = eft_plat->move(space->plat, from, to, len);
	if (error < 0)
		return error;
	range = eft_range_after(space, from);
	eft_range_take_out(space, range);
	range->start = to;
	range->end = to + len;
	eft_range_insert(space, range);
	return 0;
}

/* What was moved to [at, at+len) stays there. */
static void settle(uintptr_t at, size_t len)
{
	struct eft_space *space = eft_space();

	eft_lock(&space->lock);
	eft_range_join(space, at + len);
	eft_range_join(space, at);
	eft_unlock(&space->lock);
}

/* Move back what has just come from there. */
static void move_back(uintptr_t at, size_t len, uintptr_t from)
{
	struct eft_space *space = eft_space();

	eft_lock(&space->lock);
	move_locked(space, at, len, from);
	eft_unlock(&space->lock);
	settle(from, len);
}

/* Move to where (new_len) bytes are free, or to (to) when that is not 0. */
static intptr_t move(uintptr_t from, size_t len, size_t new_len, uintptr_t to)
{
	struct eft_space *space = eft_space();
	int error = -ENOMEM;

	eft_lock(&space->lock);
	if (to == 0)
		to = eft_range_choose(space, new_len);
	if (to != 0)
		error = move_locked(space, from, len, to);
	eft_unlock(&space->lock);
	return error < 0 ? error : (intptr_t)to;
}

/* Map what (range) has after its first (len) bytes at (at). */
static intptr_t extend(const struct eft_range *range, uintptr_t at,
		       size_t offset, size_t more)
{
	unsigned derived = EFT_RANGE_HOST | EFT_RANGE_COPY | EFT_RANGE_SHOWN;
	unsigned flags = range->flags & ~derived;

	return eft_range_map(at, more, range->prot, flags, range->file,
			     range->offset + (off_t)offset);
}

static intptr_t grow(const struct eft_range *range, uintptr_t addr,
		     size_t old_len, size_t new_len, int flags, uintptr_t fixed)
{
	size_t offset = addr - range->start + old_len;
	size_t more = new_len - old_len;
	intptr_t at = addr, error;

	if (fixed == 0 && eft_range_is_free(addr + old_len, more)) {
		error = extend(range, addr + old_len, offset, more);
		return error < 0 ? error : (intptr_t)addr;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	at = move(addr, old_len, new_len, fixed);
	if (at < 0)
		return at;
	error = more != 0 ? extend(range, at + old_len, offset, more) : 0;
	if (error < 0) {
		move_back(at, old_len, addr);
		return error;
	}
	settle(at, old_len);
	return at;
}

/* See that the destination of MREMAP_FIXED is free. */
static int clear_fixed(uintptr_t addr, size_t old_len, uintptr_t to, size_t len)
{
	if (to % EFT_PAGE_SIZE != 0 || to == 0)
		return -EINVAL;
	if (to < addr + old_len && addr < to + len)
		return -EINVAL;
	return eft_range_unmap(to, len);
}

/* What mremap(2) makes of an old length of 0: a second mapping of the same. */
static intptr_t map_again(const struct eft_range *range, uintptr_t addr,
			  size_t len, int flags, uintptr_t to)
{
	/* Shared memory without a file is found by its address alone. */
	if (!(range->flags & EFT_RANGE_SHARED) || range->file == NULL)
		return -EINVAL;
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	return eft_range_map(
		to, len, range->prot,
		range->flags & ~(unsigned)(EFT_RANGE_HOST | EFT_RANGE_SHOWN),
		range->file, range->offset + (off_t)(addr - range->start));
}

/* MREMAP_DONTUNMAP: the pages move, and empty memory takes their place. */
static intptr_t leave(const struct eft_range *range, uintptr_t addr, size_t len,
		      uintptr_t to)
{
	intptr_t at, error;

	if (range->file != NULL || range->flags & EFT_RANGE_SHARED)
		return -EINVAL;
	at = move(addr, len, len, to);
	if (at < 0)
		return at;
	error = eft_range_map(addr, len, range->prot, range->flags, NULL, 0);
	if (error < 0) {
		move_back(at, len, addr);
		return error;
	}
	settle(at, len);
	return at;
}

/* 0 or -EINVAL. The lengths are whole pages. */
static int check_remap(uintptr_t addr, size_t old_len, size_t new_len,
		       int flags)
{
	if (addr % EFT_PAGE_SIZE != 0 || new_len == 0)
		return -EINVAL;
	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if (flags != 0 && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	return flags & MREMAP_DONTUNMAP && old_len != new_len ? -EINVAL : 0;
}

intptr_t eft_range_remap(uintptr_t addr, size_t old_len, size_t new_len,
			 int flags, uintptr_t new_addr)
{
	uintptr_t to = flags & MREMAP_FIXED ? new_addr : 0;
	struct eft_range range;
	intptr_t result = addr;
	int error = check_remap(addr, old_len, new_len, flags);

	if (error < 0)
		return error;
	if (!eft_range_next(addr, &range))
		return -EFAULT;
	if (range.start > addr || range.end - addr < old_len)
		error = -EFAULT;
	if (error == 0 && flags & MREMAP_FIXED)
		error = clear_fixed(addr, old_len, new_addr, new_len);
	if (error == 0 && old_len == 0) {
		result = map_again(&range, addr, new_len, flags, to);
	} else if (error == 0 && flags & MREMAP_DONTUNMAP) {
		result = leave(&range, addr, old_len, to);
	} else if (error == 0) {
		if (new_len < old_len) {
			error = eft_range_unmap(addr + new_len,
						old_len - new_len);
			old_len = new_len;
		}
		if (error == 0 && (new_len > old_len || flags & MREMAP_FIXED))
			result =
				grow(&range, addr, old_len, new_len, flags, to);
	}
	eft_file_put(range.file);
	return error < 0 ? error : result;
}

/* Zeroes again, or what the file has. */
static int empty(const struct eft_range *range, uintptr_t addr, size_t len)
{
	struct eft_space *space = eft_space();
	int error = 0;

	eft_lock(&space->lock);
	eft_plat->unmap(space->plat, addr, len);
	if (eft_plat->map_zero != NULL)
		error = eft_plat->map_zero(space->plat, addr, len,
					   eft_range_zero_prot(range));
	eft_unlock(&space->lock);
	return error;
}

/* Discard the part [addr, addr+len) of (range). */
static int discard_part(const struct eft_range *range, uintptr_t addr,
			size_t len)
{
	off_t offset = range->offset + (off_t)(addr - range->start);

	if (range->flags & EFT_RANGE_SHARED)
		return 0;
	if (range->flags & EFT_RANGE_HOST)
		return range->file->ops->map(range->file, addr, len,
					     range->prot, false, offset);
	return empty(range, addr, len);
}

int eft_range_discard(uintptr_t addr, size_t len)
{
	uintptr_t end = addr + len;
	int error = 0;

	if (addr % EFT_PAGE_SIZE != 0 || len % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	while (error == 0 && addr < end) {
		struct eft_range range;

		if (!eft_range_next(addr, &range))
			return -ENOMEM;
		if (range.start > addr)
			error = -ENOMEM;
		else
			error = discard_part(&range, addr,
					     eft_min(range.end, end) - addr);
		addr = range.end;
		eft_file_put(range.file);
	}
	return error;
}

uintptr_t eft_range_break(uintptr_t end)
{
	struct eft_space *space = eft_space();
	uintptr_t old_top = eft_align_up(space->break_end, EFT_PAGE_SIZE);
	uintptr_t top = eft_align_up(end, EFT_PAGE_SIZE);
	intptr_t error = 0;

	if (end < space->break_start || end >= space->end)
		return space->break_end;
	if (top > old_top) {
		if (!eft_range_is_free(old_top, top - old_top))
			return space->break_end;
		error = eft_range_map(old_top, top - old_top,
				      EFT_PROT_READ | EFT_PROT_WRITE,
				      EFT_RANGE_HEAP, NULL, 0);
	} else if (top < old_top) {
		error = eft_range_unmap(top, old_top - top);
	}
	if (error >= 0)
		space->break_end = end;
	return space->break_end;
}

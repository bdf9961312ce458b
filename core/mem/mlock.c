// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ranges that are locked in memory. Nothing is ever paged out: the mark is for
 * what refuses to work on locked memory, and for who asks.
 */
#include "core/abi.h"
#include "core/arch/x86_64/image.h"
#include "core/mem/range.h"

static void mark(struct eft_space *space, struct eft_range *range, bool locked)
{
	eft_range_take_out(space, range);
	if (locked)
		range->flags |= EFT_RANGE_LOCKED;
	else
		range->flags &= ~(unsigned)EFT_RANGE_LOCKED;
	eft_range_insert(space, range);
	eft_range_join(space, range->start);
}

static bool in_image(uintptr_t addr)
{
	return addr >= (uintptr_t)eft_image_start &&
	       addr < (uintptr_t)eft_image_end;
}

static int lock_locked(struct eft_space *space, uintptr_t addr, uintptr_t end,
		       bool locked)
{
	while (addr < end) {
		struct eft_range *range = eft_range_after(space, addr);

		if (in_image(addr)) {
			addr = (uintptr_t)eft_image_end;
		} else if (range == NULL || range->start > addr) {
			return -ENOMEM;
		} else {
			addr = range->end; /* a join may free the range */
			mark(space, range, locked);
		}
	}
	eft_range_join(space, end);
	return 0;
}

int eft_range_lock(uintptr_t addr, size_t len, bool locked)
{
	struct eft_space *space = eft_space();
	int error;

	eft_lock(&space->lock);
	error = eft_range_split(space, addr, len);
	if (error == 0)
		error = lock_locked(space, addr, addr + len, locked);
	eft_unlock(&space->lock);
	return error;
}

void eft_range_lock_all(bool current, bool future)
{
	struct eft_space *space = eft_space();
	struct eft_range *range;
	uintptr_t at = 0;

	eft_lock(&space->lock);
	space->more_flags = future ? EFT_RANGE_LOCKED : 0;
	while ((current || !future) &&
	       (range = eft_range_after(space, at)) != NULL) {
		at = range->end;
		mark(space, range, current);
	}
	eft_unlock(&space->lock);
}

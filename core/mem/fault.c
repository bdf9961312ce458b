// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pages of the program's address space, brought in as they are touched.
 */
#include "core/abi.h"
#include "core/arch/x86_64/image.h"
#include "core/file.h"
#include "core/mem/range.h"
#include "core/plat.h"

/* Whoever maps a file names what else is in its room. */
#pragma weak eft_range_bring_in

/* Why an access to a range that forbids it is wrong. */
static enum eft_fault forbidden(const struct eft_range *range)
{
	if (range->flags & EFT_RANGE_STACK && range->prot == EFT_PROT_NONE)
		return EFT_FAULT_GUARD;
	return EFT_FAULT_PROTECTION;
}

enum eft_fault eft_range_give_page(struct eft_space *space,
				   const struct eft_range *range,
				   uintptr_t addr, void *page)
{
	int error;

	if (page == NULL)
		return EFT_FAULT_NO_MEMORY;
	error = eft_plat->map_page(space->plat, addr, page, range->prot,
				   EFT_HOLD_OWNED);
	if (error < 0)
		eft_page_free(page);
	return error == 0 || error == -EEXIST ? EFT_FAULT_RESOLVED
					      : EFT_FAULT_NO_MEMORY;
}

/*
 * A process's pages are the host's to bring in. Another CPU may have allowed
 * since what was forbidden at the fault; else the host has refused.
 */
static enum eft_fault ask_host(struct eft_space *space,
			       const struct eft_range *range, uintptr_t addr)
{
	int error = eft_plat->protect(space->plat, addr, EFT_PAGE_SIZE,
				      range->prot);

	return error == 0 ? EFT_FAULT_RESOLVED : EFT_FAULT_NO_MEMORY;
}

static enum eft_fault fault_locked(struct eft_space *space, uintptr_t addr,
				   int access)
{
	struct eft_range *range = eft_range_after(space, addr);

	if (addr >= (uintptr_t)eft_image_start &&
	    addr < (uintptr_t)eft_image_end)
		return EFT_FAULT_PROTECTION;
	if (range == NULL || range->start > addr)
		return EFT_FAULT_UNMAPPED;
	if (!(range->prot & access))
		return forbidden(range);
	addr = eft_align_down(addr, EFT_PAGE_SIZE);
	if (range->flags & EFT_RANGE_HOST)
		return EFT_FAULT_PAST_END;
	if (range->file != NULL)
		return eft_range_bring_in(space, range, addr, access);
	if (eft_plat->map_zero != NULL)
		return ask_host(space, range, addr);
	return eft_range_give_page(space, range, addr,
				   eft_page_alloc_zeroed(0));
}

enum eft_fault eft_range_fault(uintptr_t addr, int access)
{
	struct eft_space *space = eft_space();
	enum eft_fault fault;

	eft_lockcheck_faults();
	/*
	 * What has faulted with interrupts off may hold the lock: a program can
	 * unmap the very stack that it does so on.
	 */
	if (eft_likely(eft_irq_depth() == 0))
		eft_lock(&space->lock);
	else if (!eft_space_lock_if_free(space))
		return EFT_FAULT_BUSY;
	fault = fault_locked(space, addr, access);
	eft_unlock(&space->lock);
	return fault;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory that is locked: its pages are there from the call on, and nothing of
 * the libOS takes them away.
 */
#include "core/abi.h"
#include "core/file.h"
#include "posix/mem/memory.h"
#include "posix/syscalls.h"

/* Have the pages of private memory come now. */
static void bring_in(uintptr_t addr, uintptr_t end)
{
	struct eft_range range;

	while (addr < end && eft_range_next(addr, &range)) {
		uintptr_t from = eft_max(addr, range.start);

		addr = eft_min(range.end, end);
		if (range.file == NULL && range.prot & EFT_PROT_READ &&
		    from < addr)
			eft_populate(from, addr - from);
		eft_file_put(range.file);
	}
}

static long lock(uintptr_t addr, size_t len, bool locked)
{
	uintptr_t start = eft_align_down(addr, EFT_PAGE_SIZE);
	long result;

	len = eft_whole_pages(len + (addr - start));
	if (start + len < start)
		return -EINVAL;
	if (len == 0)
		return 0;
	eft_space_changes_begin();
	result = eft_range_lock(start, len, locked);
	if (result == 0 && locked)
		bring_in(start, start + len);
	eft_space_changes_end();
	return result;
}

long eft_sys_mlock(uintptr_t addr, size_t len)
{
	return lock(addr, len, true);
}

long eft_sys_mlock2(uintptr_t addr, size_t len, int flags)
{
	return flags & ~MLOCK_ONFAULT ? -EINVAL : lock(addr, len, true);
}

long eft_sys_munlock(uintptr_t addr, size_t len)
{
	return lock(addr, len, false);
}

long eft_sys_mlockall(int flags)
{
	if (flags == 0 || flags == MCL_ONFAULT ||
	    flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		return -EINVAL;
	eft_range_lock_all(flags & MCL_CURRENT, flags & MCL_FUTURE);
	return 0;
}

long eft_sys_munlockall(void)
{
	eft_range_lock_all(false, false);
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory that is locked: its pages are there from the call on, and nothing of
 * the libOS takes them away.
 */
#include "core/abi.h"
#include "core/file.h"
#include "core/process.h"
#include "posix/mem/memory.h"
#include "posix/syscalls.h"

enum { RLIMIT_MEMLOCK = 8 };

/* How much of [start, end) is locked. */
static uint64_t locked_in(uintptr_t start, uintptr_t end)
{
	struct eft_range range;
	uint64_t bytes = 0;

	for (uintptr_t at = start; at < end && eft_range_next(at, &range);
	     at = range.end) {
		uintptr_t from = eft_max(start, range.start);

		if (range.flags & EFT_RANGE_LOCKED && from < end)
			bytes += eft_min(end, range.end) - from;
		eft_file_put(range.file);
	}
	return bytes;
}

/* What the user may lock: all of it as root (mm/mlock.c). */
static uint64_t limit(void)
{
	uint64_t soft, hard;

	if (eft_process()->identity.euid == 0)
		return UINT64_MAX;
	eft_proc_limit(RLIMIT_MEMLOCK, &soft, &hard);
	return soft;
}

static long check_limit(uintptr_t start, size_t len)
{
	uint64_t most = limit(), locked;

	if (most == UINT64_MAX)
		return 0;
	if (most == 0)
		return -EPERM;
	locked = locked_in(0, UINTPTR_MAX) - locked_in(start, start + len);
	return locked + len > eft_align_down(most, EFT_PAGE_SIZE) ? -ENOMEM : 0;
}

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
	result = locked ? check_limit(start, len) : 0;
	if (result == 0)
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

/* All that is mapped. */
static uint64_t mapped(void)
{
	struct eft_range range;
	uint64_t bytes = 0;

	for (uintptr_t at = 0; eft_range_next(at, &range); at = range.end) {
		bytes += range.end - range.start;
		eft_file_put(range.file);
	}
	return bytes;
}

long eft_sys_mlockall(int flags)
{
	if (flags == 0 || flags == MCL_ONFAULT ||
	    flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		return -EINVAL;
	if (limit() == 0)
		return -EPERM;
	if (flags & MCL_CURRENT && mapped() > limit())
		return -ENOMEM;
	eft_range_lock_all(flags & MCL_CURRENT, flags & MCL_FUTURE);
	return 0;
}

long eft_sys_munlockall(void)
{
	eft_range_lock_all(false, false);
	return 0;
}

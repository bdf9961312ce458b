// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "core/mem.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_regular_sync_map);

static long sync_range(const struct eft_range *range, uintptr_t addr,
		       uintptr_t end, int flags)
{
	struct eft_file *file = range->file;

	if (addr >= end)
		return 0;
	if (flags & MS_INVALIDATE && range->flags & EFT_RANGE_LOCKED)
		return -EBUSY;
	if (file == NULL || file->ops->sync_map == NULL ||
	    !(range->flags & (EFT_RANGE_SHARED | EFT_RANGE_HOST)))
		return 0;
	return file->ops->sync_map(file, addr, end - addr, flags);
}

/* Holes are passed over, and told in the end. */
static long sync_all(uintptr_t addr, uintptr_t end, int flags)
{
	long result = 0, error = 0;
	struct eft_range range;

	while (error == 0 && addr < end) {
		if (!eft_range_next(addr, &range))
			return -ENOMEM;
		if (range.start > addr)
			result = -ENOMEM;
		error = sync_range(&range, eft_max(addr, range.start),
				   eft_min(range.end, end), flags);
		addr = range.end;
		eft_file_put(range.file);
	}
	return error != 0 ? error : result;
}

long eft_sys_msync(uintptr_t addr, size_t len, int flags)
{
	uintptr_t end = addr + eft_align_up(len, EFT_PAGE_SIZE);

	if (addr % EFT_PAGE_SIZE != 0 ||
	    flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	return end < addr ? -ENOMEM : sync_all(addr, end, flags);
}

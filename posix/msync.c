// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "core/mem.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);

static long sync_range(const struct eft_range *range, uintptr_t addr,
		       uintptr_t end, int flags)
{
	struct eft_file *file = range->file;

	if (range->start > addr)
		return -ENOMEM;
	if (file == NULL || file->ops->sync_map == NULL)
		return 0;
	return file->ops->sync_map(file, addr, end - addr, flags);
}

long eft_sys_msync(uintptr_t addr, size_t len, int flags)
{
	uintptr_t end = addr + eft_align_up(len, EFT_PAGE_SIZE);
	long error = 0;

	if (addr % EFT_PAGE_SIZE != 0 ||
	    flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	while (error == 0 && addr < end) {
		struct eft_range range;

		if (!eft_range_next(addr, &range))
			return -ENOMEM;
		error = sync_range(&range, addr, eft_min(range.end, end),
				   flags);
		addr = range.end;
		eft_file_put(range.file);
	}
	return error;
}

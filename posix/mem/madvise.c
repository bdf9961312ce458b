// SPDX-License-Identifier: BSD-3-Clause
/*
 * Advice on memory. MADV_DONTNEED empties it and MADV_POPULATE_ brings it in;
 * all other advice changes nothing that a program could see.
 */
#include "core/abi.h"
#include "core/file.h"
#include "posix/mem/memory.h"
#include "posix/syscalls.h"

/* Linux's include/uapi/asm-generic/mman-common.h, but for those of root. */
static bool is_advice(int advice)
{
	return (advice >= 0 && advice <= 4) ||
	       (advice >= MADV_FREE && advice <= MADV_DONTNEED_LOCKED);
}

/* Memory that no file has, nor another process could. */
static bool is_private(const struct eft_range *range)
{
	return range->file == NULL && !(range->flags & EFT_RANGE_SHARED);
}

static long remove_part(const struct eft_range *range)
{
	if (range->flags & EFT_RANGE_LOCKED || range->file == NULL)
		return -EINVAL;
	if (!(range->flags & EFT_RANGE_SHARED) ||
	    (range->file->flags & O_ACCMODE) != O_RDWR)
		return -EACCES;
	return -EOPNOTSUPP; /* no file here has holes made in it */
}

static long populate(const struct eft_range *range, uintptr_t addr, size_t len,
		     int prot)
{
	if ((range->prot & prot) == 0)
		return -EINVAL;
	if (range->file == NULL && range->prot & EFT_PROT_READ)
		eft_populate(addr, len);
	return 0;
}

/* (advice) on the part [addr, addr+len) of (range). */
static long advise(const struct eft_range *range, uintptr_t addr, size_t len,
		   int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
		if (range->flags & EFT_RANGE_LOCKED)
			return -EINVAL;
		return eft_range_discard(addr, len);
	case MADV_DONTNEED_LOCKED:
		return eft_range_discard(addr, len);
	case MADV_FREE:
		if (range->flags & EFT_RANGE_LOCKED)
			return -EINVAL;
		return is_private(range) ? 0 : -EINVAL;
	case MADV_REMOVE:
		return remove_part(range);
	case MADV_WIPEONFORK:
		return is_private(range) ? 0 : -EINVAL;
	case MADV_POPULATE_READ:
		return populate(range, addr, len, EFT_PROT_READ);
	case MADV_POPULATE_WRITE:
		return populate(range, addr, len, EFT_PROT_WRITE);
	}
	return 0;
}

/* Holes are passed over, and told in the end. */
static long advise_all(uintptr_t addr, uintptr_t end, int advice)
{
	long result = 0, error = 0;
	struct eft_range range;

	while (addr < end && error == 0) {
		uintptr_t from;

		if (!eft_range_next(addr, &range))
			return -ENOMEM;
		if (range.start > addr)
			result = -ENOMEM;
		from = eft_max(addr, range.start);
		addr = eft_min(range.end, end);
		if (from < addr)
			error = advise(&range, from, addr - from, advice);
		else
			addr = end;
		eft_file_put(range.file);
	}
	return error != 0 ? error : result;
}

long eft_sys_madvise(uintptr_t addr, size_t len, int advice)
{
	uintptr_t end = addr + eft_whole_pages(len);
	long result;

	if (!is_advice(advice) || addr % EFT_PAGE_SIZE != 0 ||
	    (len != 0 && eft_whole_pages(len) == 0) || end < addr)
		return -EINVAL;
	eft_space_changes_begin();
	result = advise_all(addr, end, advice);
	eft_space_changes_end();
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Allocating the pages of a regular file in memory ahead.
 */
#include "core/fs/ramfs/regular.h"

static int fill_locked(struct eft_regular *reg, off_t offset, off_t end)
{
	uint64_t first = (uint64_t)offset / EFT_PAGE_SIZE;
	uint64_t last = ((uint64_t)end - 1) / EFT_PAGE_SIZE;
	struct eft_page_stats stats;

	/* Refuse at once what cannot succeed, and leave the memory free. */
	eft_assert(offset >= 0 && offset < end);
	eft_page_stats(&stats);
	if (last - first >= stats.free + eft_pages_used(&reg->pages))
		return -ENOSPC;
	for (uint64_t index = first; index <= last; index++) {
		if (eft_pages_fill(&reg->pages, index, false) == NULL)
			return -ENOSPC;
	}
	return 0;
}

int eft_regular_allocate(struct eft_file *file, int mode, off_t offset,
			 off_t len)
{
	struct eft_regular *reg = eft_regular_of(file);
	off_t end;
	int error;

	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~FALLOC_FL_KEEP_SIZE)
		return -EOPNOTSUPP;
	if (__builtin_add_overflow(offset, len, &end) ||
	    end > EFT_REGULAR_SIZE_MAX)
		return -EFBIG;
	eft_mutex_lock(&reg->node.lock);
	error = fill_locked(reg, offset, end);
	if (error == 0 && !(mode & FALLOC_FL_KEEP_SIZE) && end > reg->size)
		eft_regular_store_size(reg, end);
	eft_node_modified_locked(&reg->node);
	eft_mutex_unlock(&reg->node.lock);
	return error;
}

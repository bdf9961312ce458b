// SPDX-License-Identifier: BSD-3-Clause
/*
 * Allocating the pages of a regular file in memory ahead.
 */
#include "core/fs/ramfs/regular.h"

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
	error = eft_pages_allocate(&reg->pages, (uint64_t)offset,
				   (uint64_t)len);
	if (error == 0 && !(mode & FALLOC_FL_KEEP_SIZE) &&
	    end > eft_regular_size(reg))
		error = eft_pages_resize(&reg->pages, (uint64_t)end);
	eft_node_modified_locked(&reg->node);
	eft_mutex_unlock(&reg->node.lock);
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Seeking in a regular file in memory, also to contents and holes, which are
 * whole pages, as in Linux's tmpfs.
 */
#include "core/fs/ramfs/regular.h"

/* Where contents (data), or a hole, begin at or after (offset). */
static off_t seek_contents(struct eft_regular *reg, off_t offset, bool data)
{
	uint64_t index;
	off_t found;

	if (offset < 0 || offset >= eft_regular_size(reg))
		return -ENXIO;
	index = eft_pages_next(&reg->pages, (uint64_t)offset / EFT_PAGE_SIZE,
			       data);
	found = eft_regular_size(reg);
	if (index < (uint64_t)eft_regular_size(reg) / EFT_PAGE_SIZE + 1)
		found = eft_min((uint64_t)found, index * EFT_PAGE_SIZE);
	if (data && found == eft_regular_size(reg))
		return -ENXIO;
	return eft_max((uint64_t)found, (uint64_t)offset);
}

static off_t find_offset(struct eft_file *file, off_t offset, int whence)
{
	struct eft_regular *reg = eft_regular_of(file);

	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return seek_contents(reg, offset, whence == SEEK_DATA);
	return eft_file_offset(file, offset, whence, eft_regular_size(reg));
}

off_t eft_regular_seek(struct eft_file *file, off_t offset, int whence)
{
	struct eft_regular *reg = eft_regular_of(file);

	eft_mutex_lock(&file->lock);
	eft_mutex_lock(&reg->node.lock);
	offset = find_offset(file, offset, whence);
	eft_mutex_unlock(&reg->node.lock);
	if (offset >= 0)
		file->position = offset;
	eft_mutex_unlock(&file->lock);
	return offset;
}

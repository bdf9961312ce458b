// SPDX-License-Identifier: BSD-3-Clause
/*
 * A regular file in memory, mapped by core or by a platform that pages itself.
 */
#include "core/fs/ramfs/regular.h"

int eft_regular_map(struct eft_file *file, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset)
{
	struct eft_regular *reg = eft_regular_of(file);
	int error;

	eft_mutex_lock(&reg->node.lock);
	error = eft_pages_map(&reg->pages, addr, len, prot, shared, offset);
	eft_mutex_unlock(&reg->node.lock);
	return error;
}

struct eft_pages *eft_regular_pages(struct eft_file *file)
{
	return &eft_regular_of(file)->pages;
}

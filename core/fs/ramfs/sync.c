// SPDX-License-Identifier: BSD-3-Clause
/*
 * msync() of a regular file in memory.
 */
#include "core/fs/ramfs/regular.h"

/* Nobody notes what a mapping writes: whoever syncs one may have written. */
int eft_regular_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			 int flags)
{
	struct eft_node *node = eft_node_file(file)->place.node;

	if ((file->flags & O_ACCMODE) != O_RDWR)
		return 0;
	eft_mutex_lock(&node->lock);
	eft_node_modified_locked(node);
	eft_mutex_unlock(&node->lock);
	return 0;
}

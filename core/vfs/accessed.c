// SPDX-License-Identifier: BSD-3-Clause
/*
 * An access that is no read: by mmap().
 */
#include "core/vfs/vfs.h"

/* A read of nothing is noted where a read is: its file system knows how. */
void eft_file_accessed(struct eft_file *file)
{
	const struct eft_iovec nothing = {NULL, 0};
	const struct eft_node *node = eft_node_of(file);

	if (node != NULL && eft_node_is(node, S_IFREG) &&
	    file->ops->read != NULL)
		file->ops->read(file, &nothing, 1, 0);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Directories of /proc whose entries are numbers, made when they are first
 * looked for: what /proc/self/fd and /proc/self/task have in common.
 */
#include "core/fs/procfs/proc.h"

struct eft_dir *eft_proc_dir_create(const struct eft_node_type *type,
				    unsigned mode)
{
	struct eft_dir *dir = eft_dir_create(mode);

	if (dir != NULL) {
		dir->node.type = type;
		dir->fixed = true;
	}
	return dir;
}

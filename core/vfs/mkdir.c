// SPDX-License-Identifier: BSD-3-Clause
/*
 * mkdir() in the tree.
 */
#include "core/vfs/vfs.h"

int eft_tree_mkdir(struct eft_file *at, const char *path, unsigned mode)
{
	struct eft_dir *dir = eft_dir_create(mode & 01777);

	return eft_tree_make(at, path, dir != NULL ? &dir->node : NULL);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * mkdir().
 */
#include "core/vfs/vfs.h"

int eft_vfs_mkdir(struct eft_file *at, const char *path, unsigned mode)
{
	struct eft_node_spec spec = {.mode = S_IFDIR | (mode & 01777)};

	return eft_vfs_make(at, path, &spec);
}

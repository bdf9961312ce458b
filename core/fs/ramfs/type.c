// SPDX-License-Identifier: BSD-3-Clause
/*
 * The file system in memory as a type, for who mounts it or asks what it is.
 */
#include "core/vfs/vfs.h"

enum { TMPFS_MAGIC = 0x01021994, RAMFS_MAGIC = 0x858458f6 };

static int ramfs_create(const char *source, const char *options, uint32_t dev,
			struct eft_dir **ret_root)
{
	struct eft_dir *root = eft_dir_create_root(01777, dev);

	if (root == NULL)
		return -ENOMEM;
	*ret_root = root;
	return 0;
}

const struct eft_fs_type eft_ramfs_type = {
	.name = "tmpfs",
	.magic = TMPFS_MAGIC,
	.create = ramfs_create,
};
const struct eft_fs_type eft_ramfs_old_type = {
	.name = "ramfs",
	.magic = RAMFS_MAGIC,
	.create = ramfs_create,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Devices as a file system of their own, for who mounts it.
 */
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

/* Only images with disks have it. */
#pragma weak eft_disks

static int devfs_create(const char *source, const char *options, uint32_t dev,
			struct eft_dir **ret_root)
{
	struct eft_dir *root = eft_dir_create_root(0755, dev);
	int error;

	if (root == NULL)
		return -ENOMEM;
	error = eft_dev_fill(root);
	if (error == 0 && eft_disks != NULL)
		error = eft_disks(root);
	if (error != 0) {
		eft_dir_empty(root);
		eft_node_put(&root->node);
		return error;
	}
	*ret_root = root;
	return 0;
}

enum { TMPFS_MAGIC = 0x01021994 };

const struct eft_fs_type eft_devfs_type = {
	.name = "devtmpfs",
	.magic = TMPFS_MAGIC,
	.create = devfs_create,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The file system in memory: what it makes.
 */
#include "core/fs/ramfs/regular.h"

/* Only images that make FIFOs have it (posix/fs/mknod.c). */
#pragma weak eft_fifo_create

static struct eft_node *create_dir(unsigned mode)
{
	struct eft_dir *dir = eft_dir_create(mode);

	return dir != NULL ? &dir->node : NULL;
}

int eft_ramfs_create_node(struct eft_dir *dir, const char *name, size_t len,
			  const struct eft_node_spec *spec,
			  struct eft_node **ret_node)
{
	struct eft_node *node = NULL;

	switch (spec->mode & S_IFMT) {
	case S_IFREG:
		node = eft_ramfs_create(spec->mode);
		break;
	case S_IFDIR:
		node = create_dir(spec->mode);
		break;
	case S_IFLNK:
		node = eft_symlink_create(spec->target, spec->target_len);
		break;
	case S_IFIFO:
		if (eft_fifo_create != NULL)
			node = eft_fifo_create(spec->mode);
		else /* nobody can open it */
			node = eft_dev_create(spec->mode, 0);
		break;
	default:
		node = eft_dev_create(spec->mode, spec->rdev);
	}
	if (node == NULL)
		return -ENOMEM;
	if (spec->gid != UINT32_MAX)
		node->gid = spec->gid;
	*ret_node = node;
	return 0;
}

const struct eft_name_ops eft_ramfs_names = {
	.create = eft_ramfs_create_node,
	.unnamed = true,
};

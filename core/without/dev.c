// SPDX-License-Identifier: BSD-3-Clause
/*
 * An image without devices, but for disks: -l:eft-without-dev.o. /dev is empty
 * where it is the libOS's, and nodes of other devices, which an archive or
 * mknod() makes, do not open.
 */
#include "core/block/disk.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

static int no_device(const struct eft_place *place, int flags,
		     struct eft_file **ret_file)
{
	return -ENXIO;
}

static void node_release(struct eft_node *node)
{
	eft_free(node);
}

static const struct eft_node_type no_device_type = {
	.open = no_device,
	.release = node_release,
};

/* Only images with disks have it. */
#pragma weak eft_disk_node_type

struct eft_node *eft_dev_create(unsigned mode, uint64_t rdev)
{
	const struct eft_node_type *type = &no_device_type;
	struct eft_node *node = eft_alloc(sizeof(*node));

	if (node == NULL)
		return NULL;
	if ((mode & S_IFMT) == S_IFBLK && &eft_disk_node_type != NULL)
		type = &eft_disk_node_type;
	eft_node_init(node, type, mode);
	node->rdev = rdev;
	return node;
}

int eft_dev_fill(struct eft_dir *dir)
{
	return 0;
}

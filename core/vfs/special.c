// SPDX-License-Identifier: BSD-3-Clause
/*
 * Devices, FIFOs and sockets of file systems that are not in memory. What is
 * opened is a node in memory, which all who open it share.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

/* Only images that make FIFOs have it (posix/fs/mknod.c). */
#pragma weak eft_fifo_create

static struct eft_node *create(const struct eft_node *node, unsigned nlink)
{
	struct eft_node *special;

	if (eft_node_is(node, S_IFIFO) && eft_fifo_create != NULL)
		special = eft_fifo_create(node->mode);
	else
		special = eft_dev_create(node->mode, node->rdev);
	if (special != NULL) {
		special->dev = node->dev;
		special->ino = node->ino;
		special->uid = node->uid;
		special->gid = node->gid;
		special->nlink = nlink != 0 ? nlink : node->nlink;
	}
	return special;
}

int eft_special_open(const struct eft_place *place, struct eft_node **special,
		     unsigned nlink, int flags, struct eft_file **ret_file)
{
	struct eft_place inner = {.mount = place->mount};

	eft_mutex_lock(&place->node->lock);
	if (*special == NULL)
		*special = create(place->node, nlink);
	inner.node = *special;
	eft_mutex_unlock(&place->node->lock);
	return inner.node != NULL ? eft_node_open(&inner, flags, ret_file)
				  : -ENOMEM;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * readlink() in the tree.
 */
#include "core/fs/procfs/proc.h"

eft_needs(eft_proc_fd_readlink);

/* (node): NULL for what is not of the tree. */
static ssize_t read_opened(struct eft_node *node, char *buf, size_t size)
{
	if (node == NULL || !eft_node_is(node, S_IFLNK))
		return -ENOENT;
	return node->type->readlink(node, buf, size);
}

ssize_t eft_tree_readlink(struct eft_file *at, const char *path, char *buf,
			  size_t size)
{
	struct eft_walk walk;
	struct eft_node *link = NULL;
	ssize_t n;

	if (*path == '\0')
		return read_opened(eft_node_of(at), buf, size);
	eft_tree_lock();
	n = eft_walk_locked(at, path, EFT_WALK_NOFOLLOW, &walk);
	if (n == 0 && walk.node == NULL)
		n = -ENOENT;
	else if (n == 0 && !eft_node_is(walk.node, S_IFLNK))
		n = -EINVAL;
	else if (n == 0)
		link = eft_node_get(walk.node);
	eft_tree_unlock();
	if (link != NULL)
		n = link->type->readlink(link, buf, size);
	eft_node_put(link);
	return n;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * readlink().
 */
#include "core/fs/procfs/proc.h"

eft_needs(eft_proc_fd_readlink);

static ssize_t read_link(struct eft_node *link, char *buf, size_t size)
{
	char made[EFT_TARGET_BYTES];
	const char *target;
	size_t len;
	int error;

	if (link->type->readlink != NULL)
		return link->type->readlink(link, buf, size);
	error = link->type->target(link, made, &target);
	if (error != 0)
		return error;
	len = eft_min(eft_strlen(target), size);
	memcpy(buf, target, len);
	return (ssize_t)len;
}

/* (node): NULL for what is no node's. */
static ssize_t read_opened(struct eft_node *node, char *buf, size_t size)
{
	if (node == NULL || !eft_node_is(node, S_IFLNK))
		return -ENOENT;
	return read_link(node, buf, size);
}

ssize_t eft_vfs_readlink(struct eft_file *at, const char *path, char *buf,
			 size_t size)
{
	struct eft_node *link = NULL;
	struct eft_walk walk;
	ssize_t n;

	if (*path == '\0')
		return read_opened(eft_node_of(at), buf, size);
	n = eft_walk(at, path, EFT_WALK_NOFOLLOW, &walk);
	if (n != 0)
		return n;
	if (walk.node == NULL)
		n = -ENOENT;
	else if (!eft_node_is(walk.node, S_IFLNK))
		n = -EINVAL;
	else
		link = eft_node_get(walk.node);
	eft_walk_end(&walk);
	if (link != NULL)
		n = read_link(link, buf, size);
	eft_node_put(link);
	return n;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Symbolic links of file systems in memory.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

struct symlink {
	struct eft_node node;
	size_t len;
	char target[];
};

static struct symlink *symlink(struct eft_node *node)
{
	return eft_container_of(node, struct symlink, node);
}

static int symlink_stat(struct eft_node *node, struct eft_stat *st)
{
	st->size = (int64_t)symlink(node)->len;
	return 0;
}

static int symlink_target(struct eft_node *node, char buf[EFT_TARGET_BYTES],
			  const char **ret_target)
{
	*ret_target = symlink(node)->target;
	return 0;
}

static void symlink_release(struct eft_node *node)
{
	eft_free(symlink(node));
}

static const struct eft_node_type symlink_type = {
	.stat = symlink_stat,
	.target = symlink_target,
	.release = symlink_release,
};

struct eft_node *eft_symlink_create(const char *target, size_t len)
{
	struct symlink *link = eft_alloc(sizeof(*link) + len + 1);

	eft_assert(len > 0 && len < PATH_MAX);
	if (link == NULL)
		return NULL;
	eft_node_init(&link->node, &symlink_type, S_IFLNK | 0777);
	link->len = len;
	memcpy(link->target, target, len);
	return &link->node;
}

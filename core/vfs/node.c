// SPDX-License-Identifier: BSD-3-Clause
/*
 * Nodes: what a file is, apart from its names and its contents.
 */
#include "core/boot.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/time.h"
#include "core/vfs/notify.h"

/* Only images that ask for extended attributes have it. */
#pragma weak eft_ramfs_xattrs_free

struct eft_timespec eft_node_now(void)
{
	uint64_t ns = eft_realtime_ns();

	return (struct eft_timespec){
		.sec = (int64_t)(ns / 1000000000),
		.nsec = (int64_t)(ns % 1000000000),
	};
}

void eft_node_init(struct eft_node *node, const struct eft_node_type *type,
		   unsigned mode)
{
	static uint64_t last_ino = 15; /* the first few are fixed ones */

	node->type = type;
	node->ino = __atomic_add_fetch(&last_ino, 1, __ATOMIC_RELAXED);
	node->references = 1;
	node->mode = mode;
	node->uid = eft_process()->identity.euid;
	node->gid = eft_process()->identity.egid;
	eft_mutex_init(&node->lock, EFT_RANK_NODE);
	node->atime = node->mtime = node->ctime = eft_node_now();
}

struct eft_node *eft_node_get(struct eft_node *node)
{
	uint32_t before =
		__atomic_fetch_add(&node->references, 1, __ATOMIC_RELAXED);

	eft_assert(before > 0);
	return node;
}

bool eft_node_get_unless_released(struct eft_node *node)
{
	uint32_t count = __atomic_load_n(&node->references, __ATOMIC_RELAXED);

	while (count > 0 && !__atomic_compare_exchange_n(
				    &node->references, &count, count + 1, true,
				    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		;
	return count > 0;
}

/* Returns whether that was the last reference. */
static bool drop(struct eft_node *node)
{
	uint32_t before =
		__atomic_fetch_sub(&node->references, 1, __ATOMIC_ACQ_REL);

	eft_assert(before > 0);
	return before == 1;
}

/* What (node), which is about to be released, counts above it, or NULL. */
static struct eft_node *take_parent(struct eft_node *node)
{
	struct eft_dir *dir, *parent;

	if (!eft_node_is(node, S_IFDIR))
		return NULL;
	dir = eft_node_dir(node);
	parent = dir->parent != dir ? dir->parent : NULL;
	dir->parent = NULL;
	return parent != NULL ? &parent->node : NULL;
}

/* The last reference to a directory may be the last to all above it, which
   may be any number. */
void eft_node_put(struct eft_node *node)
{
	while (node != NULL && drop(node)) {
		struct eft_node *parent = take_parent(node);

		if (eft_ramfs_xattrs_free != NULL)
			eft_ramfs_xattrs_free(node);
		node->type->release(node);
		node = parent;
	}
	if (eft_watch_dropped != NULL && node != NULL)
		eft_watch_dropped(node);
}

int eft_node_stat(struct eft_node *node, struct eft_stat *ret_stat)
{
	int error = 0;

	eft_mutex_lock(&node->lock);
	*ret_stat = (struct eft_stat){
		.dev = node->dev,
		.ino = node->ino,
		.nlink = node->nlink,
		.mode = node->mode,
		.uid = node->uid,
		.gid = node->gid,
		.rdev = node->rdev,
		.blksize = EFT_PAGE_SIZE,
		.atime = node->atime,
		.mtime = node->mtime,
		.ctime = node->ctime,
	};
	if (node->type->stat != NULL)
		error = node->type->stat(node, ret_stat);
	eft_mutex_unlock(&node->lock);
	return error;
}

void eft_node_modified_locked(struct eft_node *node)
{
	node->mtime = node->ctime = eft_node_now();
}

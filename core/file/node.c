// SPDX-License-Identifier: BSD-3-Clause
/*
 * Nodes of the tree: what a file is, apart from its names and its contents.
 */
#include "core/boot.h"
#include "core/file/tree.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/time.h"

static struct eft_mutex tree_mutex = EFT_MUTEX_INIT(tree_mutex, EFT_RANK_TREE);

void eft_tree_lock(void)
{
	eft_mutex_lock(&tree_mutex);
}

void eft_tree_unlock(void)
{
	eft_mutex_unlock(&tree_mutex);
}

bool eft_tree_is_locked(void)
{
	return eft_mutex_holder(&tree_mutex) != NULL;
}

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
	node->uid = eft_identity.euid;
	node->gid = eft_identity.egid;
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

		node->type->release(node);
		node = parent;
	}
}

void eft_node_stat(struct eft_node *node, struct eft_stat *ret_stat)
{
	eft_mutex_lock(&node->lock);
	*ret_stat = (struct eft_stat){
		.dev = EFT_TREE_DEV,
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
		node->type->stat(node, ret_stat);
	eft_mutex_unlock(&node->lock);
}

int eft_node_chmod(struct eft_node *node, unsigned mode)
{
	if (eft_node_is(node, S_IFLNK))
		return -EOPNOTSUPP;
	eft_mutex_lock(&node->lock);
	node->mode = (node->mode & S_IFMT) | (mode & 07777);
	node->ctime = eft_node_now();
	eft_mutex_unlock(&node->lock);
	return 0;
}

/* S_ISUID; S_ISGID too, which means something else where no group executes. */
static uint32_t rights_of(uint32_t mode)
{
	return mode & 010 ? 06000 : 04000;
}

int eft_node_chown(struct eft_node *node, unsigned uid, unsigned gid)
{
	eft_mutex_lock(&node->lock);
	if (uid != UINT32_MAX)
		node->uid = uid;
	if (gid != UINT32_MAX)
		node->gid = gid;
	/* A new owner does not get the old one's rights. */
	if (!eft_node_is(node, S_IFDIR))
		node->mode &= ~rights_of(node->mode);
	node->ctime = eft_node_now();
	eft_mutex_unlock(&node->lock);
	return 0;
}

static bool is_valid_time(const struct eft_timespec *time)
{
	return time->nsec == UTIME_NOW || time->nsec == UTIME_OMIT ||
	       (time->nsec >= 0 && time->nsec < 1000000000);
}

static void set_time(struct eft_timespec *time, const struct eft_timespec *to,
		     const struct eft_timespec *now)
{
	if (to->nsec == UTIME_NOW)
		*time = *now;
	else if (to->nsec != UTIME_OMIT)
		*time = *to;
}

int eft_node_set_times(struct eft_node *node,
		       const struct eft_timespec times[2])
{
	static const struct eft_timespec both_now[2] = {
		{.nsec = UTIME_NOW},
		{.nsec = UTIME_NOW},
	};
	struct eft_timespec now = eft_node_now();

	if (times == NULL)
		times = both_now;
	if (!is_valid_time(&times[0]) || !is_valid_time(&times[1]))
		return -EINVAL;
	eft_mutex_lock(&node->lock);
	set_time(&node->atime, &times[0], &now);
	set_time(&node->mtime, &times[1], &now);
	node->ctime = now;
	eft_mutex_unlock(&node->lock);
	return 0;
}

void eft_node_modified_locked(struct eft_node *node)
{
	node->mtime = node->ctime = eft_node_now();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * open() in the tree.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

enum { S_ISGID = 02000 };

/* A directory with S_ISGID gives its group to what is made there, and the bit.
 */
static void inherit(const struct eft_dir *dir, struct eft_node *node)
{
	if (!(dir->node.mode & S_ISGID))
		return;
	node->gid = dir->node.gid;
	if (eft_node_is(node, S_IFDIR))
		node->mode |= S_ISGID;
}

int eft_tree_add_locked(const struct eft_walk *walk, struct eft_node *node,
			struct eft_dentry **ret_dentry)
{
	int error = -ENOMEM;

	eft_assert(walk->node == NULL && walk->len > 0);
	if (node == NULL)
		return error;
	inherit(walk->dir, node);
	if (walk->dir->fixed)
		error = -EPERM;
	else
		error = eft_dir_add_locked(walk->dir, walk->name, walk->len,
					   node, ret_dentry);
	eft_node_put(node);
	return error;
}

int eft_tree_make(struct eft_file *at, const char *path, struct eft_node *node)
{
	bool is_dir = node != NULL && eft_node_is(node, S_IFDIR);
	struct eft_walk walk;
	int error;

	eft_tree_lock();
	error = eft_walk_to_new_locked(at, path, is_dir, &walk);
	if (error == 0)
		error = eft_tree_add_locked(&walk, node, NULL);
	else
		eft_node_put(node);
	eft_tree_unlock();
	return error;
}

/* May what (walk) found be opened so? */
static int check_open(const struct eft_walk *walk, int flags)
{
	bool is_dir = eft_node_is(walk->node, S_IFDIR);
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	if ((flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if (is_dir && (flags & O_CREAT))
		return -EISDIR;
	if ((flags & O_DIRECTORY) && !is_dir)
		return -ENOTDIR;
	if (eft_node_is(walk->node, S_IFLNK) && !(flags & O_PATH))
		return -ELOOP;
	return is_dir && writes && !(flags & O_PATH) ? -EISDIR : 0;
}

/* A regular file without a name, on the file system of (walk). */
static int open_unnamed_locked(const struct eft_walk *walk, int flags,
			       unsigned mode, struct eft_file **ret_file)
{
	struct eft_node *node;
	int error = -ENOMEM;

	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	if (walk->node == NULL)
		return -ENOENT;
	if (!eft_node_is(walk->node, S_IFDIR))
		return -ENOTDIR;
	node = eft_ramfs_create(mode);
	if (node != NULL)
		error = eft_node_open(node, NULL, flags & ~O_TMPFILE, ret_file);
	if (error == 0)
		(*ret_file)->flags |= O_TMPFILE; /* for F_GETFL */
	eft_node_put(node);
	return error;
}

/* Make the regular file that (walk) did not find, and open it. */
static int open_new_locked(const struct eft_walk *walk, int flags,
			   unsigned mode, struct eft_file **ret_file)
{
	struct eft_dentry *dentry;
	int error;

	if (!(flags & O_CREAT))
		return -ENOENT;
	error = eft_tree_add_locked(walk, eft_ramfs_create(mode), &dentry);
	if (error != 0)
		return error;
	error = eft_node_open(dentry->node, dentry, flags, ret_file);
	if (error != 0)
		eft_dir_remove_locked(dentry);
	return error;
}

/*
 * Open what (walk) found, with the mutex held; gives it back: a device may do
 * anything while it is opened.
 */
static int open_found_unlock(const struct eft_walk *walk, int flags,
			     struct eft_file **ret_file)
{
	struct eft_node *node = eft_node_get(walk->node);
	struct eft_dentry *dentry =
		walk->dentry != NULL ? eft_dentry_get(walk->dentry) : NULL;
	int error = walk->magic ? 0 : check_open(walk, flags);

	eft_tree_unlock();
	if (error != 0)
		goto out_put;
	if (walk->magic)
		error = node->type->follow(node, flags, ret_file);
	else
		error = eft_node_open(node, dentry, flags, ret_file);
	if (error == 0 && (flags & O_TRUNC) && node->type->set_size != NULL)
		error = node->type->set_size(node, 0);
out_put:
	eft_dentry_put(dentry);
	eft_node_put(node);
	return error;
}

static enum eft_walk_mode walk_mode(int flags)
{
	if (flags & O_CREAT)
		return flags & (O_EXCL | O_NOFOLLOW) ? EFT_WALK_CREATE_NOFOLLOW
						     : EFT_WALK_CREATE;
	return flags & O_NOFOLLOW ? EFT_WALK_NOFOLLOW : EFT_WALK_FOLLOW;
}

int eft_tree_open(struct eft_file *at, const char *path, int flags,
		  unsigned mode, struct eft_file **ret_file)
{
	struct eft_walk walk;
	int error;

	eft_tree_lock();
	error = eft_walk_locked(at, path, walk_mode(flags), &walk);
	if (error == 0 && (flags & O_TMPFILE) == O_TMPFILE)
		error = open_unnamed_locked(&walk, flags, mode, ret_file);
	else if (error == 0 && walk.node == NULL)
		error = open_new_locked(&walk, flags, mode, ret_file);
	else if (error == 0)
		return open_found_unlock(&walk, flags, ret_file);
	eft_tree_unlock();
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * link() in the tree.
 */
#include "core/vfs/vfs.h"

/* Give (node) a further name. */
static int link_locked(struct eft_node *node, struct eft_file *to,
		       const char *to_path)
{
	struct eft_walk walk;
	int error = eft_walk_to_new_locked(to, to_path, false, &walk);

	if (error != 0)
		return error;
	if (eft_node_is(node, S_IFDIR) || walk.dir->fixed)
		return -EPERM;
	error = eft_dir_add_locked(walk.dir, walk.name, walk.len, node, NULL);
	if (error != 0)
		return error;
	eft_mutex_lock(&node->lock);
	node->ctime = eft_node_now();
	eft_mutex_unlock(&node->lock);
	return 0;
}

/* The node that link(2) is to name, counted. */
static int find_linked(struct eft_file *from, const char *path, int flags,
		       struct eft_node **ret_node)
{
	struct eft_walk walk;
	int error = 0;

	if (*path == '\0') {
		*ret_node = eft_node_of(from);
		if (*ret_node == NULL)
			return -EXDEV;
		eft_node_get(*ret_node);
		return 0;
	}
	eft_tree_lock();
	error = eft_walk_locked(from, path,
				flags & AT_SYMLINK_FOLLOW ? EFT_WALK_FOLLOW
							  : EFT_WALK_NOFOLLOW,
				&walk);
	if (error == 0 && walk.node == NULL)
		error = -ENOENT;
	if (error == 0)
		*ret_node = eft_node_get(walk.node);
	eft_tree_unlock();
	if (error == 0 && walk.magic) {
		struct eft_node *link = *ret_node;
		struct eft_file *file;

		error = link->type->follow(link, O_PATH, &file);
		eft_node_put(link);
		if (error != 0)
			return error;
		*ret_node = eft_node_of(file);
		if (*ret_node != NULL)
			eft_node_get(*ret_node);
		eft_file_put(file);
		return *ret_node != NULL ? 0 : -EXDEV;
	}
	return error;
}

int eft_tree_link(struct eft_file *from, const char *path, struct eft_file *to,
		  const char *to_path, int flags)
{
	struct eft_node *node;
	int error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (to->fs != &eft_tree_fs)
		return -EXDEV;
	error = find_linked(from, path, flags, &node);
	if (error != 0)
		return error;
	eft_tree_lock();
	error = link_locked(node, to, to_path);
	eft_tree_unlock();
	eft_node_put(node);
	return error;
}

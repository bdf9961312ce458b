// SPDX-License-Identifier: BSD-3-Clause
/*
 * The root, and how boot fills file systems in memory.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

int eft_vfs_init(void)
{
	struct eft_dir *root;

	if (eft_root_mount.root != NULL)
		return 0;
	root = eft_dir_create_root(0755, EFT_ROOT_DEV);
	if (root == NULL)
		return -ENOMEM;
	eft_root_mount.root = eft_root_mount.super->root = root;
	return 0;
}

int eft_vfs_open_root(struct eft_file **ret_file)
{
	const struct eft_place place = {&eft_root_mount, NULL,
					&eft_root_mount.root->node};

	eft_assert(eft_root_mount.root != NULL);
	return eft_node_open(&place, O_PATH | O_DIRECTORY, ret_file);
}

/* Put (node), NULL: a directory, where (walk) led. */
static int place_locked(struct eft_walk *walk, struct eft_node *node,
			unsigned mode, struct eft_node **ret_node)
{
	struct eft_dir *made = NULL;
	int error = 0;

	if (walk->node != NULL && eft_node_is(walk->node, S_IFDIR)) {
		if (node != NULL)
			return -EEXIST;
		node = walk->node;
		goto out_found;
	}
	if (walk->len > NAME_MAX)
		return -ENAMETOOLONG;
	if (walk->dentry != NULL && node == NULL)
		return -ENOTDIR;
	if (node == NULL) {
		made = eft_dir_create(mode);
		if (made == NULL)
			return -ENOMEM;
		node = &made->node;
	}
	if (walk->dentry != NULL)
		eft_dir_remove_locked(walk->dentry);
	error = eft_dir_add_locked(walk->dir, walk->name, walk->len, node,
				   NULL);
	if (made != NULL)
		eft_node_put(node); /* the directory counts it */
out_found:
	if (error == 0 && ret_node != NULL)
		*ret_node = eft_node_get(node);
	return error;
}

int eft_vfs_add(struct eft_dir *dir, const char *path, struct eft_node *node,
		unsigned mode, struct eft_node **ret_node)
{
	struct eft_walk walk;
	int error = eft_walk_from(
		&eft_root_mount, dir, path,
		node == NULL ? EFT_WALK_FOLLOW : EFT_WALK_ENTRY, true, &walk);

	if (error == 0) {
		error = place_locked(&walk, node, mode, ret_node);
		eft_walk_end(&walk);
	}
	eft_node_put(node);
	return error;
}

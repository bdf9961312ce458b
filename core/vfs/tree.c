// SPDX-License-Identifier: BSD-3-Clause
/*
 * The tree's root, and how the boot populates it.
 */
#include "core/log.h"
#include "core/vfs/components.h"
#include "core/vfs/vfs.h"

struct eft_dir *eft_tree_root;

int eft_tree_init(void)
{
	struct eft_dir *root;

	if (eft_tree_root != NULL)
		return 0;
	root = eft_dir_create(0755);
	if (root == NULL)
		return -ENOMEM;
	root->parent = root;
	root->node.nlink = 2;
	eft_tree_root = root;
	return 0;
}

int eft_tree_open_root(struct eft_file **ret_file)
{
	eft_assert(eft_tree_root != NULL);
	return eft_node_open(&eft_tree_root->node, NULL, O_PATH | O_DIRECTORY,
			     ret_file);
}

/* The directory (name) of (dir), which is made if it is not there. */
static int enter_locked(struct eft_dir **dir, const char *name, size_t len)
{
	struct eft_dentry *dentry = eft_dir_find_locked(*dir, name, len);
	struct eft_dir *made;
	int error;

	if (dentry == NULL) {
		made = eft_dir_create(0755);
		if (made == NULL)
			return -ENOMEM;
		error = eft_dir_add_locked(*dir, name, len, &made->node,
					   &dentry);
		eft_node_put(&made->node);
		if (error != 0)
			return error;
	}
	if (!eft_node_is(dentry->node, S_IFDIR))
		return -ENOTDIR;
	*dir = eft_node_dir(dentry->node);
	return 0;
}

/* Put (node) at the last component of (path); replaces what is no directory. */
static int place_locked(struct eft_dir *dir, const char *name, size_t len,
			struct eft_node *node)
{
	struct eft_dentry *old = eft_dir_find_locked(dir, name, len);

	if (old != NULL && eft_node_is(old->node, S_IFDIR))
		return -EEXIST;
	if (old != NULL)
		eft_dir_remove_locked(old);
	return eft_dir_add_locked(dir, name, len, node, NULL);
}

/* Step over slashes and components `.`, which lead nowhere. */
static const char *skip_nothing(const char *path)
{
	for (;;) {
		if (path[0] == '/')
			path++;
		else if (path[0] == '.' && (path[1] == '/' || path[1] == '\0'))
			path++;
		else
			return path;
	}
}

static int add_locked(const char *path, struct eft_node *node)
{
	struct eft_dir *dir = eft_tree_root;
	int error = 0;

	while (error == 0 && *(path = skip_nothing(path)) != '\0') {
		size_t len = eft_component_len(path);

		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		if (*skip_nothing(path + len) == '\0' && node != NULL)
			return place_locked(dir, path, len, node);
		error = enter_locked(&dir, path, len);
		path += len;
	}
	return error == 0 && node != NULL ? -EEXIST : error;
}

int eft_tree_add(const char *path, struct eft_node *node)
{
	int error;

	eft_assert(eft_tree_root != NULL);
	eft_tree_lock();
	error = add_locked(path, node);
	eft_tree_unlock();
	eft_node_put(node);
	return error;
}

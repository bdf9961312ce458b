// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making files of all kinds, and removing them again.
 */
#include "core/log.h"
#include "core/vfs/components.h"
#include "core/vfs/notify.h"

enum { S_ISGID = 02000 };

/* A directory with S_ISGID gives its group to what is made there, and the bit.
 */
static void inherit(const struct eft_dir *dir, struct eft_node_spec *spec)
{
	spec->gid = UINT32_MAX;
	if (!(dir->node.mode & S_ISGID))
		return;
	spec->gid = dir->node.gid;
	if ((spec->mode & S_IFMT) == S_IFDIR)
		spec->mode |= S_ISGID;
}

int eft_vfs_create_locked(const struct eft_walk *walk,
			  struct eft_node_spec *spec,
			  struct eft_dentry **ret_dentry)
{
	struct eft_dir *dir = walk->dir;
	struct eft_dentry *dentry;
	struct eft_node *node;
	int error;

	eft_assert(walk->node == NULL && walk->len > 0);
	if (dir->fixed)
		return -EPERM;
	if (eft_dir_removed_locked(dir))
		return -ENOENT;
	/* What is made has a name, on the disk too: nothing fails after it. */
	dentry = eft_dentry_create(walk->name, walk->len);
	if (dentry == NULL)
		return -ENOMEM;
	inherit(dir, spec);
	error = dir->node.type->names->create(dir, walk->name, walk->len, spec,
					      &node);
	if (error != 0) {
		eft_free(dentry);
		return error;
	}
	eft_dir_insert_locked(dir, dentry, node);
	if (eft_watch_entry != NULL)
		eft_watch_entry(dir, dentry->name, dentry->len, node, IN_CREATE,
				0);
	eft_node_put(node);
	if (ret_dentry != NULL)
		*ret_dentry = dentry;
	return 0;
}

int eft_vfs_create_unnamed(struct eft_dir *dir, unsigned mode,
			   struct eft_node **ret_node)
{
	const struct eft_name_ops *ops = dir->node.type->names;
	struct eft_node_spec spec = {.mode = S_IFREG | mode};
	int error;

	if (dir->fixed || ops == NULL || !ops->unnamed)
		return -EOPNOTSUPP;
	inherit(dir, &spec);
	error = ops->create(dir, NULL, 0, &spec, ret_node);
	if (error == 0 && (*ret_node)->dev == 0)
		(*ret_node)->dev = dir->node.dev;
	return error;
}

int eft_vfs_remove_locked(struct eft_dentry *dentry)
{
	int (*unlink)(struct eft_dentry * dentry) =
		dentry->dir->node.type->names->unlink;
	int error = unlink != NULL ? unlink(dentry) : 0;

	if (error != 0)
		return error;
	if (eft_watch_removal != NULL)
		return eft_watch_removal(dentry);
	eft_dir_remove_locked(dentry);
	return 0;
}

int eft_vfs_make(struct eft_file *at, const char *path,
		 struct eft_node_spec *spec)
{
	bool is_dir = (spec->mode & S_IFMT) == S_IFDIR;
	struct eft_walk walk;
	int error = eft_walk_to_new(at, path, is_dir, &walk);

	if (error != 0)
		return error;
	error = eft_vfs_create_locked(&walk, spec, NULL);
	eft_walk_end(&walk);
	return error;
}

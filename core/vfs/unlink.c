// SPDX-License-Identifier: BSD-3-Clause
/*
 * unlink() and rmdir() in the tree.
 */
#include "core/vfs/vfs.h"

static int check_unlink(const struct eft_walk *walk)
{
	if (walk->node == NULL)
		return eft_walk_missing(walk);
	if (walk->dentry == NULL || eft_dentry_dir(walk->dentry) != NULL)
		return -EISDIR;
	return walk->slash ? -ENOTDIR : eft_walk_check_removable(walk);
}

static int check_rmdir(const struct eft_walk *walk)
{
	if (walk->node == NULL)
		return eft_walk_missing(walk);
	if (walk->dentry == NULL) {
		if (walk->name[0] == '/')
			return -EBUSY;
		return walk->name[1] == '.' ? -ENOTEMPTY : -EINVAL;
	}
	if (eft_dentry_dir(walk->dentry) == NULL)
		return -ENOTDIR;
	if (eft_dentry_dir(walk->dentry)->count > 0 &&
	    !eft_dentry_dir(walk->dentry)->fixed)
		return -ENOTEMPTY;
	return eft_walk_check_removable(walk);
}

int eft_tree_unlink(struct eft_file *at, const char *path, int flags)
{
	struct eft_walk walk;
	int error;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	eft_tree_lock();
	error = eft_walk_locked(at, path, EFT_WALK_ENTRY, &walk);
	if (error == 0)
		error = flags & AT_REMOVEDIR ? check_rmdir(&walk)
					     : check_unlink(&walk);
	if (error == 0)
		eft_dir_remove_locked(walk.dentry);
	eft_tree_unlock();
	return error;
}

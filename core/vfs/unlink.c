// SPDX-License-Identifier: BSD-3-Clause
/*
 * unlink() and rmdir().
 */
#include "core/vfs/vfs.h"

/* Does the last component name an entry? */
static int check_name(const struct eft_walk *walk, bool is_dir)
{
	if (walk->len > 0)
		return eft_mount_is_read_only(walk->mount) ? -EROFS : 0;
	if (!is_dir)
		return -EISDIR;
	if (walk->name[0] == '/')
		return -EBUSY;
	return walk->name[1] == '.' ? -ENOTEMPTY : -EINVAL;
}

static int unlink_locked(struct eft_walk *walk)
{
	int error;

	if (eft_dentry_dir(walk->dentry) != NULL)
		return -EISDIR;
	error = walk->slash ? -ENOTDIR : eft_walk_check_removable(walk);
	return error == 0 ? eft_vfs_remove_locked(walk->dentry) : error;
}

static int rmdir_locked(struct eft_walk *walk)
{
	struct eft_dir *dir = eft_dentry_dir(walk->dentry);
	int error;

	if (dir == NULL)
		return -ENOTDIR;
	error = eft_walk_check_removable(walk);
	if (error != 0)
		return error;
	eft_node_get(&dir->node);
	eft_mutex_lock(&dir->lock);
	if (dir->count > 0 && dir->node.type->names->lookup == NULL)
		error = -ENOTEMPTY;
	else
		error = eft_vfs_remove_locked(walk->dentry);
	eft_mutex_unlock(&dir->lock);
	eft_node_put(&dir->node);
	return error;
}

int eft_vfs_unlink(struct eft_file *at, const char *path, int flags)
{
	bool is_dir = flags & AT_REMOVEDIR;
	struct eft_walk walk;
	int error;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	error = eft_walk(at, path, EFT_WALK_ENTRY, &walk);
	if (error != 0)
		return error;
	error = check_name(&walk, is_dir);
	if (error == 0 && walk.node == NULL)
		error = eft_walk_missing(&walk);
	if (error == 0)
		error = is_dir ? rmdir_locked(&walk) : unlink_locked(&walk);
	eft_walk_end(&walk);
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the tree that ask. The caller is root, as in a guest it
 * always is: permission bits are kept and shown, and refuse nothing but
 * execution.
 */
#include "core/vfs/vfs.h"

static int stat_by_opening(struct eft_file *at, const char *path,
			   struct eft_stat *ret_stat)
{
	struct eft_file *file;
	int error = eft_tree_open(at, path, O_PATH, 0, &file);

	if (error != 0)
		return error;
	error = file->ops->stat(file, ret_stat);
	eft_file_put(file);
	return error;
}

int eft_tree_stat(struct eft_file *at, const char *path, int flags,
		  struct eft_stat *ret_stat)
{
	enum eft_walk_mode mode = flags & AT_SYMLINK_NOFOLLOW
					  ? EFT_WALK_NOFOLLOW
					  : EFT_WALK_FOLLOW;
	struct eft_walk walk;
	int error;

	eft_tree_lock();
	error = eft_walk_locked(at, path, mode, &walk);
	if (error == 0 && walk.node == NULL)
		error = -ENOENT;
	if (error == 0 && !walk.magic)
		eft_node_stat(walk.node, ret_stat);
	eft_tree_unlock();
	if (error == 0 && walk.magic)
		error = stat_by_opening(at, path, ret_stat);
	return error;
}

int eft_tree_access(struct eft_file *at, const char *path, int mode, int flags)
{
	struct eft_stat st;
	int error = eft_tree_stat(at, path, flags, &st);

	if (error != 0)
		return error;
	if ((mode & X_OK) && (st.mode & S_IFMT) != S_IFDIR && !(st.mode & 0111))
		return -EACCES;
	return 0;
}

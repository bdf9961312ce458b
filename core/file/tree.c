// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the tree: those that ask. The caller is root, as in a
 * guest it always is: permission bits are kept and shown, and refuse nothing
 * but execution.
 */
#include "core/file/tree.h"

/* What not every image has: the calls name them (see eft_needs). */
#pragma weak eft_tree_mkdir
#pragma weak eft_tree_mknod
#pragma weak eft_tree_unlink
#pragma weak eft_tree_rename
#pragma weak eft_tree_link
#pragma weak eft_tree_symlink
#pragma weak eft_tree_readlink
#pragma weak eft_tree_chmod
#pragma weak eft_tree_chown
#pragma weak eft_tree_set_times

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

static int tree_stat(struct eft_file *at, const char *path, int flags,
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

static int tree_access(struct eft_file *at, const char *path, int mode,
		       int flags)
{
	struct eft_stat st;
	int error = tree_stat(at, path, flags, &st);

	if (error != 0)
		return error;
	if ((mode & X_OK) && (st.mode & S_IFMT) != S_IFDIR && !(st.mode & 0111))
		return -EACCES;
	return 0;
}

const struct eft_fs_ops eft_tree_fs = {
	.open = eft_tree_open,
	.stat = tree_stat,
	.access = tree_access,
	.mkdir = eft_tree_mkdir,
	.mknod = eft_tree_mknod,
	.unlink = eft_tree_unlink,
	.rename = eft_tree_rename,
	.link = eft_tree_link,
	.symlink = eft_tree_symlink,
	.readlink = eft_tree_readlink,
	.chmod = eft_tree_chmod,
	.chown = eft_tree_chown,
	.set_times = eft_tree_set_times,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the tree.
 */
#include "core/vfs/vfs.h"

/* What not every image has: the calls name them (see eft_needs). */
#pragma weak eft_tree_stat
#pragma weak eft_tree_access
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

const struct eft_fs_ops eft_tree_fs = {
	.open = eft_tree_open,
	.stat = eft_tree_stat,
	.access = eft_tree_access,
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

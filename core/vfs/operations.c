// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of what is mounted, but for the host's files.
 */
#include "core/vfs/vfs.h"

/* What not every image has: the calls name them (see eft_needs). */
#pragma weak eft_vfs_stat
#pragma weak eft_vfs_access
#pragma weak eft_vfs_mkdir
#pragma weak eft_vfs_mknod
#pragma weak eft_vfs_unlink
#pragma weak eft_vfs_rename
#pragma weak eft_vfs_link
#pragma weak eft_vfs_symlink
#pragma weak eft_vfs_readlink
#pragma weak eft_vfs_chmod
#pragma weak eft_vfs_chown
#pragma weak eft_vfs_set_times

const struct eft_fs_ops eft_vfs_fs = {
	.open = eft_vfs_open,
	.stat = eft_vfs_stat,
	.access = eft_vfs_access,
	.mkdir = eft_vfs_mkdir,
	.mknod = eft_vfs_mknod,
	.unlink = eft_vfs_unlink,
	.rename = eft_vfs_rename,
	.link = eft_vfs_link,
	.symlink = eft_vfs_symlink,
	.readlink = eft_vfs_readlink,
	.chmod = eft_vfs_chmod,
	.chown = eft_vfs_chown,
	.set_times = eft_vfs_set_times,
};

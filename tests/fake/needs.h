// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the calls of a program would have in its image, for who calls operations
 * of files by their tables.
 */
#include "core/file.h"
#include "core/mem.h"

eft_needs(eft_dev_zero_open);
eft_needs(eft_dir_getdents);
eft_needs(eft_file_path);
eft_needs(eft_hostfile_poll);
eft_needs(eft_hostfile_sync);
eft_needs(eft_hostfs_chmod);
eft_needs(eft_hostfs_mkdir);
eft_needs(eft_hostfs_stat);
eft_needs(eft_node_file_lock);
eft_needs(eft_node_file_sync);
eft_needs(eft_range_map_file);
eft_needs(eft_regular_allocate);
eft_needs(eft_regular_map);
eft_needs(eft_regular_sync_map);
eft_needs(eft_vfs_chmod);
eft_needs(eft_vfs_link);
eft_needs(eft_vfs_mkdir);
eft_needs(eft_vfs_mknod);
eft_needs(eft_vfs_readlink);
eft_needs(eft_vfs_rename);
eft_needs(eft_vfs_stat);
eft_needs(eft_vfs_symlink);
eft_needs(eft_vfs_unlink);
eft_needs(eft_tty_ioctl);
eft_needs(eft_tty_stat);

// SPDX-License-Identifier: BSD-3-Clause
/*
 * mknod() in the tree.
 */
#include "core/vfs/vfs.h"

/* Sockets have nodes too where no program makes FIFOs (posix/fs/mknod.c). */
#pragma weak eft_fifo_create

int eft_tree_mknod(struct eft_file *at, const char *path, unsigned mode,
		   uint64_t dev)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		return eft_tree_make(at, path, eft_ramfs_create(mode));
	case S_IFCHR:
	case S_IFBLK:
	case S_IFSOCK:
		return eft_tree_make(at, path, eft_dev_create(mode, dev));
	case S_IFIFO:
		if (eft_fifo_create == NULL)
			return -EPERM;
		return eft_tree_make(at, path, eft_fifo_create(mode));
	case S_IFDIR:
		return -EPERM;
	}
	return -EINVAL;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * mknod().
 */
#include "core/vfs/vfs.h"

int eft_vfs_mknod(struct eft_file *at, const char *path, unsigned mode,
		  uint64_t dev)
{
	struct eft_node_spec spec = {.mode = mode, .rdev = dev};

	switch (mode & S_IFMT) {
	case 0:
		spec.mode |= S_IFREG;
		break;
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFSOCK:
	case S_IFIFO:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	return eft_vfs_make(at, path, &spec);
}

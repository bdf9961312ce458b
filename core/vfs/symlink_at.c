// SPDX-License-Identifier: BSD-3-Clause
/*
 * symlink().
 */
#include "core/vfs/vfs.h"

int eft_vfs_symlink(const char *target, struct eft_file *at, const char *path)
{
	struct eft_node_spec spec = {
		.mode = S_IFLNK | 0777,
		.target = target,
		.target_len = eft_strnlen(target, PATH_MAX),
	};

	if (spec.target_len == 0)
		return -ENOENT;
	if (spec.target_len == PATH_MAX)
		return -ENAMETOOLONG;
	return eft_vfs_make(at, path, &spec);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * symlink() in the tree.
 */
#include "core/vfs/vfs.h"

int eft_tree_symlink(const char *target, struct eft_file *at, const char *path)
{
	size_t len = eft_strnlen(target, PATH_MAX);
	struct eft_walk walk;
	int error;

	if (len == 0)
		return -ENOENT;
	if (len == PATH_MAX)
		return -ENAMETOOLONG;
	eft_tree_lock();
	error = eft_walk_to_new_locked(at, path, false, &walk);
	if (error == 0)
		error = eft_tree_add_locked(
			&walk, eft_symlink_create(target, len), NULL);
	eft_tree_unlock();
	return error;
}

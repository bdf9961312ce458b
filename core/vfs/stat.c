// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations that ask. The caller is root, as in a guest it
 * always is: permission bits are kept and shown, and refuse nothing but
 * execution.
 */
#include "core/vfs/vfs.h"

/* The facts about (file), which is taken; and its mount's flags. */
static int stat_opened(struct eft_file *file, struct eft_stat *ret_stat,
		       uint32_t *ret_mount)
{
	const struct eft_place *place = eft_place_of(file);
	int error = file->ops->stat(file, ret_stat);

	*ret_mount = place != NULL ? eft_mount_flags(place->mount) : 0;
	eft_file_put(file);
	return error;
}

static int find_facts(struct eft_file *at, const char *path, int flags,
		      struct eft_stat *ret_stat, uint32_t *ret_mount)
{
	enum eft_walk_mode mode = flags & AT_SYMLINK_NOFOLLOW
					  ? EFT_WALK_NOFOLLOW
					  : EFT_WALK_FOLLOW;
	struct eft_walk walk;
	struct eft_file *file;
	int error = eft_walk(at, path, mode, &walk);

	if (error != 0)
		return error;
	if (walk.node == NULL)
		error = -ENOENT;
	else if (!walk.magic)
		error = eft_node_stat(walk.node, ret_stat);
	*ret_mount = eft_mount_flags(walk.mount);
	eft_walk_end(&walk);
	if (!walk.magic)
		return error;
	error = eft_vfs_open(at, path, O_PATH, 0, &file);
	return error == 0 ? stat_opened(file, ret_stat, ret_mount) : error;
}

int eft_vfs_stat(struct eft_file *at, const char *path, int flags,
		 struct eft_stat *ret_stat)
{
	uint32_t mount;

	return find_facts(at, path, flags, ret_stat, &mount);
}

int eft_vfs_access(struct eft_file *at, const char *path, int mode, int flags)
{
	struct eft_stat st;
	uint32_t mount;
	int error = find_facts(at, path, flags, &st, &mount);
	uint32_t type;

	if (error != 0)
		return error;
	type = st.mode & S_IFMT;
	if ((mode & X_OK) && type != S_IFDIR && !(st.mode & 0111))
		return -EACCES;
	if ((mode & X_OK) && type == S_IFREG && mount & MS_NOEXEC)
		return -EACCES;
	/* A device can be written, wherever its name is. */
	if ((mode & W_OK) && mount & MS_RDONLY &&
	    (type == S_IFREG || type == S_IFDIR || type == S_IFLNK))
		return -EROFS;
	return 0;
}

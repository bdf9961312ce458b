// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations that ask. The caller is root, as in a guest it
 * always is: permission bits are kept and shown, and refuse nothing but
 * execution.
 */
#include "core/vfs/vfs.h"

/* The facts about (file), which is taken; *ret_read_only about its mount. */
static int stat_opened(struct eft_file *file, struct eft_stat *ret_stat,
		       bool *ret_read_only)
{
	const struct eft_place *place = eft_place_of(file);
	int error = file->ops->stat(file, ret_stat);

	*ret_read_only = place != NULL && eft_mount_is_read_only(place->mount);
	eft_file_put(file);
	return error;
}

static int find_facts(struct eft_file *at, const char *path, int flags,
		      struct eft_stat *ret_stat, bool *ret_read_only)
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
	*ret_read_only = eft_mount_is_read_only(walk.mount);
	eft_walk_end(&walk);
	if (!walk.magic)
		return error;
	error = eft_vfs_open(at, path, O_PATH, 0, &file);
	return error == 0 ? stat_opened(file, ret_stat, ret_read_only) : error;
}

int eft_vfs_stat(struct eft_file *at, const char *path, int flags,
		 struct eft_stat *ret_stat)
{
	bool read_only;

	return find_facts(at, path, flags, ret_stat, &read_only);
}

int eft_vfs_access(struct eft_file *at, const char *path, int mode, int flags)
{
	struct eft_stat st;
	bool read_only;
	int error = find_facts(at, path, flags, &st, &read_only);
	uint32_t type;

	if (error != 0)
		return error;
	type = st.mode & S_IFMT;
	if ((mode & X_OK) && type != S_IFDIR && !(st.mode & 0111))
		return -EACCES;
	/* A device can be written, wherever its name is. */
	if ((mode & W_OK) && read_only &&
	    (type == S_IFREG || type == S_IFDIR || type == S_IFLNK))
		return -EROFS;
	return 0;
}

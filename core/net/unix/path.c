// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX names that are paths: nodes of type socket in whatever file system
 * the path leads to. A description of the node is held while the socket is
 * bound, so that no other file gets its number.
 */
#include "core/net/unix/unix.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_hostfs_stat);
eft_needs(eft_vfs_mknod);
eft_needs(eft_vfs_stat);
eft_needs(eft_vfs_unlink);

static struct eft_unix_place place_of(const struct eft_at *at,
				      const struct eft_stat *st)
{
	return (struct eft_unix_place){at->file->fs, st->dev, st->ino};
}

static int open_node(const struct eft_at *at, struct eft_unix_place *ret_place,
		     struct eft_file **ret_node)
{
	struct eft_file *node;
	struct eft_stat st;
	int error = at->file->fs->open(at->file, at->path, O_PATH | O_NOFOLLOW,
				       0, &node);

	if (error != 0)
		return error;
	error = node->ops->stat(node, &st);
	if (error != 0) {
		eft_file_put(node);
		return error;
	}
	*ret_place = place_of(at, &st);
	*ret_node = node;
	return 0;
}

int eft_unix_path_make(const char *path, struct eft_unix_place *ret_place,
		       struct eft_file **ret_node)
{
	unsigned mode = S_IFSOCK | (0777 & ~eft_umask(-1));
	struct eft_at at;
	int error = eft_path_start(AT_FDCWD, path, false, &at);

	if (error != 0)
		return error;
	error = at.file->fs->mknod(at.file, at.path, mode, 0);
	if (error == 0) {
		error = open_node(&at, ret_place, ret_node);
		if (error != 0)
			at.file->fs->unlink(at.file, at.path, 0);
	} else if (error == -EEXIST) {
		error = -EADDRINUSE;
	}
	eft_file_put(at.file);
	return error;
}

int eft_unix_path_find(const char *path, struct eft_unix_place *ret_place)
{
	struct eft_at at;
	struct eft_stat st;
	int error = eft_path_start(AT_FDCWD, path, false, &at);

	if (error != 0)
		return error;
	error = at.file->fs->stat(at.file, at.path, 0, &st);
	if (error == 0)
		error = at.file->fs->access(at.file, at.path, W_OK, 0);
	if (error == 0 && (st.mode & S_IFMT) != S_IFSOCK)
		error = -ECONNREFUSED;
	if (error == 0)
		*ret_place = place_of(&at, &st);
	eft_file_put(at.file);
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Opening by path.
 */
#include "core/log.h"
#include "core/vfs/notify.h"

/* May what (walk) found be opened so? */
static int check_open(const struct eft_walk *walk, int flags)
{
	bool is_dir = eft_node_is(walk->node, S_IFDIR);
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	if ((flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if (is_dir && (flags & O_CREAT))
		return -EISDIR;
	if ((flags & O_DIRECTORY) && !is_dir)
		return -ENOTDIR;
	if (flags & O_PATH)
		return 0;
	if (eft_node_is(walk->node, S_IFLNK))
		return -ELOOP;
	if (is_dir && writes)
		return -EISDIR;
	return writes && eft_node_is(walk->node, S_IFREG) &&
			       eft_mount_is_read_only(walk->mount)
		       ? -EROFS
		       : 0;
}

/* A regular file without a name, on the file system of (walk). */
static int open_unnamed(const struct eft_walk *walk, int flags, unsigned mode,
			struct eft_file **ret_file)
{
	struct eft_place place = {.mount = walk->mount};
	int error;

	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	if (walk->node == NULL)
		return -ENOENT;
	if (!eft_node_is(walk->node, S_IFDIR))
		return -ENOTDIR;
	if (eft_mount_is_read_only(walk->mount))
		return -EROFS;
	error = eft_vfs_create_unnamed(eft_node_dir(walk->node), mode,
				       &place.node);
	if (error != 0)
		return error;
	place.node->linkable = !(flags & O_EXCL);
	error = eft_node_open(&place, flags & ~O_TMPFILE, ret_file);
	if (error == 0)
		(*ret_file)->flags |= O_TMPFILE; /* for F_GETFL */
	eft_node_put(place.node);
	return error;
}

/* Make the regular file that (walk) did not find, and open it. */
static int open_new(const struct eft_walk *walk, int flags, unsigned mode,
		    struct eft_file **ret_file)
{
	struct eft_node_spec spec = {.mode = S_IFREG | mode};
	struct eft_place place = {.mount = walk->mount};
	int error;

	if (!(flags & O_CREAT))
		return -ENOENT;
	if (eft_mount_is_read_only(walk->mount))
		return -EROFS;
	error = eft_vfs_create_locked(walk, &spec, &place.dentry);
	if (error != 0)
		return error;
	place.node = place.dentry->node;
	error = eft_node_open(&place, flags, ret_file);
	if (error != 0)
		eft_vfs_remove_locked(place.dentry);
	return error;
}

int eft_vfs_open_place(const struct eft_place *place, int flags,
		       struct eft_file **ret_file)
{
	int (*set_size)(struct eft_node * node, off_t size) =
		place->node->type->set_size;
	int error = eft_node_open(place, flags, ret_file);

	if (error != 0 || !(flags & O_TRUNC) || set_size == NULL)
		return error;
	error = set_size(place->node, 0);
	if (error != 0)
		eft_file_put(*ret_file);
	else if (eft_watch_place != NULL)
		eft_watch_place(place, IN_MODIFY);
	return error;
}

/* Tell of (file), which may be no node's. */
static void tell_open(struct eft_file *file)
{
	const struct eft_place *place = eft_place_of(file);

	if (place != NULL && !(file->flags & O_PATH))
		eft_watch_place(place, IN_OPEN);
}

/*
 * Open what (walk) found. The directory is not locked any more: a device may do
 * anything while it is opened.
 */
static int open_found(struct eft_walk *walk, int flags,
		      struct eft_file **ret_file)
{
	struct eft_place place = eft_walk_place(walk);
	int error = walk->magic ? 0 : check_open(walk, flags);

	if (error != 0)
		return error;
	if (place.dentry != NULL)
		eft_dentry_get(place.dentry);
	eft_walk_unlock(walk);
	if (walk->magic)
		error = place.node->type->follow(place.node, flags, ret_file);
	else
		error = eft_vfs_open_place(&place, flags, ret_file);
	eft_dentry_put(place.dentry);
	return error;
}

static enum eft_walk_mode walk_mode(int flags)
{
	if (flags & O_CREAT)
		return flags & (O_EXCL | O_NOFOLLOW) ? EFT_WALK_CREATE_NOFOLLOW
						     : EFT_WALK_CREATE;
	return flags & O_NOFOLLOW ? EFT_WALK_NOFOLLOW : EFT_WALK_FOLLOW;
}

int eft_vfs_open(struct eft_file *at, const char *path, int flags,
		 unsigned mode, struct eft_file **ret_file)
{
	struct eft_walk walk;
	int error = eft_walk(at, path, walk_mode(flags), &walk);

	if (error != 0)
		return error;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		error = open_unnamed(&walk, flags, mode, ret_file);
	else if (walk.node == NULL)
		error = open_new(&walk, flags, mode, ret_file);
	else
		error = open_found(&walk, flags, ret_file);
	eft_walk_end(&walk);
	if (error == 0 && eft_watch_place != NULL)
		tell_open(*ret_file);
	return error;
}

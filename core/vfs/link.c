// SPDX-License-Identifier: BSD-3-Clause
/*
 * link().
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/vfs/notify.h"

/* Give what is at (place) the name that (walk) did not find. */
static int link_locked(const struct eft_place *place,
		       const struct eft_walk *walk)
{
	struct eft_node *node = place->node;
	struct eft_dir *dir = walk->dir;
	struct eft_dentry *dentry;
	int error = 0;

	if (place->mount != walk->mount)
		return -EXDEV;
	if (eft_node_is(node, S_IFDIR) || dir->fixed)
		return -EPERM;
	if (node->nlink == 0 && !node->linkable)
		return -ENOENT; /* it was removed */
	if (eft_dir_removed_locked(dir))
		return -ENOENT;
	if (node->nlink == UINT32_MAX)
		return -EMLINK;
	dentry = eft_dentry_create(walk->name, walk->len);
	if (dentry == NULL)
		return -ENOMEM;
	if (dir->node.type->names->link != NULL)
		error = dir->node.type->names->link(dir, walk->name, walk->len,
						    node);
	if (error != 0) {
		eft_free(dentry);
		return error;
	}
	eft_dir_insert_locked(dir, dentry, node);
	eft_mutex_lock(&node->lock);
	node->ctime = eft_node_now();
	node->linkable = false; /* one that loses its names is removed */
	eft_mutex_unlock(&node->lock);
	if (eft_watch_entry != NULL) {
		eft_watch_node(node, IN_ATTRIB);
		eft_watch_entry(dir, dentry->name, dentry->len, node, IN_CREATE,
				0);
	}
	return 0;
}

/* What link(2) is to name: a description of it. */
static int open_linked(struct eft_file *from, const char *path, int flags,
		       struct eft_file **ret_file)
{
	int follow = flags & AT_SYMLINK_FOLLOW ? 0 : O_NOFOLLOW;

	if (*path != '\0')
		return eft_vfs_open(from, path, O_PATH | follow, 0, ret_file);
	*ret_file = eft_file_get(from);
	return 0;
}

/* (file), taken, or what is a node's of the same: a host's, in a folder. */
static int find_node_file(struct eft_file *file, struct eft_file **ret_file)
{
	int error = -EXDEV;

	if (eft_place_of(file) != NULL) {
		*ret_file = file;
		return 0;
	}
	if (file->ops->stat == eft_hostfile_ops.stat &&
	    file->ops->reopen != NULL)
		error = file->ops->reopen(file, O_PATH, ret_file);
	eft_file_put(file);
	return error;
}

int eft_vfs_link(struct eft_file *from, const char *path, struct eft_file *to,
		 const char *to_path, int flags)
{
	struct eft_place *place;
	struct eft_file *file;
	struct eft_walk walk;
	int error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (to->fs != &eft_vfs_fs)
		return -EXDEV;
	error = open_linked(from, path, flags, &file);
	if (error == 0)
		error = find_node_file(file, &file);
	if (error != 0)
		return error;
	place = eft_place_of(file);
	if (place == NULL)
		error = -EXDEV;
	else
		error = eft_walk_to_new(to, to_path, false, &walk);
	if (error == 0) {
		error = link_locked(place, &walk);
		eft_walk_end(&walk);
	}
	eft_file_put(file);
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the tree that find something or make it; open() is in
 * treeopen.c. The caller is root, as in a guest it always is: permission bits
 * are kept and shown, and refuse nothing but execution.
 */
#include "core/file/tree.h"

/* Only programs that call mknod(2) have FIFOs (posix/mknod.c). */
extern __typeof__(eft_fifo_create) eft_fifo_create eft_weak;

/*
 * Open what is at (path) only to be asked about: a description whose
 * operations act on it, be it of the tree or what a link of /proc leads to.
 */
static int open_path(struct eft_file *at, const char *path, int flags,
		     struct eft_file **ret_file)
{
	int nofollow = flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;

	return eft_tree_open(at, path, O_PATH | nofollow, 0, ret_file);
}

static int stat_by_opening(struct eft_file *at, const char *path,
			   struct eft_stat *ret_stat)
{
	struct eft_file *file;
	int error = open_path(at, path, 0, &file);

	if (error != 0)
		return error;
	error = file->ops->stat(file, ret_stat);
	eft_file_put(file);
	return error;
}

static int tree_stat(struct eft_file *at, const char *path, int flags,
		     struct eft_stat *ret_stat)
{
	enum eft_walk_mode mode = flags & AT_SYMLINK_NOFOLLOW
					  ? EFT_WALK_NOFOLLOW
					  : EFT_WALK_FOLLOW;
	struct eft_walk walk;
	int error;

	eft_tree_lock();
	error = eft_walk_locked(at, path, mode, &walk);
	if (error == 0 && walk.node == NULL)
		error = -ENOENT;
	if (error == 0 && !walk.magic)
		eft_node_stat(walk.node, ret_stat);
	eft_tree_unlock();
	if (error == 0 && walk.magic)
		error = stat_by_opening(at, path, ret_stat);
	return error;
}

static int tree_access(struct eft_file *at, const char *path, int mode,
		       int flags)
{
	struct eft_stat st;
	int error = tree_stat(at, path, flags, &st);

	if (error != 0)
		return error;
	if ((mode & X_OK) && (st.mode & S_IFMT) != S_IFDIR && !(st.mode & 0111))
		return -EACCES;
	return 0;
}

static int tree_chmod(struct eft_file *at, const char *path, unsigned mode)
{
	struct eft_file *file;
	int error = open_path(at, path, 0, &file);

	if (error != 0)
		return error;
	error = file->ops->chmod != NULL ? file->ops->chmod(file, mode)
					 : -EPERM;
	eft_file_put(file);
	return error;
}

static int tree_chown(struct eft_file *at, const char *path, unsigned uid,
		      unsigned gid, int flags)
{
	struct eft_file *file;
	int error = open_path(at, path, flags, &file);

	if (error != 0)
		return error;
	error = file->ops->chown != NULL ? file->ops->chown(file, uid, gid)
					 : -EPERM;
	eft_file_put(file);
	return error;
}

static int tree_set_times(struct eft_file *at, const char *path,
			  const struct eft_timespec times[2], int flags)
{
	struct eft_file *file;
	int error = open_path(at, path, flags, &file);

	if (error != 0)
		return error;
	error = file->ops->set_times != NULL ? file->ops->set_times(file, times)
					     : -EPERM;
	eft_file_put(file);
	return error;
}

static ssize_t tree_readlink(struct eft_file *at, const char *path, char *buf,
			     size_t size)
{
	struct eft_walk walk;
	struct eft_node *link = NULL;
	ssize_t n;

	eft_tree_lock();
	n = eft_walk_locked(at, path, EFT_WALK_NOFOLLOW, &walk);
	if (n == 0 && walk.node == NULL)
		n = -ENOENT;
	else if (n == 0 && !eft_node_is(walk.node, S_IFLNK))
		n = -EINVAL;
	else if (n == 0)
		link = eft_node_get(walk.node);
	eft_tree_unlock();
	if (link != NULL)
		n = link->type->readlink(link, buf, size);
	eft_node_put(link);
	return n;
}

int eft_walk_to_new_locked(struct eft_file *at, const char *path, bool is_dir,
			   struct eft_walk *ret_walk)
{
	int error = eft_walk_locked(at, path, EFT_WALK_ENTRY, ret_walk);

	if (error != 0)
		return error;
	if (ret_walk->node != NULL)
		return -EEXIST;
	if (ret_walk->len > NAME_MAX)
		return -ENAMETOOLONG;
	return ret_walk->slash && !is_dir ? -ENOENT : 0;
}

static struct eft_node *make_node(unsigned mode, uint64_t rdev)
{
	struct eft_dir *dir;

	switch (mode & S_IFMT) {
	case S_IFDIR:
		dir = eft_dir_create(mode);
		return dir != NULL ? &dir->node : NULL;
	case S_IFREG:
		return eft_ramfs_create(mode);
	case S_IFIFO:
		return eft_fifo_create(mode);
	}
	return eft_dev_create(mode, rdev);
}

static int make(struct eft_file *at, const char *path, unsigned mode,
		uint64_t rdev)
{
	bool is_dir = (mode & S_IFMT) == S_IFDIR;
	struct eft_walk walk;
	int error;

	eft_tree_lock();
	error = eft_walk_to_new_locked(at, path, is_dir, &walk);
	if (error == 0)
		error = eft_tree_add_locked(&walk, make_node(mode, rdev), NULL);
	eft_tree_unlock();
	return error;
}

static int tree_mkdir(struct eft_file *at, const char *path, unsigned mode)
{
	return make(at, path, S_IFDIR | (mode & 01777), 0);
}

static int tree_mknod(struct eft_file *at, const char *path, unsigned mode,
		      uint64_t dev)
{
	if ((mode & S_IFMT) == 0)
		mode |= S_IFREG;
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFSOCK:
		return make(at, path, mode, dev);
	case S_IFIFO:
		if (eft_fifo_create == NULL)
			return -EPERM;
		return make(at, path, mode, 0);
	case S_IFDIR:
		return -EPERM;
	}
	return -EINVAL;
}

static int tree_symlink(const char *target, struct eft_file *at,
			const char *path)
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

const struct eft_fs_ops eft_tree_fs = {
	.open = eft_tree_open,
	.stat = tree_stat,
	.access = tree_access,
	.mkdir = tree_mkdir,
	.mknod = tree_mknod,
	.unlink = eft_tree_unlink,
	.rename = eft_tree_rename,
	.link = eft_tree_link,
	.symlink = tree_symlink,
	.readlink = tree_readlink,
	.chmod = tree_chmod,
	.chown = tree_chown,
	.set_times = tree_set_times,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the tree that move names: unlink, rename, link.
 */
#include "core/file/tree.h"
#include "core/log.h"

static struct eft_dir *dir_of(const struct eft_dentry *dentry)
{
	return eft_node_is(dentry->node, S_IFDIR) ? eft_node_dir(dentry->node)
						  : NULL;
}

/* The error of a walk that found no entry. */
static int missing(const struct eft_walk *walk)
{
	return walk->len > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
}

/* May the entry that (walk) found be taken away? */
static int check_removable(const struct eft_walk *walk)
{
	struct eft_dir *dir = dir_of(walk->dentry);

	if (walk->dir->fixed)
		return -EPERM;
	return dir != NULL && dir->fixed ? -EBUSY : 0;
}

static int check_unlink(const struct eft_walk *walk)
{
	if (walk->node == NULL)
		return missing(walk);
	if (walk->dentry == NULL || dir_of(walk->dentry) != NULL)
		return -EISDIR;
	return walk->slash ? -ENOTDIR : check_removable(walk);
}

static int check_rmdir(const struct eft_walk *walk)
{
	if (walk->node == NULL)
		return missing(walk);
	if (walk->dentry == NULL) {
		if (walk->name[0] == '/')
			return -EBUSY;
		return walk->name[1] == '.' ? -ENOTEMPTY : -EINVAL;
	}
	if (dir_of(walk->dentry) == NULL)
		return -ENOTDIR;
	if (dir_of(walk->dentry)->count > 0 && !dir_of(walk->dentry)->fixed)
		return -ENOTEMPTY;
	return check_removable(walk);
}

int eft_tree_unlink(struct eft_file *at, const char *path, int flags)
{
	struct eft_walk walk;
	int error;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	eft_tree_lock();
	error = eft_walk_locked(at, path, EFT_WALK_ENTRY, &walk);
	if (error == 0)
		error = flags & AT_REMOVEDIR ? check_rmdir(&walk)
					     : check_unlink(&walk);
	if (error == 0)
		eft_dir_remove_locked(walk.dentry);
	eft_tree_unlock();
	return error;
}

/* True when (dir) is (top), or somewhere below it. */
static bool is_below(const struct eft_dir *dir, const struct eft_dir *top)
{
	for (; dir != top; dir = dir->parent) {
		eft_assert(dir->parent != NULL);
		if (dir == eft_tree_root)
			return false;
	}
	return true;
}

/* May two entries change places? */
static int check_exchange(const struct eft_walk *from,
			  const struct eft_walk *to)
{
	struct eft_dir *target = dir_of(to->dentry);

	if (target != NULL && is_below(from->dir, target))
		return -EINVAL;
	return check_removable(to);
}

/* May (from) be put where (to) is, in the place of what is there? */
static int check_replace(const struct eft_walk *from, const struct eft_walk *to)
{
	bool is_dir = dir_of(from->dentry) != NULL;
	struct eft_dir *target;

	if (!is_dir && to->slash)
		return -ENOTDIR;
	if (to->node == NULL || to->node == from->node)
		return 0;
	target = dir_of(to->dentry);
	if (target != NULL && is_below(from->dir, target))
		return -ENOTEMPTY;
	if (is_dir && target == NULL)
		return -ENOTDIR;
	if (!is_dir && target != NULL)
		return -EISDIR;
	if (target != NULL && target->count > 0)
		return target->fixed ? -EBUSY : -ENOTEMPTY;
	return check_removable(to);
}

/* The order of the checks, and so of the errors, is Linux's. */
static int check_rename(const struct eft_walk *from, const struct eft_walk *to,
			unsigned flags)
{
	struct eft_dir *dir;
	int error;

	if (from->len == 0)
		return -EBUSY;
	if (to->len == 0)
		return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	if (from->node == NULL)
		return missing(from);
	if (to->len > NAME_MAX)
		return -ENAMETOOLONG;
	if (to->node != NULL && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (to->node == NULL && (flags & RENAME_EXCHANGE))
		return -ENOENT;
	if ((flags & RENAME_EXCHANGE) && to->slash &&
	    dir_of(to->dentry) == NULL)
		return -ENOTDIR;
	dir = dir_of(from->dentry);
	if (dir == NULL && from->slash)
		return -ENOTDIR;
	if (dir != NULL && is_below(to->dir, dir))
		return -EINVAL;
	error = check_removable(from);
	if (error != 0)
		return error;
	if (to->dir->fixed)
		return -EPERM;
	if (eft_dir_removed_locked(to->dir))
		return -ENOENT;
	return flags & RENAME_EXCHANGE ? check_exchange(from, to)
				       : check_replace(from, to);
}

static int exchange_locked(const struct eft_walk *from,
			   const struct eft_walk *to)
{
	char *from_name = eft_strndup(to->name, to->len);
	char *to_name = eft_strndup(from->name, from->len);

	if (from_name == NULL || to_name == NULL) {
		eft_free(from_name);
		eft_free(to_name);
		return -ENOMEM;
	}
	eft_dir_exchange_locked(from->dentry, from_name, to->dentry, to_name);
	return 0;
}

static int move_locked(const struct eft_walk *from, const struct eft_walk *to)
{
	char *name = eft_strndup(to->name, to->len);

	if (name == NULL)
		return -ENOMEM;
	eft_assert(from->dentry != NULL && from->dentry != to->dentry);
	if (to->dentry != NULL)
		eft_dir_remove_locked(to->dentry);
	eft_dir_move_locked(from->dentry, to->dir, name, to->len);
	return 0;
}

int eft_tree_rename(struct eft_file *from, const char *path,
		    struct eft_file *to, const char *to_path, unsigned flags)
{
	struct eft_walk source, target;
	int error;

	if ((flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (to->fs != &eft_tree_fs)
		return -EXDEV;
	eft_tree_lock();
	error = eft_walk_locked(from, path, EFT_WALK_ENTRY, &source);
	if (error == 0)
		error = eft_walk_locked(to, to_path, EFT_WALK_ENTRY, &target);
	if (error == 0)
		error = check_rename(&source, &target, flags);
	/* Two names of one file: both stay. */
	if (error == 0 && source.node != target.node)
		error = flags & RENAME_EXCHANGE
				? exchange_locked(&source, &target)
				: move_locked(&source, &target);
	eft_tree_unlock();
	return error;
}

/* Give (node) a further name. */
static int link_locked(struct eft_node *node, struct eft_file *to,
		       const char *to_path)
{
	struct eft_walk walk;
	int error = eft_walk_to_new_locked(to, to_path, false, &walk);

	if (error != 0)
		return error;
	if (eft_node_is(node, S_IFDIR) || walk.dir->fixed)
		return -EPERM;
	error = eft_dir_add_locked(walk.dir, walk.name, walk.len, node, NULL);
	if (error != 0)
		return error;
	eft_mutex_lock(&node->lock);
	node->ctime = eft_node_now();
	eft_mutex_unlock(&node->lock);
	return 0;
}

/* The node that link(2) is to name, counted. */
static int find_linked(struct eft_file *from, const char *path, int flags,
		       struct eft_node **ret_node)
{
	struct eft_walk walk;
	int error = 0;

	if (*path == '\0') {
		*ret_node = eft_node_of(from);
		if (*ret_node == NULL)
			return -EXDEV;
		eft_node_get(*ret_node);
		return 0;
	}
	eft_tree_lock();
	error = eft_walk_locked(from, path,
				flags & AT_SYMLINK_FOLLOW ? EFT_WALK_FOLLOW
							  : EFT_WALK_NOFOLLOW,
				&walk);
	if (error == 0 && walk.node == NULL)
		error = -ENOENT;
	if (error == 0)
		*ret_node = eft_node_get(walk.node);
	eft_tree_unlock();
	if (error == 0 && walk.magic) {
		struct eft_node *link = *ret_node;
		struct eft_file *file;

		error = link->type->follow(link, O_PATH, &file);
		eft_node_put(link);
		if (error != 0)
			return error;
		*ret_node = eft_node_of(file);
		if (*ret_node != NULL)
			eft_node_get(*ret_node);
		eft_file_put(file);
		return *ret_node != NULL ? 0 : -EXDEV;
	}
	return error;
}

int eft_tree_link(struct eft_file *from, const char *path, struct eft_file *to,
		  const char *to_path, int flags)
{
	struct eft_node *node;
	int error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (to->fs != &eft_tree_fs)
		return -EXDEV;
	error = find_linked(from, path, flags, &node);
	if (error != 0)
		return error;
	eft_tree_lock();
	error = link_locked(node, to, to_path);
	eft_tree_unlock();
	eft_node_put(node);
	return error;
}

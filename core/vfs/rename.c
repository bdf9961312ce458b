// SPDX-License-Identifier: BSD-3-Clause
/*
 * rename() in the tree.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

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
	struct eft_dir *target = eft_dentry_dir(to->dentry);

	if (target != NULL && is_below(from->dir, target))
		return -EINVAL;
	return eft_walk_check_removable(to);
}

/* May (from) be put where (to) is, in the place of what is there? */
static int check_replace(const struct eft_walk *from, const struct eft_walk *to)
{
	bool is_dir = eft_dentry_dir(from->dentry) != NULL;
	struct eft_dir *target;

	if (!is_dir && to->slash)
		return -ENOTDIR;
	if (to->node == NULL || to->node == from->node)
		return 0;
	target = eft_dentry_dir(to->dentry);
	if (target != NULL && is_below(from->dir, target))
		return -ENOTEMPTY;
	if (is_dir && target == NULL)
		return -ENOTDIR;
	if (!is_dir && target != NULL)
		return -EISDIR;
	if (target != NULL && target->count > 0)
		return target->fixed ? -EBUSY : -ENOTEMPTY;
	return eft_walk_check_removable(to);
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
		return eft_walk_missing(from);
	if (to->len > NAME_MAX)
		return -ENAMETOOLONG;
	if (to->node != NULL && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (to->node == NULL && (flags & RENAME_EXCHANGE))
		return -ENOENT;
	if ((flags & RENAME_EXCHANGE) && to->slash &&
	    eft_dentry_dir(to->dentry) == NULL)
		return -ENOTDIR;
	dir = eft_dentry_dir(from->dentry);
	if (dir == NULL && from->slash)
		return -ENOTDIR;
	if (dir != NULL && is_below(to->dir, dir))
		return -EINVAL;
	error = eft_walk_check_removable(from);
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

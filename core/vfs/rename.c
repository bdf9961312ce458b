// SPDX-License-Identifier: BSD-3-Clause
/*
 * rename(). With the rename mutex held no directory moves but by us, so that
 * the two directories, which were found without it, can be locked: one above
 * the other first.
 */
#include "core/log.h"
#include "core/vfs/notify.h"

/* True when (dir) is (top), or somewhere below it. */
static bool is_below(const struct eft_dir *dir, const struct eft_dir *top)
{
	for (; dir != top; dir = dir->parent) {
		eft_assert(dir->parent != NULL);
		if (dir == dir->parent)
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
	return eft_walk_check_removable(to);
}

/* The order of the checks, and so of the errors, is Linux's. */
static int check_rename(const struct eft_walk *from, const struct eft_walk *to,
			unsigned flags)
{
	struct eft_dir *dir;
	int error;

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

/* Of names as they were. */
static void tell_move(const struct eft_walk *from, const struct eft_walk *to,
		      struct eft_node *node, struct eft_node *replaced)
{
	eft_watch_move(from->dir, from->name, from->len, to->dir, to->name,
		       to->len, node, replaced);
}

static int exchange_locked(const struct eft_walk *from,
			   const struct eft_walk *to)
{
	const struct eft_name_ops *ops = from->dir->node.type->names;
	char *from_name = eft_strndup(to->name, to->len);
	char *to_name = eft_strndup(from->name, from->len);
	int error = 0;

	if (from_name == NULL || to_name == NULL)
		error = -ENOMEM;
	else if (ops->rename != NULL)
		error = ops->rename(from->dentry, to->dir, to->name, to->len,
				    to->dentry, true);
	if (error != 0) {
		eft_free(from_name);
		eft_free(to_name);
		return error;
	}
	eft_dir_exchange_locked(from->dentry, from_name, to->dentry, to_name);
	if (eft_watch_move != NULL) {
		tell_move(from, to, from->dentry->node, NULL);
		tell_move(to, from, to->dentry->node, NULL);
	}
	return 0;
}

/* Move, in the place of the directory (target), locked, or of what is none. */
static int move_locked(const struct eft_walk *from, const struct eft_walk *to,
		       const struct eft_dir *target)
{
	const struct eft_name_ops *ops = from->dir->node.type->names;
	struct eft_node *replaced = NULL;
	char *name;
	int error = 0;

	eft_assert(from->dentry != NULL && from->dentry != to->dentry);
	if (target != NULL && target->count > 0 && ops->rename == NULL)
		return -ENOTEMPTY;
	name = eft_strndup(to->name, to->len);
	if (name == NULL)
		return -ENOMEM;
	if (ops->rename != NULL)
		error = ops->rename(from->dentry, to->dir, to->name, to->len,
				    to->dentry, false);
	if (error != 0) {
		eft_free(name);
		return error;
	}
	if (eft_watch_move != NULL && to->node != NULL)
		replaced = eft_node_get(to->node);
	if (to->dentry != NULL)
		eft_dir_remove_locked(to->dentry);
	eft_dir_move_locked(from->dentry, to->dir, name, to->len);
	if (eft_watch_move != NULL) {
		tell_move(from, to, from->dentry->node, replaced);
		eft_node_put(replaced); /* it may be gone now */
	}
	return 0;
}

static int replace_locked(const struct eft_walk *from,
			  const struct eft_walk *to)
{
	struct eft_dir *target = NULL;
	int error;

	if (to->dentry != NULL)
		target = eft_dentry_dir(to->dentry);
	if (target == NULL)
		return move_locked(from, to, NULL);
	eft_node_get(&target->node);
	eft_mutex_lock(&target->lock);
	error = move_locked(from, to, target);
	eft_mutex_unlock(&target->lock);
	eft_node_put(&target->node);
	return error;
}

static bool is_same_name(const struct eft_walk *from, const struct eft_walk *to)
{
	return from->dir == to->dir && from->len == to->len &&
	       memcmp(from->name, to->name, from->len) == 0;
}

/* Look at both names again, now that nobody changes them, and rename. */
static int rename_locked(struct eft_walk *from, struct eft_walk *to,
			 unsigned flags)
{
	int error = from->len <= NAME_MAX ? eft_walk_find_again(from) : 0;

	if (error == 0 && to->len <= NAME_MAX)
		error = eft_walk_find_again(to);
	/* What others change may have been found to be another. */
	if (error == 0 && is_same_name(from, to)) {
		from->dentry = to->dentry;
		from->node = to->node;
	}
	if (error == 0)
		error = check_rename(from, to, flags);
	/* Two names of one file: both stay. */
	if (error != 0 || from->node == to->node)
		return error;
	return flags & RENAME_EXCHANGE ? exchange_locked(from, to)
				       : replace_locked(from, to);
}

static int lock_and_rename(struct eft_walk *from, struct eft_walk *to,
			   unsigned flags)
{
	struct eft_dir *first = from->dir, *second = to->dir;
	int error;

	eft_rename_lock();
	if (is_below(first, second) ||
	    (first > second && !is_below(second, first))) {
		first = to->dir;
		second = from->dir;
	}
	eft_mutex_lock(&first->lock);
	if (second != first)
		eft_mutex_lock(&second->lock);
	error = rename_locked(from, to, flags);
	if (second != first)
		eft_mutex_unlock(&second->lock);
	eft_mutex_unlock(&first->lock);
	eft_rename_unlock();
	return error;
}

/* What can be told before the names are looked at. */
static int check_places(const struct eft_walk *from, const struct eft_walk *to,
			unsigned flags)
{
	if (from->mount != to->mount)
		return -EXDEV;
	if (from->len == 0)
		return -EBUSY;
	if (to->len == 0)
		return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	return eft_mount_is_read_only(to->mount) ? -EROFS : 0;
}

int eft_vfs_rename(struct eft_file *from, const char *path, struct eft_file *to,
		   const char *to_path, unsigned flags)
{
	struct eft_walk source, target;
	int error;

	if ((flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (to->fs != &eft_vfs_fs)
		return -EXDEV;
	error = eft_walk(from, path, EFT_WALK_ENTRY, &source);
	if (error != 0)
		return error;
	eft_walk_unlock(&source);
	error = eft_walk(to, to_path, EFT_WALK_ENTRY, &target);
	if (error != 0)
		goto out_source;
	eft_walk_unlock(&target);
	error = check_places(&source, &target, flags);
	if (error == 0)
		error = lock_and_rename(&source, &target, flags);
	eft_walk_end(&target);
out_source:
	eft_walk_end(&source);
	return error;
}

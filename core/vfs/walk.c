// SPDX-License-Identifier: BSD-3-Clause
/*
 * From a path to an entry of the tree.
 *
 * The tree's mutex is held from the first component until the caller has done
 * what it came for, so nothing on the way is counted or copied: names are
 * pointers into the path, or into a symbolic link's target. A link in the
 * middle of a path is walked by recursion (at most 40 deep, small frames), one
 * at its end by going on with the target.
 */
#include "core/log.h"
#include "core/vfs/components.h"
#include "core/vfs/vfs.h"

enum { LINKS_MAX = 40 }; /* as in Linux */

struct walker {
	struct eft_walk *walk; /* the result so far */
	unsigned links;	       /* followed */
	bool slash;	       /* slashes came after a link at the end */
};

static void found_dir(struct eft_walk *walk, struct eft_dir *dir)
{
	walk->len = 0;
	walk->node = &dir->node;
}

/* Look for the component (name) of (dir). */
static int step(struct eft_walk *walk, struct eft_dir *dir, const char *name,
		size_t len)
{
	int error = 0;

	eft_assert(dir != NULL && len > 0);
	walk->dir = dir;
	walk->name = name;
	walk->len = len;
	walk->magic = walk->slash = false;
	walk->dentry = NULL;
	walk->node = NULL;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (len == 1 && name[0] == '.') {
		found_dir(walk, dir);
		return 0;
	}
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		found_dir(walk, dir->parent);
		return 0;
	}
	if (dir->node.type->prepare != NULL)
		error = dir->node.type->prepare(dir, name, len);
	if (error != 0)
		return error;
	walk->dentry = eft_dir_find_locked(dir, name, len);
	if (walk->dentry != NULL)
		walk->node = walk->dentry->node;
	return 0;
}

static bool is_followed(const struct walker *walker, enum eft_walk_mode mode)
{
	if (mode == EFT_WALK_NOFOLLOW)
		return walker->walk->slash || walker->slash;
	return mode == EFT_WALK_FOLLOW || mode == EFT_WALK_CREATE;
}

static int walk_from(struct walker *walker, struct eft_dir *dir,
		     const char *path, enum eft_walk_mode mode);

/* Go through the component in the middle; *dir is where it leads. */
static int enter(struct walker *walker, struct eft_dir **dir)
{
	struct eft_walk *walk = walker->walk;

	if (walk->node == NULL)
		return -ENOENT;
	if (eft_node_is(walk->node, S_IFLNK)) {
		struct eft_node *link = walk->node;
		bool slash = walker->slash;
		int error;

		if (++walker->links > LINKS_MAX)
			return -ELOOP;
		if (link->type->target == NULL)
			return -ENOENT; /* see CAVEATS: /proc's links */
		error = walk_from(walker, *dir, link->type->target(link),
				  EFT_WALK_FOLLOW);
		if (error != 0)
			return error;
		walker->slash = slash;
		if (walk->node == NULL)
			return -ENOENT;
	}
	if (!eft_node_is(walk->node, S_IFDIR))
		return -ENOTDIR;
	*dir = eft_node_dir(walk->node);
	return 0;
}

/*
 * Finish at the last component: *ret_target is the path to go on with, when
 * it is a link that is to be followed.
 */
static int finish(struct walker *walker, enum eft_walk_mode mode,
		  const char **ret_target)
{
	struct eft_walk *walk = walker->walk;

	*ret_target = NULL;
	walk->slash |= walker->slash;
	if (walk->slash && walk->len > 0 && mode >= EFT_WALK_CREATE)
		return -EISDIR;
	if (walk->node == NULL)
		return 0;
	if (eft_node_is(walk->node, S_IFLNK) && is_followed(walker, mode)) {
		if (++walker->links > LINKS_MAX)
			return -ELOOP;
		walker->slash = walk->slash;
		walk->magic = walk->node->type->follow != NULL;
		if (!walk->magic)
			*ret_target = walk->node->type->target(walk->node);
		return 0;
	}
	if (mode != EFT_WALK_ENTRY && walk->slash &&
	    !eft_node_is(walk->node, S_IFDIR))
		return -ENOTDIR;
	return 0;
}

static int walk_from(struct walker *walker, struct eft_dir *dir,
		     const char *path, enum eft_walk_mode mode)
{
	struct eft_walk *walk = walker->walk;
	const char *target;
	bool slash;
	int error;

	for (;;) {
		size_t len;

		if (*path == '/')
			dir = eft_tree_root;
		path = eft_skip_slashes(path);
		len = eft_component_len(path);
		if (len == 0) {
			/* The root, or an empty path: where we are. */
			step(walk, dir, ".", 1);
			walk->name = "/";
			return 0;
		}
		error = step(walk, dir, path, len);
		slash = path[len] == '/';
		path = eft_skip_slashes(path + len);
		if (error == -ENAMETOOLONG && *path == '\0' &&
		    mode == EFT_WALK_ENTRY)
			error = 0;
		if (error != 0)
			return error;
		if (*path != '\0') {
			error = enter(walker, &dir);
		} else {
			walk->slash = slash;
			error = finish(walker, mode, &target);
			if (target == NULL)
				return error;
			path = target;
		}
		if (error != 0)
			return error;
	}
}

int eft_walk_locked(struct eft_file *at, const char *path,
		    enum eft_walk_mode mode, struct eft_walk *ret_walk)
{
	struct walker walker = {.walk = ret_walk};
	struct eft_node *node = eft_node_of(at);

	eft_assert(node != NULL && at->fs == &eft_tree_fs);
	*ret_walk = (struct eft_walk){.dir = NULL};
	/* What begins with a slash is meant to start at (at) as well. */
	return walk_from(&walker, eft_node_dir(node), eft_skip_slashes(path),
			 mode);
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

int eft_walk_missing(const struct eft_walk *walk)
{
	return walk->len > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
}

int eft_walk_check_removable(const struct eft_walk *walk)
{
	struct eft_dir *dir = eft_dentry_dir(walk->dentry);

	if (walk->dir->fixed)
		return -EPERM;
	return dir != NULL && dir->fixed ? -EBUSY : 0;
}

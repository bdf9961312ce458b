// SPDX-License-Identifier: BSD-3-Clause
/*
 * From a path to an entry.
 *
 * A directory is locked while its entry is looked for, and the last one until
 * the caller has done what it came for (eft_walk_end()). The directory that the
 * walk is in is counted, and its mount. While there is but one thread, nobody
 * could remove what it is at, and nothing is locked or counted. Names are
 * pointers into the path. A symbolic link is walked by going on with a path of
 * the walk's own: its target, and what is left of the path.
 */
#include "core/lib.h"
#include "core/log.h"
#include "core/vfs/components.h"
#include "core/vfs/vfs.h"

enum { LINKS_MAX = 40 }; /* as in Linux */

/* Only images with a file system that is not in memory have it. */
#pragma weak eft_cache_trim

/* The only thread there is need not lock or count what nobody else removes. */
eft_inline void lock(struct eft_walk *walk)
{
	if (!walk->alone)
		eft_mutex_lock(&walk->dir->lock);
	walk->locked = !walk->alone;
}

void eft_walk_unlock(struct eft_walk *walk)
{
	if (walk->locked)
		eft_mutex_unlock(&walk->dir->lock);
	walk->locked = false;
}

/* Be in (dir) from now on, and no longer lock where the walk was. */
static void move_to(struct eft_walk *walk, struct eft_dir *dir)
{
	struct eft_dir *from = walk->dir;

	walk->dir = dir;
	if (walk->alone)
		return;
	eft_node_get(&dir->node);
	if (walk->locked)
		eft_mutex_unlock(&from->lock);
	walk->locked = false;
	eft_node_put(&from->node);
}

/* Be in (mount), which is counted. */
static void move_to_mount(struct eft_walk *walk, struct eft_mount *mount)
{
	struct eft_mount *left = walk->alone ? mount : walk->mount;

	walk->mount = mount;
	eft_mount_put(left);
}

static void move_to_root(struct eft_walk *walk)
{
	move_to_mount(walk, eft_mount_get(&eft_root_mount));
	move_to(walk, eft_root_mount.root);
}

/* Up, out of mounts of which this is the root. */
static void go_up(struct eft_walk *walk)
{
	struct eft_dir *dir = walk->dir;
	struct eft_mount *mount = walk->mount;

	eft_walk_unlock(walk);
	eft_rename_lock();
	while (dir == mount->root && mount->covered.mount != NULL) {
		dir = eft_node_dir(mount->covered.node);
		mount = mount->covered.mount;
	}
	if (dir != mount->root)
		dir = dir->parent;
	if (mount != walk->mount)
		move_to_mount(walk, eft_mount_get(mount));
	move_to(walk, dir);
	eft_rename_unlock();
}

/* Into the directory that was found, or what is mounted over it. */
static void go_down(struct eft_walk *walk)
{
	struct eft_mount *mount = NULL;

	if (eft_unlikely(walk->dentry->mounts > 0))
		mount = eft_mount_over(walk->mount, walk->dentry);
	if (mount == NULL) {
		move_to(walk, eft_node_dir(walk->node));
		return;
	}
	move_to_mount(walk, mount);
	move_to(walk, mount->root);
}

static void found_here(struct eft_walk *walk)
{
	walk->len = 0;
	walk->dentry = NULL;
	walk->node = &walk->dir->node;
}

int eft_walk_find_again(struct eft_walk *walk)
{
	struct eft_dir *dir = walk->dir;
	const struct eft_name_ops *names = dir->node.type->names;
	struct eft_dentry *dentry = NULL;
	int error = 0;

	if (names->find != NULL)
		error = names->find(dir, walk->name, walk->len, &dentry);
	else
		dentry = eft_dir_find_locked(dir, walk->name, walk->len);
	walk->node = dentry != NULL ? dentry->node : NULL;
	walk->dentry = walk->node != NULL ? dentry : NULL; /* or negative */
	return error;
}

/* Look for the component (name) of the directory, which is locked then. */
static int step(struct eft_walk *walk, const char *name, size_t len)
{
	size_t dots = 0;

	if (*name == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		dots = len;
	if (dots == 2)
		go_up(walk);
	lock(walk);
	walk->name = name;
	walk->len = len;
	walk->magic = walk->slash = false;
	if (eft_likely(dots == 0 && len <= NAME_MAX))
		return eft_walk_find_again(walk);
	walk->dentry = NULL;
	walk->node = NULL;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	found_here(walk);
	return 0;
}

/* Is the link followed whose path goes on with (rest)? */
static bool is_followed(const char *rest, enum eft_walk_mode mode)
{
	if (*eft_skip_slashes(rest) != '\0')
		return true;
	if (mode == EFT_WALK_NOFOLLOW)
		return *rest == '/';
	/* Slashes are an error of its own, wherever the link leads. */
	if (mode == EFT_WALK_CREATE)
		return *rest != '/';
	return mode == EFT_WALK_FOLLOW;
}

/* Go on with (target), and then (*path). */
static int go_on(struct eft_walk *walk, const char *target, const char **path)
{
	size_t len = eft_strlen(target), rest_len = eft_strlen(*path) + 1;
	char *text = eft_alloc(len + rest_len);

	if (text == NULL)
		return -ENOMEM;
	memcpy(text, target, len);
	memcpy(text + len, *path, rest_len);
	eft_free(walk->text);
	*path = walk->text = text;
	return 0;
}

/* Go on in the directory that (link), one of /proc, leads to. */
static int enter_described(struct eft_walk *walk, struct eft_node *link,
			   const char **path)
{
	const struct eft_place *place;
	struct eft_file *file;
	int error = link->type->follow(link, O_PATH | O_DIRECTORY, &file);

	if (error != 0)
		return error;
	place = eft_place_of(file);
	if (place != NULL && eft_node_is(place->node, S_IFDIR)) {
		move_to_mount(walk, eft_mount_get(place->mount));
		move_to(walk, eft_node_dir(place->node));
		*path = eft_skip_slashes(*path);
	} else {
		error = -ENOTDIR;
	}
	eft_file_put(file);
	return error;
}

/* Go on where the link that was found leads, and then along (*path). */
static int follow(struct eft_walk *walk, const char **path)
{
	struct eft_node *link = eft_node_get(walk->node);
	char made[EFT_TARGET_BYTES];
	const char *target;
	int error;

	eft_walk_unlock(walk);
	if (link->type->follow != NULL) {
		error = enter_described(walk, link, path);
	} else {
		error = link->type->target(link, made, &target);
		if (error == 0)
			error = go_on(walk, target, path);
	}
	eft_node_put(link);
	return error;
}

/* Make the directory in the middle of a path that is not there. */
static int make_dir(struct eft_walk *walk)
{
	struct eft_dir *dir = eft_dir_create(0755);
	int error = -ENOMEM;

	if (dir == NULL)
		return error;
	error = eft_dir_add_locked(walk->dir, walk->name, walk->len, &dir->node,
				   &walk->dentry);
	eft_node_put(&dir->node);
	if (error == 0)
		walk->node = &dir->node;
	return error;
}

/* Go into the directory that was found in the middle. */
static int enter(struct eft_walk *walk)
{
	if (walk->node == NULL && walk->makes) {
		int error = make_dir(walk);

		if (error != 0)
			return error;
	}
	if (walk->node == NULL)
		return -ENOENT;
	if (!eft_node_is(walk->node, S_IFDIR))
		return -ENOTDIR;
	if (walk->dentry != NULL)
		go_down(walk);
	else
		eft_walk_unlock(walk);
	return 0;
}

/* Is it an entry that nothing is mounted over, and no more is said of it? */
eft_inline bool is_plain(const struct eft_walk *walk)
{
	return walk->dentry != NULL && !walk->slash &&
	       walk->dentry->mounts == 0;
}

/* Finish at the last component, which is no link that is followed. */
static int finish(struct eft_walk *walk, enum eft_walk_mode mode)
{
	if (walk->slash && walk->len > 0 && mode >= EFT_WALK_CREATE)
		return -EISDIR;
	if (walk->node == NULL || walk->magic || mode == EFT_WALK_ENTRY)
		return 0;
	if (walk->slash && !eft_node_is(walk->node, S_IFDIR))
		return -ENOTDIR;
	if (walk->dentry != NULL && eft_unlikely(walk->dentry->mounts > 0)) {
		go_down(walk);
		lock(walk);
		found_here(walk);
	}
	return 0;
}

static __attribute__((noinline)) int
walk_along(struct eft_walk *walk, const char *path, enum eft_walk_mode mode)
{
	unsigned links = 0;
	int error = 0;

	while (error == 0) {
		size_t len;

		if (*path == '/')
			move_to_root(walk);
		path = eft_skip_slashes(path);
		len = eft_component_len(path);
		if (len == 0) {
			/* The root, or an empty path: where we are. */
			step(walk, ".", 1);
			walk->name = "/";
			return 0;
		}
		for (;;) {
			error = step(walk, path, len);
			path += len;
			walk->slash = *path == '/';
			if (walk->node != NULL &&
			    eft_node_is(walk->node, S_IFLNK) &&
			    is_followed(path, mode))
				break;
			path = eft_skip_slashes(path);
			if (*path == '\0') {
				if (eft_likely(is_plain(walk)))
					return 0;
				if (error == -ENAMETOOLONG &&
				    mode == EFT_WALK_ENTRY)
					error = 0;
				return error != 0 ? error : finish(walk, mode);
			}
			if (error == 0)
				error = enter(walk);
			if (error != 0)
				return error;
			len = eft_component_len(path);
		}
		if (links++ == LINKS_MAX)
			return -ELOOP;
		walk->magic = walk->node->type->follow != NULL &&
			      *eft_skip_slashes(path) == '\0';
		if (walk->magic)
			return finish(walk, mode);
		error = follow(walk, &path);
	}
	return error;
}

eft_inline int walk_from(struct eft_mount *mount, struct eft_dir *dir,
			 const char *path, enum eft_walk_mode mode, bool makes,
			 struct eft_walk *ret_walk)
{
	int error;

	ret_walk->mount = mount;
	ret_walk->dir = dir;
	ret_walk->text = NULL;
	ret_walk->makes = makes;
	ret_walk->alone = eft_is_only_thread();
	ret_walk->locked = false;
	if (!ret_walk->alone) {
		eft_mount_get(mount);
		eft_node_get(&dir->node);
	}
	/* What begins with a slash is meant to start there as well. */
	error = walk_along(ret_walk, eft_skip_slashes(path), mode);
	if (error != 0)
		eft_walk_end(ret_walk);
	return error;
}

int eft_walk_from(struct eft_mount *mount, struct eft_dir *dir,
		  const char *path, enum eft_walk_mode mode, bool makes,
		  struct eft_walk *ret_walk)
{
	return walk_from(mount, dir, path, mode, makes, ret_walk);
}

int eft_walk(struct eft_file *at, const char *path, enum eft_walk_mode mode,
	     struct eft_walk *ret_walk)
{
	const struct eft_place *place = &eft_node_file(at)->place;

	return walk_from(place->mount, eft_node_dir(place->node), path, mode,
			 false, ret_walk);
}

void eft_walk_end(struct eft_walk *walk)
{
	if (walk->text != NULL)
		eft_free(walk->text);
	if (!walk->alone) {
		eft_walk_unlock(walk);
		eft_node_put(&walk->dir->node);
		eft_mount_put(walk->mount);
	}
	if (eft_cache_trim != NULL)
		eft_cache_trim();
}

static int check_new(const struct eft_walk *walk, bool is_dir)
{
	if (walk->node != NULL)
		return -EEXIST;
	if (walk->len > NAME_MAX)
		return -ENAMETOOLONG;
	if (walk->slash && !is_dir)
		return -ENOENT;
	return eft_mount_is_read_only(walk->mount) ? -EROFS : 0;
}

int eft_walk_to_new(struct eft_file *at, const char *path, bool is_dir,
		    struct eft_walk *ret_walk)
{
	int error = eft_walk(at, path, EFT_WALK_ENTRY, ret_walk);

	if (error != 0)
		return error;
	error = check_new(ret_walk, is_dir);
	if (error != 0)
		eft_walk_end(ret_walk);
	return error;
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
	if (walk->dentry->mounts > 0)
		return -EBUSY;
	return dir != NULL && dir->fixed ? -EBUSY : 0;
}

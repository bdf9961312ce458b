// SPDX-License-Identifier: BSD-3-Clause
/*
 * One component after the other is opened, and looked at, before the next: so
 * that any file system can be asked (Linux fs/namei.c). Another process that
 * moves directories of the host's at the same moment may confuse it.
 */
#include "posix/fs/resolve.h"
#include "core/lib.h"
#include "core/mem.h"

eft_needs(eft_hostfs_stat);
eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);
eft_needs(eft_vfs_stat);
eft_needs(eft_vfs_readlink);

enum { LINKS_MAX = 40 }; /* include/linux/namei.h, MAXSYMLINKS */
enum { SCOPED = RESOLVE_BENEATH | RESOLVE_IN_ROOT };

struct way {
	const struct eft_open_how *how;
	struct eft_file *root; /* counted; NULL: nothing is scoped */
	struct eft_file *at;   /* counted: the directory */
	char *rest; /* what of the path is to come: of PATH_MAX bytes */
	char *link; /* a link's text: the same */
	unsigned links;
	uint64_t dev;
};

static bool is_same(struct eft_file *a, struct eft_file *b)
{
	struct eft_stat first, second;

	return a->ops->stat(a, &first) == 0 && b->ops->stat(b, &second) == 0 &&
	       first.dev == second.dev && first.ino == second.ino;
}

static int open_in(struct way *way, const char *name, int flags, unsigned mode,
		   struct eft_file **ret_file)
{
	if (way->at->fs == NULL)
		return -ENOTDIR;
	return way->at->fs->open(way->at, name, flags, mode, ret_file);
}

/* Go to (file), which is taken. */
static void go(struct way *way, struct eft_file *file)
{
	eft_file_put(way->at);
	way->at = file;
}

/* To the root: of all, or of what is scoped. */
static int go_to_root(struct way *way)
{
	struct eft_file *root;
	int error;

	if (way->how->resolve & RESOLVE_BENEATH)
		return -EXDEV;
	if (way->root != NULL) {
		go(way, eft_file_get(way->root));
		return 0;
	}
	error = eft_path_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, &root);
	if (error == 0)
		go(way, root);
	return error;
}

static int check_device(const struct way *way, const struct eft_stat *st)
{
	return way->how->resolve & RESOLVE_NO_XDEV && st->dev != way->dev
		       ? -EXDEV
		       : 0;
}

static int go_up(struct way *way)
{
	struct eft_file *up;
	struct eft_stat st;
	int error;

	if (way->root != NULL && is_same(way->at, way->root))
		return way->how->resolve & RESOLVE_BENEATH ? -EXDEV : 0;
	error = open_in(way, "..", O_PATH | O_DIRECTORY, 0, &up);
	if (error != 0)
		return error;
	error = up->ops->stat(up, &st);
	if (error == 0)
		error = check_device(way, &st);
	if (error == 0)
		go(way, up);
	else
		eft_file_put(up);
	return error;
}

/*
 * Does a link of /proc lead to a description, whatever its text? All do but
 * those to other places of it (proc(5)).
 */
static bool is_magic(struct eft_file *at, const char *name)
{
	enum { PROC_MAGIC = 0x9fa0 };
	struct eft_statfs st;

	return at->ops->statfs != NULL && at->ops->statfs(at, &st) == 0 &&
	       st.type == PROC_MAGIC && eft_strcmp(name, "self") != 0 &&
	       eft_strcmp(name, "thread-self") != 0 &&
	       eft_strcmp(name, "mounts") != 0 && eft_strcmp(name, "net") != 0;
}

/* Have the link (name) replace it, before what is to come. */
static int follow(struct way *way, const char *name)
{
	size_t rest = eft_strlen(way->rest);
	ssize_t len;

	if (way->how->resolve & RESOLVE_NO_SYMLINKS ||
	    way->links++ == LINKS_MAX)
		return -ELOOP;
	if (way->how->resolve & (RESOLVE_NO_MAGICLINKS | SCOPED) &&
	    is_magic(way->at, name))
		return way->how->resolve & RESOLVE_NO_MAGICLINKS ? -ELOOP
								 : -EXDEV;
	len = way->at->fs->readlink(way->at, name, way->link, PATH_MAX);
	if (len < 0)
		return (int)len;
	if ((size_t)len + 1 + rest >= PATH_MAX)
		return -ENAMETOOLONG;
	memmove(way->rest + len + 1, way->rest, rest + 1);
	memcpy(way->rest, way->link, (size_t)len);
	way->rest[len] = '/';
	if (rest == 0)
		way->rest[len] = '\0';
	return way->rest[0] == '/' ? go_to_root(way) : 0;
}

/* Take the next component; its name is in (name). */
static int next_name(struct way *way, char name[NAME_MAX + 1])
{
	char *from = way->rest;
	size_t len = 0;

	while (*from == '/')
		from++;
	while (from[len] != '\0' && from[len] != '/')
		len++;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, from, len);
	name[len] = '\0';
	from += len;
	memmove(way->rest, from, eft_strlen(from) + 1);
	return 0;
}

static bool has_more(const char *rest)
{
	while (*rest == '/')
		rest++;
	return *rest != '\0';
}

/* Open what (name) is, the last one, as the program wants it. */
static int open_last(struct way *way, const char *name,
		     struct eft_file **ret_file)
{
	int flags = (int)way->how->flags | O_NOFOLLOW;

	if (*way->rest == '/') /* slashes come after it */
		flags |= O_DIRECTORY;
	if (*name == '\0')
		name = ".";
	return open_in(way, name, flags,
		       (unsigned)way->how->mode & ~eft_umask(-1), ret_file);
}

/* What is at (name) itself, link or not. */
static int look(struct way *way, const char *name, struct eft_stat *ret_stat)
{
	if (way->at->fs == NULL)
		return -ENOTDIR;
	return way->at->fs->stat(way->at, name, AT_SYMLINK_NOFOLLOW, ret_stat);
}

/* One step: *ret_file, if it was the last. */
static int step(struct way *way, struct eft_file **ret_file)
{
	char name[NAME_MAX + 1];
	struct eft_file *file;
	struct eft_stat st;
	int error = next_name(way, name);
	bool last = !has_more(way->rest);

	if (error != 0)
		return error;
	if (eft_strcmp(name, "..") == 0) {
		error = go_up(way);
		return error != 0 || !last ? error
					   : open_last(way, "", ret_file);
	}
	error = *name != '\0' ? look(way, name, &st)
			      : way->at->ops->stat(way->at, &st);
	if (error == -ENOENT && last)
		return open_last(way, name, ret_file);
	if (error == 0)
		error = check_device(way, &st);
	if (error != 0)
		return error;
	if ((st.mode & S_IFMT) == S_IFLNK &&
	    (!last || *way->rest == '/' || !(way->how->flags & O_NOFOLLOW)) &&
	    (way->how->flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		return follow(way, name);
	if (last)
		return open_last(way, name, ret_file);
	error = open_in(way, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, &file);
	if (error == 0)
		go(way, file);
	return error;
}

static int resolve(struct way *way, struct eft_file **ret_file)
{
	struct eft_file *file = NULL;
	struct eft_stat st;
	int error = way->at->ops->stat(way->at, &st);

	way->dev = st.dev;
	if (error == 0 && *way->rest == '/')
		error = go_to_root(way);
	if (error == 0 && *way->rest == '/') {
		error = way->at->ops->stat(way->at, &st);
		if (error == 0)
			error = check_device(way, &st);
	}
	while (error == 0 && file == NULL)
		error = step(way, &file);
	if (error == 0)
		*ret_file = file;
	return error;
}

/* The directory that a path of (dirfd) is scoped to, or starts at. */
static int start(struct way *way, int dirfd, const char *path)
{
	struct eft_at at;
	int error = eft_path_start(
		dirfd, way->how->resolve & SCOPED ? "." : path, false, &at);

	if (error != 0)
		return error;
	way->at = at.file;
	if (way->how->resolve & SCOPED)
		way->root = eft_file_get(at.file);
	return 0;
}

int eft_resolve_open(int dirfd, const char *path,
		     const struct eft_open_how *how, struct eft_file **ret_file)
{
	struct way way = {.how = how};
	int error = -ENOMEM;

	if (how->resolve == 0)
		return eft_path_open(dirfd, path, (int)how->flags,
				     (unsigned)how->mode, ret_file);
	if (*path == '\0')
		return -ENOENT;
	way.rest = eft_alloc(PATH_MAX);
	way.link = eft_alloc(PATH_MAX);
	if (way.rest != NULL && way.link != NULL)
		error = start(&way, dirfd, path);
	if (error == 0) {
		memcpy(way.rest, path, eft_strlen(path) + 1);
		error = resolve(&way, ret_file);
		eft_file_put(way.root);
		eft_file_put(way.at);
	}
	eft_free(way.rest);
	eft_free(way.link);
	return error;
}

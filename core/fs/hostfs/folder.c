// SPDX-License-Identifier: BSD-3-Clause
/*
 * A folder of the host's as a file system that can be mounted, and mounted on.
 *
 * WHAT   Each node has a handle of the host's, which only names it (O_PATH). An
 *        open regular file is a description over a handle of its own, as those
 *        of hostfs.c; it counts its place, for its path and its mount.
 * HOW    Others change the folder too: each lookup asks the host, and an entry
 *        that means another file by now is dropped. The cache keeps handles and
 *        what is mounted, and spares no question.
 * LIMITS What exec has left open, and the working directory of a program whose
 *        root is the host's, are not in it.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/vfs/vfs.h"

/* Only images that make and change names have them. */
#pragma weak eft_plat_host_names
#pragma weak eft_plat_host_storage
#pragma weak eft_hostfile_getdents
#pragma weak eft_hosthandle_xattr

/* What a node of the host's has beside what all have. */
struct facts {
	int handle;
	uint64_t dev; /* the host's, of which st_dev has 32 bits */
	char *target; /* a symbolic link's */
};

struct folder {
	struct eft_dir dir;
	struct facts facts;
};

struct leaf {
	struct eft_node node;
	struct facts facts;
};

/* A regular file or a device that is open. */
struct folder_file {
	struct eft_hostfile hf;
	struct eft_place place;
};

/* A directory that is open; (handle) is read. */
struct folder_dir_file {
	struct eft_node_file nf;
	int handle;
};

static const struct eft_node_type folder_type, leaf_type;

static const struct eft_host_paths *paths(void)
{
	return eft_plat_host_paths();
}

static const struct eft_host_names *names(void)
{
	return eft_plat_host_names != NULL ? eft_plat_host_names() : NULL;
}

static struct facts *facts_of(struct eft_node *node)
{
	if (eft_node_is(node, S_IFDIR))
		return &eft_container_of(node, struct folder, dir.node)->facts;
	return &eft_container_of(node, struct leaf, node)->facts;
}

static int handle_of(struct eft_node *node)
{
	return facts_of(node)->handle;
}

/* The host's name for (node), wherever it is. */
static void name_node(char buf[32], struct eft_node *node)
{
	eft_snprintf(buf, 32, "/proc/self/fd/%d", handle_of(node));
}

/* (name) with a NUL, in (buf). */
static const char *terminate(char buf[NAME_MAX + 1], const char *name,
			     size_t len)
{
	eft_assert(len <= NAME_MAX);
	memcpy(buf, name, len);
	buf[len] = '\0';
	return buf;
}

static void set_facts(struct eft_node *node, const struct eft_stat *st)
{
	struct facts *facts = facts_of(node);

	node->ino = st->ino;
	node->dev = (uint32_t)st->dev;
	node->rdev = st->rdev;
	node->nlink = (uint32_t)st->nlink;
	node->mode = st->mode;
	node->uid = st->uid;
	node->gid = st->gid;
	node->atime = st->atime;
	node->mtime = st->mtime;
	node->ctime = st->ctime;
	facts->dev = st->dev;
}

static int read_target(struct facts *facts, size_t size)
{
	ssize_t len;

	size = size > 0 && size < PATH_MAX ? size : PATH_MAX - 1;
	facts->target = eft_alloc(size + 1);
	if (facts->target == NULL)
		return -ENOMEM;
	len = paths()->readlink(facts->handle, "", facts->target, size);
	return len < 0 ? (int)len : 0;
}

/* A node for (handle), which is taken. */
static int create_node(int handle, struct eft_node **ret_node)
{
	struct eft_node *node = NULL;
	struct eft_stat st;
	int error = eft_plat_host_files()->stat(handle, &st);

	if (error == 0 && (st.mode & S_IFMT) == S_IFDIR) {
		struct folder *folder = eft_alloc(sizeof(*folder));

		if (folder != NULL) {
			eft_dir_init(&folder->dir, &folder_type, 0);
			node = &folder->dir.node;
		}
	} else if (error == 0) {
		struct leaf *leaf = eft_alloc(sizeof(*leaf));

		if (leaf != NULL) {
			eft_node_init(&leaf->node, &leaf_type, st.mode);
			node = &leaf->node;
		}
	}
	if (node == NULL) {
		eft_plat_host_files()->close(handle);
		return error != 0 ? error : -ENOMEM;
	}
	facts_of(node)->handle = handle;
	set_facts(node, &st);
	if (eft_node_is(node, S_IFLNK))
		error = read_target(facts_of(node), (size_t)st.size);
	if (error != 0) {
		eft_node_put(node);
		return error;
	}
	*ret_node = node;
	return 0;
}

static void drop_facts(struct eft_node *node)
{
	struct facts *facts = facts_of(node);

	eft_plat_host_files()->close(facts->handle);
	eft_free(facts->target);
}

static void folder_release(struct eft_node *node)
{
	drop_facts(node);
	eft_free(eft_container_of(node, struct folder, dir.node));
}

static void leaf_release(struct eft_node *node)
{
	drop_facts(node);
	eft_free(eft_container_of(node, struct leaf, node));
}

static int folder_stat(struct eft_node *node, struct eft_stat *st)
{
	return eft_plat_host_files()->stat(handle_of(node), st);
}

static int folder_lookup(struct eft_dir *dir, const char *name, size_t len,
			 struct eft_node **ret_node)
{
	char buf[NAME_MAX + 1];
	int handle =
		paths()->open(handle_of(&dir->node), terminate(buf, name, len),
			      O_PATH | O_NOFOLLOW, 0);

	return handle < 0 ? handle : create_node(handle, ret_node);
}

static bool is_same(struct eft_node *node, const struct eft_stat *st)
{
	return node != NULL && node->ino == st->ino &&
	       facts_of(node)->dev == st->dev &&
	       (node->mode & S_IFMT) == (st->mode & S_IFMT);
}

static int folder_find(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_dentry **ret_dentry)
{
	struct eft_dentry *dentry = eft_dir_find_locked(dir, name, len);
	char buf[NAME_MAX + 1];
	struct eft_stat st;
	int error;

	if (dentry != NULL && dentry->mounts > 0) {
		*ret_dentry = dentry;
		return 0;
	}
	error = paths()->stat(handle_of(&dir->node), terminate(buf, name, len),
			      AT_SYMLINK_NOFOLLOW, &st);
	if (error != 0 && error != -ENOENT)
		return error;
	if (dentry != NULL && (error != 0 || !is_same(dentry->node, &st)))
		eft_cache_drop(dentry);
	if (error != 0)
		return 0;
	error = eft_cache_find(dir, name, len, &dentry);
	if (error == 0 && dentry->node != NULL) {
		eft_mutex_lock(&dentry->node->lock);
		set_facts(dentry->node, &st);
		eft_mutex_unlock(&dentry->node->lock);
		*ret_dentry = dentry;
	}
	return error;
}

/*
 * Extended attributes, which only some images ask for.
 */
static ssize_t folder_get(struct eft_node *node, const char *name, void *value,
			  size_t size)
{
	const struct eft_xattr_call call = {
		.operation = EFT_XATTR_GET,
		.name = name,
		.data = value,
		.size = size,
	};

	return eft_hosthandle_xattr(handle_of(node), &call);
}

static int folder_set(struct eft_node *node, const char *name,
		      const void *value, size_t size, int flags)
{
	const struct eft_xattr_call call = {
		.operation = value != NULL ? EFT_XATTR_SET : EFT_XATTR_REMOVE,
		.flags = flags,
		.name = name,
		.data = (void *)value,
		.size = size,
	};

	return (int)eft_hosthandle_xattr(handle_of(node), &call);
}

static ssize_t folder_list(struct eft_node *node, char *names, size_t size)
{
	const struct eft_xattr_call call = {
		.operation = EFT_XATTR_LIST,
		.data = names,
		.size = size,
	};

	return eft_hosthandle_xattr(handle_of(node), &call);
}

const struct eft_xattr_ops eft_folder_xattrs = {
	.get = folder_get,
	.set = folder_set,
	.list = folder_list,
};

/* A regular file is made, and opened once more for whoever makes it. */
static int make_regular(int at, const char *name, unsigned mode)
{
	int handle = paths()->open(at, name, O_CREAT | O_EXCL | O_WRONLY, mode);

	if (handle >= 0)
		eft_plat_host_files()->close(handle);
	return handle < 0 ? handle : 0;
}

static int make(int at, const char *name, const struct eft_node_spec *spec)
{
	const struct eft_host_names *host = names();

	if ((spec->mode & S_IFMT) == S_IFREG)
		return make_regular(at, name, spec->mode & 07777);
	if (host == NULL)
		return -EPERM;
	if ((spec->mode & S_IFMT) == S_IFDIR)
		return host->mkdir(at, name, spec->mode & 07777);
	if ((spec->mode & S_IFMT) == S_IFLNK)
		return host->symlink(spec->target, at, name);
	return host->mknod(at, name, spec->mode, spec->rdev);
}

/* A regular file without a name; it is opened once more, as others are. */
static int create_unnamed(struct eft_dir *dir, unsigned mode,
			  struct eft_node **ret_node)
{
	int handle = paths()->open(handle_of(&dir->node), ".",
				   O_TMPFILE | O_RDWR, mode & 07777);

	return handle < 0 ? handle : create_node(handle, ret_node);
}

static int folder_create(struct eft_dir *dir, const char *name, size_t len,
			 const struct eft_node_spec *spec,
			 struct eft_node **ret_node)
{
	char buf[NAME_MAX + 1];
	int error;

	if (name == NULL)
		return create_unnamed(dir, spec->mode, ret_node);
	error = make(handle_of(&dir->node), terminate(buf, name, len), spec);
	return error != 0 ? error : folder_lookup(dir, name, len, ret_node);
}

static int folder_link(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node *node)
{
	char buf[NAME_MAX + 1], source[32];

	name_node(source, node);
	return names()->link(EFT_HOST_CWD, source, handle_of(&dir->node),
			     terminate(buf, name, len), AT_SYMLINK_FOLLOW);
}

static int folder_unlink(struct eft_dentry *dentry)
{
	char buf[NAME_MAX + 1];
	int flags = eft_dentry_dir(dentry) != NULL ? AT_REMOVEDIR : 0;

	return names()->unlink(handle_of(&dentry->dir->node),
			       terminate(buf, dentry->name, dentry->len),
			       flags);
}

static int folder_rename(struct eft_dentry *from, struct eft_dir *dir,
			 const char *name, size_t len, struct eft_dentry *to,
			 bool exchange)
{
	char old[NAME_MAX + 1], new[NAME_MAX + 1];

	return names()->rename(handle_of(&from->dir->node),
			       terminate(old, from->name, from->len),
			       handle_of(&dir->node), terminate(new, name, len),
			       exchange ? RENAME_EXCHANGE : 0);
}

static int folder_set_attributes(struct eft_node *node,
				 const struct eft_stat *wanted, unsigned which)
{
	const struct eft_host_names *host = names();
	struct eft_timespec times[2] = {wanted->atime, wanted->mtime};
	char name[32];

	if (host == NULL)
		return -EPERM;
	name_node(name, node);
	if (which & (EFT_NODE_UID | EFT_NODE_GID))
		return host->chown(handle_of(node), "", wanted->uid,
				   wanted->gid, AT_EMPTY_PATH);
	if (which & EFT_NODE_MODE)
		return host->chmod(EFT_HOST_CWD, name, wanted->mode & 07777);
	if (!(which & EFT_NODE_ATIME))
		times[0].nsec = UTIME_OMIT;
	if (!(which & EFT_NODE_MTIME))
		times[1].nsec = UTIME_OMIT;
	return host->set_times(EFT_HOST_CWD, name, times, 0);
}

static int leaf_target(struct eft_node *node, char buf[EFT_TARGET_BYTES],
		       const char **ret_target)
{
	*ret_target = facts_of(node)->target;
	return 0;
}

static struct folder_file *folder_file(struct eft_file *file)
{
	return eft_container_of(file, struct folder_file, hf.file);
}

static ssize_t folder_file_path(struct eft_file *file, char *buf, size_t size)
{
	struct eft_file *named;
	ssize_t len = eft_node_open(&folder_file(file)->place, O_PATH, &named);

	if (len < 0)
		return len;
	len = eft_file_path(named, buf, size);
	eft_file_put(named);
	return len;
}

static int folder_file_reopen(struct eft_file *file, int flags,
			      struct eft_file **ret_file)
{
	return eft_node_open(&folder_file(file)->place, flags, ret_file);
}

static bool writes(const struct eft_file *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY;
}

static void folder_file_release(struct eft_file *file)
{
	struct folder_file *ff = folder_file(file);

	if (writes(file))
		__atomic_fetch_sub(&ff->place.mount->writers, 1,
				   __ATOMIC_SEQ_CST);
	eft_plat_host_files()->close(ff->hf.handle);
	eft_dentry_put(ff->place.dentry);
	eft_node_put(ff->place.node);
	eft_mount_put(ff->place.mount);
	eft_free(ff);
}

/* Those of the host's files, but for what a mount adds. */
static struct eft_file_ops folder_file_ops;

static int leaf_open(const struct eft_place *place, int flags,
		     struct eft_file **ret_file)
{
	struct folder_file *ff = eft_alloc(sizeof(*ff));
	char name[32];
	int handle;

	if (ff == NULL)
		return -ENOMEM;
	name_node(name, place->node);
	handle = paths()->open(EFT_HOST_CWD, name,
			       flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW), 0);
	if (handle < 0) {
		eft_free(ff);
		return handle;
	}
	eft_hostfile_init(&ff->hf, handle, flags, NULL);
	ff->hf.file.ops = &folder_file_ops;
	ff->place = *place;
	eft_mount_get(place->mount);
	eft_node_get(place->node);
	if (place->dentry != NULL)
		eft_dentry_get(place->dentry);
	if (writes(&ff->hf.file))
		__atomic_fetch_add(&place->mount->writers, 1, __ATOMIC_SEQ_CST);
	*ret_file = &ff->hf.file;
	return 0;
}

static struct folder_dir_file *folder_dir_file(struct eft_file *file)
{
	return eft_container_of(file, struct folder_dir_file, nf.file);
}

static ssize_t folder_getdents(struct eft_file *file, void eft_user *buf,
			       size_t size)
{
	if (eft_plat_host_storage == NULL)
		return -ENOTDIR;
	return eft_plat_host_storage()->getdents(folder_dir_file(file)->handle,
						 buf, size);
}

static off_t folder_seek(struct eft_file *file, off_t offset, int whence)
{
	return eft_plat_host_files()->seek(folder_dir_file(file)->handle,
					   offset, whence);
}

static void folder_dir_release(struct eft_file *file)
{
	struct folder_dir_file *fd = folder_dir_file(file);

	eft_plat_host_files()->close(fd->handle);
	eft_node_file_fini(&fd->nf);
	eft_free(fd);
}

static const struct eft_file_ops folder_dir_ops = {
	EFT_NODE_FILE_ATTRIBUTES,      .sync = eft_node_file_sync,
	.getdents = folder_getdents,   .seek = folder_seek,
	.release = folder_dir_release,
};

static int folder_open(const struct eft_place *place, int flags,
		       struct eft_file **ret_file)
{
	struct folder_dir_file *fd = eft_alloc(sizeof(*fd));

	if (fd == NULL)
		return -ENOMEM;
	fd->handle = paths()->open(handle_of(place->node), ".",
				   O_RDONLY | O_DIRECTORY, 0);
	if (fd->handle < 0) {
		int error = fd->handle;

		eft_free(fd);
		return error;
	}
	eft_node_file_init(&fd->nf, place, &folder_dir_ops, flags);
	*ret_file = &fd->nf.file;
	return 0;
}

static const struct eft_name_ops folder_names = {
	.scarce = true,
	.find = folder_find,
	.lookup = folder_lookup,
	.create = folder_create,
	.link = folder_link,
	.unlink = folder_unlink,
	.rename = folder_rename,
	.set_attributes = folder_set_attributes,
	.unnamed = true,
};

static const struct eft_node_type folder_type = {
	.names = &folder_names,
	.open = folder_open,
	.stat = folder_stat,
	.release = folder_release,
};

static const struct eft_node_type leaf_type = {
	.names = &folder_names,
	.open = leaf_open,
	.stat = folder_stat,
	.target = leaf_target,
	.release = leaf_release,
};

/* The node of the host's folder (path). */
static int open_root(const char *path, struct eft_dir **ret_root)
{
	struct eft_node *node;
	int handle, error;

	if (paths() == NULL)
		return -ENODEV; /* in a guest there is no host */
	handle = paths()->open(EFT_HOST_CWD, path, O_PATH | O_DIRECTORY, 0);
	if (handle < 0)
		return handle;
	error = create_node(handle, &node);
	if (error != 0)
		return error;
	*ret_root = eft_node_dir(node);
	(*ret_root)->parent = *ret_root;
	return 0;
}

static int folder_mount(const char *source, const char *options, uint32_t dev,
			struct eft_dir **ret_root)
{
	struct eft_file_ops ops = eft_hostfile_ops;

	/* Whole, as files of an earlier mount may be in use. */
	ops.path = folder_file_path;
	ops.reopen = folder_file_reopen;
	ops.release = folder_file_release;
	folder_file_ops = ops;
	return open_root(source, ret_root);
}

/* The cache may still know entries of it. */
static void folder_destroy(struct eft_dir *root)
{
	eft_cache_leave_all(root);
}

/* The host may have mounted something else below. */
static int folder_statfs(struct eft_node *root, struct eft_node *node,
			 struct eft_statfs *ret_statfs)
{
	if (eft_plat_host_storage == NULL)
		return -ENOSYS;
	return eft_plat_host_storage()->statfs(handle_of(node), ret_statfs);
}

const struct eft_fs_type eft_folder_type = {
	.name = "hostfs",
	.create = folder_mount,
	.destroy = folder_destroy,
	.statfs = folder_statfs,
};

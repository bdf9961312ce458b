// SPDX-License-Identifier: BSD-3-Clause
/*
 * Links of /proc/self that lead to an open description rather than along a
 * path: fd/N, cwd, exe, root. Opening one opens what it describes anew, with
 * a position of its own, as on Linux; what cannot be opened anew (a console, a
 * closed pipe end) is shared.
 *
 * The entries of fd/ are made when they are first looked for, and stay; one
 * whose descriptor is closed is not there.
 */
#include "core/dev/host.h"
#include "core/file/hostfile.h"
#include "core/file/proc.h"
#include "core/file/root.h"
#include "core/options.h"

struct link {
	struct eft_node node;
	int fd; /* of fd/N */
};

static struct link *link_of(struct eft_node *node)
{
	return eft_container_of(node, struct link, node);
}

/* Open again what (file) describes; takes (file). */
static int reopen(struct eft_file *file, int flags, struct eft_file **ret_file)
{
	struct eft_node *node = eft_node_of(file);
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	int error = 0;

	if (flags & O_PATH) {
		*ret_file = file;
		return 0;
	}
	if (node != NULL && eft_node_is(node, S_IFDIR) && writes)
		error = -EISDIR;
	else if (node != NULL && !eft_node_is(node, S_IFDIR) &&
		 (flags & O_DIRECTORY))
		error = -ENOTDIR;
	else if (node != NULL)
		error = eft_node_open(node, eft_node_file(file)->dentry, flags,
				      ret_file);
	else if (file->fs == &eft_hostfs)
		error = eft_hostfs_reopen(file, flags, ret_file);
	else
		*ret_file = eft_file_get(file);
	if (error == 0 && node != NULL && (flags & O_TRUNC) &&
	    node->type->set_size != NULL)
		error = node->type->set_size(node, 0);
	eft_file_put(file);
	return error;
}

/* The text of a link to (file), which is taken. */
static ssize_t put_path(struct eft_file *file, char *buf, size_t size)
{
	char *path = eft_alloc(PATH_MAX);
	ssize_t len = -ENOMEM;

	if (path != NULL)
		len = eft_file_path(file, path, PATH_MAX);
	if (len == -ENOENT) {
		eft_strlcpy(path, "anon_inode:[file]", PATH_MAX);
		len = (ssize_t)eft_strlen(path);
	}
	if (len >= 0) {
		len = (ssize_t)eft_min((size_t)len, size);
		memcpy(buf, path, (size_t)len);
	}
	eft_free(path);
	eft_file_put(file);
	return len;
}

static void link_release(struct eft_node *node)
{
	eft_free(link_of(node));
}

static struct link *link_create(const struct eft_node_type *type)
{
	struct link *link = eft_alloc(sizeof(*link));

	if (link != NULL)
		eft_node_init(&link->node, type, S_IFLNK | 0777);
	return link;
}

static int fd_follow(struct eft_node *node, int flags,
		     struct eft_file **ret_file)
{
	struct eft_file *file = eft_fd_get(link_of(node)->fd);

	return file != NULL ? reopen(file, flags, ret_file) : -ENOENT;
}

static ssize_t fd_readlink(struct eft_node *node, char *buf, size_t size)
{
	struct eft_file *file = eft_fd_get(link_of(node)->fd);

	return file != NULL ? put_path(file, buf, size) : -ENOENT;
}

static const struct eft_node_type fd_link_type = {
	.follow = fd_follow,
	.readlink = fd_readlink,
	.release = link_release,
};

/* The number in decimal that (name) is, or -1. */
static int parse_name(const char *name, size_t len)
{
	int fd = 0;

	if (len == 0 || len > 5 || (name[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		fd = fd * 10 + (name[i] - '0');
	}
	return fd;
}

static int fd_prepare(struct eft_dir *dir, const char *name, size_t len)
{
	int fd = parse_name(name, len), error;
	struct link *link;

	if (fd < 0 || eft_fd_flags(fd, -1) < 0)
		return -ENOENT;
	if (eft_dir_find_locked(dir, name, len) != NULL)
		return 0;
	link = link_create(&fd_link_type);
	if (link == NULL)
		return -ENOMEM;
	link->fd = fd;
	error = eft_dir_add_locked(dir, name, len, &link->node, NULL);
	eft_node_put(&link->node);
	return error;
}

/* The name of the entry at (position): `.`, `..`, or fd position - 2. */
static bool name_entry(off_t *position, char name[16])
{
	int fd;

	if (*position < 2) {
		eft_strlcpy(name, *position == 0 ? "." : "..", 16);
		return true;
	}
	if (*position - 2 > INT32_MAX)
		return false;
	fd = eft_fd_next((int)(*position - 2));
	if (fd < 0)
		return false;
	*position = fd + 2;
	eft_snprintf(name, 16, "%d", fd);
	return true;
}

static ssize_t fd_getdents(struct eft_file *file, void *buf, size_t size)
{
	struct eft_node *dir = eft_node_of(file);
	size_t done = 0, n = 1;
	char name[16];

	eft_mutex_lock(&file->lock);
	while (n > 0 && name_entry(&file->position, name)) {
		struct eft_dirent entry = {
			.ino = dir->ino + (uint64_t)file->position,
			.off = file->position + 1,
			.type = (file->position < 2 ? S_IFDIR : S_IFLNK) >> 12,
		};

		n = eft_dirent_put((char *)buf + done, size - done, &entry,
				   name, eft_strlen(name));
		done += n;
		file->position += n > 0;
	}
	eft_mutex_unlock(&file->lock);
	return n == 0 && done == 0 ? -EINVAL : (ssize_t)done;
}

static off_t fd_seek(struct eft_file *file, off_t offset, int whence)
{
	return eft_dir_ops.seek(file, offset, whence);
}

static const struct eft_file_ops fd_dir_ops = {
	EFT_NODE_FILE_OPS,
	.getdents = fd_getdents,
	.seek = fd_seek,
};

static const struct eft_node_type fd_dir_type = {
	.file_ops = &fd_dir_ops,
	.prepare = fd_prepare,
	.release = eft_dir_release,
};

struct eft_dir *eft_proc_fd_create(void)
{
	struct eft_dir *dir = eft_dir_create(0500);

	if (dir != NULL) {
		dir->node.type = &fd_dir_type;
		dir->fixed = true;
	}
	return dir;
}

static int cwd_follow(struct eft_node *node, int flags,
		      struct eft_file **ret_file)
{
	struct eft_at at;
	int error = eft_path_start(AT_FDCWD, "", true, &at);

	return error == 0 ? reopen(at.file, flags, ret_file) : error;
}

static ssize_t cwd_readlink(struct eft_node *node, char *buf, size_t size)
{
	struct eft_at at;
	int error = eft_path_start(AT_FDCWD, "", true, &at);

	return error == 0 ? put_path(at.file, buf, size) : error;
}

static int root_follow(struct eft_node *node, int flags,
		       struct eft_file **ret_file)
{
	return eft_path_open(AT_FDCWD, "/", flags, 0, ret_file);
}

static ssize_t root_readlink(struct eft_node *node, char *buf, size_t size)
{
	memcpy(buf, "/", eft_min(size, 1));
	return (ssize_t)eft_min(size, 1);
}

/* The program's file: the host knows it, a guest was booted from it. */
static ssize_t exe_readlink(struct eft_node *node, char *buf, size_t size)
{
	const struct eft_host_paths *host = eft_plat_host_paths();
	const char *name = eft_program_name();
	size_t len;

	if (host != NULL)
		return host->readlink(EFT_HOST_CWD, "/proc/self/exe", buf,
				      size);
	len = eft_strlen(name);
	if (*name == '/') {
		memcpy(buf, name, eft_min(len, size));
		return (ssize_t)eft_min(len, size);
	}
	if (size > 0)
		buf[0] = '/';
	if (size > 1)
		memcpy(buf + 1, name, eft_min(len, size - 1));
	return (ssize_t)eft_min(len + 1, size);
}

static int exe_follow(struct eft_node *node, int flags,
		      struct eft_file **ret_file)
{
	const struct eft_host_paths *host = eft_plat_host_paths();
	char *path;
	ssize_t len;
	int error;

	if (host != NULL) {
		int handle =
			host->open(EFT_HOST_CWD, "/proc/self/exe", flags, 0);

		return handle < 0 ? handle
				  : eft_hostfile_create(handle, flags,
							&eft_hostfs, ret_file);
	}
	path = eft_alloc(PATH_MAX);
	if (path == NULL)
		return -ENOMEM;
	len = exe_readlink(node, path, PATH_MAX - 1);
	path[len] = '\0';
	error = eft_path_open(AT_FDCWD, path, flags, 0, ret_file);
	eft_free(path);
	return error;
}

static const struct eft_node_type link_types[] = {
	[EFT_PROC_CWD] = {.follow = cwd_follow,
			  .readlink = cwd_readlink,
			  .release = link_release},
	[EFT_PROC_EXE] = {.follow = exe_follow,
			  .readlink = exe_readlink,
			  .release = link_release},
	[EFT_PROC_ROOT] = {.follow = root_follow,
			   .readlink = root_readlink,
			   .release = link_release},
};

struct eft_node *eft_proc_link_create(enum eft_proc_link which)
{
	struct link *link = link_create(&link_types[which]);

	return link != NULL ? &link->node : NULL;
}

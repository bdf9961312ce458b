// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/fd. Its entries are made when they are first looked for, and
 * stay; one whose descriptor is closed is not there.
 */
#include "core/file/proc.h"

struct link {
	struct eft_node node;
	int fd; /* of fd/N */
};

static struct link *link_of(struct eft_node *node)
{
	return eft_container_of(node, struct link, node);
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

	return file != NULL ? eft_proc_reopen(file, flags, ret_file) : -ENOENT;
}

static ssize_t fd_readlink(struct eft_node *node, char *buf, size_t size)
{
	struct eft_file *file = eft_fd_get(link_of(node)->fd);

	return file != NULL ? eft_proc_put_path(file, buf, size) : -ENOENT;
}

static const struct eft_node_type fd_link_type = {
	.follow = fd_follow,
	.readlink = fd_readlink,
	.release = link_release,
};

static int fd_prepare(struct eft_dir *dir, const char *name, size_t len)
{
	int fd = eft_proc_parse_number(name, len), error;
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

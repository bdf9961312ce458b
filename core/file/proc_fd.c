// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/fd and fdinfo. Their entries are made when they are first looked
 * for, and stay; one whose descriptor is closed is not there.
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

/* Formats: Linux, Documentation/filesystems/proc.rst, 3.8. */
static void generate_info(struct eft_text *text)
{
	struct eft_file *file = eft_fd_get(text->tid);
	bool cloexec = eft_fd_flags(text->tid, -1) > 0;
	struct eft_stat st = {.ino = 0};
	off_t position = 0;

	if (file == NULL) {
		text->error = -ENOENT;
		return;
	}
	if (file->ops->seek != NULL && !(file->flags & O_PATH))
		position = file->ops->seek(file, 0, SEEK_CUR);
	file->ops->stat(file, &st);
	eft_text_printf(text, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t1\nino:\t%lu\n",
			position < 0 ? 0 : position,
			file->flags | (cloexec ? O_CLOEXEC : 0), st.ino);
	if (file->ops->info != NULL)
		file->ops->info(file, text);
	eft_file_put(file);
}

static const struct eft_proc_entry info_entry = {"", generate_info, NULL};

static int fdinfo_prepare(struct eft_dir *dir, const char *name, size_t len)
{
	int fd = eft_proc_parse_number(name, len), error;
	struct eft_node *node;

	if (fd < 0 || eft_fd_flags(fd, -1) < 0)
		return -ENOENT;
	if (eft_dir_find_locked(dir, name, len) != NULL)
		return 0;
	node = eft_proc_text_create(&info_entry, fd);
	if (node == NULL)
		return -ENOMEM;
	error = eft_dir_add_locked(dir, name, len, node, NULL);
	eft_node_put(node);
	return error;
}

static const struct eft_file_ops fdinfo_ops = {
	EFT_NODE_FILE_OPS,
	.getdents = eft_proc_fdinfo_getdents,
	.seek = eft_proc_seek,
};

static const struct eft_node_type fdinfo_type = {
	.file_ops = &fdinfo_ops,
	.prepare = fdinfo_prepare,
	.release = eft_dir_release,
};

struct eft_dir *eft_proc_fdinfo_create(void)
{
	return eft_proc_dir_create(&fdinfo_type, 0555);
}

static const struct eft_file_ops fd_dir_ops = {
	EFT_NODE_FILE_OPS,
	.getdents = eft_proc_fd_getdents,
	.seek = eft_proc_seek,
};

static const struct eft_node_type fd_dir_type = {
	.file_ops = &fd_dir_ops,
	.prepare = fd_prepare,
	.release = eft_dir_release,
};

struct eft_dir *eft_proc_fd_create(void)
{
	return eft_proc_dir_create(&fd_dir_type, 0500);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/fd and fdinfo. Their entries are made when they are first looked
 * for, and stay; one whose descriptor is closed is not there.
 */
#include "core/fs/procfs/proc.h"

eft_needs(eft_tty_stat);

#pragma weak eft_proc_fd_readlink

struct link {
	struct eft_node node;
	int fd; /* of fd/N */
};

static struct link *link_of(struct eft_node *node)
{
	return eft_container_of(node, struct link, node);
}

int eft_proc_fd_number(const struct eft_node *node)
{
	return eft_container_of(node, struct link, node)->fd;
}

static void link_release(struct eft_node *node)
{
	eft_free(link_of(node));
}

static int fd_follow(struct eft_node *node, int flags,
		     struct eft_file **ret_file)
{
	struct eft_file *file = eft_fd_get(link_of(node)->fd);

	return file != NULL ? eft_proc_reopen(file, flags, ret_file) : -ENOENT;
}

static const struct eft_node_type fd_link_type = {
	.follow = fd_follow,
	.readlink = eft_proc_fd_readlink,
	.release = link_release,
};

static struct eft_node *link_create(int fd)
{
	struct link *link = eft_alloc(sizeof(*link));

	if (link == NULL)
		return NULL;
	eft_node_init(&link->node, &fd_link_type, S_IFLNK | 0777);
	link->fd = fd;
	return &link->node;
}

/* Formats: Linux, Documentation/filesystems/proc.rst, 3.8. */
static void generate_info(struct eft_text *text)
{
	struct eft_file *file = eft_fd_get(text->tid);
	bool cloexec = eft_fd_flags(text->tid, -1) > 0;
	struct eft_stat st = {.ino = 0};
	const struct eft_place *place;
	off_t position = 0;

	if (file == NULL) {
		text->error = -ENOENT;
		return;
	}
	if (file->ops->seek != NULL && !(file->flags & O_PATH))
		position = file->ops->seek(file, 0, SEEK_CUR);
	file->ops->stat(file, &st);
	place = eft_place_of(file);
	eft_text_printf(
		text, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n",
		position < 0 ? 0 : position,
		file->flags | (cloexec ? O_CLOEXEC : 0),
		place != NULL ? place->mount->id : eft_root_mount.id, st.ino);
	if (file->ops->info != NULL)
		file->ops->info(file, text);
	eft_file_put(file);
}

static const struct eft_proc_entry info_entry = {"", generate_info, NULL};

/* The entry (name) of (dir), where that is a descriptor's number. */
static int find(struct eft_dir *dir, const char *name, size_t len,
		struct eft_dentry **ret_dentry)
{
	int fd = eft_proc_parse_number(name, len), error;
	struct eft_node *node;

	if (fd < 0 || eft_fd_flags(fd, -1) < 0)
		return -ENOENT;
	*ret_dentry = eft_dir_find_locked(dir, name, len);
	if (*ret_dentry != NULL)
		return 0;
	if (dir->node.type == &eft_proc_fd_type)
		node = link_create(fd);
	else
		node = eft_proc_text_create(&info_entry, fd);
	if (node == NULL)
		return -ENOMEM;
	error = eft_dir_add_locked(dir, name, len, node, ret_dentry);
	eft_node_put(node);
	return error;
}

static const struct eft_name_ops names = {.find = find};

const struct eft_node_type eft_proc_fdinfo_type = {
	.file_ops = &eft_dir_ops,
	.names = &names,
	.release = eft_dir_release,
};

const struct eft_node_type eft_proc_fd_type = {
	.file_ops = &eft_dir_ops,
	.names = &names,
	.release = eft_dir_release,
};

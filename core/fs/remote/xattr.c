// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes that a server keeps. Nothing of them is kept here: others
 * may change them at any time.
 */
#include "core/xattr.h"
#include "core/fs/remote/node.h"
#include "core/lib.h"

enum { PAGES = EFT_XATTR_VALUE_MAX / EFT_PAGE_SIZE };

/* Memory that a server may see. */
struct room {
	void *page[PAGES];
	struct eft_remote_data data;
};

static void free_room(struct room *room)
{
	while (room->data.count > 0)
		eft_page_free(room->page[--room->data.count]);
}

static int alloc_room(struct room *room, size_t bytes)
{
	eft_assert(bytes > 0 && bytes <= EFT_XATTR_VALUE_MAX);
	room->data =
		(struct eft_remote_data){.page = room->page, .bytes = bytes};
	while (room->data.count * EFT_PAGE_SIZE < bytes) {
		void *page = eft_page_alloc(0);

		if (page == NULL) {
			free_room(room);
			return -ENOMEM;
		}
		room->page[room->data.count++] = page;
	}
	return 0;
}

static void copy(struct room *room, char *to, const char *from, size_t len)
{
	for (unsigned i = 0; len > 0; i++) {
		size_t n = eft_min(len, EFT_PAGE_SIZE);

		if (to != NULL)
			memcpy(to + i * EFT_PAGE_SIZE, room->page[i], n);
		else
			memcpy(room->page[i], from + i * EFT_PAGE_SIZE, n);
		len -= n;
	}
}

/* What one message may have: a value that is longer cannot be had. */
static size_t most(const struct eft_remote_node *node)
{
	return (size_t)node->remote->io_pages_max * EFT_PAGE_SIZE;
}

/* (name) NULL: the names. (size) 0: how much there is. */
static ssize_t get(struct eft_remote_node *node,
		   const struct eft_remote_xattr_ops *ops, const char *name,
		   void *to, size_t size)
{
	size_t bytes = eft_min(size, most(node));
	struct eft_remote_name *at;
	struct room room;
	ssize_t n;

	if (size > 0 && alloc_room(&room, bytes) != 0)
		return -ENOMEM;
	at = eft_remote_name_get(node);
	n = ops->get(node->remote, at->handle, name,
		     size > 0 ? &room.data : NULL);
	eft_remote_name_put(node->remote, at);
	if (n == -ERANGE && bytes < size)
		n = -E2BIG;
	if (n > (ssize_t)(size > 0 ? bytes : EFT_XATTR_VALUE_MAX))
		n = -EIO;
	if (size > 0 && n > 0)
		copy(&room, to, NULL, (size_t)n);
	if (size > 0)
		free_room(&room);
	return n;
}

ssize_t eft_remote_xattr_get(struct eft_node *at,
			     const struct eft_remote_xattr_ops *ops,
			     const char *name, void *value, size_t size)
{
	return get(eft_remote_node(at), ops, name, value, size);
}

static int set(struct eft_remote_node *node,
	       const struct eft_remote_xattr_ops *ops, const char *name,
	       struct room *room, int flags)
{
	struct eft_remote_name *at = eft_remote_name_get(node);
	int error;

	if (room != NULL)
		error = ops->set(node->remote, at->handle, name,
				 room->data.count > 0 ? &room->data : NULL,
				 flags);
	else
		error = ops->remove(node->remote, at->handle, name);
	eft_remote_name_put(node->remote, at);
	eft_remote_set_flag(&node->stale, true); /* its ctime */
	return error;
}

int eft_remote_xattr_set(struct eft_node *at,
			 const struct eft_remote_xattr_ops *ops,
			 const char *name, const void *value, size_t size,
			 int flags)
{
	struct eft_remote_node *node = eft_remote_node(at);
	struct room room = {0};
	int error = 0;

	if (node->remote->read_only)
		return -EROFS;
	if (value == NULL)
		return set(node, ops, name, NULL, 0);
	if (size > most(node))
		return -ENOSPC;
	if (size > 0)
		error = alloc_room(&room, size);
	if (error != 0)
		return error;
	copy(&room, NULL, value, size);
	error = set(node, ops, name, &room, flags);
	free_room(&room);
	return error;
}

/*
 * Lists. Names of other namespaces (system.) are there, and cannot be asked for.
 */
static bool is_shown(const char *name)
{
	return eft_starts_with(name, "user.") ||
	       eft_starts_with(name, "trusted.") ||
	       eft_starts_with(name, "security.");
}

static ssize_t pick(const char *all, size_t len, char *names, size_t size)
{
	size_t used = 0;
	int error = 0;

	if (len > 0 && all[len - 1] != '\0')
		return -EIO;
	for (size_t at = 0; at < len && error == 0;) {
		size_t name_len = eft_strlen(all + at);

		if (name_len == 0 || name_len > EFT_XATTR_NAME_MAX)
			return -EIO;
		if (is_shown(all + at))
			error = eft_xattr_add_name(names, size, &used, "",
						   all + at, name_len);
		at += name_len + 1;
	}
	return error != 0 ? error : (ssize_t)used;
}

ssize_t eft_remote_xattr_list(struct eft_node *at,
			      const struct eft_remote_xattr_ops *ops,
			      char *names, size_t size)
{
	char *all = eft_alloc(EFT_XATTR_LIST_MAX);
	ssize_t n;

	if (all == NULL)
		return -ENOMEM;
	n = get(eft_remote_node(at), ops, NULL, all, EFT_XATTR_LIST_MAX);
	if (n > 0)
		n = pick(all, (size_t)n, names, size);
	eft_free(all);
	return n;
}

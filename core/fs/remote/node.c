// SPDX-License-Identifier: BSD-3-Clause
/*
 * Nodes, and what is no regular file and no directory.
 *
 * A node stays as long as somebody counts it. The table counts none: who finds
 * one there that is being released makes a new one.
 */
#include "core/fs/remote/node.h"
#include "core/abi.h"

/*
 * Links of a node as the VFS counts them, for whom names come and go: the server
 * says how many there are (eft_remote_stat()), and may say anything.
 */
enum { MANY_LINKS = 1 << 30 };

static const struct eft_node_type link_type, special_type, regular_type;

static const struct eft_node_type *type_of(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return &eft_remote_dir_type;
	case S_IFREG:
		return &regular_type;
	case S_IFLNK:
		return &link_type;
	default:
		return &special_type;
	}
}

/* (name) is taken. */
static struct eft_remote_node *
create(struct eft_remote *remote, struct eft_remote_name *name, uint64_t key,
       const struct eft_remote_attributes *attributes)
{
	struct eft_remote_node *node = eft_alloc(sizeof(*node));
	uint32_t mode = attributes->mode;

	if (node == NULL) {
		eft_remote_name_put(remote, name);
		return NULL;
	}
	if ((mode & S_IFMT) == S_IFDIR)
		eft_dir_init(&node->dir, &eft_remote_dir_type, mode);
	else
		eft_node_init(&node->node, type_of(mode), mode);
	node->remote = remote;
	if ((mode & S_IFMT) == S_IFREG)
		eft_cached_init(&node->cached, &eft_remote_source,
				attributes->size);
	node->node.dev = remote->dev;
	node->node.nlink = MANY_LINKS;
	node->key = key;
	node->name = name;
	eft_mutex_init(&node->opening, EFT_RANK_REMOTE_OPENING);
	__atomic_fetch_add(&remote->nodes, 1, __ATOMIC_RELAXED);
	eft_remote_attributes_take(node, attributes);
	return node;
}

static void remove_locked(struct eft_remote_node *node)
{
	if (node->in_table)
		eft_treap_remove(&node->remote->by_key, &node->by_key);
	node->in_table = false;
}

void eft_remote_node_unname(struct eft_remote_node *node)
{
	eft_mutex_lock(&node->remote->table);
	remove_locked(node);
	eft_mutex_unlock(&node->remote->table);
}

/* Nobody has it, and nobody finds it: what it has goes, and perhaps all. */
static void node_release(struct eft_node *at)
{
	struct eft_remote_node *node = eft_remote_node(at);
	struct eft_remote *remote = node->remote;

	eft_remote_node_unname(node);
	if (eft_node_is(at, S_IFREG)) {
		eft_cached_fini(&node->cached);
		eft_remote_open_end(node);
	}
	eft_remote_name_put(remote, node->name);
	eft_node_put(node->special);
	eft_free(node->target);
	eft_free(node);
	if (__atomic_sub_fetch(&remote->nodes, 1, __ATOMIC_ACQ_REL) == 0)
		remote->ops->destroy(remote);
}

/*
 * The table.
 */

/* A link that was changed was removed and made again: its text may differ. */
static bool is_same(const struct eft_remote_node *node, uint64_t key,
		    const struct eft_remote_attributes *attributes)
{
	const struct eft_timespec *was = &node->node.ctime,
				  *is = &attributes->ctime;

	if (node->key != key ||
	    (node->node.mode & S_IFMT) != (attributes->mode & S_IFMT))
		return false;
	return !eft_node_is(&node->node, S_IFLNK) ||
	       (was->sec == is->sec && was->nsec == is->nsec);
}

/* The node in the table, counted; or NULL, and the place is free. */
static struct eft_remote_node *
find_locked(struct eft_remote *remote, uint64_t key,
	    const struct eft_remote_attributes *attributes)
{
	struct eft_treap_node *at = eft_treap_at_or_after(&remote->by_key, key);
	struct eft_remote_node *node;

	if (at == NULL || at->key != key)
		return NULL;
	node = eft_container_of(at, struct eft_remote_node, by_key);
	if (attributes != NULL && is_same(node, key, attributes) &&
	    eft_node_get_unless_released(&node->node))
		return node;
	remove_locked(node);
	return NULL;
}

static void insert_locked(struct eft_remote_node *node)
{
	if (eft_node_is(&node->node, S_IFDIR))
		return;
	eft_treap_insert(&node->remote->by_key, &node->by_key, node->key);
	node->in_table = true;
}

static uint64_t key_of(const struct eft_remote *remote,
		       eft_remote_handle handle,
		       const struct eft_remote_attributes *attributes)
{
	return remote->handle_is_file ? handle : attributes->ino;
}

/*
 * The server said (attributes) while (node) was not locked. If their size is
 * another, it may be older than what we have written since, whose pages it
 * would cut: then the server is asked again.
 */
static void take_attributes(struct eft_remote_node *node,
			    const struct eft_remote_attributes *attributes)
{
	eft_mutex_lock(&node->node.lock);
	if (eft_remote_has_pages(node) &&
	    node->remote->trust != EFT_REMOTE_LOOSE &&
	    attributes->size != node->cached.pages.size)
		eft_remote_attributes_ask(node);
	else
		eft_remote_attributes_take(node, attributes);
	eft_mutex_unlock(&node->node.lock);
}

int eft_remote_node_get(struct eft_remote *remote, eft_remote_handle handle,
			const struct eft_remote_attributes *attributes,
			bool made, struct eft_remote_node **ret_node)
{
	struct eft_remote_name *name = eft_remote_name_create(remote, handle);
	uint64_t key = key_of(remote, handle, attributes);
	int error = eft_remote_attributes_check(attributes);
	struct eft_remote_node *node;

	if (name == NULL)
		return -ENOMEM;
	if (error != 0) {
		eft_remote_name_put(remote, name);
		return error;
	}
	eft_mutex_lock(&remote->table);
	node = find_locked(remote, key, made ? NULL : attributes);
	if (node != NULL) {
		eft_mutex_unlock(&remote->table);
		eft_remote_name_set(node, name);
		take_attributes(node, attributes);
		*ret_node = node;
		return 0;
	}
	node = create(remote, name, key, attributes);
	if (node != NULL)
		insert_locked(node);
	eft_mutex_unlock(&remote->table);
	if (node == NULL)
		return -ENOMEM;
	*ret_node = node;
	return 0;
}

bool eft_remote_node_is(const struct eft_remote_node *node,
			eft_remote_handle handle,
			const struct eft_remote_attributes *attributes)
{
	return is_same(node, key_of(node->remote, handle, attributes),
		       attributes);
}

int eft_remote_node_renew(struct eft_remote_node *node,
			  eft_remote_handle handle,
			  const struct eft_remote_attributes *attributes)
{
	struct eft_remote_name *name =
		eft_remote_name_create(node->remote, handle);
	int error = eft_remote_attributes_check(attributes);

	if (name == NULL)
		return -ENOMEM;
	eft_remote_name_set(node, name);
	eft_remote_set_flag(&node->lost, false);
	if (error == 0)
		take_attributes(node, attributes);
	return error;
}

struct eft_remote_node *eft_remote_node_next(struct eft_remote *remote,
					     uint64_t key)
{
	struct eft_remote_node *node = NULL;
	struct eft_treap_node *at;

	eft_mutex_lock(&remote->table);
	while (node == NULL &&
	       (at = eft_treap_at_or_after(&remote->by_key, key)) != NULL) {
		node = eft_container_of(at, struct eft_remote_node, by_key);
		if (!eft_node_is(&node->node, S_IFREG) ||
		    !eft_node_get_unless_released(&node->node))
			node = NULL;
		if (at->key == UINT64_MAX)
			break;
		key = at->key + 1;
	}
	eft_mutex_unlock(&remote->table);
	return node;
}

/*
 * Symbolic links.
 */
static int read_target(struct eft_remote_node *node, char *text)
{
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name = eft_remote_name_get(node);
	ssize_t len =
		remote->ops->readlink(remote, name->handle, text, PATH_MAX);

	eft_remote_name_put(remote, name);
	if (len < 0)
		return (int)len;
	if (len == 0 || len >= PATH_MAX)
		return -EIO;
	text[len] = '\0';
	return eft_strlen(text) == (size_t)len ? 0 : -EIO;
}

/* Several may ask for it at a time: one of their copies stays. */
static int fetch_target(struct eft_remote_node *node)
{
	char *text = eft_alloc(PATH_MAX), *copy = NULL, *none = NULL;
	int error = -ENOMEM;

	if (text == NULL)
		return error;
	error = read_target(node, text);
	if (error == 0) {
		copy = eft_strndup(text, eft_strlen(text));
		error = copy != NULL ? 0 : -ENOMEM;
	}
	eft_free(text);
	if (error == 0 &&
	    !__atomic_compare_exchange_n(&node->target, &none, copy, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		eft_free(copy);
	return error;
}

static int link_target(struct eft_node *at, char buf[EFT_TARGET_BYTES],
		       const char **ret_target)
{
	struct eft_remote_node *node = eft_remote_node(at);
	int error = 0;

	if (__atomic_load_n(&node->target, __ATOMIC_ACQUIRE) == NULL)
		error = fetch_target(node);
	if (error == 0)
		*ret_target = __atomic_load_n(&node->target, __ATOMIC_ACQUIRE);
	return error;
}

static const struct eft_node_type link_type = {
	.names = &eft_remote_names,
	.stat = eft_remote_stat,
	.target = link_target,
	.release = node_release,
};

/* Devices, FIFOs and sockets are ours, whatever the server has. */
static int special_open(const struct eft_place *place, int flags,
			struct eft_file **ret_file)
{
	struct eft_node **special = &eft_remote_node(place->node)->special;

	return eft_special_open(place, special, 1, flags, ret_file);
}

static const struct eft_node_type special_type = {
	.names = &eft_remote_names,
	.open = special_open,
	.stat = eft_remote_stat,
	.release = node_release,
};

static const struct eft_node_type regular_type = {
	.names = &eft_remote_names,
	.open = eft_remote_file_open,
	.stat = eft_remote_stat,
	.set_size = eft_remote_set_size,
	.release = node_release,
};

const struct eft_node_type eft_remote_dir_type = {
	.names = &eft_remote_names,
	.open = eft_remote_dir_open,
	.stat = eft_remote_stat,
	.release = node_release,
};

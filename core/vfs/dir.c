// SPDX-License-Identifier: BSD-3-Clause
/*
 * Directories and their entries.
 *
 * An entry is in two ordered trees: by the hash of its name, to be found, and,
 * in a file system in memory, by a number that only grows, which is the
 * position that getdents gives out: a reader that stops and goes on, while
 * entries come and go, meets every entry that stayed exactly once. Entries of
 * one hash are chained.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

/* FNV-1a, 64 bits (G. Fowler, L. Noll, P. Vo). */
static uint64_t hash_name(const char *name, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)name[i]) * 0x100000001b3;
	return hash;
}

static struct eft_dentry *by_hash(struct eft_treap_node *node)
{
	return eft_container_of(node, struct eft_dentry, by_hash);
}

/* The first entry of the chain of (hash), or NULL. */
static struct eft_dentry *find_chain(const struct eft_dir *dir, uint64_t hash)
{
	struct eft_treap_node *node =
		eft_treap_at_or_after(&dir->by_hash, hash);

	return node != NULL && node->key == hash ? by_hash(node) : NULL;
}

struct eft_dentry *eft_dir_find_locked(struct eft_dir *dir, const char *name,
				       size_t len)
{
	struct eft_dentry *dentry = find_chain(dir, hash_name(name, len));

	for (; dentry != NULL; dentry = dentry->next) {
		if (dentry->len == len && memcmp(dentry->name, name, len) == 0)
			return dentry;
	}
	return NULL;
}

struct eft_dentry *eft_dentry_get(struct eft_dentry *dentry)
{
	uint32_t before =
		__atomic_fetch_add(&dentry->references, 1, __ATOMIC_RELAXED);

	eft_assert(before > 0);
	return dentry;
}

void eft_dentry_put(struct eft_dentry *dentry)
{
	uint32_t before;

	if (dentry == NULL)
		return;
	before = __atomic_fetch_sub(&dentry->references, 1, __ATOMIC_ACQ_REL);
	eft_assert(before > 0);
	if (before > 1)
		return;
	eft_assert(!dentry->linked);
	eft_node_put(dentry->node);
	eft_node_put(&dentry->dir->node);
	if (dentry->name != dentry->inline_name)
		eft_free(dentry->name);
	eft_free(dentry);
}

struct eft_dir *eft_dentry_dir(const struct eft_dentry *dentry)
{
	struct eft_node *node = dentry->node;

	return node != NULL && eft_node_is(node, S_IFDIR) ? eft_node_dir(node)
							  : NULL;
}

/* Only images with a file system that is not in memory have them. */
#pragma weak eft_cache_empty
#pragma weak eft_cache_forget
#pragma weak eft_cache_leave
#pragma weak eft_cache_use

/* Are the entries more than what is cached of a disk's? */
static bool in_memory(const struct eft_dir *dir)
{
	return dir->node.type->names->lookup == NULL;
}

/* Account for (links) more of (node), and for a change of it or its entries. */
static void touch(struct eft_node *node, int links, bool entries)
{
	eft_mutex_lock(&node->lock);
	node->nlink += (uint32_t)links;
	node->ctime = eft_node_now();
	if (entries)
		node->mtime = node->ctime;
	eft_mutex_unlock(&node->lock);
}

/* Make (dentry), which is in no directory, an entry of (dir). */
void eft_dir_attach_locked(struct eft_dir *dir, struct eft_dentry *dentry,
			   uint64_t cookie)
{
	uint64_t hash = hash_name(dentry->name, dentry->len);
	struct eft_dir *child = eft_dentry_dir(dentry);
	struct eft_dentry *chain;

	eft_assert(!dentry->linked);
	if (!in_memory(dir))
		eft_cache_forget(dir, dentry->name, dentry->len);
	chain = find_chain(dir, hash);
	eft_node_get(&dir->node);
	dentry->dir = dir;
	dentry->linked = true;
	dentry->next = NULL;
	if (chain != NULL) {
		dentry->next = chain->next;
		chain->next = dentry;
	} else {
		eft_treap_insert(&dir->by_hash, &dentry->by_hash, hash);
	}
	if (in_memory(dir))
		eft_treap_insert(&dir->by_cookie, &dentry->by_cookie, cookie);
	else
		eft_cache_use(dentry);
	dir->count++;
	if (child != NULL) {
		eft_node_get(&dir->node);
		child->parent = dir;
		child->cookie = cookie;
		child->self = dentry;
	}
}

static void unchain(struct eft_dir *dir, struct eft_dentry *dentry)
{
	uint64_t hash = hash_name(dentry->name, dentry->len);
	struct eft_dentry *chain = find_chain(dir, hash);

	eft_assert(chain != NULL);
	if (chain != dentry) {
		while (chain->next != dentry)
			chain = chain->next;
		chain->next = dentry->next;
		return;
	}
	eft_treap_remove(&dir->by_hash, &dentry->by_hash);
	if (dentry->next != NULL)
		eft_treap_insert(&dir->by_hash, &dentry->next->by_hash, hash);
}

/*
 * Undo that, except that the entry, and a directory behind it, still
 * count the directory that they were in: returns how many counts that are.
 */
unsigned eft_dir_detach_locked(struct eft_dentry *dentry)
{
	struct eft_dir *dir = dentry->dir, *child = eft_dentry_dir(dentry);

	eft_assert(dentry->linked);
	unchain(dir, dentry);
	if (in_memory(dir))
		eft_treap_remove(&dir->by_cookie, &dentry->by_cookie);
	else
		eft_cache_leave(dentry);
	dentry->linked = false;
	dir->count--;
	return child != NULL ? 2 : 1;
}

/* How many links to the directory that (dentry) is in are behind it. */
static int links_up(const struct eft_dentry *dentry)
{
	return eft_dentry_dir(dentry) != NULL;
}

bool eft_dir_removed_locked(const struct eft_dir *dir)
{
	return dir->self == NULL && dir->parent != dir;
}

struct eft_dentry *eft_dentry_create(const char *name, size_t len)
{
	struct eft_dentry *dentry = eft_alloc(sizeof(*dentry) + len);

	eft_assert(len > 0 && len <= NAME_MAX);
	if (dentry == NULL)
		return NULL;
	dentry->references = 1;
	dentry->name = dentry->inline_name;
	dentry->len = (uint16_t)len;
	memcpy(dentry->inline_name, name, len);
	return dentry;
}

void eft_dir_insert_locked(struct eft_dir *dir, struct eft_dentry *dentry,
			   struct eft_node *node)
{
	bool is_dir = eft_node_is(node, S_IFDIR);

	eft_assert(dentry->node == NULL);
	dentry->node = eft_node_get(node);
	if (node->dev == 0)
		node->dev = dir->node.dev;
	eft_dir_attach_locked(dir, dentry, dir->next_cookie++);
	eft_mutex_lock(&node->lock);
	node->nlink += 1 + is_dir;
	eft_mutex_unlock(&node->lock);
	touch(&dir->node, is_dir, true);
}

int eft_dir_add_locked(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node *node, struct eft_dentry **ret_dentry)
{
	struct eft_dentry *dentry;

	if (eft_dir_removed_locked(dir))
		return -ENOENT;
	dentry = eft_dentry_create(name, len);
	if (dentry == NULL)
		return -ENOMEM;
	eft_dir_insert_locked(dir, dentry, node);
	if (ret_dentry != NULL)
		*ret_dentry = dentry;
	return 0;
}

void eft_dir_remove_locked(struct eft_dentry *dentry)
{
	struct eft_node *node = dentry->node;
	struct eft_dir *child = eft_dentry_dir(dentry);

	if (child != NULL && eft_cache_empty != NULL)
		eft_cache_empty(child);
	eft_assert(child == NULL || child->count == 0);
	eft_assert(node->nlink > 0);
	eft_dir_detach_locked(dentry);
	if (child != NULL)
		child->self = NULL;
	touch(node, child != NULL ? -(int)node->nlink : -1, false);
	touch(&dentry->dir->node, child != NULL ? -1 : 0, true);
	eft_dentry_put(dentry);
}

static void set_name(struct eft_dentry *dentry, char *name, size_t len)
{
	if (dentry->name != dentry->inline_name)
		eft_free(dentry->name);
	dentry->name = name;
	dentry->len = (uint16_t)len;
}

void eft_dir_move_locked(struct eft_dentry *dentry, struct eft_dir *dir,
			 char *name, size_t len)
{
	struct eft_dir *old = dentry->dir;
	unsigned counts = eft_dir_detach_locked(dentry);
	/* Or a reader that renames what it reads would meet it again. */
	uint64_t cookie =
		old == dir ? dentry->by_cookie.key : dir->next_cookie++;

	set_name(dentry, name, len);
	eft_dir_attach_locked(dir, dentry, cookie);
	touch(dentry->node, 0, false);
	touch(&dir->node, links_up(dentry), true);
	touch(&old->node, -links_up(dentry), true);
	while (counts-- > 0)
		eft_node_put(&old->node);
}

void eft_dir_exchange_locked(struct eft_dentry *a, char *a_name,
			     struct eft_dentry *b, char *b_name)
{
	struct eft_dir *a_dir = a->dir, *b_dir = b->dir;
	uint64_t a_cookie = a->by_cookie.key, b_cookie = b->by_cookie.key;
	unsigned a_counts = eft_dir_detach_locked(a),
		 b_counts = eft_dir_detach_locked(b);
	size_t a_len = a->len;

	set_name(a, a_name, b->len);
	set_name(b, b_name, a_len);
	eft_dir_attach_locked(b_dir, a, b_cookie);
	eft_dir_attach_locked(a_dir, b, a_cookie);
	touch(a->node, 0, false);
	touch(b->node, 0, false);
	touch(&a_dir->node, links_up(b) - links_up(a), true);
	touch(&b_dir->node, links_up(a) - links_up(b), true);
	while (a_counts-- > 0)
		eft_node_put(&a_dir->node);
	while (b_counts-- > 0)
		eft_node_put(&b_dir->node);
}

void eft_dir_release(struct eft_node *node)
{
	struct eft_dir *dir = eft_node_dir(node);

	eft_assert(dir->count == 0);
	eft_free(dir);
}

/* Only images that read directories have it. */
#pragma weak eft_dir_getdents

const struct eft_file_ops eft_dir_ops = {
	EFT_NODE_FILE_OPS,
	.getdents = eft_dir_getdents,
	.seek = eft_file_seek_position,
};

const struct eft_node_type eft_dir_type = {
	.file_ops = &eft_dir_ops,
	.names = &eft_ramfs_names,
	.release = eft_dir_release,
};

void eft_dir_init(struct eft_dir *dir, const struct eft_node_type *type,
		  unsigned mode)
{
	eft_node_init(&dir->node, type, S_IFDIR | (mode & 07777));
	eft_mutex_init(&dir->lock, EFT_RANK_DIR);
	dir->next_cookie = EFT_DIR_FIRST_COOKIE;
}

struct eft_dir *eft_dir_create(unsigned mode)
{
	struct eft_dir *dir = eft_alloc(sizeof(*dir));

	if (dir != NULL)
		eft_dir_init(dir, &eft_dir_type, mode);
	return dir;
}

struct eft_dir *eft_dir_create_root(unsigned mode, uint32_t dev)
{
	struct eft_dir *dir = eft_dir_create(mode);

	if (dir != NULL) {
		dir->parent = dir;
		dir->node.nlink = 2;
		dir->node.dev = dev;
	}
	return dir;
}

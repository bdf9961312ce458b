// SPDX-License-Identifier: BSD-3-Clause
/*
 * Directories of the tree.
 *
 * An entry is in two ordered trees: by the hash of its name, to be found, and
 * by a number that only grows, which is the position that getdents gives out:
 * a reader that stops and goes on, while entries come and go, meets every
 * entry that stayed exactly once. Entries of one hash are chained.
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
	return eft_node_is(dentry->node, S_IFDIR) ? eft_node_dir(dentry->node)
						  : NULL;
}

/* Make (dentry), which is in no directory, an entry of (dir). */
static void attach(struct eft_dir *dir, struct eft_dentry *dentry,
		   uint64_t cookie)
{
	uint64_t hash = hash_name(dentry->name, dentry->len);
	struct eft_dentry *chain = find_chain(dir, hash);
	struct eft_dir *child = eft_dentry_dir(dentry);

	eft_assert(!dentry->linked);
	eft_assert(dentry->len > 0 && dentry->len <= NAME_MAX);
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
	eft_treap_insert(&dir->by_cookie, &dentry->by_cookie, cookie);
	dir->count++;
	if (child != NULL) {
		eft_node_get(&dir->node);
		child->parent = dir;
		child->self = dentry;
		dir->node.nlink++;
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
 * Undo attach(), except that the entry, and a directory behind it, still
 * count the directory that they were in: returns how many counts that are.
 */
static unsigned detach(struct eft_dentry *dentry)
{
	struct eft_dir *dir = dentry->dir, *child = eft_dentry_dir(dentry);

	eft_assert(dentry->linked);
	unchain(dir, dentry);
	eft_treap_remove(&dir->by_cookie, &dentry->by_cookie);
	dentry->linked = false;
	dir->count--;
	if (child == NULL)
		return 1;
	child->self = NULL;
	dir->node.nlink--;
	return 2;
}

static void touch_dir(struct eft_dir *dir)
{
	eft_mutex_lock(&dir->node.lock);
	eft_node_modified_locked(&dir->node);
	eft_mutex_unlock(&dir->node.lock);
}

static void touch_node(struct eft_node *node)
{
	eft_mutex_lock(&node->lock);
	node->ctime = eft_node_now();
	eft_mutex_unlock(&node->lock);
}

bool eft_dir_removed_locked(const struct eft_dir *dir)
{
	return dir->self == NULL && dir != eft_tree_root;
}

int eft_dir_add_locked(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node *node, struct eft_dentry **ret_dentry)
{
	struct eft_dentry *dentry;

	eft_assert(len > 0 && len <= NAME_MAX);
	if (eft_dir_removed_locked(dir))
		return -ENOENT;
	if (node->nlink == UINT32_MAX)
		return -EMLINK;
	dentry = eft_alloc(sizeof(*dentry) + len);
	if (dentry == NULL)
		return -ENOMEM;
	dentry->references = 1;
	dentry->node = eft_node_get(node);
	dentry->name = dentry->inline_name;
	dentry->len = (uint16_t)len;
	memcpy(dentry->inline_name, name, len);
	attach(dir, dentry, dir->next_cookie++);
	node->nlink += eft_node_is(node, S_IFDIR) ? 2 : 1;
	touch_dir(dir);
	if (ret_dentry != NULL)
		*ret_dentry = dentry;
	return 0;
}

void eft_dir_remove_locked(struct eft_dentry *dentry)
{
	struct eft_node *node = dentry->node;
	struct eft_dir *child = eft_dentry_dir(dentry);

	eft_assert(child == NULL || child->count == 0);
	eft_assert(node->nlink > 0);
	detach(dentry);
	node->nlink = child != NULL ? 0 : node->nlink - 1;
	touch_node(node);
	touch_dir(dentry->dir);
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
	unsigned counts = detach(dentry);
	/* Or a reader that renames what it reads would meet it again. */
	uint64_t cookie =
		old == dir ? dentry->by_cookie.key : dir->next_cookie++;

	set_name(dentry, name, len);
	attach(dir, dentry, cookie);
	touch_node(dentry->node);
	touch_dir(dir);
	touch_dir(old);
	while (counts-- > 0)
		eft_node_put(&old->node);
}

void eft_dir_exchange_locked(struct eft_dentry *a, char *a_name,
			     struct eft_dentry *b, char *b_name)
{
	struct eft_dir *a_dir = a->dir, *b_dir = b->dir;
	uint64_t a_cookie = a->by_cookie.key, b_cookie = b->by_cookie.key;
	unsigned a_counts = detach(a), b_counts = detach(b);
	size_t a_len = a->len;

	set_name(a, a_name, b->len);
	set_name(b, b_name, a_len);
	attach(b_dir, a, b_cookie);
	attach(a_dir, b, a_cookie);
	touch_node(a->node);
	touch_node(b->node);
	touch_dir(a_dir);
	touch_dir(b_dir);
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
	.release = eft_dir_release,
};

struct eft_dir *eft_dir_create(unsigned mode)
{
	struct eft_dir *dir = eft_alloc(sizeof(*dir));

	if (dir == NULL)
		return NULL;
	eft_node_init(&dir->node, &eft_dir_type, S_IFDIR | (mode & 07777));
	dir->next_cookie = EFT_DIR_FIRST_COOKIE;
	return dir;
}

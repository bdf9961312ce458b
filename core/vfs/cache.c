// SPDX-License-Identifier: BSD-3-Clause
/*
 * Entries of file systems that are not in memory.
 *
 * WHAT   A directory's dentries are what its file system was asked for, and
 *        nothing else is known of it. A negative one (without a node) says that
 *        there is no such name.
 * HOW    Each is in its directory, which is its one count while nobody uses it,
 *        and in one order of all, to whose end those go that were used since
 *        they were looked at last. When there are too many, or memory is short,
 *        the first that nobody uses go: one for two pages of
 *        memory, and of those for which a host or a server keeps a handle
 *        SCARCE_MAX. A directory stays as long as entries below it do.
 * LOCKS  A directory's mutex owns its entries; a spin lock owns the order.
 *        Entries are taken away where no lock is held: at the end of walks.
 */
#include "core/lib.h"
#include "core/log.h"
#include "core/vfs/vfs.h"

enum { CACHED_MIN = 256, SCARCE_MAX = 256, RECLAIM = 32 };

static struct {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_treap order; /* key: when it came, or was last looked at */
	uint64_t looks;
	unsigned count, scarce;
} cache = {.lock = EFT_LOCK_INIT(EFT_RANK_UNUSED)};

static struct eft_dentry *by_age(struct eft_treap_node *node)
{
	return node != NULL
		       ? eft_container_of(node, struct eft_dentry, by_cookie)
		       : NULL;
}

static bool is_scarce(const struct eft_dentry *dentry)
{
	return dentry->dir->node.type->names->scarce;
}

static void insert_locked(struct eft_dentry *dentry)
{
	eft_treap_insert(&cache.order, &dentry->by_cookie, ++cache.looks);
	cache.count++;
	cache.scarce += is_scarce(dentry);
	dentry->cached = true;
	dentry->used = false;
}

static void remove_locked(struct eft_dentry *dentry)
{
	eft_assert(cache.count > 0 && cache.scarce >= is_scarce(dentry));
	eft_treap_remove(&cache.order, &dentry->by_cookie);
	cache.count--;
	cache.scarce -= is_scarce(dentry);
	dentry->cached = false;
}

void eft_cache_use(struct eft_dentry *dentry)
{
	if (dentry->cached) {
		__atomic_store_n(&dentry->used, true, __ATOMIC_RELAXED);
		return;
	}
	eft_lock(&cache.lock);
	insert_locked(dentry);
	eft_unlock(&cache.lock);
}

void eft_cache_leave(struct eft_dentry *dentry)
{
	eft_lock(&cache.lock);
	remove_locked(dentry);
	eft_unlock(&cache.lock);
}

/* Take (dentry), counted by its directory, out of that, which is locked. */
static void drop_locked(struct eft_dentry *dentry)
{
	struct eft_dir *child = eft_dentry_dir(dentry);
	unsigned counts = eft_dir_detach_locked(dentry);

	if (child != NULL)
		child->self = NULL;
	/* What a directory behind it counts goes with that. */
	eft_assert(counts == (child != NULL ? 2 : 1));
	eft_dentry_put(dentry);
}

/* Does nobody but its directory use (dentry), which is counted once more? */
static bool is_unused(const struct eft_dentry *dentry)
{
	const struct eft_dir *child = eft_dentry_dir(dentry);

	return __atomic_load_n(&dentry->references, __ATOMIC_ACQUIRE) == 2 &&
	       (child == NULL || __atomic_load_n(&child->node.references,
						 __ATOMIC_ACQUIRE) == 1);
}

/* The first in the order, counted, or NULL. It is the last one then. */
static struct eft_dentry *take_oldest(void)
{
	struct eft_dentry *dentry;

	eft_lock(&cache.lock);
	dentry = by_age(eft_treap_first(&cache.order));
	if (dentry != NULL) {
		/* Who cannot be taken now comes again later. */
		eft_treap_remove(&cache.order, &dentry->by_cookie);
		eft_treap_insert(&cache.order, &dentry->by_cookie,
				 ++cache.looks);
		eft_dentry_get(dentry);
	}
	eft_unlock(&cache.lock);
	return dentry;
}

static bool reclaim_one(void)
{
	struct eft_dentry *dentry = take_oldest();
	struct eft_dir *dir;
	bool unused;

	if (dentry == NULL)
		return false;
	if (__atomic_exchange_n(&dentry->used, false, __ATOMIC_RELAXED)) {
		eft_dentry_put(dentry);
		return false;
	}
	dir = dentry->dir; /* stays: a rename leaves it counted */
	eft_node_get(&dir->node);
	eft_mutex_lock(&dir->lock);
	unused = dentry->linked && dentry->dir == dir && is_unused(dentry);
	if (unused)
		drop_locked(dentry);
	eft_mutex_unlock(&dir->lock);
	eft_dentry_put(dentry);
	eft_node_put(&dir->node);
	return unused;
}

unsigned eft_cache_reclaim(unsigned count)
{
	unsigned tries = 2 * count, done = 0;

	/* Each may have been used since it was looked at last. */
	tries += __atomic_load_n(&cache.count, __ATOMIC_RELAXED);

	while (tries-- > 0 && done < count)
		done += reclaim_one();
	return done;
}

void eft_cache_trim(void)
{
	unsigned count = __atomic_load_n(&cache.count, __ATOMIC_RELAXED);
	struct eft_page_stats pages;

	if (count == 0)
		return;
	eft_page_stats(&pages);
	if (__atomic_load_n(&cache.scarce, __ATOMIC_RELAXED) > SCARCE_MAX ||
	    count > eft_max(pages.total / 2, CACHED_MIN) ||
	    pages.free < pages.total / 32)
		eft_cache_reclaim(RECLAIM);
}

int eft_cache_add(struct eft_dir *dir, const char *name, size_t len,
		  struct eft_node *node, struct eft_dentry **ret_dentry)
{
	struct eft_dentry *dentry = eft_dentry_create(name, len);

	if (dentry == NULL) {
		eft_node_put(node);
		return -ENOMEM;
	}
	dentry->node = node;
	eft_dir_attach_locked(dir, dentry, 0);
	*ret_dentry = dentry;
	return 0;
}

int eft_cache_find(struct eft_dir *dir, const char *name, size_t len,
		   struct eft_dentry **ret_dentry)
{
	struct eft_dentry *dentry = eft_dir_find_locked(dir, name, len);
	struct eft_node *node = NULL;
	int error;

	if (dentry == NULL) {
		error = dir->node.type->names->lookup(dir, name, len, &node);
		if (error != 0 && error != -ENOENT)
			return error;
		error = eft_cache_add(dir, name, len, node, &dentry);
		if (error != 0)
			return error;
	}
	eft_cache_use(dentry);
	*ret_dentry = dentry;
	return 0;
}

void eft_cache_forget(struct eft_dir *dir, const char *name, size_t len)
{
	struct eft_dentry *dentry = eft_dir_find_locked(dir, name, len);

	if (dentry == NULL)
		return;
	eft_assert(dentry->node == NULL);
	drop_locked(dentry);
}

void eft_cache_drop(struct eft_dentry *dentry)
{
	struct eft_dir *child = eft_dentry_dir(dentry);

	if (child == NULL) {
		drop_locked(dentry);
		return;
	}
	eft_node_get(&child->node);
	eft_mutex_lock(&child->lock);
	drop_locked(dentry);
	eft_mutex_unlock(&child->lock);
	eft_node_put(&child->node);
}

/* The first entry below (dir) that is no directory with entries. */
static struct eft_dentry *find_leaf(struct eft_dir *dir)
{
	struct eft_dentry *dentry = NULL;
	struct eft_treap_node *node;

	while (dir != NULL && (node = eft_treap_first(&dir->by_hash)) != NULL) {
		dentry = eft_container_of(node, struct eft_dentry, by_hash);
		dir = eft_dentry_dir(dentry);
	}
	return dentry;
}

void eft_cache_leave_all(struct eft_dir *root)
{
	struct eft_dentry *dentry;

	while ((dentry = find_leaf(root)) != NULL) {
		struct eft_dir *dir = dentry->dir;

		eft_node_get(&dir->node);
		eft_mutex_lock(&dir->lock);
		if (dentry->linked)
			drop_locked(dentry);
		eft_mutex_unlock(&dir->lock);
		eft_node_put(&dir->node);
	}
	/* What is in directories that were dropped is below no root any more. */
	while (eft_cache_reclaim(
		       __atomic_load_n(&cache.count, __ATOMIC_RELAXED)) > 0)
		;
}

void eft_cache_empty(struct eft_dir *dir)
{
	struct eft_treap_node *node;

	while ((node = eft_treap_first(&dir->by_hash)) != NULL) {
		/* Others may have removed what it was known to have. */
		eft_cache_drop(
			eft_container_of(node, struct eft_dentry, by_hash));
	}
}

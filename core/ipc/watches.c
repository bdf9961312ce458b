// SPDX-License-Identifier: BSD-3-Clause
/*
 * What inotify(7) watches of what the VFS has, and the events of it (Linux
 * fs/notify).
 *
 * WATCH  counts the node that it watches, but not its mount. It is found by the
 *        node's address in a table, so that nodes know nothing of watches, and
 *        a node that nobody watches is looked for in vain.
 * EVENT  is put at the end of the queue, unless it is the last one again.
 * GONE   is a node that has no links, and no references but watches'.
 * LOCKS  One spin lock has all watches and queues. Nodes are put after it is
 *        released.
 */
#include "core/ipc/inotify.h"
#include "core/mem.h"
#include "core/vfs/notify.h"

enum {
	BUCKETS = 64,
	QUEUE_MAX = 16384, /* /proc/sys/fs/inotify/max_queued_events */
	NAME_ALIGN = sizeof(struct eft_inotify_event),
};

struct eft_lock eft_watches_lock = EFT_LOCK_INIT(EFT_RANK_WATCHES);

static struct {
	/* Owned by the lock. */
	struct eft_watch *buckets[BUCKETS];
	/* Atomic. */
	uint32_t last_cookie;
	unsigned count; /* of watches; changed with the lock held */
} all;

static struct eft_watch **bucket_of(const struct eft_node *node)
{
	return &all.buckets[(uintptr_t)node / 64 % BUCKETS];
}

static bool is_idle(void)
{
	return __atomic_load_n(&all.count, __ATOMIC_ACQUIRE) == 0;
}

/*
 * Events.
 */

static size_t name_room(size_t len)
{
	return len > 0 ? eft_align_up(len + 1, NAME_ALIGN) : 0;
}

static bool is_same(const struct eft_event *event, int wd, uint32_t mask,
		    const char *name, size_t len)
{
	return event->head.wd == wd && event->head.mask == mask &&
	       event->head.len == name_room(len) &&
	       memcmp(event->name, name, len) == 0 &&
	       (len == 0 || event->name[len] == '\0');
}

static void append_locked(struct eft_inotify *inotify, struct eft_event *event)
{
	event->next = NULL;
	if (inotify->last != NULL)
		inotify->last->next = event;
	else
		inotify->first = event;
	inotify->last = event;
	inotify->count++;
}

static struct eft_event *create(int wd, uint32_t mask, uint32_t cookie,
				const char *name, size_t len)
{
	struct eft_event *event = eft_alloc(sizeof(*event) + name_room(len));

	if (event == NULL)
		return NULL;
	event->head = (struct eft_inotify_event){wd, mask, cookie,
						 (uint32_t)name_room(len)};
	memcpy(event->name, name, len);
	return event;
}

/* One too many, or for which there is no memory, is an overflow. */
static void queue_locked(struct eft_inotify *inotify, int wd, uint32_t mask,
			 uint32_t cookie, const char *name, size_t len)
{
	struct eft_event *event = NULL, *last = inotify->last;

	if (last != NULL && !(last->head.mask & IN_IGNORED) &&
	    is_same(last, wd, mask, name, len))
		return;
	if (inotify->count < QUEUE_MAX)
		event = create(wd, mask, cookie, name, len);
	if (event == NULL && (last == NULL || last->head.wd >= 0))
		event = create(-1, IN_Q_OVERFLOW, 0, "", 0);
	if (event == NULL)
		return;
	append_locked(inotify, event);
	eft_waitq_wake(&inotify->readers, EFT_WAKE_ALL);
}

/*
 * Watches.
 */

static void unlink_locked(struct eft_watch *watch)
{
	struct eft_watch **at = bucket_of(watch->node);

	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	at = &watch->owner->watches;
	while (*at != watch)
		at = &(*at)->of_owner;
	*at = watch->of_owner;
	__atomic_fetch_sub(&all.count, 1, __ATOMIC_RELEASE);
}

/* (watch) ends: its owner is told. It joins those that are to be freed. */
static void end_locked(struct eft_watch *watch, struct eft_watch **ended)
{
	queue_locked(watch->owner, watch->wd, IN_IGNORED, 0, "", 0);
	unlink_locked(watch);
	watch->next = *ended;
	*ended = watch;
}

static void free_ended(struct eft_watch *ended)
{
	while (ended != NULL) {
		struct eft_watch *next = ended->next;

		eft_node_put(ended->node);
		eft_free(ended);
		ended = next;
	}
}

static bool wants(const struct eft_watch *watch, const struct eft_node *child,
		  uint32_t mask, size_t len)
{
	if (!(watch->mask & mask & IN_ALL_EVENTS))
		return false;
	return len == 0 || !(watch->mask & IN_EXCL_UNLINK) ||
	       child->nlink > 0 || mask & (IN_DELETE | IN_MOVED_FROM);
}

/* Tell who watches (node) of (mask), which happened to it or to (child). */
static void tell(struct eft_node *node, struct eft_node *child, uint32_t mask,
		 uint32_t cookie, const char *name, size_t len)
{
	struct eft_watch *watch, *next, *ended = NULL;

	if (is_idle())
		return;
	/* Linux does not say what moved (fsnotify_move()). */
	if (eft_node_is(child, S_IFDIR) && mask != IN_MOVE_SELF)
		mask |= IN_ISDIR;
	eft_lock(&eft_watches_lock);
	for (watch = *bucket_of(node); watch != NULL; watch = next) {
		next = watch->next;
		if (watch->node != node || !wants(watch, child, mask, len))
			continue;
		queue_locked(watch->owner, watch->wd, mask, cookie, name, len);
		if (watch->mask & IN_ONESHOT)
			end_locked(watch, &ended);
	}
	eft_unlock(&eft_watches_lock);
	free_ended(ended);
}

void eft_watch_entry(struct eft_dir *dir, const char *name, size_t len,
		     struct eft_node *node, uint32_t mask, uint32_t cookie)
{
	tell(&dir->node, node, mask, cookie, name, len);
}

void eft_watch_node(struct eft_node *node, uint32_t mask)
{
	tell(node, node, mask, 0, "", 0);
}

static void tell_of(const struct eft_dentry *dentry, uint32_t mask)
{
	if (dentry != NULL && dentry->dir != NULL)
		eft_watch_entry(dentry->dir, dentry->name, dentry->len,
				dentry->node, mask, 0);
}

/*
 * A directory may have another entry than when it was opened. That is not
 * counted here, and stays while the directory above is locked.
 */
static void tell_parent_of(struct eft_dir *dir, struct eft_dentry *opened,
			   uint32_t mask)
{
	struct eft_dir *parent = dir->parent;

	if (parent == NULL || parent == dir)
		return;
	eft_mutex_lock(&parent->lock);
	tell_of(dir->self != NULL ? dir->self : opened, mask);
	eft_mutex_unlock(&parent->lock);
}

static void tell_parent(const struct eft_place *place, uint32_t mask)
{
	eft_rename_lock();
	if (eft_node_is(place->node, S_IFDIR))
		tell_parent_of(eft_node_dir(place->node), place->dentry, mask);
	else
		tell_of(place->dentry, mask);
	eft_rename_unlock();
}

void eft_watch_place(const struct eft_place *place, uint32_t mask)
{
	if (is_idle())
		return;
	tell_parent(place, mask);
	eft_watch_node(place->node, mask);
}

int eft_watch_removal(struct eft_dentry *dentry)
{
	struct eft_dir *dir = dentry->dir;
	struct eft_node *node = eft_node_get(dentry->node);

	eft_node_get(&dir->node);
	eft_dentry_get(dentry);
	eft_dir_remove_locked(dentry);
	if (!eft_node_is(node, S_IFDIR))
		eft_watch_node(node, IN_ATTRIB);
	eft_watch_entry(dir, dentry->name, dentry->len, node, IN_DELETE, 0);
	eft_dentry_put(dentry);
	eft_node_put(&dir->node);
	eft_node_put(node);
	return 0;
}

static uint32_t new_cookie(void)
{
	return __atomic_add_fetch(&all.last_cookie, 1, __ATOMIC_RELAXED);
}

void eft_watch_move(struct eft_dir *old_dir, const char *old_name,
		    size_t old_len, struct eft_dir *dir, const char *name,
		    size_t len, struct eft_node *node,
		    struct eft_node *replaced)
{
	uint32_t cookie;

	if (is_idle())
		return;
	cookie = new_cookie();
	eft_watch_entry(old_dir, old_name, old_len, node, IN_MOVED_FROM,
			cookie);
	eft_watch_entry(dir, name, len, node, IN_MOVED_TO, cookie);
	if (replaced != NULL)
		eft_watch_node(replaced, IN_ATTRIB);
	eft_watch_node(node, IN_MOVE_SELF);
}

/* How many watch (node); 0: nobody, and then it may be gone. */
static uint32_t count_locked(const struct eft_node *node)
{
	const struct eft_watch *watch;
	uint32_t count = 0;

	for (watch = *bucket_of(node); watch != NULL; watch = watch->next)
		count += watch->node == node;
	return count;
}

static void end_gone_locked(struct eft_node *node, struct eft_watch **ended)
{
	struct eft_watch *watch, *next;

	for (watch = *bucket_of(node); watch != NULL; watch = next) {
		next = watch->next;
		if (watch->node != node)
			continue;
		if (watch->mask & IN_DELETE_SELF)
			queue_locked(watch->owner, watch->wd, IN_DELETE_SELF, 0,
				     "", 0);
		end_locked(watch, ended);
	}
}

void eft_watch_dropped(struct eft_node *node)
{
	struct eft_watch *ended = NULL;
	uint32_t count;

	if (is_idle())
		return;
	eft_lock(&eft_watches_lock);
	count = count_locked(node);
	if (count > 0 && node->nlink == 0 &&
	    __atomic_load_n(&node->references, __ATOMIC_ACQUIRE) == count)
		end_gone_locked(node, &ended);
	eft_unlock(&eft_watches_lock);
	free_ended(ended);
}

static void end_unmounted_locked(struct eft_watch *watch,
				 struct eft_watch **ended)
{
	uint32_t mask = IN_UNMOUNT;

	if (eft_node_is(watch->node, S_IFDIR))
		mask |= IN_ISDIR;
	queue_locked(watch->owner, watch->wd, mask, 0, "", 0);
	end_locked(watch, ended);
}

void eft_watch_unmount(uint32_t dev)
{
	struct eft_watch *watch, *next, *ended = NULL;

	if (is_idle())
		return;
	eft_lock(&eft_watches_lock);
	for (unsigned i = 0; i < BUCKETS; i++) {
		for (watch = all.buckets[i]; watch != NULL; watch = next) {
			next = watch->next;
			if (watch->node->dev == dev)
				end_unmounted_locked(watch, &ended);
		}
	}
	eft_unlock(&eft_watches_lock);
	free_ended(ended);
}

static struct eft_watch *find_locked(struct eft_inotify *inotify,
				     const struct eft_node *node, int wd)
{
	struct eft_watch *watch = inotify->watches;

	while (watch != NULL &&
	       (node != NULL ? watch->node != node : watch->wd != wd))
		watch = watch->of_owner;
	return watch;
}

/* Of a new (watch), or of the one that there is: its number. */
static int put_locked(struct eft_inotify *inotify, struct eft_watch *watch,
		      uint32_t mask)
{
	struct eft_watch *old = find_locked(inotify, watch->node, 0);
	struct eft_watch **bucket = bucket_of(watch->node);

	if (old != NULL && mask & IN_MASK_CREATE)
		return -EEXIST;
	if (old != NULL) {
		if (!(mask & IN_MASK_ADD))
			old->mask = 0;
		old->mask |=
			mask & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT);
		return old->wd;
	}
	watch->owner = inotify;
	watch->mask = mask & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT);
	watch->wd = ++inotify->last_wd;
	watch->next = *bucket;
	*bucket = watch;
	watch->of_owner = inotify->watches;
	inotify->watches = watch;
	__atomic_fetch_add(&all.count, 1, __ATOMIC_RELEASE);
	return watch->wd;
}

int eft_watch_add(struct eft_inotify *inotify, struct eft_node *node,
		  uint32_t mask)
{
	struct eft_watch *watch = eft_alloc(sizeof(*watch));
	int wd;

	if (watch == NULL)
		return -ENOMEM;
	watch->node = eft_node_get(node);
	eft_lock(&eft_watches_lock);
	wd = put_locked(inotify, watch, mask);
	if (watch->owner != NULL)
		watch = NULL;
	eft_unlock(&eft_watches_lock);
	if (watch != NULL) {
		eft_node_put(watch->node);
		eft_free(watch);
	}
	return wd;
}

int eft_watch_remove(struct eft_inotify *inotify, int wd)
{
	struct eft_watch *watch, *ended = NULL;

	eft_lock(&eft_watches_lock);
	watch = find_locked(inotify, NULL, wd);
	if (watch != NULL)
		end_locked(watch, &ended);
	eft_unlock(&eft_watches_lock);
	free_ended(ended);
	return watch != NULL ? 0 : -EINVAL;
}

void eft_watch_remove_all(struct eft_inotify *inotify)
{
	struct eft_watch *ended = NULL;

	eft_lock(&eft_watches_lock);
	while (inotify->watches != NULL)
		end_locked(inotify->watches, &ended);
	eft_unlock(&eft_watches_lock);
	free_ended(ended);
}

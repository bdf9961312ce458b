// SPDX-License-Identifier: BSD-3-Clause
/*
 * epoll(7).
 *
 * WHAT   An epoll has an item for each pair of a descriptor and a description.
 *        An item stays registered on its file's wait queues; a wake-up there
 *        puts it on the epoll's list of those that may be ready. A wait asks
 *        the files on that list, and no others.
 * LIST   The item stays on the list while its file is asked. It is taken off
 *        when there was nothing, or its event is told once (edge, one-shot),
 *        and no wake-up came since.
 * HOST   A host notifies once. An item whose registration is used up so is
 *        registered again when its file has nothing to say, and is told by
 *        level always.
 * LOCKS  (all): items come and go, and which epoll watches which. Then an
 *        epoll's mutex, which owns its items' events; it is held while files
 *        are asked, so an epoll that watches another takes the other's too.
 *        There are no circles among them. Under the lock of a file's wait
 *        queue, the epoll's (lock), which owns the list; then its wait queue.
 * LIFE   An item holds no reference to its file. eft_file_put() of the last
 *        one comes to eft_epoll_forget(). Who removes an item unlinks it from
 *        its file last, so that the file's end waits for that.
 */
#define EFT_LOCK_CALLS
#include "core/dev/host.h"
#include "core/fd/anon.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/user.h"

eft_needs(eft_plat_process_uring);

/* In images with sockets of the host's. */
extern __typeof__(eft_hear_host_news) eft_hear_host_news eft_weak;

enum {
	NESTED_MAX = 4, /* epolls that watch epolls, in a row (epoll_ctl(2)) */
	ALWAYS = POLLERR | POLLHUP,
	POLL_EVENTS = 0xffff, /* poll(2)'s */
};

#define MODES	       (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)
#define EXCLUSIVE_WITH (POLLIN | POLLOUT | ALWAYS | EPOLLWAKEUP | EPOLLET)

struct epoll {
	struct eft_file file;
	struct eft_mutex mutex;
	struct eft_treap items; /* owned by (all) */
	struct eft_waitq waiting;
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_list ready;
	unsigned ready_count;
};

struct eft_epoll_item {
	struct eft_treap_node node; /* key: key_of() */
	struct epoll *epoll;
	struct eft_file *file;
	struct eft_epoll_item *next; /* of those that watch (file) */

	/* Owned by the epoll's mutex; (events) is read without. */
	uint32_t events; /* with MODES; those alone: one-shot, and told */
	uint64_t data;
	struct eft_poll_entry entries[EFT_POLL_ENTRIES];
	unsigned registered;
	bool for_once; /* a registration is good for one wake-up */

	/* Owned by the epoll's lock. */
	struct eft_list ready_link;
	bool ready, woken;
};

static struct eft_mutex all = EFT_MUTEX_INIT(all, EFT_RANK_EPOLLS);

static const struct eft_file_ops epoll_ops;

static struct epoll *epoll_of(struct eft_file *file)
{
	if (file->ops != &epoll_ops)
		return NULL;
	return eft_container_of(file, struct epoll, file);
}

static struct eft_epoll_item *item_of(struct eft_treap_node *node)
{
	return eft_container_of(node, struct eft_epoll_item, node);
}

/* Addresses have 48 bits, descriptors 16. */
static uint64_t key_of(const struct eft_file *file, int fd)
{
	eft_assert(fd >= 0 && (unsigned)fd <= UINT16_MAX);
	return (uint64_t)(uintptr_t)file << 16 | (uint64_t)fd;
}

/*
 * The list.
 */

static void set_ready_locked(struct eft_epoll_item *item)
{
	item->woken = true;
	if (item->ready)
		return;
	item->ready = true;
	item->epoll->ready_count++;
	eft_list_insert(&item->epoll->ready, &item->ready_link);
}

static void clear_ready_locked(struct eft_epoll_item *item)
{
	if (!item->ready)
		return;
	item->ready = false;
	item->epoll->ready_count--;
	eft_list_remove(&item->ready_link);
}

static bool may_be_ready(const struct epoll *epoll)
{
	return __atomic_load_n(&epoll->ready.next, __ATOMIC_ACQUIRE) !=
	       &epoll->ready;
}

/* The item's file has news. True when somebody wakes by it. */
static bool item_news(struct eft_epoll_item *item)
{
	struct epoll *epoll = item->epoll;

	if (!(__atomic_load_n(&item->events, __ATOMIC_RELAXED) & POLL_EVENTS))
		return false;
	eft_lock(&epoll->lock);
	set_ready_locked(item);
	eft_unlock(&epoll->lock);
	return eft_waitq_wake(&epoll->waiting, 1);
}

/* Under the lock of a wait queue of the file's. */
static bool item_wake(struct eft_waiter *waiter)
{
	return item_news(waiter->arg);
}

/* The item that is longest on the list goes to its end, to be asked. */
static struct eft_epoll_item *next_ready(struct epoll *epoll)
{
	struct eft_epoll_item *item = NULL;

	eft_lock(&epoll->lock);
	if (!eft_list_empty(&epoll->ready)) {
		item = eft_container_of(epoll->ready.next,
					struct eft_epoll_item, ready_link);
		eft_list_remove(&item->ready_link);
		eft_list_insert(&epoll->ready, &item->ready_link);
		item->woken = false;
	}
	eft_unlock(&epoll->lock);
	return item;
}

/* Off the list, unless there was news since next_ready(). */
static void settle(struct eft_epoll_item *item)
{
	struct epoll *epoll = item->epoll;

	eft_lock(&epoll->lock);
	if (!item->woken)
		clear_ready_locked(item);
	eft_unlock(&epoll->lock);
}

/*
 * Items and their files. The callers hold the epoll's mutex.
 */

static unsigned ask_file(struct eft_epoll_item *item, struct eft_poll *poll)
{
	unsigned events = item->events & POLL_EVENTS;

	return item->file->ops->poll(item->file, events, poll) & events;
}

static void unregister(struct eft_epoll_item *item)
{
	eft_poll_end(item->entries, item->registered);
	item->registered = 0;
}

/* Register on the file's queues; what is ready already, or -EPERM -ENOMEM. */
static int watch(struct eft_epoll_item *item)
{
	struct eft_poll poll = {
		.entries = item->entries,
		.room = EFT_POLL_ENTRIES,
		.wake = item_wake,
		.arg = item,
		.one = item->events & EPOLLEXCLUSIVE,
		.later = true,
	};
	unsigned events;

	eft_assert(item->registered == 0);
	events = ask_file(item, &poll);
	item->registered = poll.used;
	item->for_once = poll.used == 0;
	for (unsigned i = 0; i < poll.used; i++)
		item->for_once |= item->entries[i].cancel != NULL;
	if (poll.error == 0 && !poll.always)
		return (int)events;
	unregister(item);
	item->for_once = true;
	return poll.always ? -EPERM : poll.error;
}

static unsigned ask(struct eft_epoll_item *item)
{
	struct eft_poll nowhere = {.later = true};
	unsigned events = ask_file(item, &nowhere);
	int found;

	if (events != 0 || !item->for_once || (item->events & POLL_EVENTS) == 0)
		return events;
	unregister(item);
	found = watch(item);
	return found < 0 ? POLLERR : (unsigned)found;
}

/* (item) was told: by level it is asked again next time. */
static void told(struct eft_epoll_item *item)
{
	if (item->events & EPOLLONESHOT) {
		__atomic_store_n(&item->events, item->events & MODES,
				 __ATOMIC_RELAXED);
		settle(item);
	} else if ((item->events & EPOLLET) && !item->for_once) {
		settle(item);
	}
}

/*
 * Something is ready, so nobody will wait for news of the host's: have them heard
 * now. (item) goes behind what is ready by them.
 */
static unsigned hear_news(struct epoll *epoll, struct eft_epoll_item *item)
{
	unsigned count;

	eft_hear_host_news();
	eft_lock(&epoll->lock);
	if (item != NULL && item->ready) {
		eft_list_remove(&item->ready_link);
		eft_list_insert(&epoll->ready, &item->ready_link);
	}
	count = epoll->ready_count;
	eft_unlock(&epoll->lock);
	return count;
}

/* Fewer where the program has no memory: -EFAULT, if there are none. */
static int harvest_locked(struct epoll *epoll,
			  struct eft_epoll_event eft_user *events, int room,
			  bool heard)
{
	unsigned left = __atomic_load_n(&epoll->ready_count, __ATOMIC_RELAXED);
	struct eft_epoll_item *item;
	struct eft_epoll_event event;
	int n = 0;

	for (; left > 0 && n < room; left--) {
		unsigned found;

		item = next_ready(epoll);
		if (item == NULL)
			break;
		found = ask(item);
		if (found == 0) {
			settle(item);
			continue;
		}
		if (n == 0 && !heard && eft_hear_host_news != NULL) {
			left = hear_news(epoll, item);
			heard = true;
		}
		event.events = found;
		event.data = item->data;
		if (eft_put_user(&events[n], &event) != 0)
			return n > 0 ? n : -EFAULT;
		n++;
		told(item);
	}
	return n;
}

/* (looks): nobody waits afterwards. */
static int harvest(struct epoll *epoll, struct eft_epoll_event eft_user *events,
		   int room, bool looks)
{
	int n;

	if (looks && eft_hear_host_news != NULL)
		eft_hear_host_news();
	if (!may_be_ready(epoll))
		return 0;
	eft_mutex_lock(&epoll->mutex);
	n = harvest_locked(epoll, events, room, looks);
	eft_mutex_unlock(&epoll->mutex);
	/* There may be enough for another. */
	if (may_be_ready(epoll))
		eft_waitq_wake_one(&epoll->waiting);
	return n;
}

int eft_epoll_wait(struct eft_file *file,
		   struct eft_epoll_event eft_user *events, int room,
		   uint64_t deadline_ns)
{
	struct epoll *epoll = epoll_of(file);
	struct eft_waiter waiter;
	int n, error = 0;

	if (epoll == NULL)
		return -EINVAL;
	while ((n = harvest(epoll, events, room, deadline_ns == 0)) == 0 &&
	       error == 0) {
		if (deadline_ns == 0)
			return 0;
		eft_wait_begin(&waiter, &epoll->waiting);
		while (!may_be_ready(epoll) && error == 0)
			error = eft_sleep(deadline_ns);
		eft_wait_end(&waiter);
	}
	return n == 0 && error != -ETIMEDOUT ? error : n;
}

/*
 * Items come and go. The callers hold (all) and the epoll's mutex.
 */

static void link_to_file(struct eft_epoll_item *item)
{
	item->next = item->file->watchers;
	__atomic_store_n(&item->file->watchers, item, __ATOMIC_RELEASE);
}

static void unlink_from_file(struct eft_epoll_item *item)
{
	struct eft_epoll_item **link = &item->file->watchers;

	while (*link != item)
		link = &(*link)->next;
	__atomic_store_n(link, item->next, __ATOMIC_RELEASE);
}

static void remove_item(struct eft_epoll_item *item)
{
	struct epoll *epoll = item->epoll;

	unregister(item);
	eft_lock(&epoll->lock);
	clear_ready_locked(item);
	eft_unlock(&epoll->lock);
	eft_treap_remove(&epoll->items, &item->node);
	unlink_from_file(item);
	eft_free(item);
}

static struct eft_epoll_item *find(struct epoll *epoll, struct eft_file *file,
				   int fd)
{
	struct eft_treap_node *node =
		eft_treap_at_or_after(&epoll->items, key_of(file, fd));

	if (node == NULL || node->key != key_of(file, fd))
		return NULL;
	return item_of(node);
}

static struct eft_epoll_item *next_item(struct epoll *epoll, uint64_t key)
{
	struct eft_treap_node *node = eft_treap_at_or_after(&epoll->items, key);

	return node != NULL ? item_of(node) : NULL;
}

/* How many epolls in a row (epoll) watches; or that it watches (wanted). */
static int depth_below(struct epoll *epoll, const struct epoll *wanted)
{
	struct eft_epoll_item *item = next_item(epoll, 0);
	int deepest = 0;

	for (; item != NULL; item = next_item(epoll, item->node.key + 1)) {
		struct epoll *below = epoll_of(item->file);
		int depth;

		if (below == NULL)
			continue;
		if (below == wanted)
			return -ELOOP;
		depth = depth_below(below, wanted);
		if (depth < 0)
			return depth;
		deepest = (int)eft_max((unsigned)deepest, (unsigned)depth + 1);
	}
	return deepest;
}

static int depth_above(struct epoll *epoll)
{
	struct eft_epoll_item *item = epoll->file.watchers;
	int highest = 0;

	for (; item != NULL; item = item->next)
		highest = (int)eft_max((unsigned)highest,
				       (unsigned)depth_above(item->epoll) + 1);
	return highest;
}

static int check_nesting(struct epoll *epoll, struct epoll *below)
{
	int depth = depth_below(below, epoll);

	if (depth < 0)
		return depth;
	return depth + 1 + depth_above(epoll) > NESTED_MAX ? -ELOOP : 0;
}

static void set_event(struct eft_epoll_item *item,
		      const struct eft_epoll_event *event)
{
	item->data = event->data;
	__atomic_store_n(&item->events, event->events | ALWAYS,
			 __ATOMIC_RELAXED);
}

/* After (item) was set up: what is ready is news, and a failure too. */
static int begin_watch(struct eft_epoll_item *item)
{
	int events = watch(item);

	if (events != 0)
		item_news(item);
	return events < 0 ? events : 0;
}

static int add(struct epoll *epoll, int fd, struct eft_file *file,
	       const struct eft_epoll_event *event)
{
	struct epoll *below = epoll_of(file);
	struct eft_epoll_item *item;
	int error = 0;

	if (find(epoll, file, fd) != NULL)
		return -EEXIST;
	if (below != NULL)
		error = check_nesting(epoll, below);
	if (error != 0)
		return error;
	item = eft_alloc(sizeof(*item));
	if (item == NULL)
		return -ENOMEM;
	item->epoll = epoll;
	item->file = file;
	set_event(item, event);
	eft_treap_insert(&epoll->items, &item->node, key_of(file, fd));
	link_to_file(item);
	error = begin_watch(item);
	if (error != 0)
		remove_item(item);
	return error;
}

static int modify(struct epoll *epoll, int fd, struct eft_file *file,
		  const struct eft_epoll_event *event)
{
	struct eft_epoll_item *item = find(epoll, file, fd);

	if (item == NULL)
		return -ENOENT;
	if (item->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	unregister(item);
	set_event(item, event);
	return begin_watch(item);
}

static int remove_watched(struct epoll *epoll, int fd, struct eft_file *file)
{
	struct eft_epoll_item *item = find(epoll, file, fd);

	if (item == NULL)
		return -ENOENT;
	remove_item(item);
	return 0;
}

static int check(struct eft_file *epoll, int operation, struct eft_file *file,
		 const struct eft_epoll_event *event)
{
	uint32_t events = event->events;

	if (file->ops->poll == NULL || (file->flags & O_PATH))
		return -EPERM;
	if (epoll_of(epoll) == NULL || epoll == file)
		return -EINVAL;
	if (operation != EPOLL_CTL_DEL && (events & EPOLLEXCLUSIVE) &&
	    (operation == EPOLL_CTL_MOD || epoll_of(file) != NULL ||
	     (events & ~(EPOLLEXCLUSIVE | EXCLUSIVE_WITH))))
		return -EINVAL;
	return 0;
}

int eft_epoll_control(struct eft_file *file, int operation, int fd,
		      struct eft_file *target,
		      const struct eft_epoll_event *event)
{
	struct epoll *epoll = epoll_of(file);
	int error = check(file, operation, target, event);

	if (error != 0)
		return error;
	eft_mutex_lock(&all);
	eft_mutex_lock(&epoll->mutex);
	switch (operation) {
	case EPOLL_CTL_ADD:
		error = add(epoll, fd, target, event);
		break;
	case EPOLL_CTL_MOD:
		error = modify(epoll, fd, target, event);
		break;
	case EPOLL_CTL_DEL:
		error = remove_watched(epoll, fd, target);
		break;
	default:
		error = -EINVAL;
	}
	eft_mutex_unlock(&epoll->mutex);
	eft_mutex_unlock(&all);
	return error;
}

void eft_epoll_forget(struct eft_file *file)
{
	struct eft_epoll_item *item;

	eft_mutex_lock(&all);
	while ((item = file->watchers) != NULL) {
		struct epoll *epoll = item->epoll;

		eft_mutex_lock(&epoll->mutex);
		remove_item(item);
		eft_mutex_unlock(&epoll->mutex);
	}
	eft_mutex_unlock(&all);
}

/*
 * The epoll as a file.
 */

/* Whether a wait would find something. */
static bool peek(struct epoll *epoll)
{
	unsigned left = __atomic_load_n(&epoll->ready_count, __ATOMIC_RELAXED);
	bool found = false;

	eft_mutex_lock(&epoll->mutex);
	for (; left > 0 && !found; left--) {
		struct eft_epoll_item *item = next_ready(epoll);

		if (item == NULL)
			break;
		found = ask(item) != 0;
		if (!found)
			settle(item);
	}
	eft_mutex_unlock(&epoll->mutex);
	return found;
}

static unsigned epoll_poll(struct eft_file *file, unsigned events,
			   struct eft_poll *poll)
{
	struct epoll *epoll = epoll_of(file);

	if (poll->entries != NULL)
		eft_poll_add(poll, &epoll->waiting);
	if (!poll->later && eft_hear_host_news != NULL)
		eft_hear_host_news();
	if (!may_be_ready(epoll) || !peek(epoll))
		return 0;
	return POLLIN | POLLRDNORM;
}

static ssize_t epoll_path(struct eft_file *file, char *buf, size_t size)
{
	return eft_anon_path("anon_inode:[eventpoll]", buf, size);
}

static void epoll_release(struct eft_file *file)
{
	struct epoll *epoll = epoll_of(file);
	struct eft_epoll_item *item;

	eft_mutex_lock(&all);
	eft_mutex_lock(&epoll->mutex);
	while ((item = next_item(epoll, 0)) != NULL)
		remove_item(item);
	eft_mutex_unlock(&epoll->mutex);
	eft_mutex_unlock(&all);
	eft_free(epoll);
}

static void epoll_info(struct eft_file *file, struct eft_text *text)
{
	struct epoll *epoll = epoll_of(file);
	struct eft_treap_node *node;
	uint64_t key = 0;

	eft_mutex_lock(&all);
	while ((node = eft_treap_at_or_after(&epoll->items, key)) != NULL) {
		struct eft_epoll_item *item = item_of(node);
		struct eft_stat st = {.ino = 0};

		key = node->key + 1;
		item->file->ops->stat(item->file, &st);
		eft_text_printf(text,
				"tfd: %8d events: %8x data: %16lx  pos:%ld "
				"ino:%lx sdev:%lx\n",
				(int)(node->key & UINT16_MAX), item->events,
				item->data, item->file->position, st.ino,
				st.dev);
	}
	eft_mutex_unlock(&all);
}

static const struct eft_file_ops epoll_ops = {
	.stat = eft_anon_file_stat,
	.path = epoll_path,
	.info = epoll_info,
	.poll = epoll_poll,
	.release = epoll_release,
};

int eft_epoll_create(struct eft_file **ret_file)
{
	struct epoll *epoll = eft_alloc(sizeof(*epoll));

	if (epoll == NULL)
		return -ENOMEM;
	eft_file_init(&epoll->file, &epoll_ops, O_RDWR);
	eft_mutex_init(&epoll->mutex, EFT_RANK_EPOLL);
	eft_waitq_init(&epoll->waiting);
	eft_lock_init(&epoll->waiting.lock, EFT_RANK_EPOLL_QUEUE);
	eft_lock_init(&epoll->lock, EFT_RANK_EPOLL_READY);
	eft_list_init(&epoll->ready);
	*ret_file = &epoll->file;
	return 0;
}

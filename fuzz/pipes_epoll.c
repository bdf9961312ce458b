// SPDX-License-Identifier: BSD-3-Clause
/*
 * The model of epoll. By level, what is told is known. By edge it has to be
 * told when something became true since it was told last (must), and may be
 * when a step was about the file at all (may).
 */
#include "core/abi.h"
#include "core/time.h"
#include "fuzz/pipes.h"
#include "posix/settled.h"

enum { ITEMS = 64, EVENTS = 32, NESTED_MAX = 4 /* epoll_ctl(2) */ };
enum { ALWAYS = POLLERR | POLLHUP, POLL_EVENTS = 0xffff };

#define EXCLUSIVE_WITH \
	(POLLIN | POLLOUT | ALWAYS | EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLET)

static struct item {
	struct thing *epoll, *thing; /* NULL: free */
	int fd;
	uint32_t events;
	uint64_t data;
	bool armed, may, must;
	unsigned before;
} items[ITEMS];

static uint64_t next_data;

/* The one after (item), the first for NULL; NULL at the end. */
static struct item *next(struct item *item)
{
	for (item = item ? item + 1 : items; item < items + ITEMS; item++)
		if (item->epoll != NULL)
			return item;
	return NULL;
}

static struct levels item_levels(const struct item *item)
{
	unsigned wanted = (item->events & POLL_EVENTS) | ALWAYS;
	struct levels levels = levels_of(item->thing);

	if (!item->armed)
		wanted = 0;
	return (struct levels){levels.sure & wanted, levels.perhaps & wanted};
}

/* One of those that share a file so is enough to be woken. */
static bool is_shared(const struct item *item)
{
	unsigned sharers = 0;

	for (struct item *other = next(NULL); other != NULL;
	     other = next(other))
		sharers += other->thing == item->thing &&
			   other->events & EPOLLEXCLUSIVE;
	return item->events & EPOLLEXCLUSIVE && sharers > 1;
}

static bool has_to_be_told(const struct item *item)
{
	return item_levels(item).sure != 0 && !is_shared(item) &&
	       (!(item->events & EPOLLET) || item->must);
}

static bool may_be_told(const struct item *item)
{
	return item_levels(item).perhaps != 0 &&
	       (!(item->events & EPOLLET) || item->may);
}

struct levels epoll_levels(const struct thing *epoll)
{
	struct levels levels = {0, 0};

	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (item->epoll != epoll)
			continue;
		if (has_to_be_told(item))
			levels.sure = POLLIN | POLLRDNORM;
		if (may_be_told(item))
			levels.perhaps = POLLIN | POLLRDNORM;
	}
	return levels;
}

void epoll_touch(const struct thing *thing)
{
	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (item->thing != thing)
			continue;
		item->may = true;
		epoll_touch(item->epoll);
	}
}

void epoll_before_step(void)
{
	for (struct item *item = next(NULL); item != NULL; item = next(item))
		item->before = item_levels(item).perhaps;
}

void epoll_after_step(void)
{
	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (item_levels(item).sure & ~item->before)
			item->must = item->may = true;
		item->before = item_levels(item).perhaps;
	}
}

void epoll_forget(const struct thing *thing)
{
	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (item->thing == thing || item->epoll == thing)
			item->epoll = NULL;
	}
}

void epoll_make(void)
{
	long fd = eft_sys_epoll_create1(0);

	if (fd >= 0)
		add_slot((int)fd, new_thing(EPOLL));
}

/*
 * What epoll_ctl(2) answers.
 */
static struct item *find(const struct thing *epoll, const struct slot *target)
{
	for (struct item *item = next(NULL); item != NULL; item = next(item))
		if (item->epoll == epoll && item->fd == target->fd &&
		    item->thing == target->thing)
			return item;
	return NULL;
}

static int depth_below(const struct thing *epoll, const struct thing *wanted)
{
	int deepest = 0, depth;

	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (item->epoll != epoll || item->thing->kind != EPOLL)
			continue;
		if (item->thing == wanted)
			return -ELOOP;
		depth = depth_below(item->thing, wanted);
		if (depth < 0)
			return depth;
		deepest = depth + 1 > deepest ? depth + 1 : deepest;
	}
	return deepest;
}

static int depth_above(const struct thing *epoll)
{
	int highest = 0, height;

	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (item->thing != epoll)
			continue;
		height = depth_above(item->epoll) + 1;
		highest = height > highest ? height : highest;
	}
	return highest;
}

static int expected_nesting(const struct thing *epoll,
			    const struct thing *target)
{
	int depth;

	if (target->kind != EPOLL)
		return 0;
	depth = depth_below(target, epoll);
	if (depth < 0)
		return depth;
	return depth + 1 + depth_above(epoll) > NESTED_MAX ? -ELOOP : 0;
}

static int expected_control(const struct slot *epoll, int operation,
			    const struct slot *target, uint32_t events)
{
	const struct item *item = find(epoll->thing, target);

	if (epoll->thing->kind != EPOLL || epoll->thing == target->thing)
		return -EINVAL;
	if (operation != EPOLL_CTL_DEL && events & EPOLLEXCLUSIVE &&
	    (operation == EPOLL_CTL_MOD || target->thing->kind == EPOLL ||
	     events & ~EXCLUSIVE_WITH))
		return -EINVAL;
	if (operation == EPOLL_CTL_ADD && item == NULL)
		return expected_nesting(epoll->thing, target->thing);
	if (operation == EPOLL_CTL_ADD)
		return -EEXIST;
	if (item == NULL)
		return -ENOENT;
	if (operation == EPOLL_CTL_MOD && item->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	return 0;
}

static struct item *free_item(void)
{
	for (struct item *item = items; item < items + ITEMS; item++)
		if (item->epoll == NULL)
			return item;
	return NULL;
}

static uint32_t any_events(void)
{
	static const uint32_t bits[8] = {
		POLLIN,	 POLLOUT,	 EPOLLET,     EPOLLONESHOT,
		POLLPRI, EPOLLEXCLUSIVE, EPOLLWAKEUP, POLLRDNORM,
	};
	unsigned chosen = fuzz_u8();
	uint32_t events = 0;

	for (unsigned i = 0; i < 8; i++)
		if (chosen >> i & 1)
			events |= bits[i];
	return events;
}

/* Set up anew: what is true already is news. */
static void begin(struct item *item, const struct slot *target,
		  const struct eft_epoll_event *event)
{
	item->thing = target->thing;
	item->fd = target->fd;
	item->events = event->events;
	item->data = event->data;
	item->armed = item->may = true;
	item->must = false;
	item->before = 0;
}

static void follow(struct slot *epoll, int operation, struct slot *target,
		   const struct eft_epoll_event *event)
{
	struct item *item = find(epoll->thing, target);

	if (operation == EPOLL_CTL_DEL) {
		item->epoll = NULL;
		return;
	}
	if (item == NULL)
		item = free_item();
	item->epoll = epoll->thing;
	begin(item, target, event);
}

void epoll_control(void)
{
	struct slot *epoll = any_slot(), *target = any_slot();
	int operation = EPOLL_CTL_ADD + (int)fuzz_below(3);
	struct eft_epoll_event event = {any_events(), next_data++};
	long result, expected;

	if (epoll->thing == NULL || target->thing == NULL ||
	    free_item() == NULL)
		return;
	expected = expected_control(epoll, operation, target, event.events);
	result = eft_sys_epoll_ctl(epoll->fd, operation, target->fd, &event);
	if (result == -ENOMEM)
		return;
	fuzz_check(result == expected);
	if (result == 0)
		follow(epoll, operation, target, &event);
	epoll_touch(epoll->thing);
}

/*
 * Waiting.
 */
static struct item *told_item(const struct thing *epoll,
			      const struct eft_epoll_event *event)
{
	for (struct item *item = next(NULL); item != NULL; item = next(item))
		if (item->epoll == epoll && item->data == event->data)
			return item;
	fuzz_check(!"an item that there is");
	return NULL;
}

static void check_told(struct item *item, const struct eft_epoll_event *event)
{
	struct levels levels = item_levels(item);

	fuzz_check(may_be_told(item));
	fuzz_check(event->events != 0);
	fuzz_check((event->events & levels.sure) == levels.sure);
	fuzz_check((event->events & ~levels.perhaps) == 0);
}

static void check_untold(struct item *item)
{
	fuzz_check(!has_to_be_told(item));
	if (item_levels(item).perhaps == 0)
		item->must = false;
}

static void set_told(struct item *item)
{
	item->must = item->may = false;
	if (item->events & EPOLLONESHOT)
		item->armed = false;
}

static void check_wait(const struct thing *epoll,
		       const struct eft_epoll_event *events, long n, bool full)
{
	bool told[ITEMS] = {false};

	for (long i = 0; i < n; i++) {
		struct item *item = told_item(epoll, &events[i]);

		fuzz_check(!told[item - items]);
		told[item - items] = true;
		check_told(item, &events[i]);
	}
	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (item->epoll == epoll && !told[item - items] && !full)
			check_untold(item);
	}
	for (struct item *item = next(NULL); item != NULL; item = next(item)) {
		if (told[item - items])
			set_told(item);
	}
}

void epoll_wait_step(void)
{
	struct eft_epoll_event events[EVENTS];
	struct slot *slot = any_slot();
	unsigned how = fuzz_u8();
	int room = how & 1 ? 1 + how / 16 : EVENTS, ms = how & 2 ? 1 : 0;
	uint64_t start = eft_now_ns();
	long n;

	if (slot->thing == NULL)
		return;
	n = eft_sys_epoll_wait(slot->fd, events, room, ms);
	if (slot->thing->kind != EPOLL) {
		fuzz_check(n == -EINVAL);
		return;
	}
	fuzz_check(n >= 0 && n <= room);
	if (eft_now_ns() != start) {
		touch_timers();
		epoll_after_step();
	}
	if (n == 0)
		fuzz_check(eft_now_ns() >= start + ms * 1000000ul);
	check_wait(slot->thing, events, n, n == room);
	epoll_touch(slot->thing);
}

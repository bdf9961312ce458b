// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-balloon (VIRTIO 1.2 §5.5): the host says how many pages it wants, and
 * gets them, or gives some back, a batch at a time; each time that a batch is
 * over, the next one begins, all in interrupts.
 *
 * HOW	What the balloon holds is in sheets, the last of which is the one that
 *	may be lent. A sheet is what the device reads: it changes nothing of it.
 *
 * LOCKS  (lock) covers what the balloon holds.
 */
#include "core/dev/balloon.h"
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/pte.h"

/* Features (§5.5.3); that the host is told before a page is used is so anyway. */
enum { TELL_FIRST = 0, STATISTICS = 1, SHRINKS = 2 };
enum { CONFIG_WANTED = 0, CONFIG_HAS = 4 };    /* §5.5.4, in pages */
enum { INFLATE = 0, DEFLATE = 1, REPORT = 2 }; /* queues, §5.5.2 */
enum { FREE = 4, TOTAL = 5, AVAILABLE = 6 };   /* statistics, §5.5.6.4 */

enum { BATCH = 256 }; /* pages in one request */

struct sheet {
	struct sheet *next; /* the one below */
	uint32_t count;
	uint32_t pfn[BATCH];
};

struct statistic { /* §5.5.6.3 */
	uint16_t tag;
	uint64_t value;
} __attribute__((packed));

struct balloon {
	struct eft_balloon balloon;
	struct eft_virtio *v;
	struct eft_virtio_queue inflate, deflate, report;

	struct eft_lock lock;
	struct sheet *top;
	uint32_t held, wanted; /* pages */
	bool lent;	       /* (top) is */

	struct statistic statistic[3]; /* what the device reads */
};

_Static_assert(sizeof(struct balloon) <= EFT_PAGE_SIZE, "");
_Static_assert(sizeof(struct sheet) <= EFT_PAGE_SIZE, "");

static bool has_failed(const struct balloon *b)
{
	return __atomic_load_n(&b->v->failed, __ATOMIC_ACQUIRE);
}

static void *page_of(const struct sheet *sheet, unsigned i)
{
	return phys_to_page((uint64_t)sheet->pfn[i] * EFT_PAGE_SIZE);
}

static void drop_sheet_locked(struct balloon *b)
{
	struct sheet *sheet = b->top;

	b->top = sheet->next;
	for (unsigned i = 0; i < sheet->count; i++)
		eft_balloon_give(page_of(sheet, i));
	eft_balloon_give(sheet);
}

/* A new sheet, with up to (count) pages. False: there is nothing to give. */
static bool fill_sheet_locked(struct balloon *b, uint32_t count)
{
	struct sheet *sheet = eft_balloon_take();
	void *page;

	if (!sheet)
		return false;
	*sheet = (struct sheet){.next = b->top};
	while (sheet->count < eft_min(count, BATCH) &&
	       (page = eft_balloon_take()))
		sheet->pfn[sheet->count++] = page_to_phys(page) / EFT_PAGE_SIZE;
	b->top = sheet;
	if (sheet->count > 0)
		return true;
	drop_sheet_locked(b);
	return false;
}

static void lend_locked(struct balloon *b, struct eft_virtio_queue *queue)
{
	struct sheet *sheet = b->top;
	const struct eft_virtq_part part = {
		page_to_phys(sheet->pfn), sheet->count * sizeof(sheet->pfn[0])};

	eft_assert(!b->lent && sheet->count > 0);
	b->lent = eft_virtio_lend(queue, &part, 1, 0, sheet) == 0;
}

/*
 * Begin what brings the balloon nearer to what is wanted. It shrinks by whole
 * sheets: if it holds less then, one of just the rest follows.
 */
static void move_locked(struct balloon *b)
{
	if (b->lent || has_failed(b))
		return;
	if (b->held > b->wanted) {
		lend_locked(b, &b->deflate);
	} else if (b->held < b->wanted &&
		   fill_sheet_locked(b, b->wanted - b->held)) {
		lend_locked(b, &b->inflate);
		if (!b->lent)
			drop_sheet_locked(b);
	}
}

static void used_locked(struct balloon *b, const struct sheet *sheet)
{
	eft_assert(b->lent && sheet == b->top);
	b->lent = false;
}

static void go_on_locked(struct balloon *b)
{
	b->v->transport->set_config(b->v, CONFIG_HAS, b->held);
	move_locked(b);
}

/* What a failed device holds stays with it: it may still write there. */
static void inflated(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct balloon *b = queue->driver;

	eft_lock(&b->lock);
	used_locked(b, cookie);
	b->held += b->top->count;
	if (!has_failed(b))
		go_on_locked(b);
	eft_unlock(&b->lock);
}

static void deflated(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct balloon *b = queue->driver;

	eft_lock(&b->lock);
	used_locked(b, cookie);
	eft_assert(b->held >= b->top->count);
	if (!has_failed(b)) {
		b->held -= b->top->count;
		drop_sheet_locked(b);
		go_on_locked(b);
	}
	eft_unlock(&b->lock);
}

/* More than there is may be wanted: it gets what can be spared. */
static void changed(struct eft_virtio *v)
{
	struct balloon *b = v->driver;
	uint32_t wanted;

	if (eft_virtio_config(v, CONFIG_WANTED, &wanted, sizeof(wanted)) < 0) {
		eft_virtio_fail(v, "its configuration cannot be read");
		return;
	}
	eft_lock(&b->lock);
	b->wanted = wanted;
	move_locked(b);
	eft_unlock(&b->lock);
}

static void go_on(struct eft_balloon *balloon)
{
	struct balloon *b = (struct balloon *)balloon;

	eft_lock(&b->lock);
	move_locked(b);
	eft_unlock(&b->lock);
}

/* What is left without the upper sheets that have (pages). */
static uint32_t without_locked(const struct balloon *b, uint64_t pages)
{
	uint32_t left = b->held;
	uint64_t gone = 0;

	for (const struct sheet *at = b->top; at && gone < pages;
	     at = at->next) {
		left -= at->count;
		gone += at->count;
	}
	return left;
}

/* Until the host wants another number of pages, it stays so. */
static bool shrink(struct eft_balloon *balloon, uint64_t pages)
{
	struct balloon *b = (struct balloon *)balloon;
	bool shrinks = false;

	if (!eft_virtio_has(b->v->features, SHRINKS))
		return false;
	eft_lock(&b->lock);
	if (b->held <= b->wanted && !b->lent) {
		b->wanted = without_locked(b, pages);
		move_locked(b);
	} else if (b->held < b->wanted) {
		b->wanted = b->held; /* no more: look again after this sheet */
	}
	shrinks = b->lent;
	eft_unlock(&b->lock);
	return shrinks;
}

/* The device keeps the request, and gives it back when it wants new ones. */
static void report(struct balloon *b)
{
	const struct eft_virtq_part part = {page_to_phys(b->statistic),
					    sizeof(b->statistic)};
	uint64_t total, free;

	eft_balloon_stats(&total, &free);
	b->statistic[0] = (struct statistic){FREE, free * EFT_PAGE_SIZE};
	b->statistic[1] = (struct statistic){TOTAL, total * EFT_PAGE_SIZE};
	b->statistic[2] = (struct statistic){AVAILABLE, free * EFT_PAGE_SIZE};
	eft_virtio_lend(&b->report, &part, 1, 0, b);
}

static void reported(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct balloon *b = cookie;

	if (!has_failed(b))
		report(b);
}

static int start_queue(struct balloon *b, unsigned n,
		       struct eft_virtio_queue *queue, eft_virtio_used_fn *used)
{
	queue->driver = b;
	return eft_virtio_queue_start(b->v, n, queue, 2, 1, used);
}

static bool start_queues(struct balloon *b)
{
	return start_queue(b, INFLATE, &b->inflate, inflated) == 0 &&
	       start_queue(b, DEFLATE, &b->deflate, deflated) == 0 &&
	       (!eft_virtio_has(b->v->features, STATISTICS) ||
		start_queue(b, REPORT, &b->report, reported) == 0);
}

static bool start(struct eft_virtio *v, struct balloon *b)
{
	if (eft_virtio_begin(v, 1ull << TELL_FIRST | 1ull << STATISTICS |
					1ull << SHRINKS) < 0)
		return false;
	eft_lock_init(&b->lock, EFT_RANK_BALLOON);
	b->v = v;
	b->balloon = (struct eft_balloon){
		.device.name = v->name, .go_on = go_on, .shrink = shrink};
	v->driver = b;
	v->changed = changed;
	if (!start_queues(b)) {
		eft_virtio_fail(v, "its queues do not start");
		return false;
	}
	eft_virtio_go(v);
	if (eft_virtio_has(v->features, STATISTICS))
		report(b);
	changed(v);
	return !has_failed(b);
}

void eft_plat_guest_find_balloon(struct eft_device_class *class)
{
	struct eft_virtio *v = NULL;
	struct balloon *b;

	if (eft_plat != &eft_kvm_plat)
		return;
	while ((v = eft_virtio_find(EFT_VIRTIO_BALLOON, v))) {
		b = eft_page_for_platform(0);
		if (b && start(v, b))
			eft_device_add(class, &b->balloon.device);
	}
}

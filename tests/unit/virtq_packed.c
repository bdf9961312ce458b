// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packed virtqueues (plat-kvm/virtio/ring_packed.c) against a device of the
 * test's own, by VIRTIO 1.2 §2.8, and against devices that lie in each way.
 */
#include "plat-kvm/virtio/ring.h"
#include "tests/unit/unit.h"

void *aligned_alloc(size_t align, size_t size);

enum { SIZE = 8, PARTS = 4, STEPS = 20000 };
enum { NEXT = 1, WRITE = 2, INDIRECT = 4, AVAIL = 1 << 7, USED = 1 << 15 };
enum { ENABLE = 0, DISABLE = 1, DESC = 2 };

#define PACKED	  (1ull << EFT_VIRTIO_RING_PACKED)
#define IN_TABLES (PACKED | 1ull << EFT_VIRTIO_INDIRECT)
#define BY_INDEX  (PACKED | 1ull << EFT_VIRTIO_EVENT_IDX)

static struct eft_virtq q;
static struct eft_virtq_slot slots[SIZE];
static size_t bytes;

/* The device's own: where it reads and writes next, and its wrap counters. */
static struct {
	unsigned seen, used;
	bool seen_wrap, used_wrap;
} device;

/* Physical addresses are virtual ones here. */
static void begin(uint64_t features)
{
	void *memory;

	bytes = eft_virtq_bytes(SIZE, PARTS);
	memory = aligned_alloc(EFT_PAGE_SIZE,
			       eft_align_up(bytes, EFT_PAGE_SIZE));
	memset(memory, 0, bytes);
	eft_virtq_init(&q, SIZE, PARTS, features, memory, (uintptr_t)memory,
		       slots);
	check_eq((uintptr_t)q.packed % 16, 0);
	check_eq((uintptr_t)q.driver_event % 4, 0);
	check_eq((uintptr_t)q.device_event % 4, 0);
	check(q.driver_event != q.device_event);
	device.seen = device.used = 0;
	device.seen_wrap = device.used_wrap = true;
}

static void step(unsigned *at, bool *wrap, unsigned count)
{
	*at += count;
	*wrap ^= *at >= SIZE;
	*at %= SIZE;
}

struct request {
	struct eft_virtq_part parts[PARTS];
	unsigned out, in;
	uint32_t writable;
	bool lent;
};

/* What the device holds: a request as it was found. */
struct held {
	struct request *request;
	uint16_t id;
	unsigned count;
};

static bool is_available(void)
{
	uint16_t flags = q.packed[device.seen].flags;

	return !!(flags & AVAIL) == device.seen_wrap &&
	       !!(flags & USED) != device.seen_wrap;
}

static void check_part(const struct eft_virtq_packed_desc *d,
		       const struct request *r, unsigned i)
{
	check_eq(d->addr, r->parts[i].phys);
	check_eq(d->len, r->parts[i].len);
	check_eq(d->flags & WRITE, i < r->out ? 0 : WRITE);
}

static void check_table(const struct eft_virtq_packed_desc *d,
			const struct request *r)
{
	const struct eft_virtq_packed_desc *table = (const void *)d->addr;

	check_eq(d->flags & ~(AVAIL | USED), INDIRECT);
	check_eq(d->len, (r->out + r->in) * sizeof(*d));
	check((const char *)table >= (const char *)q.packed);
	check((const char *)table + d->len <= (const char *)q.packed + bytes);
	for (unsigned i = 0; i < r->out + r->in; i++) {
		check_part(&table[i], r, i);
		check_eq(table[i].flags & ~WRITE, 0);
	}
}

/* The next request, which is to be (r). */
static struct held fetch(struct request *r)
{
	struct held held = {r, 0, 0};
	const struct eft_virtq_packed_desc *d;

	do {
		check(is_available());
		d = &q.packed[device.seen];
		if (d->flags & INDIRECT)
			check_table(d, r);
		else
			check_part(d, r, held.count);
		held.count++;
		step(&device.seen, &device.seen_wrap, 1);
	} while (d->flags & NEXT);
	check_eq(held.count, d->flags & INDIRECT ? 1 : r->out + r->in);
	held.id = d->id;
	return held;
}

static void use(uint16_t id, uint32_t len, uint16_t flags, unsigned count)
{
	struct eft_virtq_packed_desc *d = &q.packed[device.used];

	d->id = id;
	d->len = len;
	d->flags = flags | (device.used_wrap ? AVAIL | USED : 0);
	step(&device.used, &device.used_wrap, count);
}

static void make_request(struct request *r)
{
	unsigned count = 1 + unit_random(PARTS);

	r->out = unit_random(count + 1);
	r->in = count - r->out;
	r->writable = 0;
	for (unsigned i = 0; i < count; i++) {
		r->parts[i].phys = unit_random(1ull << 46);
		r->parts[i].len = 1 + unit_random(1 << 20);
		if (i >= r->out)
			r->writable += r->parts[i].len;
	}
}

static struct request requests[SIZE], *order[SIZE];
static struct held helds[SIZE];
static unsigned lent, held_count, told;

static void add_one(void)
{
	struct request *r = &requests[unit_random(SIZE)];

	if (r->lent)
		return;
	make_request(r);
	if (eft_virtq_add(&q, r->parts, r->out, r->in, r) < 0)
		return;
	r->lent = true;
	order[lent++] = r;
}

/* Nothing of what was added is to be seen before. */
static void fetch_all(void)
{
	check(!is_available());
	eft_virtq_publish(&q);
	for (unsigned i = 0; i < lent; i++)
		helds[held_count++] = fetch(order[i]);
	lent = 0;
	check(!is_available());
}

/* As QEMU does, without WRITE, or by the standard. */
static void use_one(void)
{
	unsigned n = unit_random(held_count);
	struct held h = helds[n];
	uint32_t len = unit_random(h.request->writable + 1ull);

	if (len > 0 && unit_random(2))
		use(h.id, len, WRITE, h.count);
	else
		use(h.id, len, 0, h.count);
	helds[n] = helds[--held_count];
}

static bool take_one(void)
{
	uint32_t len = 0;
	struct request *r = eft_virtq_take(&q, &len);

	check(q.fault == NULL);
	if (r == NULL)
		return false;
	check(r->lent && len <= r->writable);
	r->lent = false;
	return true;
}

/* A device that uses what it was lent in any order. */
static void exchange(uint64_t features)
{
	begin(features);
	memset(requests, 0, sizeof(requests));
	lent = held_count = 0;
	for (unsigned i = 0; i < STEPS; i++) {
		switch (unit_random(4)) {
		case 0:
			add_one();
			break;
		case 1:
			fetch_all();
			break;
		case 2:
			if (held_count > 0)
				use_one();
			break;
		default:
			take_one();
		}
	}
	fetch_all();
	while (held_count > 0)
		use_one();
	while (take_one())
		;
	check_eq(q.free_count, SIZE);
	free(q.packed);
}

Test(virtq_packed, exchange)
{
	exchange(PACKED);
	exchange(IN_TABLES);
	exchange(BY_INDEX);
	exchange(IN_TABLES | BY_INDEX);
}

static const struct eft_virtq_part part = {0x1000, 100};
static const struct eft_virtq_part four[PARTS] = {
	{0x1000, 1}, {0x2000, 2}, {0x3000, 3}, {0x4000, 4}};

Test(virtq_packed, full)
{
	uint32_t len;

	begin(PACKED);
	check_eq(eft_virtq_add(&q, four, 2, 2, &slots[0]), 0);
	check_eq(eft_virtq_add(&q, four, 1, 2, &slots[1]), 0);
	check_eq(eft_virtq_add(&q, four, 1, 1, &slots[2]), -ENOSPC);
	check_eq(eft_virtq_add(&q, four, 1, 0, &slots[2]), 0);
	check_eq(eft_virtq_add(&q, four, 1, 0, &slots[3]), -ENOSPC);
	eft_virtq_publish(&q);
	use(q.packed[6].id, 5, WRITE, 3);
	check(eft_virtq_take(&q, &len) == &slots[1]);
	check_eq(len, 5);
	check_eq(eft_virtq_add(&q, four, 0, 3, &slots[3]), 0);
	begin(IN_TABLES);
	for (unsigned i = 0; i < SIZE; i++)
		check_eq(eft_virtq_add(&q, four, 2, 2, &slots[i]), 0);
	check_eq(eft_virtq_add(&q, four, 2, 2, &slots[0]), -ENOSPC);
}

/* The device wants to be told, or does not; so does the driver. */
Test(virtq_packed, flags)
{
	uint32_t len;

	begin(PACKED);
	check(!eft_virtq_publish(&q));
	eft_virtq_add(&q, &part, 1, 0, &q);
	check(!is_available());
	check(eft_virtq_publish(&q));
	check(is_available());
	q.device_event->flags = DISABLE;
	eft_virtq_add(&q, &part, 1, 0, &slots[0]);
	check(!eft_virtq_publish(&q));
	q.device_event->flags = DESC; /* which it may not without the feature */
	eft_virtq_add(&q, &part, 1, 0, &slots[1]);
	check(eft_virtq_publish(&q));
	eft_virtq_ignore(&q);
	check_eq(q.driver_event->flags, DISABLE);
	check(eft_virtq_listen(&q));
	check_eq(q.driver_event->flags, ENABLE);
	use(q.packed[0].id, 0, 0, 1);
	check(!eft_virtq_listen(&q));
	check(eft_virtq_take(&q, &len) == &q);
	check(eft_virtq_listen(&q));
}

/* It wants to be told of the third from here, of each five. */
Test(virtq_packed, event_indices)
{
	uint32_t len;

	begin(BY_INDEX);
	q.device_event->flags = DESC;
	for (unsigned i = 0; i < 70000; i++) {
		unsigned at = (i + 2) % SIZE;
		bool wrap = (i + 2) / SIZE % 2 == 0;

		if (i % 5 == 0)
			q.device_event->offset = at | wrap << 15;
		check_eq(eft_virtq_add(&q, &part, 1, 0, &q), 0);
		told += eft_virtq_publish(&q);
		check_eq(told, (i + 3) / 5);
		use(q.packed[i % SIZE].id, 0, 0, 1);
		check(eft_virtq_take(&q, &len) == &q);
		check(eft_virtq_listen(&q));
		check_eq(q.driver_event->flags, DESC);
		check_eq(q.driver_event->offset,
			 device.used | device.used_wrap << 15);
		eft_virtq_ignore(&q);
		check_eq(q.driver_event->flags, DISABLE);
	}
}

/* Several at once: the one that it named is among them, or is not. */
Test(virtq_packed, event_of_several)
{
	static const struct {
		unsigned named;
		bool wrap, told;
	} cases[] = {{5, true, false},	{6, true, true},      {7, true, true},
		     {0, false, true},	{1, false, false},    {0, true, false},
		     {7, false, false}, {0x7fff, true, false}};
	uint32_t len;

	for (unsigned i = 0; i < eft_array_size(cases); i++) {
		begin(BY_INDEX);
		for (unsigned n = 0; n < 6; n++) {
			eft_virtq_add(&q, &part, 1, 0, &q);
			eft_virtq_publish(&q);
			use(q.packed[n].id, 0, 0, 1);
			check(eft_virtq_take(&q, &len) == &q);
		}
		q.device_event->flags = DESC;
		q.device_event->offset = cases[i].named | cases[i].wrap << 15;
		for (unsigned n = 0; n < 3; n++)
			eft_virtq_add(&q, &part, 1, 0, &slots[n]);
		check_eq(eft_virtq_publish(&q), cases[i].told);
	}
}

static void check_lie(const char *why)
{
	uint32_t len = 77;

	check(eft_virtq_take(&q, &len) == NULL);
	check_eq(len, 77);
	check_str(q.fault, why);
	/* From then on it gets nothing, and gives nothing. */
	check_eq(eft_virtq_add(&q, &part, 1, 0, &q), -EIO);
	check(!eft_virtq_publish(&q));
	use(0, 0, 0, 1);
	check(eft_virtq_take(&q, &len) == NULL);
	check(eft_virtq_listen(&q));
}

static void lend(unsigned count)
{
	begin(PACKED);
	for (unsigned i = 0; i < count; i++)
		check_eq(eft_virtq_add(&q, &part, 0, 1, &slots[i]), 0);
	eft_virtq_publish(&q);
}

Test(virtq_packed, lies)
{
	uint32_t len;

	lend(0);
	use(0, 0, 0, 1);
	check_lie("it used more than it was lent");
	lend(0);
	eft_virtq_add(&q, &part, 1, 0, &q); /* it was not told of that */
	use(0, 0, 0, 1);
	check_lie("it used more than it was lent");
	lend(2);
	use(SIZE, 0, 0, 1);
	check_lie("it used what it was not lent");
	lend(2);
	use(2, 0, 0, 1); /* a free one */
	check_lie("it used what it was not lent");
	lend(2);
	use(q.packed[0].id, 100, WRITE, 1);
	check(eft_virtq_take(&q, &len) == &slots[0]);
	check_eq(len, 100);
	use(q.packed[0].id, 0, 0, 1); /* twice */
	check_lie("it used what it was not lent");
	lend(2);
	use(q.packed[1].id, 101, WRITE, 1);
	check_lie("it wrote more than it was lent");
	begin(PACKED);
	eft_virtq_add(&q, four, 1, 0, &q);
	eft_virtq_publish(&q);
	use(q.packed[0].id, 1, WRITE, 1); /* it may read only */
	check_lie("it wrote more than it was lent");
}

/* One that it was told of, and that is longer than all of those. */
Test(virtq_packed, lies_about_another)
{
	begin(PACKED);
	eft_virtq_add(&q, &part, 0, 1, &slots[0]);
	eft_virtq_publish(&q);
	eft_virtq_add(&q, four, 3, 1, &slots[1]);
	use(q.packed[2].id, 0, 0, 1);
	check_lie("it used more than it was lent");
}

/* The wrong turn's flags say that nothing was used. */
Test(virtq_packed, wrong_turn)
{
	uint32_t len;

	lend(1);
	device.used_wrap = false;
	use(q.packed[0].id, 0, 0, 1);
	check(eft_virtq_take(&q, &len) == NULL && q.fault == NULL);
}

/* Without WRITE the length has no meaning, but what QEMU's devices mean. */
Test(virtq_packed, length_of_nothing)
{
	uint32_t len;

	lend(2);
	use(q.packed[0].id, 100, 0, 1);
	check(eft_virtq_take(&q, &len) == &slots[0]);
	check_eq(len, 100);
	use(q.packed[1].id, 101, 0, 1);
	check(eft_virtq_take(&q, &len) == &slots[1]);
	check_eq(len, 0);
}

/* Whatever it writes into all that it sees, each request comes back once. */
Test(virtq_packed, vandal)
{
	bool is_lent[SIZE];
	uint32_t len;
	void *cookie;

	for (unsigned turn = 0; turn < 3000; turn++) {
		begin(unit_random(2) ? IN_TABLES : BY_INDEX);
		memset(is_lent, 0, sizeof(is_lent));
		for (unsigned i = 0; i < 60; i++) {
			unsigned n = unit_random(SIZE);

			((uint8_t *)q.packed)[unit_random(
				unit_random(2) ? SIZE * 16 : bytes)] =
				unit_random(4) ? unit_random(SIZE) * 0x10
					       : unit_random(256);
			if (!is_lent[n])
				is_lent[n] = eft_virtq_add(&q, four, 2,
							   unit_random(3),
							   &slots[n]) == 0;
			eft_virtq_publish(&q);
			if (unit_random(4) == 0)
				use(unit_random(SIZE), unit_random(9), WRITE,
				    1);
			cookie = eft_virtq_take(&q, &len);
			if (cookie == NULL)
				continue;
			n = (struct eft_virtq_slot *)cookie - slots;
			check(n < SIZE && is_lent[n] && len <= 7);
			is_lent[n] = false;
		}
		while ((cookie = eft_virtq_drain(&q))) {
			unsigned n = (struct eft_virtq_slot *)cookie - slots;

			check(n < SIZE && is_lent[n]);
			is_lent[n] = false;
		}
		for (unsigned n = 0; n < SIZE; n++)
			check(!is_lent[n]);
		check_eq(q.free_count, SIZE);
		free(q.packed);
	}
}

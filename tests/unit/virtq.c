// SPDX-License-Identifier: BSD-3-Clause
/*
 * The virtqueue engine (plat-kvm/virtio/ring.c) against a device of the test's
 * own, by VIRTIO 1.2 §2.7, and against devices that lie in each way.
 */
#include "plat-kvm/virtio/ring.h"
#include "tests/unit/unit.h"

void *aligned_alloc(size_t align, size_t size);

enum { SIZE = 8, PARTS = 4, STEPS = 20000 };
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };

#define IN_TABLES (1ull << EFT_VIRTIO_INDIRECT)
#define BY_INDEX  (1ull << EFT_VIRTIO_EVENT_IDX)

static struct eft_virtq q;
static struct eft_virtq_slot slots[SIZE];
static uint16_t seen; /* by the device, of the available ring */
static size_t bytes;

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
	seen = 0;
}

struct request {
	struct eft_virtq_part parts[PARTS];
	unsigned out, in;
	uint32_t writable;
	bool lent;
};

/* What a chain holds: (parts) as the device finds them. */
static void check_chain(uint16_t head, const struct request *r)
{
	const struct eft_virtq_desc *table = q.desc, *d;
	unsigned at = head;

	check(head < SIZE);
	if (table[head].flags & INDIRECT) {
		check_eq(table[head].flags, INDIRECT);
		check_eq(table[head].len,
			 (r->out + r->in) * sizeof(struct eft_virtq_desc));
		table = (const void *)table[head].addr;
		check((const char *)table >= (const char *)q.desc);
		check((const char *)table + q.desc[head].len <=
		      (const char *)q.desc + bytes);
		at = 0;
	}
	for (unsigned i = 0; i < r->out + r->in; i++, at = d->next) {
		d = &table[at];
		check_eq(d->addr, r->parts[i].phys);
		check_eq(d->len, r->parts[i].len);
		check_eq(d->flags & WRITE, i < r->out ? 0 : WRITE);
		check_eq(d->flags & NEXT, i + 1 < r->out + r->in ? NEXT : 0);
	}
}

static void use(uint32_t id, uint32_t len)
{
	q.used->ring[q.used->idx % SIZE] =
		(struct eft_virtq_used_elem){id, len};
	q.used->idx++;
}

static void make_request(struct request *r)
{
	unsigned count = 1 + unit_random(PARTS);

	r->out = unit_random(count + 1);
	r->in = count - r->out;
	r->writable = 0;
	r->lent = false;
	for (unsigned i = 0; i < count; i++) {
		r->parts[i].phys = unit_random(1ull << 46);
		r->parts[i].len = 1 + unit_random(1 << 20);
		if (i >= r->out)
			r->writable += r->parts[i].len;
	}
}

/* A device that uses what it was lent in any order. */
static void exchange(uint64_t features)
{
	static struct request requests[SIZE];
	uint16_t heads[SIZE];
	struct request *of[SIZE];
	unsigned lent = 0, held = 0, order[SIZE];

	begin(features);
	memset(requests, 0, sizeof(requests));
	for (unsigned step = 0; step < STEPS; step++) {
		struct request *r = &requests[unit_random(SIZE)];
		uint32_t len = 0;
		unsigned n;

		switch (unit_random(4)) {
		case 0:
			if (r->lent)
				break;
			make_request(r);
			if (eft_virtq_add(&q, r->parts, r->out, r->in, r) < 0)
				break;
			r->lent = true;
			order[lent++] = r - requests;
			break;
		case 1:
			eft_virtq_publish(&q);
			while (seen != q.avail->idx) {
				heads[held] = q.avail->ring[seen++ % SIZE];
				of[held] = &requests[order[0]];
				memmove(order, order + 1, sizeof(order) - 4);
				lent--;
				check_chain(heads[held], of[held]);
				held++;
			}
			break;
		case 2:
			if (held == 0)
				break;
			n = unit_random(held--);
			use(heads[n], unit_random(of[n]->writable + 1ull));
			heads[n] = heads[held];
			of[n] = of[held];
			break;
		default:
			r = eft_virtq_take(&q, &len);
			check(q.fault == NULL);
			if (r == NULL)
				break;
			check(r->lent && len <= r->writable);
			r->lent = false;
		}
	}
	while (eft_virtq_drain(&q))
		;
	check_eq(q.free_count, SIZE);
	free(q.desc);
}

Test(virtq, exchange)
{
	exchange(0);
	exchange(IN_TABLES);
	exchange(BY_INDEX);
	exchange(IN_TABLES | BY_INDEX);
}

static const struct eft_virtq_part part = {0x1000, 100};
static const struct eft_virtq_part four[PARTS] = {
	{0x1000, 1}, {0x2000, 2}, {0x3000, 3}, {0x4000, 4}};

Test(virtq, full)
{
	uint32_t len;

	begin(0);
	check_eq(eft_virtq_add(&q, four, 2, 2, &slots[0]), 0);
	check_eq(eft_virtq_add(&q, four, 1, 2, &slots[1]), 0);
	check_eq(eft_virtq_add(&q, four, 1, 1, &slots[2]), -ENOSPC);
	check_eq(eft_virtq_add(&q, four, 1, 0, &slots[2]), 0);
	check_eq(eft_virtq_add(&q, four, 1, 0, &slots[3]), -ENOSPC);
	eft_virtq_publish(&q);
	use(4, 5);
	check(eft_virtq_take(&q, &len) == &slots[1]);
	check_eq(len, 5);
	check_eq(eft_virtq_add(&q, four, 0, 3, &slots[3]), 0);
	begin(IN_TABLES);
	for (unsigned i = 0; i < SIZE; i++)
		check_eq(eft_virtq_add(&q, four, 2, 2, &slots[i]), 0);
	check_eq(eft_virtq_add(&q, four, 2, 2, &slots[0]), -ENOSPC);
}

/* The device wants to be told, or does not; so does the driver. */
Test(virtq, flags)
{
	uint32_t len;

	begin(0);
	check(!eft_virtq_publish(&q));
	eft_virtq_add(&q, &part, 1, 0, &q);
	check_eq(q.avail->idx, 0);
	check(eft_virtq_publish(&q));
	check_eq(q.avail->idx, 1);
	q.used->flags = 1;
	eft_virtq_add(&q, &part, 1, 0, &q);
	check(!eft_virtq_publish(&q));
	eft_virtq_ignore(&q);
	check_eq(q.avail->flags, 1);
	check(eft_virtq_listen(&q));
	check_eq(q.avail->flags, 0);
	use(0, 0);
	check(!eft_virtq_listen(&q));
	check(eft_virtq_take(&q, &len) == &q);
	check(eft_virtq_listen(&q));
}

Test(virtq, event_indices)
{
	uint16_t *avail_event, *used_event;
	unsigned told = 0;
	uint32_t len;

	begin(BY_INDEX);
	avail_event = (uint16_t *)&q.used->ring[SIZE];
	used_event = &q.avail->ring[SIZE];
	for (unsigned i = 0; i < 70000; i++) {
		if (i % 5 == 0) /* at the third from here */
			*avail_event = q.avail->idx + 2;
		check_eq(eft_virtq_add(&q, &part, 1, 0, &q), 0);
		told += eft_virtq_publish(&q);
		check_eq(told, (i + 3) / 5);
		use(q.avail->ring[i % SIZE], 0);
		check(eft_virtq_take(&q, &len) == &q);
		check(eft_virtq_listen(&q));
		check_eq(*used_event, q.used->idx);
		eft_virtq_ignore(&q);
		check_eq(*used_event, (uint16_t)(q.used->idx - 1));
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
	use(0, 0);
	check(eft_virtq_take(&q, &len) == NULL);
	check(eft_virtq_listen(&q));
}

static void lend(unsigned count)
{
	begin(0);
	for (unsigned i = 0; i < count; i++)
		check_eq(eft_virtq_add(&q, &part, 0, 1, &slots[i]), 0);
	eft_virtq_publish(&q);
}

Test(virtq, lies)
{
	uint32_t len;

	lend(2);
	q.used->idx = 3;
	check_lie("it used more than it was lent");
	lend(2);
	q.used->idx = UINT16_MAX; /* backwards */
	check_lie("it used more than it was lent");
	lend(0);
	eft_virtq_add(&q, &part, 1, 0, &q); /* it was not told of that */
	use(0, 0);
	check_lie("it used more than it was lent");
	lend(2);
	use(SIZE, 0);
	check_lie("it used what it was not lent");
	lend(2);
	use(0x10000, 0); /* 0, by the low bits */
	check_lie("it used what it was not lent");
	lend(2);
	use(2, 0); /* a free one */
	check_lie("it used what it was not lent");
	lend(2);
	use(0, 100);
	check(eft_virtq_take(&q, &len) == &slots[0]);
	check_eq(len, 100);
	use(0, 0); /* twice */
	check_lie("it used what it was not lent");
	lend(2);
	use(1, 101);
	check_lie("it wrote more than it was lent");
	begin(0);
	eft_virtq_add(&q, four, 3, 1, &q);
	eft_virtq_publish(&q);
	use(1, 0); /* the middle of a chain */
	check_lie("it used what it was not lent");
	begin(0);
	eft_virtq_add(&q, four, 1, 0, &q);
	eft_virtq_publish(&q);
	use(0, 1); /* it may read only */
	check_lie("it wrote more than it was lent");
}

/* Whatever it writes into all that it sees, each request comes back once. */
Test(virtq, vandal)
{
	bool lent[SIZE];
	uint32_t len;
	void *cookie;

	for (unsigned turn = 0; turn < 3000; turn++) {
		begin(unit_random(2) ? IN_TABLES : BY_INDEX);
		memset(lent, 0, sizeof(lent));
		for (unsigned step = 0; step < 30; step++) {
			unsigned n = unit_random(SIZE);

			((uint8_t *)q.desc)[unit_random(bytes)] =
				unit_random(4) ? unit_random(SIZE)
					       : unit_random(256);
			if (!lent[n])
				lent[n] = eft_virtq_add(&q, four, 2,
							unit_random(3),
							&slots[n]) == 0;
			eft_virtq_publish(&q);
			cookie = eft_virtq_take(&q, &len);
			if (cookie == NULL)
				continue;
			n = (struct eft_virtq_slot *)cookie - slots;
			check(n < SIZE && lent[n] && len <= 7);
			lent[n] = false;
		}
		while ((cookie = eft_virtq_drain(&q))) {
			unsigned n = (struct eft_virtq_slot *)cookie - slots;

			check(n < SIZE && lent[n]);
			lent[n] = false;
		}
		for (unsigned n = 0; n < SIZE; n++)
			check(!lent[n]);
		check_eq(q.free_count, SIZE);
		free(q.desc);
	}
}

static void no_power_of_two(void *arg)
{
	fake_boot(NULL);
	eft_virtq_init(&q, 6, 1, 0, NULL, 0, slots);
}

static void empty_part(void *arg)
{
	const struct eft_virtq_part empty = {0x1000, 0};

	fake_boot(NULL);
	begin(0);
	eft_virtq_add(&q, &empty, 1, 0, &q);
}

Test(virtq, misuse)
{
	unit_check_panics(no_power_of_two, NULL, "size");
	unit_check_panics(empty_part, NULL, "len");
}

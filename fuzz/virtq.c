// SPDX-License-Identifier: BSD-3-Clause
/*
 * A virtqueue (plat-kvm/virtio/ring.c), split or packed, whose device does
 * anything to all that it sees. What it was lent comes back at most once, with no
 * more bytes than it was lent; a device that keeps the rules gets all back.
 */
#include "fuzz/fuzz.h"
#include "plat-kvm/virtio/ring.h"

enum { SIZE = 8, PARTS = 3 };

struct request {
	bool lent;
	uint32_t writable;
};

static struct eft_virtq q;
static struct eft_virtq_slot slots[SIZE];
static struct request requests[2 * SIZE];
static uint8_t memory[4 * EFT_PAGE_SIZE]
	__attribute__((aligned(EFT_PAGE_SIZE)));
static size_t bytes;
static bool honest, packed;
static uint16_t position; /* a packed ring's: of the honest device */

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
}

static void add(void)
{
	struct request *r = &requests[fuzz_below(2 * SIZE)];
	struct eft_virtq_part parts[PARTS];
	unsigned count = 1 + fuzz_below(PARTS), out = fuzz_below(count + 1);
	uint32_t writable = 0;

	if (r->lent)
		return;
	for (unsigned i = 0; i < count; i++) {
		parts[i] = (struct eft_virtq_part){0x1000 * (i + 1),
						   1 + fuzz_u8()};
		writable += i >= out ? parts[i].len : 0;
	}
	if (eft_virtq_add(&q, parts, out, count - out, r) < 0)
		return;
	r->lent = true;
	r->writable = writable;
}

static void take_back(struct request *r, uint32_t len)
{
	fuzz_check(r >= requests && r < requests + 2 * SIZE);
	fuzz_check(r->lent && len <= r->writable);
	r->lent = false;
}

/* The next that was made available, and not yet used. */
static bool use_split(void)
{
	uint16_t idx = q.used->idx;

	if (idx == q.avail->idx)
		return false;
	q.used->ring[idx % SIZE] =
		(struct eft_virtq_used_elem){q.avail->ring[idx % SIZE], 0};
	q.used->idx = idx + 1;
	return true;
}

/* The same of a packed ring; a chain's last descriptor has its number. */
static bool use_packed(void)
{
	enum { NEXT = 1, AVAIL = 1 << 7, USED = 1 << 15 };
	struct eft_virtq_packed_desc *first = &q.packed[position % SIZE];
	uint16_t used = position / SIZE % 2 ? 0 : AVAIL | USED;
	unsigned count = 0;

	if ((first->flags & (AVAIL | USED)) != (used ? AVAIL : USED))
		return false;
	while (q.packed[(position + count) % SIZE].flags & NEXT && count < SIZE)
		count++;
	first->id = q.packed[(position + count) % SIZE].id;
	first->len = 0;
	first->flags = used;
	position += count + 1;
	return true;
}

static bool use_honestly(void)
{
	return packed ? use_packed() : use_split();
}

static void step(void)
{
	uint32_t len = 0;
	struct request *r;
	size_t at;

	switch (fuzz_below(6)) {
	case 0:
		add();
		break;
	case 1:
		eft_virtq_publish(&q);
		break;
	case 2:
		r = eft_virtq_take(&q, &len);
		if (r != NULL)
			take_back(r, len);
		break;
	case 3:
		if (fuzz_u8() & 1)
			eft_virtq_listen(&q);
		else
			eft_virtq_ignore(&q);
		break;
	case 4:
		use_honestly();
		break;
	default:
		at = fuzz_u8() | (size_t)fuzz_u8() << 8;
		memory[at % bytes] = fuzz_u8();
		honest = false;
	}
}

void fuzz_one(void)
{
	uint8_t kind = fuzz_u8();
	uint64_t features = (uint64_t)(kind & 3) << EFT_VIRTIO_INDIRECT |
			    (uint64_t)(kind >> 2 & 1) << EFT_VIRTIO_RING_PACKED;
	struct request *r;
	uint32_t len = 0;

	bytes = eft_virtq_bytes(SIZE, PARTS);
	fuzz_check(bytes <= sizeof(memory));
	honest = true;
	packed = kind & 4;
	position = 0;
	eft_virtq_init(&q, SIZE, PARTS, features, memory, (uintptr_t)memory,
		       slots);
	while (fuzz_more())
		step();
	if (honest) {
		eft_virtq_publish(&q);
		while (use_honestly())
			;
		while ((r = eft_virtq_take(&q, &len)))
			take_back(r, len);
		fuzz_check(q.fault == NULL && q.free_count == SIZE);
	}
	while ((r = eft_virtq_drain(&q)))
		take_back(r, 0);
	fuzz_check(q.free_count == SIZE);
	for (unsigned i = 0; i < 2 * SIZE; i++)
		fuzz_check(!requests[i].lent);
}

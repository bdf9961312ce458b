// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-blk (plat-kvm/virtio/blk.c) against a disk in memory, by VIRTIO 1.2
 * §5.2, that does as it should, fails, or lies.
 */
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/pte.h"
#include "tests/unit/unit.h"

/* Physical addresses are virtual ones here. */
#define page_to_phys(page) ((uintptr_t)(page))
#include "plat-kvm/virtio/blk.c"
#include "plat-kvm/virtio/device.c"
#include "tests/fake/virtio.h"

enum { DISK = 1 << 20, CONFIG = 60, STEPS = 4000 };

static uint8_t disk[DISK], model[DISK];
static uint16_t seen;
static unsigned flushes;
static int answer = -1; /* the status of all requests; -1: the true one */

static struct blk *blk;

/* One request: a chain's parts, as the device finds them. */
struct chain {
	struct eft_virtq_desc part[DATA_PARTS + 2];
	unsigned count, readable;
};

static void collect(const struct eft_virtq *q, uint16_t head, struct chain *c)
{
	const struct eft_virtq_desc *table = q->desc, *d = &table[head];

	if (d->flags & INDIRECT) {
		table = (const void *)d->addr;
		d = table;
	}
	c->count = c->readable = 0;
	for (;; d = &table[d->next]) {
		check(c->count < eft_array_size(c->part));
		check(c->readable == c->count || d->flags & WRITABLE);
		c->readable += !(d->flags & WRITABLE);
		c->part[c->count++] = *d;
		if (!(d->flags & NEXT))
			return;
	}
}

static uint8_t perform_range(uint32_t type, const struct chain *c)
{
	const struct range *range = (const void *)c->part[1].addr;

	check_eq(c->count, 3);
	check_eq(c->part[1].len, sizeof(*range));
	check(range->sector + range->count <= DISK / SECTOR);
	check_eq(range->flags, 0);
	memset(disk + range->sector * SECTOR, type == TYPE_ZEROES ? 0 : 0xdd,
	       range->count * SECTOR);
	return STATUS_OK;
}

static uint8_t perform_data(uint32_t type, uint64_t sector,
			    const struct chain *c, uint32_t *ret_len)
{
	uint64_t at = sector * SECTOR;

	for (unsigned i = 1; i + 1 < c->count; i++) {
		void *data = (void *)c->part[i].addr;
		uint32_t len = c->part[i].len;

		check(at + len <= DISK);
		if (type == TYPE_IN)
			memcpy(data, disk + at, len);
		else
			memcpy(disk + at, data, len);
		*ret_len += type == TYPE_IN ? len : 0;
		at += len;
	}
	return STATUS_OK;
}

static void perform(struct eft_virtq *q, uint16_t head)
{
	struct chain c;
	const struct shared *header;
	uint8_t result = STATUS_OK, *status;
	uint32_t len = 1;

	collect(q, head, &c);
	header = (const void *)c.part[0].addr;
	check_eq(c.part[0].len, 16);
	check_eq(c.part[c.count - 1].len, 1);
	check_eq(c.readable, header->type == TYPE_IN ? 1 : c.count - 1);
	if (header->type == TYPE_FLUSH) {
		check_eq(c.count, 2);
		flushes++;
	} else if (header->type <= TYPE_OUT) {
		result = perform_data(header->type, header->sector, &c, &len);
	} else {
		result = perform_range(header->type, &c);
	}
	status = (uint8_t *)c.part[c.count - 1].addr;
	check_eq(*status, STATUS_NONE);
	*status = answer >= 0 ? answer : result;
	q->used->ring[q->used->idx % q->size] =
		(struct eft_virtq_used_elem){head, len};
	q->used->idx++;
}

static void run_device(struct eft_virtio_queue *queue)
{
	struct eft_virtq *q = &queue->ring;

	while (seen != q->avail->idx)
		perform(q, q->avail->ring[seen++ % q->size]);
	memcpy(&q->used->ring[q->size], &seen, sizeof(seen)); /* the event */
	eft_virtio_queue_interrupt(queue);
}

static void put(unsigned offset, uint64_t value, unsigned bytes)
{
	memcpy(config_bytes + offset, &value, bytes);
}

static void be_usual(void)
{
	config_len = CONFIG;
	queues = 2;
	descriptors = 256;
}

TestSuite(blk, .init = be_usual);

static bool boot(uint64_t features)
{
	fake_boot(NULL);
	offers = features;
	memcpy(v.name, "virtio 2 at home", 17);
	v.transport = &transport;
	put(CAPACITY, DISK / SECTOR, 8);
	if (config_bytes[CONFIG_BLOCK + 1] == 0)
		put(CONFIG_BLOCK, 512, 4);
	put(CONFIG_DISCARD, 256, 4);
	put(CONFIG_DISCARD + 4, 1, 4);
	put(CONFIG_ZEROES, 64, 4);
	put(CONFIG_ZEROES + 4, 1, 4);
	blk = eft_page_alloc_zeroed(0);
	return start(&v, blk);
}

#define ALL                                                     \
	(1ull << BLOCK_SIZE | 1ull << FLUSH | 1ull << DISCARD | \
	 1ull << WRITE_ZEROES)

static unsigned came_back;
static int last_result;

static void note_done(struct eft_block_request *r)
{
	came_back++;
	last_result = r->result;
}

static uint8_t memory[64 * 4096] __attribute__((aligned(4096)));
static struct eft_block_part parts[DATA_PARTS + 1];

static struct eft_block_request make(enum eft_block_operation operation,
				     uint64_t at, uint64_t len, unsigned count)
{
	struct eft_block_request r = {operation, at,	    len,  parts,
				      count,	 note_done, NULL, 1};

	for (unsigned i = 0; i < count; i++)
		parts[i] =
			(struct eft_block_part){memory + i * 4096, len / count};
	return r;
}

static int do_it(struct eft_block_request *r)
{
	unsigned before = came_back;
	int err = blk->block.submit(&blk->block, r);

	if (err < 0) {
		check_eq(came_back, before);
		return err;
	}
	check_eq(came_back, before + 1);
	return last_result;
}

/* Random requests against a model of the disk. */
static void exchange(uint64_t features, unsigned sector)
{
	put(CONFIG_BLOCK, sector, 4);
	check(boot(features));
	check_eq(blk->block.sector_bytes, sector);
	check_eq(blk->block.bytes, DISK);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned count = 1 + unit_random(8);
		uint64_t len = (uint64_t)count * sector;
		uint64_t at = unit_random((DISK - len) / sector + 1) * sector;
		struct eft_block_request r =
			make(unit_random(5), at, len, count);

		if (r.operation == EFT_BLOCK_FLUSH)
			r.len = r.count = 0;
		if (r.operation > EFT_BLOCK_FLUSH)
			r.count = 0;
		for (unsigned i = 0; i < sizeof(memory); i += 4096)
			memset(memory + i, unit_random(256), sector);
		for (unsigned i = 0;
		     r.operation == EFT_BLOCK_WRITE && i < count; i++)
			memcpy(model + at + i * sector, parts[i].data, sector);
		if (r.operation == EFT_BLOCK_ZERO)
			memset(model + at, 0, len);
		check_eq(do_it(&r), r.operation == EFT_BLOCK_ZERO && len > 32768
					    ? -EINVAL
					    : 0);
		if (r.operation == EFT_BLOCK_DISCARD)
			memset(model + at, 0xdd, len);
		for (unsigned i = 0; r.operation == EFT_BLOCK_READ && i < count;
		     i++)
			check_eq(memcmp(parts[i].data, model + at + i * sector,
					sector),
				 0);
	}
	check_eq(memcmp(disk, model, DISK), 0);
	check(flushes > STEPS / 10);
}

Test(blk, exchange_512)
{
	exchange(ALL, 512);
}

Test(blk, exchange_4096_in_tables_by_index)
{
	exchange(ALL | 1ull << EFT_VIRTIO_INDIRECT |
			 1ull << EFT_VIRTIO_EVENT_IDX,
		 4096);
}

static void refused(enum eft_block_operation operation, uint64_t at,
		    uint64_t len, unsigned count, int error)
{
	struct eft_block_request r = make(operation, at, len, count);

	check_eq(do_it(&r), error);
	check_eq(seen, 0);
}

Test(blk, requests_that_are_none)
{
	check(boot(ALL));
	refused(EFT_BLOCK_READ, 0, 0, 0, -EINVAL);
	refused(EFT_BLOCK_READ, 1, 512, 1, -EINVAL);
	refused(EFT_BLOCK_READ, 0, 511, 1, -EINVAL);
	refused(EFT_BLOCK_READ, DISK, 512, 1, -EINVAL);
	refused(EFT_BLOCK_READ, DISK - 512, 1024, 1, -EINVAL);
	refused(EFT_BLOCK_READ, UINT64_MAX - 511, 1024, 1, -EINVAL);
	refused(EFT_BLOCK_WRITE, 0, (DATA_PARTS + 1) * 512, DATA_PARTS + 1,
		-EINVAL);
	refused(EFT_BLOCK_WRITE, 0, 1024, 3, -EINVAL); /* 1023 bytes of them */
	refused(EFT_BLOCK_FLUSH, 0, 512, 0, -EINVAL);
	refused(EFT_BLOCK_DISCARD, 0, 512, 1, -EINVAL);
	refused(EFT_BLOCK_DISCARD, 0, 512 * 257, 0, -EINVAL);
	refused(EFT_BLOCK_ZERO, 512, 512 * 65, 0, -EINVAL);
	refused(9, 0, 512, 1, -EINVAL);
}

Test(blk, read_only_and_poor)
{
	struct eft_block_request flush;

	check(boot(1ull << READ_ONLY));
	refused(EFT_BLOCK_WRITE, 0, 512, 1, -EROFS);
	refused(EFT_BLOCK_ZERO, 0, 512, 0, -EOPNOTSUPP);
	refused(EFT_BLOCK_DISCARD, 0, 512, 0, -EOPNOTSUPP);
	flush = make(EFT_BLOCK_FLUSH, 0, 0, 0);
	check_eq(do_it(&flush), 0); /* it writes through */
	check_eq(flushes, 0);
}

Test(blk, errors)
{
	struct eft_block_request r;

	check(boot(ALL));
	r = make(EFT_BLOCK_WRITE, 0, 512, 1);
	answer = 1;
	check_eq(do_it(&r), -EIO);
	answer = 2;
	check_eq(do_it(&r), -EOPNOTSUPP);
	answer = STATUS_NONE; /* it has written none */
	check_eq(do_it(&r), -EIO);
	answer = 77;
	check_eq(do_it(&r), -EIO);
	answer = -1;
	check_eq(do_it(&r), 0);
	check(!v.failed);
}

/* As many as there are cells, or descriptors; then one has to come back. */
Test(blk, full)
{
	static struct eft_block_request many[CELLS + 1];

	check(boot(ALL | 1ull << EFT_VIRTIO_INDIRECT));
	asleep = true;
	for (unsigned i = 0; i <= CELLS; i++) {
		many[i] = make(EFT_BLOCK_READ, 0, 512, 1);
		check_eq(blk->block.submit(&blk->block, &many[i]),
			 i < CELLS ? 0 : -EAGAIN);
	}
	run_device(&blk->queue[0]->queue);
	check_eq(came_back, CELLS);
	check_eq(blk->queue[0]->taken, 0);
	asleep = false;
	check_eq(do_it(&many[CELLS]), 0);
}

Test(blk, no_descriptor_is_left)
{
	static struct eft_block_request many[CELLS];
	unsigned fit = 0;

	check(boot(ALL));
	asleep = true;
	for (; fit < CELLS; fit++) {
		many[fit] = make(EFT_BLOCK_READ, 0, 512 * 8, 8);
		if (blk->block.submit(&blk->block, &many[fit]) < 0)
			break;
	}
	check_eq(fit, CELLS / 10);
	check_eq(__builtin_popcountll(blk->queue[0]->taken), fit);
	run_device(&blk->queue[0]->queue);
	check_eq(came_back, fit);
}

/* What it was lent fails when it lies, though its status is good. */
Test(blk, liar)
{
	static struct eft_block_request two[2];
	struct eft_virtq *q;

	check(boot(ALL));
	asleep = true;
	for (unsigned i = 0; i < 2; i++) {
		two[i] = make(EFT_BLOCK_READ, 0, 512, 1);
		check_eq(blk->block.submit(&blk->block, &two[i]), 0);
		blk->queue[0]->cell[i].shared->status = STATUS_OK;
	}
	q = &blk->queue[0]->queue.ring;
	q->used->ring[0] = (struct eft_virtq_used_elem){0, 514};
	q->used->idx = 1;
	eft_virtio_queue_interrupt(&blk->queue[0]->queue);
	check_eq(came_back, 2);
	check_eq(two[0].result, -EIO);
	check_eq(two[1].result, -EIO);
	check(strstr(fake_console, "virtio 2 at home: it wrote more") != NULL);
	check_eq(blk->block.submit(&blk->block, &two[0]), -EIO);
	check_eq(blk->queue[0]->taken, 0);
}

static void refused_disk(unsigned offset, uint64_t value, unsigned bytes,
			 uint64_t feature, const char *why)
{
	memset(&v, 0, sizeof(v));
	memcpy(v.name, "virtio 2 at home", 17);
	v.transport = &transport;
	offers = ALL | feature;
	put(offset, value, bytes);
	check(!start(&v, eft_page_alloc_zeroed(0)));
	check(strstr(fake_console, why) != NULL);
	check_eq(device_status, 0);
}

Test(blk, disks_that_are_none)
{
	check(boot(ALL));
	refused_disk(CONFIG_BLOCK, 0, 4, 0, "no size from 512");
	refused_disk(CONFIG_BLOCK, 1536, 4, 0, "no size from 512");
	refused_disk(CONFIG_BLOCK, 8192, 4, 0, "no size from 512");
	put(CONFIG_BLOCK, 4096, 4);
	refused_disk(CONFIG_PART_SIZE, 2048, 4, 1ull << PART_SIZE_MAX,
		     "no sector fits");
	refused_disk(CAPACITY, UINT64_MAX / SECTOR, 8, 0, "too large");
}

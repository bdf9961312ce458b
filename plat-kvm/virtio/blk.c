// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-blk (VIRTIO 1.2 §5.2). A request is a header, the data and a byte of
 * status; header and status lie in memory of ours, in a cell for each request
 * that is under way.
 *
 * LOCKS  A queue's, in device.c. A cell is taken and given by one bit.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/dev/block.h"
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/pte.h"

enum { /* features, §5.2.3 */
       PART_SIZE_MAX = 1,
       PARTS_MAX = 2,
       READ_ONLY = 5,
       BLOCK_SIZE = 6,
       FLUSH = 9,
       SEVERAL_QUEUES = 12,
       DISCARD = 13,
       WRITE_ZEROES = 14,
};

enum {		     /* configuration, §5.2.4 */
       CAPACITY = 0, /* in sectors of 512 bytes, as all is in requests */
       CONFIG_PART_SIZE = 8,
       CONFIG_PARTS = 12,
       CONFIG_BLOCK = 20,
       CONFIG_QUEUES = 34,
       CONFIG_DISCARD = 36,
       CONFIG_ZEROES = 48,
};

enum { TYPE_IN = 0, TYPE_OUT = 1, TYPE_FLUSH = 4 }; /* §5.2.6 */
enum { TYPE_DISCARD = 11, TYPE_ZEROES = 13 };
enum { STATUS_OK = 0, STATUS_UNSUPPORTED = 2, STATUS_NONE = 0xff };

enum { SECTOR = 512, CELLS = 64, DATA_PARTS = 32, QUEUES = 4 };

struct range { /* of a discard, §5.2.6 */
	uint64_t sector;
	uint32_t count, flags;
};

/* The device sees all of it. */
struct shared {
	uint32_t type, reserved;
	uint64_t sector;
	struct range range;
	uint8_t status, pad[15];
};

_Static_assert(offsetof(struct shared, range) == 16, "§5.2.6");
_Static_assert(sizeof(struct shared) * CELLS <= EFT_PAGE_SIZE, "one page");

struct cell {
	struct eft_block_request *request;
	struct shared *shared;
};

struct queue {
	struct eft_virtio_queue queue;
	uint64_t taken; /* a bit for each cell; atomic */
	struct cell cell[CELLS];
};

struct blk {
	struct eft_block block;
	struct eft_virtio *v;
	bool has_flush;
	unsigned queue_count;
	struct queue *queue[QUEUES];
};

_Static_assert(sizeof(struct queue) <= EFT_PAGE_SIZE, "");
_Static_assert(sizeof(struct blk) <= EFT_PAGE_SIZE, "");

static bool can(const struct eft_virtio *v, unsigned feature)
{
	return eft_virtio_has(v->features, feature);
}

static struct cell *take_cell(struct queue *q)
{
	int n = eft_take_bit(&q->taken);

	return n < 0 ? NULL : &q->cell[n];
}

static void give_cell(struct queue *q, struct cell *cell)
{
	eft_give_bit(&q->taken, cell - q->cell);
}

/* What the device wrote does not count once it has failed. */
static int result_of(const struct blk *blk, const struct cell *cell)
{
	uint8_t status =
		__atomic_load_n(&cell->shared->status, __ATOMIC_RELAXED);

	if (__atomic_load_n(&blk->v->failed, __ATOMIC_ACQUIRE))
		return -EIO;
	if (status == STATUS_UNSUPPORTED)
		return -EOPNOTSUPP;
	return status == STATUS_OK ? 0 : -EIO;
}

static void come_back(struct eft_virtio_queue *queue, void *cookie,
		      uint32_t len)
{
	struct queue *q = eft_container_of(queue, struct queue, queue);
	struct cell *cell = cookie;
	struct eft_block_request *request = cell->request;

	request->result = result_of(queue->driver, cell);
	give_cell(q, cell);
	request->done(request);
}

static void fill_shared(struct shared *s, const struct eft_block_request *r)
{
	static const uint32_t types[] = {
		[EFT_BLOCK_READ] = TYPE_IN,
		[EFT_BLOCK_WRITE] = TYPE_OUT,
		[EFT_BLOCK_FLUSH] = TYPE_FLUSH,
		[EFT_BLOCK_ZERO] = TYPE_ZEROES,
		[EFT_BLOCK_DISCARD] = TYPE_DISCARD,
	};
	bool data = r->operation <= EFT_BLOCK_WRITE;

	*s = (struct shared){
		.type = types[r->operation],
		.sector = data ? r->at / SECTOR : 0,
		.range = {r->at / SECTOR, r->len / SECTOR, 0},
		.status = STATUS_NONE,
	};
}

/* Header, data or the range, status: returns how many are read, then written. */
static void make_parts(const struct shared *s,
		       const struct eft_block_request *r,
		       struct eft_virtq_part *parts, unsigned *ret_out,
		       unsigned *ret_in)
{
	uint64_t phys = page_to_phys(s);
	unsigned n = 0;

	parts[n++] =
		(struct eft_virtq_part){phys, offsetof(struct shared, range)};
	if (r->operation == EFT_BLOCK_DISCARD || r->operation == EFT_BLOCK_ZERO)
		parts[n++] = (struct eft_virtq_part){
			phys + offsetof(struct shared, range),
			sizeof(struct range)};
	for (unsigned i = 0; i < r->count; i++)
		parts[n++] = (struct eft_virtq_part){
			page_to_phys(r->parts[i].data), r->parts[i].len};
	*ret_in = r->operation == EFT_BLOCK_READ ? r->count + 1 : 1;
	*ret_out = n + 1 - *ret_in;
	parts[n] = (struct eft_virtq_part){
		phys + offsetof(struct shared, status), 1};
}

static int lend(struct queue *q, struct eft_block_request *r)
{
	struct eft_virtq_part parts[DATA_PARTS + 2];
	struct cell *cell = take_cell(q);
	unsigned out, in;
	int err;

	if (!cell)
		return -EAGAIN;
	cell->request = r;
	fill_shared(cell->shared, r);
	make_parts(cell->shared, r, parts, &out, &in);
	err = eft_virtio_lend(&q->queue, parts, out, in, cell);
	if (err < 0)
		give_cell(q, cell);
	return err == -ENOSPC ? -EAGAIN : err;
}

/* A disk that has no flush writes through (§5.2.6.2). */
static int submit(struct eft_block *block, struct eft_block_request *r)
{
	struct blk *blk = (struct blk *)block;
	int err = eft_block_check(block, r);

	if (err < 0)
		return err;
	if (r->operation == EFT_BLOCK_FLUSH && !blk->has_flush) {
		r->result = 0;
		r->done(r);
		return 0;
	}
	return lend(blk->queue[eft_cpu()->number % blk->queue_count], r);
}

static bool get(struct eft_virtio *v, unsigned offset, void *value, size_t len)
{
	return eft_virtio_config(v, offset, value, len) == 0;
}

/* The limit of a discard or of zeroes, in bytes. */
static uint64_t limit(struct eft_virtio *v, unsigned feature, unsigned offset,
		      uint32_t sector_bytes)
{
	uint32_t sectors = 0, segments = 0;

	if (!can(v, feature) || !get(v, offset, &sectors, 4) ||
	    !get(v, offset + 4, &segments, 4) || segments == 0)
		return 0;
	return eft_align_down((uint64_t)sectors * SECTOR, sector_bytes);
}

static const char *read_facts(struct eft_virtio *v, struct blk *blk)
{
	struct eft_block *b = &blk->block;
	uint64_t sectors;
	uint32_t size = SECTOR, parts = DATA_PARTS, part_size = UINT32_MAX;

	if (!get(v, CAPACITY, &sectors, 8) ||
	    (can(v, BLOCK_SIZE) && !get(v, CONFIG_BLOCK, &size, 4)) ||
	    (can(v, PARTS_MAX) && !get(v, CONFIG_PARTS, &parts, 4)) ||
	    (can(v, PART_SIZE_MAX) && !get(v, CONFIG_PART_SIZE, &part_size, 4)))
		return "its configuration cannot be read";
	if (size < SECTOR || size > EFT_PAGE_SIZE || (size & (size - 1)) != 0)
		return "its sectors have no size from 512 to 4096";
	if (sectors > INT64_MAX / SECTOR)
		return "it is too large";
	if (part_size < size)
		return "no sector fits into a part of a request";
	b->bytes = eft_align_down(sectors * SECTOR, size);
	b->sector_bytes = size;
	b->part_bytes_max = eft_align_down(part_size, size);
	b->parts_max = eft_max(eft_min(parts, DATA_PARTS), 1);
	b->read_only = can(v, READ_ONLY);
	b->discard_max = limit(v, DISCARD, CONFIG_DISCARD, size);
	b->zero_max = limit(v, WRITE_ZEROES, CONFIG_ZEROES, size);
	blk->has_flush = can(v, FLUSH);
	return NULL;
}

static int start_queue(struct eft_virtio *v, struct blk *blk, unsigned n)
{
	struct queue *q = eft_page_for_platform(0);
	struct shared *shared = eft_page_for_platform(0);
	int err;

	if (!q || !shared)
		return -ENOMEM;
	for (unsigned i = 0; i < CELLS; i++)
		q->cell[i].shared = &shared[i];
	q->queue.driver = blk;
	err = eft_virtio_queue_start(v, n, &q->queue, CELLS,
				     blk->block.parts_max + 2, come_back);
	if (err == 0)
		blk->queue[blk->queue_count++] = q;
	return err;
}

/* One will do, if there is no more. */
static bool start_queues(struct eft_virtio *v, struct blk *blk)
{
	uint16_t count = 1;

	if (can(v, SEVERAL_QUEUES) && !get(v, CONFIG_QUEUES, &count, 2))
		count = 1;
	for (unsigned n = 0; n < eft_min(count, QUEUES); n++)
		if (start_queue(v, blk, n) < 0)
			break;
	return blk->queue_count > 0;
}

static bool start(struct eft_virtio *v, struct blk *blk)
{
	const uint64_t wanted = 1ull << PART_SIZE_MAX | 1ull << PARTS_MAX |
				1ull << READ_ONLY | 1ull << BLOCK_SIZE |
				1ull << FLUSH | 1ull << SEVERAL_QUEUES |
				1ull << DISCARD | 1ull << WRITE_ZEROES;
	const char *why;

	if (eft_virtio_begin(v, wanted) < 0)
		return false;
	blk->v = v;
	blk->block.device.name = v->name;
	blk->block.submit = submit;
	why = read_facts(v, blk);
	if (!why && !start_queues(v, blk))
		why = "its queue does not start";
	if (why) {
		eft_virtio_fail(v, why);
		return false;
	}
	eft_virtio_go(v);
	return true;
}

void eft_plat_guest_find_block(struct eft_device_class *class)
{
	struct eft_virtio *v = NULL;
	struct blk *blk;

	if (eft_plat != &eft_kvm_plat)
		return;
	while ((v = eft_virtio_find(EFT_VIRTIO_BLOCK, v))) {
		blk = eft_page_for_platform(0);
		if (blk && start(v, blk))
			eft_device_add(class, &blk->block.device);
	}
}

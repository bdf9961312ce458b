// SPDX-License-Identifier: BSD-3-Clause
/*
 * Requests of a thread that waits for them.
 *
 * HOW    A request that is too large for the disk goes in several. Where the
 *        disk has no room, or the heap none for a request, the thread waits
 *        until one of its own has ended. So does one that finds no memory at
 *        all, with a request on its stack: what is written back to free memory
 *        needs none.
 * LOCKS  A request ends in an interrupt, under the lock of its eft_io. Who
 *        waits looks under that lock too, so when it goes on nobody touches
 *        its memory any more.
 */
#include "core/abi.h"
#include "core/block/disk.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/time.h"

enum { PARTS = 32, RETRY_NS = 1000000 };

struct eft_io_request {
	struct eft_block_request block;
	struct eft_io *io;
	struct eft_disk *disk;
	uint64_t begun_ns;
	struct eft_io_request *next;
	bool owned; /* by who made it, not by the heap */
	unsigned room;
	struct eft_block_part *part; /* (room) of them */
};

static unsigned all_pending; /* atomic */

unsigned eft_io_pending(void)
{
	return __atomic_load_n(&all_pending, __ATOMIC_ACQUIRE);
}

void eft_io_begin(struct eft_io *io)
{
	*io = (struct eft_io){.thread = eft_current()};
	eft_lock_init(&io->lock, EFT_RANK_IO);
}

static void count(struct eft_io *io, int more)
{
	io->pending += (unsigned)more;
	__atomic_fetch_add(&all_pending, (unsigned)more, __ATOMIC_RELEASE);
}

/* Who sees that none is pending sees also whom the last one has woken. */
static void wake(struct eft_io *io)
{
	io->pending--;
	eft_thread_wake(io->thread);
	__atomic_fetch_sub(&all_pending, 1, __ATOMIC_RELEASE);
}

static void ended(struct eft_block_request *block)
{
	struct eft_io_request *request = block->arg;
	struct eft_io *io = request->io;

	eft_disk_count_end(request->disk, block->operation, block->len,
			   request->begun_ns, eft_now_ns());
	eft_lock(&io->lock);
	eft_assert(io->pending > 0);
	if (io->error == 0)
		io->error = block->result;
	if (!request->owned) {
		request->next = io->ended;
		io->ended = request;
	}
	wake(io);
	eft_unlock(&io->lock);
}

/* Free what has ended. How many have not? */
static unsigned sweep(struct eft_io *io)
{
	struct eft_io_request *request, *next;
	unsigned pending;

	eft_lock(&io->lock);
	request = io->ended;
	io->ended = NULL;
	pending = io->pending;
	eft_unlock(&io->lock);
	for (; request != NULL; request = next) {
		next = request->next;
		eft_free(request);
	}
	return pending;
}

/*
 * Wait until fewer than (pending) are under way. A wake-up may have been meant
 * for what the thread does around this, and is left to it.
 */
static void wait_for_fewer(struct eft_io *io, unsigned pending)
{
	bool slept = false;

	while (sweep(io) >= pending) {
		eft_sleep_through();
		slept = true;
	}
	if (slept)
		eft_thread_wake(io->thread);
}

static void fail(struct eft_io *io, int error)
{
	eft_lock(&io->lock);
	if (io->error == 0)
		io->error = error;
	eft_unlock(&io->lock);
}

/* The disk has no room: others' requests may fill it. */
static void wait_for_room(struct eft_io *io)
{
	unsigned pending = sweep(io);

	if (pending > 0)
		wait_for_fewer(io, pending);
	else
		eft_sleep(eft_now_ns() + RETRY_NS);
}

static void submit(struct eft_io *io, struct eft_disk *disk,
		   struct eft_io_request *request)
{
	struct eft_block *block = disk->block;
	int error;

	eft_assert(io->thread == eft_current());
	request->io = io;
	request->disk = disk;
	request->begun_ns = eft_now_ns();
	request->block.done = ended;
	request->block.arg = request;
	eft_disk_count_begin(disk, request->begun_ns);
	eft_lock(&io->lock);
	count(io, 1);
	eft_unlock(&io->lock);
	while ((error = block->submit(block, &request->block)) == -EAGAIN) {
		eft_lock(&io->lock);
		count(io, -1);
		eft_unlock(&io->lock);
		wait_for_room(io);
		eft_lock(&io->lock);
		count(io, 1);
		eft_unlock(&io->lock);
	}
	if (error != 0) { /* it was not taken */
		request->block.result = error;
		ended(&request->block);
	}
}

/* Is [at, at+len) within (disk), and a range of its sectors? */
static int check(const struct eft_disk *disk,
		 enum eft_block_operation operation, uint64_t at, uint64_t len)
{
	uint64_t mask = disk->block->sector_bytes - 1;

	if (at > disk->bytes || len > disk->bytes - at ||
	    ((at | len) & mask) != 0)
		return -EINVAL;
	if (disk->read_only && operation != EFT_BLOCK_READ &&
	    operation != EFT_BLOCK_FLUSH)
		return -EROFS;
	return 0;
}

static void fill(struct eft_io_request *request, const struct eft_disk *disk,
		 enum eft_block_operation operation, uint64_t at, uint64_t len)
{
	request->block.operation = operation;
	request->block.at = operation == EFT_BLOCK_FLUSH ? 0 : disk->start + at;
	request->block.len = len;
	request->block.parts = request->part;
}

/* A request with room for (count) parts; NULL: there is no memory. */
static struct eft_io_request *create(unsigned count)
{
	struct eft_io_request *request =
		eft_alloc(sizeof(*request) + count * sizeof(*request->part));

	if (request == NULL)
		return NULL;
	request->room = count;
	request->part = (struct eft_block_part *)(request + 1);
	return request;
}

/* One that needs no memory, and so is waited for. */
static void submit_alone(struct eft_io *io, struct eft_disk *disk,
			 enum eft_block_operation operation, uint64_t at,
			 struct eft_block_part *part, uint64_t len)
{
	struct eft_io_request request = {.owned = true, .part = part};

	wait_for_fewer(io, 1); /* so that what ends is this one */
	fill(&request, disk, operation, at, len);
	request.block.count = part != NULL;
	submit(io, disk, &request);
	wait_for_fewer(io, 1);
}

/*
 * Put parts of parts[0], from byte *skip of it on, into (request), as many as
 * the disk takes at once. Returns their bytes.
 */
static uint64_t take_parts(struct eft_io_request *request,
			   const struct eft_block *block,
			   const struct eft_block_part **parts, unsigned *count,
			   uint32_t *skip)
{
	unsigned max = eft_min(request->room, block->parts_max), n = 0;
	uint64_t len = 0;

	while (*count > 0 && n < max) {
		uint32_t left = (*parts)->len - *skip;
		uint32_t now = eft_min(left, block->part_bytes_max);

		request->part[n++] = (struct eft_block_part){
			(char *)(*parts)->data + *skip, now};
		len += now;
		*skip += now;
		if (now == left) {
			++*parts;
			--*count;
			*skip = 0;
		}
	}
	request->block.count = n;
	return len;
}

static void add_parts(struct eft_io *io, struct eft_disk *disk,
		      enum eft_block_operation operation, uint64_t at,
		      const struct eft_block_part *parts, unsigned count)
{
	uint32_t skip = 0;

	while (count > 0) {
		struct eft_io_request *request =
			create(eft_min(count + 1, PARTS));
		struct eft_block_part one;
		struct eft_io_request alone = {.room = 1, .part = &one};
		struct eft_io_request *filled =
			request != NULL ? request : &alone;
		uint64_t len =
			take_parts(filled, disk->block, &parts, &count, &skip);

		if (request != NULL) {
			fill(request, disk, operation, at, len);
			submit(io, disk, request);
		} else {
			submit_alone(io, disk, operation, at, &one, len);
		}
		at += len;
	}
}

/* Discards and zeroes, of as much at once as the disk takes. */
static void add_whole(struct eft_io *io, struct eft_disk *disk,
		      enum eft_block_operation operation, uint64_t at,
		      uint64_t len)
{
	uint64_t max = operation == EFT_BLOCK_DISCARD ? disk->block->discard_max
						      : disk->block->zero_max;

	if (max == 0) {
		fail(io, -EOPNOTSUPP);
		return;
	}
	while (len > 0) {
		uint64_t now = eft_min(len, max);
		struct eft_io_request *request = create(0);

		if (request != NULL) {
			fill(request, disk, operation, at, now);
			submit(io, disk, request);
		} else {
			submit_alone(io, disk, operation, at, NULL, now);
		}
		at += now;
		len -= now;
	}
}

void eft_io_add(struct eft_io *io, struct eft_disk *disk,
		enum eft_block_operation operation, uint64_t at,
		const struct eft_block_part *parts, unsigned count)
{
	uint64_t len = 0;
	int error;

	for (unsigned i = 0; i < count; i++)
		len += parts[i].len;
	error = check(disk, operation, at, len);
	if (error != 0)
		fail(io, error);
	else
		add_parts(io, disk, operation, at, parts, count);
}

void eft_io_add_one(struct eft_io *io, struct eft_disk *disk,
		    enum eft_block_operation operation, uint64_t at, void *data,
		    uint64_t len)
{
	struct eft_block_part part = {data, (uint32_t)len};
	struct eft_io_request *request;
	int error;

	if (operation == EFT_BLOCK_READ || operation == EFT_BLOCK_WRITE) {
		eft_assert(len <= UINT32_MAX);
		eft_io_add(io, disk, operation, at, &part, 1);
		return;
	}
	error = check(disk, operation, at, len);
	if (error != 0) {
		fail(io, error);
	} else if (operation != EFT_BLOCK_FLUSH) {
		add_whole(io, disk, operation, at, len);
	} else if ((request = create(0)) != NULL) {
		fill(request, disk, operation, 0, 0);
		submit(io, disk, request);
	} else {
		submit_alone(io, disk, operation, 0, NULL, 0);
	}
}

int eft_io_wait(struct eft_io *io)
{
	wait_for_fewer(io, 1);
	return io->error;
}

static int transfer(struct eft_disk *disk, enum eft_block_operation operation,
		    uint64_t at, void *data, uint64_t len)
{
	struct eft_io io;

	eft_io_begin(&io);
	eft_io_add_one(&io, disk, operation, at, data, len);
	return eft_io_wait(&io);
}

int eft_disk_read(struct eft_disk *disk, uint64_t at, void *data, uint64_t len)
{
	return transfer(disk, EFT_BLOCK_READ, at, data, len);
}

size_t eft_disk_read_out(struct eft_disk *disk, uint64_t at, void eft_user *buf,
			 size_t len)
{
	struct eft_block *block = disk->block;
	uint64_t begun_ns;
	size_t n;

	if (block->read_out == NULL ||
	    check(disk, EFT_BLOCK_READ, at, len) != 0)
		return 0;
	begun_ns = eft_now_ns();
	eft_disk_count_begin(disk, begun_ns);
	n = block->read_out(block, disk->start + at, buf, len);
	eft_disk_count_end(disk, EFT_BLOCK_READ, n, begun_ns, eft_now_ns());
	return n;
}

int eft_disk_write(struct eft_disk *disk, uint64_t at, void *data, uint64_t len)
{
	return transfer(disk, EFT_BLOCK_WRITE, at, data, len);
}

int eft_disk_flush(struct eft_disk *disk)
{
	return transfer(disk, EFT_BLOCK_FLUSH, 0, NULL, 0);
}

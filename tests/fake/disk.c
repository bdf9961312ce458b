// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fake/disk.h"
#include "core/abi.h"
#include "core/log.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

/* A request, and all that there is to know of it afterwards. */
struct fake_disk_request {
	struct fake_disk_request *next; /* in the order of submission */
	struct fake_disk *disk;
	struct eft_block_request *request; /* until it comes back */
	enum eft_block_operation operation;
	uint64_t at, len;
	uint64_t submitted, ended; /* moments; UINT64_MAX: not yet */
	bool fails;
	uint8_t data[]; /* of a write */
};

/* A seeded sequence (xorshift64*), as unit_random(). */
static uint64_t next_random(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * 2685821657736338717u >> 11) % below;
}

/*
 * The sectors of a write are fetched when it is submitted, or again when it
 * comes back: who changes them meanwhile gets something of both.
 */
static void fetch(struct fake_disk_request *r, bool again)
{
	uint64_t *seed = &r->disk->seed;
	uint8_t *to = r->data;

	for (unsigned i = 0; i < r->request->count; i++) {
		const struct eft_block_part *part = &r->request->parts[i];
		const uint8_t *from = part->data;

		for (uint32_t n = 0; n < part->len; n += FAKE_DISK_SECTOR) {
			if (!again || next_random(seed, 2) == 0)
				memcpy(to, from + n, FAKE_DISK_SECTOR);
			to += FAKE_DISK_SECTOR;
		}
	}
}

static void give(const struct fake_disk_request *r)
{
	const uint8_t *from = r->disk->data + r->at;

	for (unsigned i = 0; i < r->request->count; i++) {
		const struct eft_block_part *part = &r->request->parts[i];

		memcpy(part->data, from, part->len);
		from += part->len;
	}
}

static void perform(struct fake_disk_request *r)
{
	switch (r->operation) {
	case EFT_BLOCK_READ:
		give(r);
		break;
	case EFT_BLOCK_WRITE:
		fetch(r, true);
		memcpy(r->disk->data + r->at, r->data, r->len);
		break;
	case EFT_BLOCK_FLUSH:
		break;
	case EFT_BLOCK_DISCARD:
	case EFT_BLOCK_ZERO:
		memset(r->data, 0, r->len);
		memset(r->disk->data + r->at, 0, r->len);
		break;
	}
}

/* It comes back. Interrupt. */
static void come_back(void *arg)
{
	struct fake_disk_request *r = arg;
	struct eft_block_request *request = r->request;
	struct fake_disk *disk = r->disk;

	if (!r->fails) {
		perform(r);
		r->ended = disk->moments++;
	}
	disk->pending--;
	r->request = NULL;
	request->result = !r->fails	       ? 0
			  : disk->fail_by != 0 ? disk->fail_by
					       : -EIO;
	request->done(request);
}

static bool is_to_fail(struct fake_disk *disk, enum eft_block_operation op)
{
	uint64_t number = ++disk->count[op], first = disk->fail[op];

	return first != 0 && number >= first &&
	       number - first <= disk->fail_more;
}

/* The history keeps what changes something, or makes that last. */
static struct fake_disk_request *create(struct fake_disk *disk,
					struct eft_block_request *request)
{
	bool has_data = request->operation != EFT_BLOCK_READ &&
			request->operation != EFT_BLOCK_FLUSH;
	struct fake_disk_request *r =
		host_calloc(sizeof(*r) + (has_data ? request->len : 0));

	r->disk = disk;
	r->request = request;
	r->operation = request->operation;
	r->at = request->at;
	r->len = request->len;
	r->submitted = disk->moments++;
	r->ended = UINT64_MAX;
	r->fails = is_to_fail(disk, r->operation);
	*disk->history_end = r;
	disk->history_end = &r->next;
	return r;
}

static int submit(struct eft_block *block, struct eft_block_request *request)
{
	struct fake_disk *disk =
		eft_container_of(block, struct fake_disk, block);
	int error = eft_block_check(block, request);
	struct fake_disk_request *r;

	if (error != 0)
		return error;
	if (disk->pending == disk->depth)
		return -EAGAIN;
	disk->pending++;
	r = create(disk, request);
	if (r->operation == EFT_BLOCK_WRITE)
		fetch(r, false);
	if (disk->delay_ns == 0)
		fake_interrupt(come_back, r);
	else
		fake_interrupt_at(
			fake_now + next_random(&disk->seed, disk->delay_ns),
			come_back, r);
	return 0;
}

void fake_disk_init(struct fake_disk *disk, uint64_t bytes)
{
	*disk = (struct fake_disk){
		.block = {.device.name = "fake disk",
			  .bytes = bytes,
			  .sector_bytes = FAKE_DISK_SECTOR,
			  .part_bytes_max = 65536,
			  .parts_max = 8,
			  .discard_max = bytes,
			  .zero_max = bytes,
			  .submit = submit},
		.disk = {.block = &disk->block, .bytes = bytes, .name = "vda"},
		.data = host_calloc(bytes),
		.depth = FAKE_DISK_DEPTH,
		.seed = 1,
		.history_end = &disk->history,
	};
}

static void forget_history(struct fake_disk *disk)
{
	struct fake_disk_request *r, *next;

	eft_assert(disk->pending == 0);
	for (r = disk->history; r != NULL; r = next) {
		next = r->next;
		host_free(r);
	}
	disk->history = NULL;
	disk->history_end = &disk->history;
}

void fake_disk_begin(struct fake_disk *disk)
{
	forget_history(disk);
	if (disk->first == NULL)
		disk->first = host_calloc(disk->block.bytes);
	memcpy(disk->first, disk->data, disk->block.bytes);
	memset(disk->count, 0, sizeof(disk->count));
	disk->moments = 0;
}

void fake_disk_fini(struct fake_disk *disk)
{
	forget_history(disk);
	host_free(disk->first);
	host_free(disk->data);
}

/* What came back before this moment lasts at (moment). */
static uint64_t lasting(const struct fake_disk *disk, uint64_t moment)
{
	uint64_t flushed = 0;

	for (const struct fake_disk_request *r = disk->history; r; r = r->next)
		if (r->operation == EFT_BLOCK_FLUSH && r->ended < moment)
			flushed = eft_max(flushed, r->submitted);
	return flushed;
}

/* All of it has come to the disk, none, or some sectors. */
static void perhaps(const struct fake_disk_request *r, uint64_t *seed,
		    uint8_t *image)
{
	uint64_t how = next_random(seed, 4);

	if (how == 0)
		return;
	for (uint64_t n = 0; n < r->len; n += FAKE_DISK_SECTOR)
		if (how > 1 || next_random(seed, 2) == 0)
			memcpy(image + r->at + n, r->data + n,
			       FAKE_DISK_SECTOR);
}

void fake_disk_image(const struct fake_disk *disk, uint64_t moment,
		     uint64_t seed, uint8_t *image)
{
	uint64_t flushed = lasting(disk, moment);
	const struct fake_disk_request *r;

	seed = seed * 2685821657736338717u + 88172645463325252u;
	memcpy(image, disk->first, disk->block.bytes);
	for (r = disk->history; r && r->submitted < moment; r = r->next) {
		if (r->operation == EFT_BLOCK_READ ||
		    r->operation == EFT_BLOCK_FLUSH)
			continue;
		if (r->ended < flushed)
			memcpy(image + r->at, r->data, r->len);
		else
			perhaps(r, &seed, image);
	}
}

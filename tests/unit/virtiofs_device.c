// SPDX-License-Identifier: BSD-3-Clause
/*
 * The driver of virtio-fs (plat-kvm/virtio/fs.c) against a device in memory, by
 * VIRTIO 1.2 §5.11, that does as it should, or lies.
 */
#include "core/dev/share.h"
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/pte.h"
#include "tests/unit/unit.h"

/* Physical addresses are virtual ones here. */
#define page_to_phys(page) ((uintptr_t)(page))
#include "plat-kvm/virtio/fs.c"
#include "plat-kvm/virtio/share.c"

#include "plat-kvm/virtio/device.c"
#include "tests/fake/virtio.h"

enum { CONFIG = 40, QUEUES_HERE = 7 };
static uint16_t seen[QUEUES_HERE];
static unsigned served[QUEUES_HERE];
static int more; /* bytes that it says it wrote, over what is right */
static struct fs *fs;

/* The server adds up what it reads, and fills what it writes with that. */
static uint32_t serve(const struct eft_virtq_desc *table,
		      const struct eft_virtq_desc *d)
{
	uint32_t written = 0;
	uint8_t sum = 0;

	for (;; d = &table[d->next]) {
		uint8_t *data = (uint8_t *)d->addr;

		for (uint32_t i = 0; i < d->len; i++) {
			if (d->flags & WRITABLE)
				data[i] = sum;
			else
				sum += data[i];
		}
		written += d->flags & WRITABLE ? d->len : 0;
		if (!(d->flags & NEXT))
			return written;
	}
}

static void run_device(struct eft_virtio_queue *queue)
{
	struct eft_virtq *q = &queue->ring;
	unsigned n = queue->number;

	while (seen[n] != q->avail->idx) {
		uint16_t head = q->avail->ring[seen[n]++ % q->size];
		const struct eft_virtq_desc *d = &q->desc[head];
		uint32_t len = d->flags & INDIRECT
				       ? serve((void *)d->addr, (void *)d->addr)
				       : serve(q->desc, d);

		q->used->ring[q->used->idx++ % q->size] =
			(struct eft_virtq_used_elem){head, len + more};
		served[n]++;
	}
	eft_virtio_queue_interrupt(queue);
}

/* As most tests have it: with indirect tables, and more queues than there are CPUs. */
static void be_usual(void)
{
	config_len = CONFIG;
	queues = QUEUES_HERE;
	offers = 1ull << EFT_VIRTIO_INDIRECT | 1; /* and notifications */
}

TestSuite(virtiofs_device, .init = be_usual);

static bool boot(const char *tag, uint32_t requests)
{
	fake_boot(NULL);
	begin_device("virtio 1a at home");
	memcpy(config_bytes, tag, strlen(tag));
	memcpy(config_bytes + 36, &requests, 4);
	fs = eft_page_alloc_zeroed(0);
	return start(&v, fs);
}

static uint8_t memory[40 * 4096];
static struct eft_share_part parts[40];
static unsigned came_back_count;

static void note_done(struct eft_share_request *r)
{
	check_eq(eft_share_pending() > 0, true);
	came_back_count++;
}

static struct eft_share_request make(unsigned out, unsigned in, bool urgent)
{
	for (unsigned i = 0; i < out + in; i++)
		parts[i] = (struct eft_share_part){memory + i * 4096, 100 + i};
	return (struct eft_share_request){.parts = parts,
					  .out = out,
					  .in = in,
					  .urgent = urgent,
					  .done = note_done,
					  .result = 77};
}

static int submit_one(struct eft_share_request *r)
{
	return fs->share.submit(&fs->share, r);
}

Test(virtiofs_device, requests)
{
	struct eft_share_request r;

	check(boot("a folder", 3));
	check_str(fs->share.tag, "a folder");
	check_eq(fs->share.protocol, EFT_SHARE_FUSE);
	check_eq(fs->share.parts_max, EFT_VIRTIO_SHARE_PARTS);
	check_eq(fs->queue_count, 4);
	check_eq(v.features & 1, 0); /* no notifications */
	r = make(2, 3, false);
	memset(memory, 1, 4096);
	memset(memory + 4096, 2, 4096);
	check_eq(submit_one(&r), 0);
	check_eq(came_back_count, 1);
	check_eq(r.result, 0);
	check_eq(r.len, 102 + 103 + 104);
	check_eq(memory[2 * 4096], (uint8_t)(100 + 2 * 101));
	check_eq(memory[4 * 4096 + 103], memory[2 * 4096]);
	check_eq(memory[4 * 4096 + 104], 0);
	check_eq(served[1], 1); /* that of CPU 0 */
	r = make(1, 0, true);
	check_eq(submit_one(&r), 0);
	check_eq(served[0], 1);
	check_eq(r.len, 0);
	r = make(3, EFT_VIRTIO_SHARE_PARTS - 3, false);
	check_eq(submit_one(&r), 0);
	check_eq(came_back_count, 3);
	check_eq(eft_share_pending(), 0);
}

Test(virtiofs_device, longest_tag)
{
	check(boot("123456789012345678901234567890123456", 1));
	check_str(fs->share.tag, "123456789012345678901234567890123456");
	check_eq(fs->queue_count, 2);
}

/* It has more queues than CPUs are worth; or fewer than it says. */
Test(virtiofs_device, queues)
{
	check(boot("x", 100));
	check_eq(fs->queue_count, QUEUES);
	queues = 3;
	check(boot("x", 100));
	check_eq(fs->queue_count, 3);
}

/* Without tables no request has more parts than there are descriptors. */
Test(virtiofs_device, small)
{
	struct eft_share_request r;

	offers = 0;
	descriptors = 16;
	check(boot("x", 1));
	check_eq(fs->share.parts_max, 16);
	asleep = true;
	r = make(1, 15, false);
	check_eq(submit_one(&r), 0);
	r = make(1, 0, false);
	check_eq(submit_one(&r), -EAGAIN);
	check_eq(eft_share_pending(), 1);
	run_device(&fs->queue[1]);
	check_eq(came_back_count, 1);
	check_eq(submit_one(&r), 0);
}

/* What it was lent comes back, now and from now on. */
static void check_gone(struct eft_share_request *r)
{
	check(v.failed);
	check_eq(came_back_count, 2);
	check_eq(r[0].result, -EIO);
	check_eq(r[1].result, -EIO);
	check_eq(r[0].len, 0);
	check_eq(submit_one(&r[0]), -EIO);
	check_eq(eft_share_pending(), 0);
	check_eq(device_status, 0);
}

Test(virtiofs_device, liar)
{
	struct eft_share_request r[2];

	check(boot("x", 1));
	asleep = true;
	r[0] = r[1] = make(1, 1, false);
	check_eq(submit_one(&r[0]), 0);
	r[1].urgent = true;
	check_eq(submit_one(&r[1]), 0);
	more = 1;
	run_device(&fs->queue[1]);
	check_gone(r);
	check(strstr(fake_console, "it wrote more") != NULL);
}

Test(virtiofs_device, given_up)
{
	struct eft_share_request r[2];

	check(boot("x", 1));
	asleep = true;
	r[0] = r[1] = make(1, 1, false);
	check_eq(submit_one(&r[0]), 0);
	check_eq(submit_one(&r[1]), 0);
	fs->share.fail(&fs->share);
	check_gone(r);
	fs->share.fail(&fs->share);
	check(strstr(fake_console, "its server is given up") != NULL);
}

static void check_refused(const char *why)
{
	check(strstr(fake_console, why) != NULL);
	check_eq(device_status, 0);
}

Test(virtiofs_device, that_are_none)
{
	check(!boot("", 1));
	check_refused("its tag is empty");
	check(!boot("x", 0));
	check_refused("no queue for requests");
	config_len = 38;
	check(!boot("x", 1));
	check_refused("cannot be read");
	config_len = CONFIG;
	queues = 1;
	check(!boot("x", 1));
	check_refused("do not start");
	queues = 2;
	descriptors = 4;
	check(!boot("x", 1));
	check_refused("do not start");
}

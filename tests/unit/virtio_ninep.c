// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-9p (plat-kvm/virtio/ninep.c) against a device in memory that does as
 * it should, fails, or lies.
 */
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/pte.h"
#include "tests/unit/unit.h"

/* Physical addresses are virtual ones here. */
#define page_to_phys(page) ((uintptr_t)(page))
#include "plat-kvm/virtio/device.c"
#define fail ninep_fail
#include "plat-kvm/virtio/ninep.c"
#include "plat-kvm/virtio/share.c"
#include "tests/fake/virtio.h"

static struct ninep *ninep;

/* What it is lent it uses when a test says so. */
static void run_device(struct eft_virtio_queue *queue)
{
}

static bool begin(uint64_t features, const char *tag, unsigned len)
{
	begin_device("virtio 9 at home");
	offers = features;
	config_bytes[0] = (uint8_t)len;
	config_bytes[1] = (uint8_t)(len >> 8);
	memcpy(config_bytes + 2, tag, eft_strlen(tag));
	config_len = 2 + (unsigned)eft_strlen(tag);
	ninep = eft_page_alloc_zeroed(0);
	return start(&v, ninep);
}

static bool boot(uint64_t features)
{
	fake_boot(NULL);
	return begin(1ull << MOUNT_TAG | features, "src", 3);
}

static uint8_t memory[PARTS_MAX * 4096] __attribute__((aligned(4096)));
static struct eft_share_part shared[PARTS_MAX];
static unsigned came_back;

static void note_done(struct eft_share_request *request)
{
	came_back++;
}

static struct eft_share_request make(unsigned out, unsigned in)
{
	for (unsigned i = 0; i < out + in; i++)
		shared[i] = (struct eft_share_part){memory + i * 4096, 10 + i};
	return (struct eft_share_request){.parts = shared,
					  .out = out,
					  .in = in,
					  .result = 1,
					  .done = note_done};
}

static int submit_one(struct eft_share_request *request)
{
	return ninep->share.submit(&ninep->share, request);
}

static void use(unsigned slot, uint32_t id, uint32_t len)
{
	struct eft_virtq *q = &ninep->queue.ring;

	q->used->ring[slot] = (struct eft_virtq_used_elem){id, len};
	q->used->idx = (uint16_t)(slot + 1);
	eft_virtio_queue_interrupt(&ninep->queue);
}

static void exchange(uint64_t features)
{
	struct eft_share_request request;
	const struct eft_virtq_desc *d;
	struct eft_virtq *q;

	check(boot(features));
	check_str(ninep->share.tag, "src");
	check_eq(ninep->share.protocol, EFT_SHARE_9P);
	q = &ninep->queue.ring;
	request = make(2, 32);
	check_eq(submit_one(&request), 0);
	check_eq(eft_share_pending(), 1);
	d = &q->desc[q->avail->ring[0]];
	if (d->flags & INDIRECT)
		d = (const void *)d->addr;
	for (unsigned i = 0; i < 34; i++) {
		check_eq(d[i].addr, (uintptr_t)(memory + i * 4096));
		check_eq(d[i].len, 10 + i);
		check_eq(d[i].flags & WRITABLE, i < 2 ? 0 : WRITABLE);
		check_eq(d[i].flags & NEXT, i < 33 ? NEXT : 0);
	}
	use(0, q->avail->ring[0], 77);
	check_eq(came_back, 1);
	check_eq(request.result, 0);
	check_eq(request.len, 77);
	check_eq(eft_share_pending(), 0);
	check(!v.failed);
}

Test(virtio_ninep, exchange)
{
	exchange(0);
}

Test(virtio_ninep, exchange_in_tables)
{
	exchange(1ull << EFT_VIRTIO_INDIRECT | 1ull << EFT_VIRTIO_EVENT_IDX);
}

Test(virtio_ninep, full)
{
	static struct eft_share_request many[QUEUE_SIZE + 1];

	check(boot(1ull << EFT_VIRTIO_INDIRECT));
	for (unsigned i = 0; i <= QUEUE_SIZE; i++) {
		many[i] = make(1, 1);
		check_eq(submit_one(&many[i]), i < QUEUE_SIZE ? 0 : -EAGAIN);
	}
	check_eq(eft_share_pending(), QUEUE_SIZE);
	use(0, ninep->queue.ring.avail->ring[7], 11);
	check_eq(came_back, 1);
	check_eq(many[7].result, 0);
	check_eq(submit_one(&many[QUEUE_SIZE]), 0);
	check_eq(many[QUEUE_SIZE].result, 1);
}

/* All that it was lent comes back, and it gets no more. */
static void check_given_up(struct eft_share_request two[2], const char *why)
{
	check(v.failed);
	check_eq(came_back, 2);
	check_eq(two[0].result, -EIO);
	check_eq(two[1].result, -EIO);
	check_eq(two[0].len, 0);
	check_eq(eft_share_pending(), 0);
	check_eq(device_status, 0);
	check(strstr(fake_console, why) != NULL);
	check_eq(submit_one(&two[0]), -EIO);
	check_eq(eft_share_pending(), 0);
	came_back = 0;
}

static void lend_two(struct eft_share_request two[2])
{
	check(boot(1ull << EFT_VIRTIO_INDIRECT));
	for (unsigned i = 0; i < 2; i++) {
		two[i] = make(1, 2);
		check_eq(submit_one(&two[i]), 0);
	}
}

Test(virtio_ninep, device_writes_too_much)
{
	static struct eft_share_request two[2];

	lend_two(two);
	use(0, 0, 11 + 12 + 1);
	check_given_up(two, "virtio 9 at home: it wrote more");
}

Test(virtio_ninep, device_answers_what_it_was_not_asked)
{
	static struct eft_share_request two[2];

	lend_two(two);
	use(0, 5, 11);
	check_given_up(two, "virtio 9 at home: it used what it was not lent");
}

Test(virtio_ninep, device_answers_twice)
{
	static struct eft_share_request two[2];

	lend_two(two);
	use(0, 0, 11);
	check_eq(came_back, 1);
	check_eq(two[0].result, 0);
	use(1, 0, 11);
	check_eq(came_back, 2);
	check_eq(two[1].result, -EIO);
	check(v.failed);
}

Test(virtio_ninep, server_is_given_up)
{
	static struct eft_share_request two[2];

	lend_two(two);
	ninep->share.fail(&ninep->share);
	check_given_up(two, "virtio 9 at home: its server");
	ninep->share.fail(&ninep->share);
	check_eq(came_back, 0);
}

static void refused(uint64_t features, const char *tag, unsigned len,
		    const char *why)
{
	fake_console_clear();
	check(!begin(features, tag, len));
	check(v.failed);
	check(strstr(fake_console, why) != NULL);
}

Test(virtio_ninep, devices_that_are_none)
{
	const uint64_t has_tag = 1ull << MOUNT_TAG;
	static const char longest[] = "123456789012345678901234567890123456";

	fake_boot(NULL);
	check(begin(has_tag, longest, 36));
	check_str(ninep->share.tag, longest);
	refused(0, "src", 3, "it has no tag");
	refused(has_tag, "", 0, "no length from 1");
	refused(has_tag, "1234567890123456789012345678901234567", 37,
		"no length from 1");
	refused(has_tag, "src", 4, "cannot be read");
	config_bytes[3] = 0;
	refused(has_tag, "s", 1 << 8, "no length from 1");
	descriptors = 32; /* less than a request has parts */
	refused(has_tag, "src", 3, "queue does not start");
	refused(has_tag | 1ull << EFT_VIRTIO_INDIRECT, "src", 3,
		"queue is too short");
}

Test(virtio_ninep, tag_with_a_nul)
{
	fake_boot(NULL);
	v.transport = &transport;
	config_bytes[0] = 3;
	memcpy(config_bytes + 2, "s\0c", 3);
	config_len = 5;
	offers = 1ull << MOUNT_TAG;
	check(!start(&v, eft_page_alloc_zeroed(0)));
	check(strstr(fake_console, "its tag is no text") != NULL);
}

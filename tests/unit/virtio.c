// SPDX-License-Identifier: BSD-3-Clause
/*
 * A virtio device's life (plat-kvm/virtio/device.c) over a transport of
 * the test's own, whose device does as it should, or lies. And the words that
 * tell of devices on a command line.
 */
#include "plat-kvm/virtio/virtio.h"
#include "tests/unit/unit.h"

#include "plat-kvm/x86/pte.h"

/* Physical addresses are virtual ones here. */
#define page_to_phys(page) ((uintptr_t)(page))
#include "plat-kvm/virtio/device.c"

struct eft_kvm_features eft_kvm_features;

/* The device: what it has been told, and how it behaves. */
static struct {
	uint8_t status;
	bool never_resets, refuses_features, is_old, is_small, is_packed;
	uint64_t accepted;
	unsigned notified, generations, generation, why;
} device;

static struct eft_virtio v;
static struct eft_virtio_queue queue;
static uint64_t now_ns;
static uint16_t seen;

uint64_t eft_kvm_monotonic_ns(void)
{
	return now_ns += 1000000;
}

static uint8_t get_status(struct eft_virtio *self)
{
	return device.status;
}

static void set_status(struct eft_virtio *self, uint8_t status)
{
	if (status == 0 && device.never_resets)
		return;
	if (device.refuses_features)
		status &= ~EFT_VIRTIO_FEATURES_OK;
	device.status = status;
}

static uint64_t offered(struct eft_virtio *self)
{
	if (device.is_old)
		return UINT32_MAX;
	return device.is_packed ? UINT64_MAX : UINT64_MAX & ~(1ull << 34);
}

static void accept(struct eft_virtio *self, uint64_t features)
{
	check(device.status & EFT_VIRTIO_DRIVER);
	check(!(device.status & EFT_VIRTIO_FEATURES_OK));
	device.accepted = features;
}

static uint32_t generation(struct eft_virtio *self)
{
	if (device.generations > 0) {
		device.generations--;
		device.generation++;
	}
	return device.generation;
}

static bool config(struct eft_virtio *self, unsigned offset, uint8_t *ret)
{
	*ret = 0x10 + offset;
	return offset < 8;
}

static unsigned queue_max(struct eft_virtio *self, unsigned n)
{
	return n == 0 ? (device.is_small ? 3 : 256) : 0;
}

static int queue_start(struct eft_virtio *self, struct eft_virtio_queue *q)
{
	check(device.status & EFT_VIRTIO_FEATURES_OK);
	check(!(device.status & EFT_VIRTIO_DRIVER_OK));
	return 0;
}

static void notify(struct eft_virtio_queue *q)
{
	check(q == &queue && device.status & EFT_VIRTIO_DRIVER_OK);
	device.notified++;
}

static unsigned acknowledge(struct eft_virtio *self)
{
	unsigned why = device.why;

	device.why = 0;
	return why;
}

static const struct eft_virtio_transport transport = {
	.status = get_status,
	.set_status = set_status,
	.offered = offered,
	.accept = accept,
	.generation = generation,
	.config = config,
	.queue_max = queue_max,
	.queue_start = queue_start,
	.notify = notify,
	.acknowledge = acknowledge,
};

static unsigned used_count, used_bytes;

static void note_used(struct eft_virtio_queue *q, void *cookie, uint32_t len)
{
	check(q == &queue && cookie != NULL);
	used_count++;
	used_bytes += len;
}

static void boot(void)
{
	fake_boot(NULL);
	v.transport = &transport;
	memcpy(v.name, "virtio 4 at home", 17);
}

static void bring_up(void)
{
	boot();
	check_eq(eft_virtio_begin(&v, 1), 0);
	check_eq(eft_virtio_queue_start(&v, 0, &queue, 8, 2, note_used), 0);
	eft_virtio_go(&v);
	check_eq(device.status, EFT_VIRTIO_ACKNOWLEDGE | EFT_VIRTIO_DRIVER |
					EFT_VIRTIO_FEATURES_OK |
					EFT_VIRTIO_DRIVER_OK);
}

static void use(uint32_t id, uint32_t len)
{
	struct eft_virtq *q = &queue.ring;

	q->used->ring[q->used->idx % q->size] =
		(struct eft_virtq_used_elem){id, len};
	q->used->idx++;
}

static const struct eft_virtq_part part = {0x1000, 100};

Test(virtio, life)
{
	bring_up();
	check_eq(device.accepted,
		 1ull << 0 | 1ull << 28 | 1ull << 29 | 1ull << 32 | 1ull << 33);
	check_eq(queue.ring.size, 8);
	check_eq(eft_virtio_lend(&queue, &part, 0, 1, &v), 0);
	check_eq(device.notified, 1);
	use(queue.ring.avail->ring[seen++], 60);
	device.why = EFT_VIRTIO_USED;
	eft_virtio_line_interrupt(&v);
	check_eq(used_count, 1);
	check_eq(used_bytes, 60);
	use(0, 0);
	eft_virtio_line_interrupt(&v); /* another device's, on the same line */
	check(!v.failed);
	check_eq(eft_virtio_queue_start(&v, 1, &queue, 8, 2, note_used),
		 -ENODEV);
}

/* Where barriers are none, nobody is spared a notification. */
static void tell_all(void)
{
	uint16_t *quiet;

	eft_virtio_tells_all = true;
	bring_up();
	check_eq(device.accepted & 1ull << EFT_VIRTIO_EVENT_IDX, 0);
	quiet = device.is_packed ? &queue.ring.device_event->flags
				 : &queue.ring.used->flags;
	*quiet = 1;
	for (unsigned i = 0; i < 3; i++)
		check_eq(eft_virtio_lend(&queue, &part, 0, 1, &v), 0);
	check_eq(device.notified, 3);
}

Test(virtio, tells_all)
{
	tell_all();
	check_eq(queue.ring.avail->flags, 0);
}

Test(virtio, tells_all_of_packed)
{
	device.is_packed = true;
	tell_all();
	check_eq(queue.ring.driver_event->flags, 0);
}

/* Of a packed ring the device's areas are where the transport says. */
Test(virtio, packed)
{
	struct eft_virtq_packed_desc *desc;

	device.is_packed = true;
	bring_up();
	check_eq(device.accepted, 1ull << 0 | 1ull << 28 | 1ull << 29 |
					  1ull << 32 | 1ull << 33 | 1ull << 34);
	check_eq(eft_virtio_lend(&queue, &part, 0, 1, &v), 0);
	check_eq(device.notified, 1);
	desc = (void *)queue.ring.desc_phys;
	check_eq(desc->addr, 0x1000);
	check_eq(desc->flags, 1 << 7 | 2);
	desc->len = 60;
	desc->flags = 1 << 7 | 1 << 15;
	eft_virtio_queue_interrupt(&queue);
	check_eq(used_count, 1);
	check_eq(used_bytes, 60);
	check_eq(*(uint32_t *)queue.ring.avail_phys, 1 << 15 | 1 | 2 << 16);
	check_eq(*(uint32_t *)queue.ring.used_phys, 0);
}

static void check_failed(const char *why)
{
	check(v.failed);
	check_eq(device.status, 0);
	check(strstr(fake_console, why) != NULL);
}

Test(virtio, does_not_reset)
{
	boot();
	device.status = 7;
	device.never_resets = true;
	check_eq(eft_virtio_begin(&v, 0), -EIO);
	check(v.failed && now_ns < 10000000000);
	check(strstr(fake_console, "virtio 4 at home: it does not reset") !=
	      NULL);
}

Test(virtio, old)
{
	boot();
	device.is_old = true;
	check_eq(eft_virtio_begin(&v, 0), -EIO);
	check_failed("before 1");
}

Test(virtio, refuses)
{
	boot();
	device.refuses_features = true;
	check_eq(eft_virtio_begin(&v, 0), -EIO);
	check_failed("refuses the features");
}

/* Sizes that are no power of two are rounded down. */
Test(virtio, small_queue)
{
	boot();
	device.is_small = true;
	check_eq(eft_virtio_begin(&v, 0), 0);
	check_eq(eft_virtio_queue_start(&v, 0, &queue, 8, 2, note_used), 0);
	check_eq(queue.ring.size, 2);
}

/* One lie ends it: all that it was lent comes back, once, and it is told once. */
Test(virtio, liar)
{
	bring_up();
	for (unsigned i = 0; i < 3; i++)
		check_eq(eft_virtio_lend(&queue, &part, 0, 1, &v), 0);
	use(7, 0);
	eft_virtio_queue_interrupt(&queue);
	check_failed("it used what it was not lent");
	check_eq(used_count, 3);
	check_eq(used_bytes, 0);
	fake_console[0] = '\0';
	use(0, 1000);
	eft_virtio_queue_interrupt(&queue);
	check_eq(used_count, 3);
	check_str(fake_console, "");
	check_eq(eft_virtio_lend(&queue, &part, 0, 1, &v), -EIO);
}

Test(virtio, wants_to_be_reset)
{
	bring_up();
	check_eq(eft_virtio_lend(&queue, &part, 0, 1, &v), 0);
	device.status |= EFT_VIRTIO_NEEDS_RESET;
	device.why = EFT_VIRTIO_CHANGED;
	eft_virtio_line_interrupt(&v);
	check_failed("reset");
	check_eq(used_count, 1);
}

Test(virtio, configuration)
{
	uint8_t bytes[4];

	bring_up();
	device.generations = 5; /* it changes for a while */
	check_eq(eft_virtio_config(&v, 4, bytes, 4), 0);
	check_eq(bytes[0], 0x14);
	check_eq(bytes[3], 0x17);
	check_eq(eft_virtio_config(&v, 5, bytes, 4), -EIO);
	device.generations = 1000;
	check_eq(eft_virtio_config(&v, 4, bytes, 4), -EIO);
}

static void check_word(const char *word, uint64_t phys, uint64_t len,
		       unsigned gsi)
{
	struct eft_kvm_mmio_device found = {.len = 0};

	check(eft_virtio_mmio_word(&word, &found));
	check_eq(found.phys, phys);
	check_eq(found.len, len);
	check_eq(found.line.gsi, gsi);
}

Test(virtio, words)
{
	check_word("virtio_mmio.device=512@0xfeb02e00:12", 0xfeb02e00, 512, 12);
	check_word("a=1 virtio_mmio.device=4K@0xD0000000:5 -- x", 0xd0000000,
		   4096, 5);
	check_word("-- x virtio_mmio.device=1M@4096:0x10:3", 4096, 1 << 20, 16);
	check_word("virtio_mmio.device=4K@ virtio_mmio.device=1@2:3", 2, 1, 3);
}

Test(virtio, words_that_are_none)
{
	static const char *const words[] = {
		"",
		" ",
		"xvirtio_mmio.device=1@2:3",
		"virtio_mmio.device=",
		"virtio_mmio.device=1",
		"virtio_mmio.device=1@",
		"virtio_mmio.device=1@2",
		"virtio_mmio.device=1@2:",
		"virtio_mmio.device=@2:3",
		"virtio_mmio.device=1@0x:3",
		"virtio_mmio.device=1@2:3x",
		"virtio_mmio.device=1@2:3:",
		"virtio_mmio.device=1Q@2:3",
		"virtio_mmio.device=1@2:4294967296",
		"virtio_mmio.device=1@18446744073709551616:3",
		"virtio_mmio.device=0x10000000000000000@1:3",
		"virtio_mmio.device=99999999999G@1:3",
		"virtio_mmio.device=\x11@1:3",
	};
	struct eft_kvm_mmio_device found;

	for (unsigned i = 0; i < eft_array_size(words); i++) {
		const char *text = words[i];

		check(!eft_virtio_mmio_word(&text, &found));
		check_str(text, "");
	}
}

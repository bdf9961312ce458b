// SPDX-License-Identifier: BSD-3-Clause
/*
 * A device's life (VIRTIO 1.2 §3.1), whatever its transport.
 *
 * TCG    QEMU's emulation of one CPU takes no memory barrier for one (fence
 *	  and lock are plain instructions then): a store may be seen after what
 *	  is loaded behind it, so that each side may find the other still
 *	  awake, and go to sleep. There the device is told of all, and tells of
 *	  all.
 *
 * LOCKS  A queue's covers its ring. (used) is called without it.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/lock.h"
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/pte.h"

#define RESET_NS     1000000000ul
#define CONFIG_TRIES 10
#define ORDER_MAX    8

/* §2.4.2: until the status is 0. */
static bool reset(struct eft_virtio *v)
{
	uint64_t deadline_ns = eft_kvm_monotonic_ns() + RESET_NS;

	v->transport->set_status(v, 0);
	while (v->transport->status(v) != 0) {
		if (eft_kvm_monotonic_ns() >= deadline_ns)
			return false;
		eft_cpu_relax();
	}
	return true;
}

static void add_status(struct eft_virtio *v, uint8_t bit)
{
	v->transport->set_status(v, v->transport->status(v) | bit);
}

/* What the queue lent and does not have back. */
static void take_back(struct eft_virtio_queue *queue)
{
	void *cookie;

	do {
		eft_lock(&queue->lock);
		cookie = eft_virtq_drain(&queue->ring);
		queue->ring.fault = "it has failed";
		eft_unlock(&queue->lock);
		if (cookie)
			queue->used(queue, cookie, 0);
	} while (cookie);
}

void eft_virtio_fail(struct eft_virtio *v, const char *why)
{
	if (__atomic_exchange_n(&v->failed, true, __ATOMIC_ACQ_REL))
		return;
	eft_log(EFT_LOG_ERROR, "%s: %s", v->name, why);
	v->transport->set_status(v, EFT_VIRTIO_FAILED);
	v->transport->set_status(v, 0);
	for (unsigned i = 0; i < EFT_VIRTIO_QUEUES_MAX; i++)
		if (v->queue[i])
			take_back(v->queue[i]);
}

static int fail(struct eft_virtio *v, const char *why)
{
	eft_virtio_fail(v, why);
	return -EIO;
}

bool eft_virtio_tells_all;

/* QEMU emulates the processor: as its target/i386/cpu.c has it. */
static bool is_tcg(void)
{
	struct cpuid name = cpuid(0x40000000, 0);

	return eft_kvm_features.hypervisor && name.ebx == 0x54474354 &&
	       name.ecx == 0x43544743 &&
	       name.edx == 0x47435447; /* TCGTCGTCGTCG */
}

static uint64_t ring_features(void)
{
	uint64_t features = 1ull << EFT_VIRTIO_VERSION_1 |
			    1ull << EFT_VIRTIO_INDIRECT |
			    1ull << EFT_VIRTIO_ACCESS_PLATFORM |
			    1ull << EFT_VIRTIO_RING_PACKED;

	if (is_tcg())
		eft_virtio_tells_all = true;
	return eft_virtio_tells_all ? features
				    : features | 1ull << EFT_VIRTIO_EVENT_IDX;
}

int eft_virtio_begin(struct eft_virtio *v, uint64_t wanted)
{
	uint64_t offered;

	if (!reset(v))
		return fail(v, "it does not reset");
	add_status(v, EFT_VIRTIO_ACKNOWLEDGE);
	add_status(v, EFT_VIRTIO_DRIVER);
	offered = v->transport->offered(v);
	if (!eft_virtio_has(offered, EFT_VIRTIO_VERSION_1))
		return fail(v, "it is of a version before 1");
	v->features = offered & (wanted | ring_features());
	v->transport->accept(v, v->features);
	add_status(v, EFT_VIRTIO_FEATURES_OK);
	if (!(v->transport->status(v) & EFT_VIRTIO_FEATURES_OK))
		return fail(v, "it refuses the features that it offers");
	return 0;
}

static unsigned order_of(size_t bytes)
{
	unsigned order = 0;

	while (EFT_PAGE_SIZE << order < bytes)
		order++;
	return order;
}

/* The ring, and what the device does not see, apart from it. */
static int make_ring(struct eft_virtio_queue *queue, unsigned size,
		     unsigned parts_max, uint64_t features)
{
	unsigned ring = order_of(eft_virtq_bytes(size, parts_max));
	unsigned slots = order_of(size * sizeof(struct eft_virtq_slot));
	void *memory, *slot;

	if (ring > ORDER_MAX)
		return -ENOMEM;
	memory = eft_page_for_platform(ring);
	slot = eft_page_for_platform(slots);
	if (!memory || !slot) /* what there is stays: it is for good */
		return -ENOMEM;
	eft_virtq_init(&queue->ring, size, parts_max, features, memory,
		       page_to_phys(memory), slot);
	queue->ring.tells_all = eft_virtio_tells_all;
	return 0;
}

int eft_virtio_queue_start(struct eft_virtio *v, unsigned n,
			   struct eft_virtio_queue *queue, unsigned size,
			   unsigned parts_max, eft_virtio_used_fn *used)
{
	unsigned max = v->transport->queue_max(v, n);
	int err;

	eft_assert(n < EFT_VIRTIO_QUEUES_MAX && v->queue[n] == NULL);
	while (size > max || size > EFT_VIRTQ_SIZE_MAX)
		size /= 2;
	if (size == 0)
		return -ENODEV;
	if (!eft_virtio_has(v->features, EFT_VIRTIO_INDIRECT) &&
	    parts_max > size)
		return -ENODEV;
	eft_lock_init(&queue->lock, EFT_RANK_VIRTQUEUE);
	queue->device = v;
	queue->number = n;
	queue->used = used;
	err = make_ring(queue, size, parts_max, v->features);
	if (err < 0)
		return err;
	v->queue[n] = queue;
	err = v->transport->queue_start(v, queue);
	if (err < 0)
		v->queue[n] = NULL;
	return err;
}

void eft_virtio_go(struct eft_virtio *v)
{
	add_status(v, EFT_VIRTIO_DRIVER_OK);
}

static bool read_config(struct eft_virtio *v, unsigned offset, uint8_t *buf,
			size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!v->transport->config(v, offset + i, &buf[i]))
			return false;
	return true;
}

/* §2.5.1 */
int eft_virtio_config(struct eft_virtio *v, unsigned offset, void *buf,
		      size_t len)
{
	for (int i = 0; i < CONFIG_TRIES; i++) {
		uint32_t before = v->transport->generation(v);

		if (!read_config(v, offset, buf, len))
			return -EIO;
		if (v->transport->generation(v) == before)
			return 0;
	}
	return -EIO;
}

int eft_virtio_lend(struct eft_virtio_queue *queue,
		    const struct eft_virtq_part *parts, unsigned out,
		    unsigned in, void *cookie)
{
	bool tell;
	int err;

	eft_lock(&queue->lock);
	err = eft_virtq_add(&queue->ring, parts, out, in, cookie);
	tell = eft_virtq_publish(&queue->ring);
	eft_unlock(&queue->lock);
	if (tell)
		queue->device->transport->notify(queue);
	return err;
}

/* False: there is nothing more, and the device will interrupt for it. */
static bool take_one(struct eft_virtio_queue *queue, const char **ret_fault)
{
	uint32_t len = 0;
	bool more = true;
	void *cookie;

	eft_lock(&queue->lock);
	cookie = eft_virtq_take(&queue->ring, &len);
	if (cookie == NULL)
		more = !eft_virtq_listen(&queue->ring);
	*ret_fault = queue->ring.fault;
	eft_unlock(&queue->lock);
	if (cookie)
		queue->used(queue, cookie, len);
	return more && *ret_fault == NULL;
}

void eft_virtio_queue_interrupt(void *arg)
{
	struct eft_virtio_queue *queue = arg;
	const char *fault;

	if (queue->ready) {
		queue->ready(queue);
		return;
	}
	while (take_one(queue, &fault))
		;
	if (fault)
		eft_virtio_fail(queue->device, fault);
}

void eft_virtio_changed(struct eft_virtio *v)
{
	if (v->transport->status(v) & EFT_VIRTIO_NEEDS_RESET)
		eft_virtio_fail(v, "it wants to be reset");
	else if (v->changed)
		v->changed(v);
}

void eft_virtio_line_interrupt(void *arg)
{
	struct eft_virtio *v = arg;
	unsigned why = v->transport->acknowledge(v);

	if (why & EFT_VIRTIO_CHANGED)
		eft_virtio_changed(v);
	if (!(why & EFT_VIRTIO_USED))
		return;
	for (unsigned i = 0; i < EFT_VIRTIO_QUEUES_MAX; i++)
		if (v->queue[i])
			eft_virtio_queue_interrupt(v->queue[i]);
}

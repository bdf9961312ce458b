// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-rng (VIRTIO 1.2 §5.4): one queue, whose buffers it fills.
 */
#include "core/dev/random.h"
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/pte.h"

struct rng {
	struct eft_random_source source;
	struct eft_virtio_queue queue;
	void (*done)(const void *data, size_t len); /* NULL: not asked */
	struct eft_virtq_part part;
	uint8_t *data; /* a page that is lent */
};

_Static_assert(sizeof(struct rng) <= EFT_PAGE_SIZE, "");

static void used(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct rng *rng = cookie;
	void (*done)(const void *data, size_t len) =
		__atomic_exchange_n(&rng->done, NULL, __ATOMIC_ACQ_REL);

	done(rng->data, len);
}

static int ask(struct eft_random_source *source, size_t len,
	       void (*done)(const void *data, size_t len))
{
	struct rng *rng = (struct rng *)source;
	void (*nobody)(const void *data, size_t len) = NULL;
	int err;

	eft_assert(len > 0 && len <= EFT_PAGE_SIZE);
	if (!__atomic_compare_exchange_n(&rng->done, &nobody, done, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return -EBUSY;
	rng->part.len = len;
	err = eft_virtio_lend(&rng->queue, &rng->part, 0, 1, rng);
	if (err < 0)
		__atomic_store_n(&rng->done, NULL, __ATOMIC_RELEASE);
	return err;
}

static bool start(struct eft_virtio *v, struct rng *rng)
{
	if (eft_virtio_begin(v, 0) < 0)
		return false;
	rng->data = eft_page_for_platform(0);
	if (!rng->data)
		return false;
	rng->part.phys = page_to_phys(rng->data);
	rng->source.device.name = v->name;
	rng->source.ask = ask;
	if (eft_virtio_queue_start(v, 0, &rng->queue, 8, 1, used) < 0) {
		eft_virtio_fail(v, "its queue does not start");
		return false;
	}
	eft_virtio_go(v);
	return true;
}

void eft_plat_guest_find_random(struct eft_device_class *class)
{
	struct eft_virtio *v = NULL;
	struct rng *rng;

	if (eft_plat != &eft_kvm_plat)
		return;
	while ((v = eft_virtio_find(EFT_VIRTIO_RNG, v))) {
		rng = eft_page_for_platform(0);
		if (rng && start(v, rng))
			eft_device_add(class, &rng->source.device);
	}
}

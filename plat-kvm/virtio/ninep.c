// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-9p: one queue, whose requests are a message of 9P and room for its
 * answer. VIRTIO 1.2 §5 has its number alone; its feature and configuration
 * are in Linux's include/uapi/linux/virtio_9p.h.
 *
 * LOCKS  The queue's, in device.c.
 */
#include "plat-kvm/virtio/share.h"

enum { MOUNT_TAG = 0 };			 /* its feature */
enum { CONFIG_LEN = 0, CONFIG_TAG = 2 }; /* the tag, and how long that is */

/* §2.7.5.3.1: a request has no more parts than the queue has descriptors. */
enum { QUEUE_SIZE = 64, PARTS_MAX = 34 };

struct ninep {
	struct eft_share share;
	struct eft_virtio_queue queue;
};

_Static_assert((int)PARTS_MAX <= (int)EFT_VIRTIO_SHARE_PARTS, "");
_Static_assert(sizeof(struct ninep) <= EFT_PAGE_SIZE, "");

static int submit(struct eft_share *share, struct eft_share_request *request)
{
	struct ninep *ninep = eft_container_of(share, struct ninep, share);

	eft_assert(request->out + request->in <= share->parts_max);
	return eft_virtio_share_lend(&ninep->queue, request);
}

static void fail(struct eft_share *share)
{
	struct ninep *ninep = eft_container_of(share, struct ninep, share);

	eft_virtio_fail(ninep->queue.device, "its server is not to be used");
}

static const char *read_tag(struct eft_virtio *v, char tag[EFT_SHARE_TAG_BYTES])
{
	uint16_t len = 0;

	if (!eft_virtio_has(v->features, MOUNT_TAG))
		return "it has no tag";
	if (eft_virtio_config(v, CONFIG_LEN, &len, sizeof(len)) < 0)
		return "its configuration cannot be read";
	if (len == 0 || len >= EFT_SHARE_TAG_BYTES)
		return "its tag has no length from 1 to 36";
	if (eft_virtio_config(v, CONFIG_TAG, tag, len) < 0)
		return "its configuration cannot be read";
	for (unsigned i = 0; i < len; i++)
		if (tag[i] == '\0')
			return "its tag is no text";
	return NULL;
}

static bool start(struct eft_virtio *v, struct ninep *ninep)
{
	const char *why;

	if (eft_virtio_begin(v, 1ull << MOUNT_TAG) < 0)
		return false;
	ninep->share.device.name = v->name;
	ninep->share.protocol = EFT_SHARE_9P;
	ninep->share.parts_max = PARTS_MAX;
	ninep->share.submit = submit;
	ninep->share.fail = fail;
	why = read_tag(v, ninep->share.tag);
	if (!why &&
	    eft_virtio_queue_start(v, 0, &ninep->queue, QUEUE_SIZE, PARTS_MAX,
				   eft_virtio_share_used) < 0)
		why = "its queue does not start";
	if (!why && ninep->queue.ring.size < PARTS_MAX)
		why = "its queue is too short";
	if (why) {
		eft_virtio_fail(v, why);
		return false;
	}
	eft_virtio_go(v);
	return true;
}

void eft_plat_guest_find_ninep(struct eft_device_class *class)
{
	struct eft_virtio *v = NULL;
	struct ninep *ninep;

	if (eft_plat != &eft_kvm_plat)
		return;
	while ((v = eft_virtio_find(EFT_VIRTIO_9P, v))) {
		ninep = eft_page_for_platform(0);
		if (ninep && start(v, ninep))
			eft_device_add(class, &ninep->share.device);
	}
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-9p: one queue, whose requests are a message of 9P and room for its
 * answer. VIRTIO 1.2 §5 has its number alone; its feature and configuration
 * are in Linux's include/uapi/linux/virtio_9p.h.
 *
 * LOCKS  The queue's, in device.c.
 */
#include "core/dev/share.h"
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/pte.h"

enum { MOUNT_TAG = 0 };			 /* its feature */
enum { CONFIG_LEN = 0, CONFIG_TAG = 2 }; /* the tag, and how long that is */

/* §2.7.5.3.1: a request has no more parts than the queue has descriptors. */
enum { QUEUE_SIZE = 64, PARTS_MAX = 34 };

struct ninep {
	struct eft_share share;
	struct eft_virtio_queue queue;
};

_Static_assert(sizeof(struct ninep) <= EFT_PAGE_SIZE, "");

/* What the device wrote does not count once it has failed. */
static void come_back(struct eft_virtio_queue *queue, void *cookie,
		      uint32_t len)
{
	struct eft_share_request *request = cookie;
	bool failed = __atomic_load_n(&queue->device->failed, __ATOMIC_ACQUIRE);

	request->result = failed ? -EIO : 0;
	request->len = failed ? 0 : len;
	request->done(request);
	eft_share_count(-1);
}

static int submit(struct eft_share *share, struct eft_share_request *request)
{
	struct ninep *ninep = eft_container_of(share, struct ninep, share);
	unsigned count = request->out + request->in;
	struct eft_virtq_part parts[PARTS_MAX];
	int err;

	eft_assert(count <= share->parts_max);
	for (unsigned i = 0; i < count; i++)
		parts[i] = (struct eft_virtq_part){
			page_to_phys(request->parts[i].data),
			request->parts[i].len};
	eft_share_count(1);
	err = eft_virtio_lend(&ninep->queue, parts, request->out, request->in,
			      request);
	if (err < 0)
		eft_share_count(-1);
	return err == -ENOSPC ? -EAGAIN : err;
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
	if (!why && eft_virtio_queue_start(v, 0, &ninep->queue, QUEUE_SIZE,
					   PARTS_MAX, come_back) < 0)
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

// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-fs (VIRTIO 1.2 §5.11): requests of FUSE, each as it is one of the
 * queue's: what the server reads, then what it writes. Queue 0 is for those
 * that may not wait behind others; each CPU has one of the rest.
 *
 * LOCKS  A queue's, in device.c.
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/virtio/share.h"

enum { /* configuration, §5.11.4 */
       CONFIG_TAG = 0,
       CONFIG_QUEUES = 36,
};

enum { TAG_BYTES = 36, QUEUES = 1 + 4, DESCRIPTORS = 64 };
enum { PARTS_LEAST = 8, URGENT_PARTS = 2 };

struct fs {
	struct eft_share share;
	struct eft_virtio *v;
	unsigned queue_count; /* queue[0] among them */
	struct eft_virtio_queue queue[QUEUES];
};

_Static_assert(TAG_BYTES + 1 == EFT_SHARE_TAG_BYTES, "§5.11.4");
_Static_assert(sizeof(struct fs) <= EFT_PAGE_SIZE, "");

static struct eft_virtio_queue *queue_for(struct fs *fs, bool urgent)
{
	unsigned n = urgent ? 0 : 1 + eft_cpu()->number % (fs->queue_count - 1);

	return &fs->queue[n];
}

static int submit(struct eft_share *share, struct eft_share_request *r)
{
	struct fs *fs = (struct fs *)share;

	eft_assert(r->out + r->in <=
		   (r->urgent ? URGENT_PARTS : share->parts_max));
	return eft_virtio_share_lend(queue_for(fs, r->urgent), r);
}

static void give_up(struct eft_share *share)
{
	eft_virtio_fail(((struct fs *)share)->v, "its server is given up");
}

/* §5.11.4: it ends in NULs, unless it is as long as it may be. */
static const char *read_facts(struct eft_virtio *v, struct fs *fs,
			      uint32_t *ret_queues)
{
	char *tag = fs->share.tag;

	if (eft_virtio_config(v, CONFIG_TAG, tag, TAG_BYTES) < 0 ||
	    eft_virtio_config(v, CONFIG_QUEUES, ret_queues, 4) < 0)
		return "its configuration cannot be read";
	tag[TAG_BYTES] = '\0';
	if (tag[0] == '\0')
		return "its tag is empty";
	if (*ret_queues == 0)
		return "it has no queue for requests";
	return NULL;
}

/*
 * One for requests will do, if there are no more. No request has more parts
 * than a queue has descriptors (§2.7.5.3.1).
 */
static bool start_queues(struct eft_virtio *v, struct fs *fs, uint32_t requests)
{
	unsigned count = 1 + eft_min(requests, QUEUES - 1);
	unsigned max = v->transport->queue_max(v, 1), parts;

	fs->share.parts_max = eft_min(max, EFT_VIRTIO_SHARE_PARTS);
	for (unsigned n = 0; n < count; n++) {
		parts = n == 0 ? URGENT_PARTS : fs->share.parts_max;
		if (eft_virtio_queue_start(v, n, &fs->queue[n], DESCRIPTORS,
					   parts, eft_virtio_share_used) < 0)
			break;
		fs->queue_count++;
	}
	return fs->queue_count > 1 && fs->share.parts_max >= PARTS_LEAST;
}

static bool start(struct eft_virtio *v, struct fs *fs)
{
	const char *why;
	uint32_t queues;

	if (eft_virtio_begin(v, 0) < 0)
		return false;
	fs->v = v;
	fs->share.device.name = v->name;
	fs->share.protocol = EFT_SHARE_FUSE;
	fs->share.submit = submit;
	fs->share.fail = give_up;
	why = read_facts(v, fs, &queues);
	if (!why && !start_queues(v, fs, queues))
		why = "its queues do not start";
	if (why) {
		eft_virtio_fail(v, why);
		return false;
	}
	eft_virtio_go(v);
	return true;
}

void eft_plat_guest_find_virtiofs(struct eft_device_class *class)
{
	struct eft_virtio *v = NULL;
	struct fs *fs;

	if (eft_plat != &eft_kvm_plat)
		return;
	while ((v = eft_virtio_find(EFT_VIRTIO_FS, v))) {
		fs = eft_page_for_platform(0);
		if (fs && start(v, fs))
			eft_device_add(class, &fs->share.device);
	}
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Receiving by virtio-net (VIRTIO 1.2 §5.1.6.3, §5.1.6.4). The device fills
 * buffers, several for a frame where that was agreed on, and each goes to who
 * gets the frame; a new one takes its place. When memory is so short that only
 * a few are left in the ring, frames are dropped, and their buffers lent again:
 * the ring never runs dry.
 */
#include "core/log.h"
#include "plat-kvm/virtio/net.h"
#include "plat-kvm/x86/pte.h"

enum { LENT_MIN = 32, HEADER = sizeof(struct eft_net_header) };

/* Only a device that has failed gives one back in this way. */
static void come_back(struct eft_virtio_queue *queue, void *cookie,
		      uint32_t len)
{
	struct eft_virtio_nic *nic = queue->driver;

	eft_net_buffer_free(cookie, nic->order);
	eft_virtio_net_tell(nic);
}

static void ready(struct eft_virtio_queue *queue)
{
	eft_virtio_silence(queue);
	eft_virtio_net_tell(queue->driver);
}

/* The whole buffer is the device's; its end, with the description, is not. */
static bool lend(struct eft_virtio_nic *nic, struct eft_net_buffer *buffer)
{
	const struct eft_virtq_part part = {
		page_to_phys(eft_net_buffer_data(buffer, nic->order)),
		eft_net_buffer_room(nic->order),
	};
	int err;

	eft_lock(&nic->in.lock);
	err = eft_virtq_add(&nic->in.ring, &part, 0, 1, buffer);
	eft_unlock(&nic->in.lock);
	nic->lent += err == 0;
	return err == 0;
}

void eft_virtio_net_refill(struct eft_virtio_nic *nic)
{
	while (nic->lent < nic->in.ring.size) {
		struct eft_net_buffer *buffer =
			eft_net_buffer_alloc(nic->order);

		if (!buffer)
			break;
		if (!lend(nic, buffer)) {
			eft_net_buffer_free(buffer, nic->order);
			break;
		}
	}
	eft_virtio_publish(&nic->in);
}

/* Backwards: the frame lies in its first buffer. */
static void lend_again(struct eft_virtio_nic *nic, struct eft_net_frame *frame)
{
	for (unsigned i = frame->count; i-- > 0;) {
		struct eft_net_buffer *buffer =
			eft_net_buffer_of(frame->parts[i].data, nic->order);

		if (!lend(nic, buffer))
			eft_net_buffer_free(buffer, nic->order);
	}
}

/* The first buffer: its header is copied before it is believed. */
static const char *begin_frame(struct eft_virtio_nic *nic,
			       struct eft_net_buffer *buffer, uint32_t len)
{
	struct eft_net_header *h = &nic->header;

	eft_net_buffer_begin(&buffer->frame, nic->order);
	if (len <= HEADER)
		return "it wrote less than a header";
	__builtin_memcpy(h, eft_net_buffer_data(buffer, nic->order), HEADER);
	nic->missing = nic->merges ? h->buffers : 1;
	if (nic->missing == 0 || nic->missing > EFT_NET_PARTS_MAX)
		return "it wrote a frame in too many buffers, or in none";
	return NULL;
}

/* One more buffer of a frame. NULL, or what is wrong. */
static const char *gather(struct eft_virtio_nic *nic,
			  struct eft_net_buffer *buffer, uint32_t len)
{
	uint8_t *data = eft_net_buffer_data(buffer, nic->order);
	unsigned skip = nic->gathered ? 0 : HEADER;
	const char *why;

	if (!nic->gathered) {
		why = begin_frame(nic, buffer, len);
		if (why)
			return why;
		nic->gathered = &buffer->frame;
	}
	if (len <= skip ||
	    !eft_net_frame_add(nic->gathered, data + skip, len - skip)) {
		if (skip > 0)
			nic->gathered = NULL;
		return "it wrote a frame that is too long, or an empty buffer";
	}
	nic->missing--;
	return NULL;
}

static void deliver(struct eft_virtio_nic *nic, struct eft_net_frame *frame)
{
	struct eft_net_counts *counts = &nic->net.counts;

	if (nic->lent < nic->lent_min)
		eft_virtio_net_refill(nic);
	if (frame->len < EFT_NET_ETHERNET_HEADER) {
		eft_virtio_net_count(&counts->errors_in, 1);
		lend_again(nic, frame);
	} else if (nic->lent < nic->lent_min) {
		eft_virtio_net_count(&counts->dropped_in, 1);
		lend_again(nic, frame);
	} else {
		eft_virtio_net_count(&counts->frames_in, 1);
		eft_virtio_net_count(&counts->bytes_in, frame->len);
		nic->sink->frame(&nic->net, nic->arg, frame);
	}
}

static void fail(struct eft_virtio_nic *nic, const char *why)
{
	eft_virtio_net_forget(nic);
	eft_virtio_fail(nic->v, why);
}

/* False: nothing more has come. */
static bool take_one(struct eft_virtio_nic *nic, unsigned *count)
{
	struct eft_net_frame *frame;
	const char *why;
	uint32_t len;
	struct eft_net_buffer *buffer = eft_virtio_take(&nic->in, &len);

	if (!buffer)
		return false;
	nic->lent--;
	why = gather(nic, buffer, len);
	if (why) {
		eft_net_buffer_free(buffer, nic->order);
		fail(nic, why);
		return false;
	}
	if (nic->missing > 0)
		return true;
	frame = nic->gathered;
	why = eft_net_header_read(&nic->header, nic->net.features, frame);
	if (why) {
		fail(nic, why);
		return false;
	}
	nic->gathered = NULL;
	deliver(nic, frame);
	*count += 1;
	return true;
}

unsigned eft_virtio_net_receive(struct eft_virtio_nic *nic, unsigned budget)
{
	unsigned count = 0;

	while (count < budget && take_one(nic, &count))
		;
	return count;
}

void eft_virtio_net_forget(struct eft_virtio_nic *nic)
{
	if (nic->gathered)
		eft_net_buffer_done(nic->gathered);
	nic->gathered = NULL;
	nic->missing = 0;
}

/* Without merging each buffer has room for the longest frame. */
const char *eft_virtio_net_begin_receiving(struct eft_virtio_nic *nic)
{
	uint32_t longest = HEADER + EFT_NET_ETHERNET_HEADER + 4 + nic->net.mtu;

	nic->order = nic->merges ? 0 : eft_net_buffer_order(longest);
	nic->in.driver = nic;
	nic->in.ready = ready;
	if (eft_virtio_queue_start(nic->v, 0, &nic->in,
				   EFT_VIRTIO_NET_DESCRIPTORS, 1,
				   come_back) < 0)
		return "its queue for receiving does not start";
	nic->lent_min = eft_min(LENT_MIN, nic->in.ring.size);
	return NULL;
}

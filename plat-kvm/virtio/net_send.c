// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sending by virtio-net (VIRTIO 1.2 §5.1.6.2): a header of ours, in a cell, and
 * the frame where it lies. Who sends looks at nothing that the device says:
 * only the poller takes frames back, and so no interrupt is missed.
 */
#include "core/log.h"
#include "plat-kvm/virtio/net.h"
#include "plat-kvm/x86/pte.h"

_Static_assert(EFT_VIRTIO_NET_DESCRIPTORS *
			       sizeof(struct eft_virtio_net_cell) <=
		       EFT_PAGE_SIZE,
	       "one page");
_Static_assert(EFT_VIRTIO_NET_DESCRIPTORS * sizeof(struct eft_net_header) <=
		       EFT_PAGE_SIZE,
	       "one page");

/* Returns   the cell's frame; the cell is free. Context: any. */
static struct eft_net_frame *give_locked(struct eft_virtio_nic *nic,
					 struct eft_virtio_net_cell *cell)
{
	cell->next = nic->free;
	nic->free = cell;
	return cell->frame;
}

/* From a device that has failed; the poller tells the owner. */
static void come_back(struct eft_virtio_queue *queue, void *cookie,
		      uint32_t len)
{
	struct eft_virtio_nic *nic = queue->driver;
	struct eft_net_frame *frame;

	eft_lock(&queue->lock);
	frame = give_locked(nic, cookie);
	frame->next = NULL;
	*nic->back_end = frame;
	nic->back_end = &frame->next;
	eft_unlock(&queue->lock);
	eft_virtio_net_tell(nic);
}

static void ready(struct eft_virtio_queue *queue)
{
	eft_virtio_silence(queue);
	eft_virtio_net_tell(queue->driver);
}

static struct eft_net_frame *take_frame(struct eft_virtio_nic *nic)
{
	struct eft_net_frame *frame;
	uint32_t len;
	struct eft_virtio_net_cell *cell = eft_virtio_take(&nic->out, &len);

	eft_lock(&nic->out.lock);
	if (cell) {
		frame = give_locked(nic, cell);
	} else {
		frame = nic->back;
		if (frame)
			nic->back = frame->next;
		if (!nic->back)
			nic->back_end = &nic->back;
	}
	eft_unlock(&nic->out.lock);
	return frame;
}

void eft_virtio_net_reclaim(struct eft_virtio_nic *nic)
{
	struct eft_net_frame *frame;

	while ((frame = take_frame(nic))) {
		nic->reclaimed = true;
		frame->done(frame);
	}
}

static int lend_locked(struct eft_virtio_nic *nic, struct eft_net_frame *frame)
{
	struct eft_virtq_part parts[EFT_NET_PARTS_MAX + 1];
	struct eft_virtio_net_cell *cell = nic->free;
	struct eft_net_header *h;
	int err;

	if (!cell)
		return -ENOSPC;
	h = &nic->headers[cell - nic->cells];
	eft_net_header_write(frame, h);
	parts[0] = (struct eft_virtq_part){page_to_phys(h), sizeof(*h)};
	for (unsigned i = 0; i < frame->count; i++)
		parts[i + 1] = (struct eft_virtq_part){
			page_to_phys(frame->parts[i].data),
			frame->parts[i].len};
	err = eft_virtq_add(&nic->out.ring, parts, frame->count + 1, 0, cell);
	if (err < 0)
		return err;
	nic->free = cell->next;
	cell->frame = frame;
	return 0;
}

static int lend(struct eft_virtio_nic *nic, struct eft_net_frame *frame)
{
	int err;

	eft_lock(&nic->out.lock);
	err = lend_locked(nic, frame);
	eft_unlock(&nic->out.lock);
	return err;
}

/*
 * What is lent comes back, once the device was told of it; the poller, who may
 * have taken all back just now, then says that there is room.
 */
static int stall(struct eft_virtio_nic *nic, struct eft_net_frame *frame)
{
	eft_virtio_publish(&nic->out);
	__atomic_store_n(&nic->stalled, true, __ATOMIC_SEQ_CST);
	return lend(nic, frame);
}

/* Does the device do what (frame) needs? */
static bool is_able(const struct eft_net *net,
		    const struct eft_net_frame *frame)
{
	static const unsigned needs[] = {
		[EFT_NET_WHOLE] = 0,
		[EFT_NET_TCP4] = EFT_NET_SEND_TCP4,
		[EFT_NET_TCP6] = EFT_NET_SEND_TCP6,
	};
	unsigned need = needs[frame->segments];

	if (frame->checksum_partial)
		need |= EFT_NET_SEND_CHECKSUM;
	return (net->features & need) == need;
}

int eft_virtio_net_send(struct eft_net *net, struct eft_net_frame *frame)
{
	struct eft_virtio_nic *nic = (struct eft_virtio_nic *)net;
	uint32_t len = frame->len;
	int err;

	eft_assert(frame->count > 0 && frame->count <= EFT_NET_PARTS_MAX);
	eft_assert(is_able(net, frame));
	err = lend(nic, frame);
	if (err == -ENOSPC)
		err = stall(nic, frame);
	if (err == -ENOSPC)
		return -EAGAIN;
	if (err == 0) {
		eft_virtio_net_count(&net->counts.frames_out, 1);
		eft_virtio_net_count(&net->counts.bytes_out, len);
	} else {
		eft_virtio_net_count(&net->counts.errors_out, 1);
	}
	return err;
}

void eft_virtio_net_flush(struct eft_net *net)
{
	eft_virtio_publish(&((struct eft_virtio_nic *)net)->out);
}

const char *eft_virtio_net_begin_sending(struct eft_virtio_nic *nic)
{
	nic->cells = eft_page_for_platform(0);
	nic->headers = eft_page_for_platform(0);
	if (!nic->cells || !nic->headers)
		return "there is no memory for it";
	nic->back_end = &nic->back;
	nic->out.driver = nic;
	nic->out.ready = ready;
	if (eft_virtio_queue_start(nic->v, 1, &nic->out,
				   EFT_VIRTIO_NET_DESCRIPTORS,
				   EFT_NET_PARTS_MAX + 1, come_back) < 0)
		return "its queue for sending does not start";
	for (unsigned i = nic->out.ring.size; i-- > 0;) {
		nic->cells[i].next = nic->free;
		nic->free = &nic->cells[i];
	}
	return NULL;
}

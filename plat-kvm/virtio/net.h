// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * virtio-net, between its files: net.c begins a device and polls it,
 * net_receive.c and net_send.c have a queue each.
 */
#include "core/dev/netbuffer.h"
#include "core/dev/netheader.h"
#include "plat-kvm/virtio/virtio.h"

enum { EFT_VIRTIO_NET_DESCRIPTORS = 256 };

/* A frame that the device has, or room for one. */
struct eft_virtio_net_cell {
	struct eft_net_frame *frame;
	struct eft_virtio_net_cell *next; /* in the list of free ones */
};

struct eft_virtio_nic {
	struct eft_net net;
	struct eft_virtio *v;
	const struct eft_net_sink *sink;
	void *arg;
	bool told;    /* poll() is to come, or under way; atomic */
	bool changed; /* the configuration, perhaps; atomic */
	bool up;      /* atomic */
	bool stalled; /* a sender waits for room; atomic */

	/* Receiving: the poller's own. */
	struct eft_virtio_queue in;
	bool merges;			/* a frame may take several buffers */
	unsigned order;			/* of a buffer */
	unsigned lent;			/* buffers */
	unsigned lent_min;		/* below, frames are dropped */
	struct eft_net_frame *gathered; /* of which (missing) are to come */
	unsigned missing;
	struct eft_net_header header; /* its */

	bool reclaimed; /* there is room that no sender knows of */

	/* Sending: owned by (out)'s lock. */
	struct eft_virtio_queue out;
	struct eft_virtio_net_cell *cells, *free;
	struct eft_net_header *headers; /* the cells'; the device sees */
	struct eft_net_frame *back, **back_end; /* from a failed device */
};

static inline bool eft_virtio_net_has_failed(const struct eft_virtio_nic *nic)
{
	return __atomic_load_n(&nic->v->failed, __ATOMIC_ACQUIRE);
}

static inline void eft_virtio_net_count(uint64_t *count, uint64_t more)
{
	__atomic_fetch_add(count, more, __ATOMIC_RELAXED);
}

/* poll() is to be called. Context: interrupt. */
void eft_virtio_net_tell(struct eft_virtio_nic *nic);

/* Begin the queue, before eft_virtio_go(). NULL, or what is wrong. */
const char *eft_virtio_net_begin_receiving(struct eft_virtio_nic *nic);
const char *eft_virtio_net_begin_sending(struct eft_virtio_nic *nic);

/* The poller's: hand over (budget) frames at most. Returns how many. */
unsigned eft_virtio_net_receive(struct eft_virtio_nic *nic, unsigned budget);
/* Lend buffers, as many as there are descriptors or is memory for. */
void eft_virtio_net_refill(struct eft_virtio_nic *nic);
/* A frame that its device has not finished, and will not. */
void eft_virtio_net_forget(struct eft_virtio_nic *nic);

/* The poller's: those frames are the senders' again. */
void eft_virtio_net_reclaim(struct eft_virtio_nic *nic);
int eft_virtio_net_send(struct eft_net *net, struct eft_net_frame *frame);
void eft_virtio_net_flush(struct eft_net *net);

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Memory for frames that arrive, for drivers (core/dev/net.h): a block of pages,
 * whose last bytes are the frame's description. So a frame has memory of its own
 * as soon as it has arrived, and goes from hand to hand without a copy.
 */
#include "core/dev/net.h"

struct eft_net_buffer {
	struct eft_net_frame frame;
	struct eft_net_buffer *next; /* the driver's */
};

/* Bytes for data, at the start of a block of 2^order pages. */
static inline uint32_t eft_net_buffer_room(unsigned order)
{
	return (uint32_t)((EFT_PAGE_SIZE << order) -
			  sizeof(struct eft_net_buffer));
}

/* The smallest order that has room for (bytes). */
static inline unsigned eft_net_buffer_order(uint32_t bytes)
{
	unsigned order = 0;

	while (eft_net_buffer_room(order) < bytes)
		order++;
	return order;
}

/* The buffer of 2^order pages whose data (data) is among. */
static inline struct eft_net_buffer *eft_net_buffer_of(const void *data,
						       unsigned order)
{
	uintptr_t start =
		eft_align_down((uintptr_t)data, EFT_PAGE_SIZE << order);

	return (struct eft_net_buffer *)(start + eft_net_buffer_room(order));
}

static inline uint8_t *eft_net_buffer_data(struct eft_net_buffer *buffer,
					   unsigned order)
{
	return (uint8_t *)buffer - eft_net_buffer_room(order);
}

/* Returns   NULL no memory. Context: any, but not under the pages' lock. */
struct eft_net_buffer *eft_net_buffer_alloc(unsigned order);
void eft_net_buffer_free(struct eft_net_buffer *buffer, unsigned order);

/*
 * A frame's (done), whose (arg) is the order of all its blocks: the first part
 * lies in its own, each other one in one more.
 */
void eft_net_buffer_done(struct eft_net_frame *frame);

/* (frame) is empty, and its buffers are of (order). */
void eft_net_buffer_begin(struct eft_net_frame *frame, unsigned order);

/* (len) bytes more at (data). False: it has too many parts, or bytes. */
bool eft_net_frame_add(struct eft_net_frame *frame, void *data, uint32_t len);

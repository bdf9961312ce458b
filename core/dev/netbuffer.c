// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/netbuffer.h"
#include "core/log.h"
#include "core/mem.h"

struct eft_net_buffer *eft_net_buffer_alloc(unsigned order)
{
	void *block = eft_page_alloc(order);

	return block ? eft_net_buffer_of(block, order) : NULL;
}

void eft_net_buffer_free(struct eft_net_buffer *buffer, unsigned order)
{
	eft_page_free(eft_net_buffer_data(buffer, order));
}

/* The first block is the last to go: (frame) is in it. */
void eft_net_buffer_done(struct eft_net_frame *frame)
{
	unsigned order = (unsigned)(uintptr_t)frame->arg;

	for (unsigned i = frame->count; i-- > 0;)
		eft_net_buffer_free(
			eft_net_buffer_of(frame->parts[i].data, order), order);
}

void eft_net_buffer_begin(struct eft_net_frame *frame, unsigned order)
{
	frame->count = 0;
	frame->len = 0;
	frame->checksum_partial = frame->checksum_right = false;
	frame->checksum_start = frame->checksum_offset = 0;
	frame->segments = EFT_NET_WHOLE;
	frame->segment_bytes = frame->header_bytes = 0;
	frame->done = eft_net_buffer_done;
	frame->arg = (void *)(uintptr_t)order;
	frame->next = NULL;
}

bool eft_net_frame_add(struct eft_net_frame *frame, void *data, uint32_t len)
{
	if (frame->count == EFT_NET_PARTS_MAX || len > EFT_NET_FRAME_MAX ||
	    frame->len + len > EFT_NET_FRAME_MAX)
		return false;
	frame->parts[frame->count++] = (struct eft_net_part){data, len};
	frame->len += len;
	return true;
}

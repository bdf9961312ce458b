// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/netheader.h"

enum { NEEDS_CHECKSUM = 1, CHECKSUM_RIGHT = 2 };    /* flags */
enum { WHOLE = 0, TCP4 = 1, TCP6 = 4, ECN = 0x80 }; /* types */

void eft_net_header_write(const struct eft_net_frame *frame,
			  struct eft_net_header *ret_header)
{
	static const uint8_t types[] = {
		[EFT_NET_WHOLE] = WHOLE,
		[EFT_NET_TCP4] = TCP4,
		[EFT_NET_TCP6] = TCP6,
	};
	bool large = frame->segments != EFT_NET_WHOLE;
	bool partial = frame->checksum_partial;

	*ret_header = (struct eft_net_header){
		.flags = partial ? NEEDS_CHECKSUM : 0,
		.type = types[frame->segments],
		.header_bytes = large ? frame->header_bytes : 0,
		.segment_bytes = large ? frame->segment_bytes : 0,
		.checksum_start = partial ? frame->checksum_start : 0,
		.checksum_offset = partial ? frame->checksum_offset : 0,
	};
}

static const char *read_checksum(const struct eft_net_header *h, bool agreed,
				 struct eft_net_frame *frame)
{
	uint32_t end = (uint32_t)h->checksum_start + h->checksum_offset +
		       sizeof(uint16_t);

	frame->checksum_right = agreed && h->flags & CHECKSUM_RIGHT;
	if (!(h->flags & NEEDS_CHECKSUM))
		return NULL;
	if (!agreed)
		return "it leaves checksums to do, which was not agreed on";
	if (end > frame->len)
		return "a checksum lies outside its frame";
	frame->checksum_partial = true;
	frame->checksum_start = h->checksum_start;
	frame->checksum_offset = h->checksum_offset;
	return NULL;
}

static const char *read_segments(const struct eft_net_header *h, bool agreed,
				 struct eft_net_frame *frame)
{
	unsigned type = h->type & ~ECN;

	if (type == WHOLE)
		return NULL;
	if (!agreed || (type != TCP4 && type != TCP6))
		return "it merged segments, which was not agreed on";
	if (h->segment_bytes == 0)
		return "it merged segments of no size";
	if (h->header_bytes > frame->len)
		return "headers are longer than their frame";
	frame->segments = type == TCP4 ? EFT_NET_TCP4 : EFT_NET_TCP6;
	frame->segment_bytes = h->segment_bytes;
	frame->header_bytes = h->header_bytes;
	return NULL;
}

const char *eft_net_header_read(const struct eft_net_header *header,
				unsigned features, struct eft_net_frame *frame)
{
	const char *why = read_checksum(
		header, features & EFT_NET_RECEIVE_CHECKSUM, frame);

	return why ? why
		   : read_segments(header, features & EFT_NET_RECEIVE_LARGE,
				   frame);
}

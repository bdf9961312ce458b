// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The header before a frame, virtio's (VIRTIO 1.2 §5.1.6) and TAP's: what is left
 * to do with it, or was done. Pure functions.
 */
#include "core/dev/net.h"

struct eft_net_header {
	uint8_t flags, type;
	uint16_t header_bytes, segment_bytes;
	uint16_t checksum_start, checksum_offset;
	uint16_t buffers; /* of a received frame, where they are merged */
};

_Static_assert(sizeof(struct eft_net_header) == 12, "§5.1.6");

/* Of a frame that is sent. */
void eft_net_header_write(const struct eft_net_frame *frame,
			  struct eft_net_header *ret_header);

/*
 * Of a frame that has arrived, of (frame->len) bytes.
 *
 * header    a copy, which nobody else changes
 * features  that were agreed on
 * Returns   NULL; what cannot be: (frame) is as it was, or changed
 */
const char *eft_net_header_read(const struct eft_net_header *header,
				unsigned features, struct eft_net_frame *frame);

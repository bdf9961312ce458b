// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Requests to servers of files (core/dev/share.h), by a queue: what the drivers
 * of virtio-9p and virtio-fs share.
 */
#include "core/dev/share.h"
#include "plat-kvm/virtio/virtio.h"

enum { EFT_VIRTIO_SHARE_PARTS = 36 }; /* of a request, at most */

/* Lend (request) to the device; as eft_share.submit(). */
int eft_virtio_share_lend(struct eft_virtio_queue *queue,
			  struct eft_share_request *request);
/* The queue's: such a request has come back. */
void eft_virtio_share_used(struct eft_virtio_queue *queue, void *cookie,
			   uint32_t len);

// SPDX-License-Identifier: BSD-3-Clause
/*
 * For drivers that poll: their queues' interrupts only tell, and a thread takes
 * what has come back (virtio.h).
 */
#include "core/lock.h"
#include "plat-kvm/virtio/virtio.h"

void eft_virtio_publish(struct eft_virtio_queue *queue)
{
	bool tell;

	eft_lock(&queue->lock);
	tell = eft_virtq_publish(&queue->ring);
	eft_unlock(&queue->lock);
	if (tell)
		queue->device->transport->notify(queue);
}

void *eft_virtio_take(struct eft_virtio_queue *queue, uint32_t *ret_len)
{
	const char *fault;
	void *cookie;

	eft_lock(&queue->lock);
	cookie = eft_virtq_take(&queue->ring, ret_len);
	fault = queue->ring.fault;
	eft_unlock(&queue->lock);
	if (fault)
		eft_virtio_fail(queue->device, fault);
	return cookie;
}

bool eft_virtio_listen(struct eft_virtio_queue *queue)
{
	bool none;

	eft_lock(&queue->lock);
	none = eft_virtq_listen(&queue->ring);
	eft_unlock(&queue->lock);
	return none;
}

void eft_virtio_silence(struct eft_virtio_queue *queue)
{
	if (eft_virtio_tells_all)
		return;
	eft_lock(&queue->lock);
	eft_virtq_ignore(&queue->ring);
	eft_unlock(&queue->lock);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Requests to servers of files. One counts from before the device has it until
 * its owner has it back.
 */
#include "plat-kvm/virtio/share.h"
#include "plat-kvm/x86/pte.h"

/* What the device wrote does not count once it has failed. */
void eft_virtio_share_used(struct eft_virtio_queue *queue, void *cookie,
			   uint32_t len)
{
	struct eft_share_request *request = cookie;
	bool failed = __atomic_load_n(&queue->device->failed, __ATOMIC_ACQUIRE);

	request->result = failed ? -EIO : 0;
	request->len = failed ? 0 : len;
	request->done(request);
	eft_share_count(-1);
}

int eft_virtio_share_lend(struct eft_virtio_queue *queue,
			  struct eft_share_request *request)
{
	struct eft_virtq_part parts[EFT_VIRTIO_SHARE_PARTS];
	unsigned count = request->out + request->in;
	int err;

	eft_assert(count <= eft_array_size(parts));
	for (unsigned i = 0; i < count; i++)
		parts[i] = (struct eft_virtq_part){
			page_to_phys(request->parts[i].data),
			request->parts[i].len};
	eft_share_count(1);
	err = eft_virtio_lend(queue, parts, request->out, request->in, request);
	if (err < 0)
		eft_share_count(-1);
	return err == -ENOSPC ? -EAGAIN : err;
}

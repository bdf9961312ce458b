// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: a channel to a server of files, which a host offers under a
 * name (its tag): 9P over virtio (QEMU's -virtfs), and virtio-fs (FUSE). What
 * the messages say is for core/fs/{ninep,virtiofs}.
 */
#include "core/dev/device.h"

enum eft_share_protocol { EFT_SHARE_9P, EFT_SHARE_FUSE };

/* Memory of the libOS's (eft_page_alloc), contiguous where it is physical. */
struct eft_share_part {
	void *data;
	uint32_t len;
};

/* The caller's, and untouched by it until it comes back. */
struct eft_share_request {
	/* (out) parts that the server reads, then (in) that it writes. */
	const struct eft_share_part *parts;
	unsigned out, in;
	bool urgent; /* of virtio-fs: by its queue of high priority */

	/* Interrupt, no lock held; the request is the caller's again. */
	void (*done)(struct eft_share_request *request);
	void *arg;    /* its own */
	int result;   /* 0; -EIO: the channel has failed */
	uint32_t len; /* bytes that were written, no more than were lent */
};

enum { EFT_SHARE_TAG_BYTES = 37 }; /* VIRTIO 1.2 §5.11.4, and a NUL */

struct eft_share {
	struct eft_device device;

	/* Facts, which do not change. */
	enum eft_share_protocol protocol;
	char tag[EFT_SHARE_TAG_BYTES];
	unsigned parts_max; /* of a request */

	/*
	 * Begin (request).
	 *
	 * Returns   0, and (done) will be called; or it will not: -EAGAIN no
	 *           room, before others come back; -EIO the channel has failed
	 * Context   any that holds no lock below EFT_RANK_VIRTQUEUE
	 */
	int (*submit)(struct eft_share *share,
		      struct eft_share_request *request);

	/*
	 * The server says nonsense, as the caller's log tells: the channel has
	 * failed for good, and what it was lent comes back with -EIO, some of
	 * it before this returns. A second call does nothing. Context: as
	 * submit().
	 */
	void (*fail)(struct eft_share *share);

	bool taken; /* atomic: one file system has it */
};

/*
 * The channel of (protocol) called (tag), for the caller alone: a server knows
 * one client.
 *
 * Returns   0; -ENOENT there is none; -EBUSY another has it
 * Context   thread or boot
 */
int eft_share_take(enum eft_share_protocol protocol, const char *tag,
		   struct eft_share **ret_share);
/* The caller's no more: nothing that was submitted is still under way. */
void eft_share_give(struct eft_share *share);

/* For drivers: (more) requests, +1 or -1, are under way. */
void eft_share_count(int more);
/* How many are, of all channels. Context: any. */
unsigned eft_share_pending(void);

/* The platforms' finders: plat-kvm/virtio/ninep.c, plat-kvm/virtio/fs.c. */
void eft_plat_guest_find_ninep(struct eft_device_class *class);
void eft_plat_guest_find_virtiofs(struct eft_device_class *class);

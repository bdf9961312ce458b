// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: a disk, blocks of bytes that last.
 *
 * Requests are handed over, and come back when the disk has done them, in any
 * order. Nothing is certain to last before a flush that was submitted after the
 * write had come back, and that has come back itself.
 */
#include "core/abi.h"
#include "core/dev/device.h"

enum eft_block_operation {
	EFT_BLOCK_READ,
	EFT_BLOCK_WRITE,
	EFT_BLOCK_FLUSH,   /* what was written lasts; no range */
	EFT_BLOCK_DISCARD, /* nobody needs the contents any more */
	EFT_BLOCK_ZERO,	   /* it reads as zeroes afterwards */
};

/* Memory of the libOS's (eft_page_alloc), contiguous where it is physical. */
struct eft_block_part {
	void *data;
	uint32_t len; /* a multiple of the sector */
};

/* The caller's, and untouched by it until it comes back. */
struct eft_block_request {
	enum eft_block_operation operation;
	uint64_t at, len;		    /* bytes, multiples of the sector */
	const struct eft_block_part *parts; /* of (len) bytes in all */
	unsigned count;

	/* Interrupt, no lock held; the request is the caller's again. */
	void (*done)(struct eft_block_request *request);
	void *arg; /* its own */
	/*
	 * 0; -EIO; -EOPNOTSUPP the disk does not do that; -ENOSPC, -EDQUOT its
	 * host has no room for what it was given.
	 */
	int result;
};

struct eft_block {
	struct eft_device device;

	/* Facts, which do not change. */
	uint64_t bytes;
	uint32_t sector_bytes;		/* a power of two from 512 to 4096 */
	uint32_t part_bytes_max;	/* of a part */
	unsigned parts_max;		/* of a request */
	uint64_t discard_max, zero_max; /* bytes; 0: it does not do that */
	bool read_only;

	/*
	 * Begin (request).
	 *
	 * Returns   0, and (done) will be called; or it will not: -EINVAL it is
	 *           none that this disk may have; -EROFS; -EOPNOTSUPP; -EAGAIN
	 *           no room, before others come back; -EIO the disk has failed
	 * Context   any that holds no lock below EFT_RANK_VIRTQUEUE
	 */
	int (*submit)(struct eft_block *block,
		      struct eft_block_request *request);

	/*
	 * Read (len) bytes at (at) into the program's memory, before it returns.
	 * NULL: it cannot. Where it fails for whatever reason, submit() tells.
	 *
	 * at, len   within the disk, multiples of the sector
	 * Returns   how many were read, from the first on
	 * Context   thread, with no spin lock
	 */
	size_t (*read_out)(struct eft_block *block, uint64_t at,
			   void eft_user *buf, size_t len);
};

/* The disk after (block), the first for NULL. Context: thread or boot. */
struct eft_block *eft_block_next(struct eft_block *block);

/*
 * May (request) go to (block)? For drivers. Returns   0; -EINVAL; -EROFS;
 * -EOPNOTSUPP
 */
int eft_block_check(const struct eft_block *block,
		    const struct eft_block_request *request);

/*
 * The option disk=FILE[:ro], a process's: remember (key)=(value), both live until
 * exit; false: it is none. Only images with disks have it.
 */
bool eft_disk_option(const char *key, char *value);

/* How many requests have not ended, of all disks. Context: any. */
unsigned eft_io_pending(void);

/* The platforms' finders. */
void eft_plat_guest_find_block(struct eft_device_class *class);
/* A process's: core/block/hostdisk.c. */
void eft_host_find_block(struct eft_device_class *class);

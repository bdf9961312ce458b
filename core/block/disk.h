// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Disks and their partitions, as file systems and block special files use
 * them.
 *
 *	disk.c       the list of them all
 *	partition.c  what a disk's partition table says
 *	io.c         requests, and who waits for them
 *	count.c      how many there were, and how long they took
 *	hostdisk.c   a process's disks
 *
 * Block special files are core/fs/devfs/disk.c.
 */
#include "core/dev/block.h"
#include "core/thread.h"

/* What the requests of a disk, or of a partition, come to: all are atomic. */
struct eft_disk_counts {
	struct eft_disk_count {
		uint64_t requests, sectors, ns; /* sectors of 512 bytes */
	} of[EFT_BLOCK_ZERO];
	uint32_t pending;
	uint64_t busy_ns;	/* in which some request was under way, */
	uint64_t busy_since_ns; /* and since when that is not counted yet */
};

struct eft_disk {
	struct eft_disk *next;
	struct eft_block *block;
	struct eft_disk *whole; /* that it is a partition of, or NULL */
	struct eft_disk_counts counts;
	/* Where it is on (block): multiples of the sector. */
	uint64_t start, bytes;
	bool read_only;
	char name[16]; /* "vda", "vda1" */
	uint64_t rdev;
};

/*
 * The disk or partition after (disk), the first for NULL: each disk before its
 * partitions. They are looked for at the first call, and live until exit.
 * Context: thread or boot, with no lock below EFT_RANK_DEVICES.
 */
struct eft_disk *eft_disk_next(struct eft_disk *disk);

/* The one of (name): "vda1", "/dev/vda1", "disk0"; NULL: there is none. */
struct eft_disk *eft_disk_find(const char *name);

/*
 * A request on (disk) begins, or has ended that began at (begun_ns); (bytes) were
 * moved, or were to be. A partition's is its disk's too, and what writes zeroes
 * is a write. Context: any.
 */
void eft_disk_count_begin(struct eft_disk *disk, uint64_t now_ns);
void eft_disk_count_end(struct eft_disk *disk,
			enum eft_block_operation operation, uint64_t bytes,
			uint64_t begun_ns, uint64_t now_ns);

/* What they come to by now: (ret) is a copy. Context: any. */
void eft_disk_counts(const struct eft_disk *disk, uint64_t now_ns,
		     struct eft_disk_counts *ret);

/* Block special files: core/fs/devfs/disk.c. */
extern const struct eft_node_type eft_disk_node_type;

/* Requests of one thread, which waits for them all. Its own memory. */
struct eft_io {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_io_request *ended; /* to be freed */
	unsigned pending;
	int error; /* of the first that failed */

	struct eft_thread *thread;
};

void eft_io_begin(struct eft_io *io);

/*
 * Have a request begin. It sleeps while the disk has no room for more.
 *
 * at      a byte of (disk), a multiple of its sector
 * parts   copied; their data, pages of the libOS (eft_page_alloc), of which
 *         each part is in one block, stays until eft_io_wait()
 * Errors  are what eft_io_wait() returns
 */
void eft_io_add(struct eft_io *io, struct eft_disk *disk,
		enum eft_block_operation operation, uint64_t at,
		const struct eft_block_part *parts, unsigned count);
/* The same of one part; and of none: a flush, (len) bytes of a discard. */
void eft_io_add_one(struct eft_io *io, struct eft_disk *disk,
		    enum eft_block_operation operation, uint64_t at, void *data,
		    uint64_t len);

/*
 * Wait for all that was added. It cannot be interrupted.
 *
 * Returns   0; -EIO, -ENOSPC, -EDQUOT; -EROFS; -EINVAL not within the disk;
 *           -EOPNOTSUPP
 */
int eft_io_wait(struct eft_io *io);

/* One request, waited for. (data): as above. Context: thread. */
int eft_disk_read(struct eft_disk *disk, uint64_t at, void *data, uint64_t len);
/* Straight to the program's memory, if the disk can: how many bytes were. */
size_t eft_disk_read_out(struct eft_disk *disk, uint64_t at, void eft_user *buf,
			 size_t len);
int eft_disk_write(struct eft_disk *disk, uint64_t at, void *data,
		   uint64_t len);
/* What was written lasts when this has returned 0. */
int eft_disk_flush(struct eft_disk *disk);

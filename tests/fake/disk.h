// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A disk in memory, whose history is kept: what would be on it had the power
 * failed at any moment of that.
 *
 *	fake_disk_init(&disk, bytes, 512);
 *	... the first contents, by disk.data or by requests
 *	fake_disk_begin(&disk);
 *	... what is tested; then for each (moment) up to disk.moments:
 *	fake_disk_image(&disk, moment, seed, image);
 *
 * A write lasts once it has come back and a flush, submitted after that, has
 * come back too. Any other that had been submitted is there, or is not, or
 * some of its sectors are.
 */
#include "core/block/disk.h"

struct fake_disk_request;

struct fake_disk {
	struct eft_block block;
	struct eft_disk disk; /* all of it */

	uint8_t *data; /* what is read; block.bytes of them */

	/*
	 * How it behaves: each request comes back after so long at most, which
	 * is random; 0: at once, before submit() returns.
	 */
	uint64_t delay_ns;
	unsigned depth; /* requests at a time, FAKE_DISK_DEPTH at most */
	uint64_t seed;

	/*
	 * The request of the number (of its operation, from 1 on) fails, and
	 * (fail_more) so many after it. A write that fails may have been done
	 * in part.
	 */
	uint64_t fail[EFT_BLOCK_ZERO + 1], fail_more;
	int fail_by;			    /* 0: -EIO */
	uint64_t count[EFT_BLOCK_ZERO + 1]; /* that were submitted */

	uint64_t moments; /* requests that were submitted or came back */
	uint8_t *first;	  /* the contents at fake_disk_begin(), or NULL */
	struct fake_disk_request *history, **history_end;
	unsigned pending;
};

enum { FAKE_DISK_DEPTH = 32, FAKE_DISK_SECTOR = 512 };

/* Of sectors of FAKE_DISK_SECTOR bytes, cleared. Context: after fake_boot(). */
void fake_disk_init(struct fake_disk *disk, uint64_t bytes);
void fake_disk_fini(struct fake_disk *disk);

/* What is there now lasts. The history begins, and all counts. */
void fake_disk_begin(struct fake_disk *disk);

/*
 * Make (image), of as many bytes, what is there if the power fails at
 * (moment); what is left to chance is (seed)'s.
 */
void fake_disk_image(const struct fake_disk *disk, uint64_t moment,
		     uint64_t seed, uint8_t *image);

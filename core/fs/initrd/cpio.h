// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A reader of cpio archives: the formats newc and crc, as Linux's initrd is
 * made of. It reads memory, allocates nothing and trusts nothing. Private to
 * core, tests and fuzzers.
 */
#include "core/base.h"

struct eft_cpio {
	const uint8_t *data;
	size_t len, at;
	bool in_archive; /* after an entry, before the archive's end */
	bool streamed;	 /* an entry's data may lie beyond: decode.c */

	/* After an error: what is wrong, in which entry ("": none), where. */
	const char *message;
	char made[64]; /* where it may be */
	const char *entry;
	size_t entry_at;
};

struct eft_cpio_entry {
	const char *name; /* ended by a NUL in the archive */
	const void *data;
	bool checked; /* the data has the sum (check) */
	union {
		uint32_t fields[13];
		struct { /* in the header's order */
			uint32_t ino, mode, uid, gid, nlink, mtime, size;
			uint32_t dev_major, dev_minor, rdev_major, rdev_minor;
			uint32_t name_size, check;
		};
	};
};

void eft_cpio_init(struct eft_cpio *cpio, const void *data, size_t len);

/*
 * The next entry of any of the concatenated archives. An archive's end is one
 * too, with the name NULL: inode numbers mean others after it.
 *
 * Returns   1; 0 nothing follows; -EINVAL see (message)
 * Owns      gives pointers into the archive
 */
int eft_cpio_next(struct eft_cpio *cpio, struct eft_cpio_entry *ret_entry);

/* Of an entry's contents: what its (check) is, where it is (checked). */
uint32_t eft_cpio_sum(const uint8_t *data, size_t len);

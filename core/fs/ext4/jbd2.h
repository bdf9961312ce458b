// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The journal's log on the disk. All numbers are big-endian.
 *
 * Source: Linux, Documentation/filesystems/ext4/journal.rst; where that is
 * silent (what is checksummed, and how long a tag is), what fs/jbd2 and
 * e2fsprogs do.
 */
#include "core/base.h"

static inline uint32_t eft_get_be32(const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return __builtin_bswap32(value);
}

static inline void eft_put_be32(void *at, uint32_t value)
{
	value = __builtin_bswap32(value);
	memcpy(at, &value, sizeof(value));
}

static inline uint64_t eft_get_be64(const void *at)
{
	return (uint64_t)eft_get_be32(at) << 32 |
	       eft_get_be32((const uint8_t *)at + 4);
}

static inline void eft_put_be64(void *at, uint64_t value)
{
	eft_put_be32(at, (uint32_t)(value >> 32));
	eft_put_be32((uint8_t *)at + 4, (uint32_t)value);
}

/* What each block of the log but the logged ones begins with. */
enum { EFT_JBD2_MAGIC = (int)0xc03b3998 };

enum eft_jbd2_type {
	EFT_JBD2_DESCRIPTOR = 1,
	EFT_JBD2_COMMIT = 2,
	EFT_JBD2_SUPER_V1 = 3,
	EFT_JBD2_SUPER_V2 = 4,
	EFT_JBD2_REVOKE = 5,
};

struct eft_jbd2_header {
	uint8_t magic[4], type[4], sequence[4];
};

/* The log's first block, which has 1024 bytes of it. */
struct eft_jbd2_super {
	struct eft_jbd2_header header;
	uint8_t block_bytes[4];
	uint8_t blocks[4];   /* of the log, this one with them */
	uint8_t first[4];    /* block that transactions may be in */
	uint8_t sequence[4]; /* of the oldest transaction */
	uint8_t start[4];    /* where that begins; 0: there is none */
	uint8_t error[4];
	uint8_t compat[4], incompat[4], ro_compat[4];
	uint8_t uuid[16];
	uint8_t users_count[4];
	uint8_t dynamic[4];
	uint8_t max_transaction[4], max_data[4];
	uint8_t checksum_type; /* EFT_JBD2_CRC32C */
	uint8_t padding[171];
	uint8_t checksum[4]; /* of all of it, with this one 0 */
	uint8_t users[768];
};

_Static_assert(sizeof(struct eft_jbd2_super) == 1024, "");
_Static_assert(offsetof(struct eft_jbd2_super, checksum) == 0xfc, "");

enum {
	EFT_JBD2_CRC32C = 4,

	EFT_JBD2_COMPAT_CHECKSUM = 1,

	EFT_JBD2_INCOMPAT_REVOKE = 1,
	EFT_JBD2_INCOMPAT_64BIT = 2,
	EFT_JBD2_INCOMPAT_ASYNC_COMMIT = 4,
	EFT_JBD2_INCOMPAT_CSUM_V2 = 8,
	EFT_JBD2_INCOMPAT_CSUM_V3 = 16,
	EFT_JBD2_INCOMPAT_FAST_COMMIT = 32,
	EFT_JBD2_INCOMPAT_KNOWN = 63,
};

/*
 * A descriptor: a header, tags, and with checksums (CSUM_V2, CSUM_V3) a tail,
 * the last four bytes: the CRC of the block, with these 0. For each tag a block
 * follows in the log.
 *
 * All CRCs but the superblock's begin with that of the UUID.
 */
enum {
	EFT_JBD2_TAIL_BYTES = 4,
	EFT_JBD2_UUID_BYTES = 16, /* after a tag that is not SAME_UUID */

	EFT_JBD2_TAG_ESCAPED = 1, /* its block began with the magic number */
	EFT_JBD2_TAG_SAME_UUID = 2,
	EFT_JBD2_TAG_DELETED = 4,
	EFT_JBD2_TAG_LAST = 8,
};

/* With CSUM_V3. */
struct eft_jbd2_tag3 {
	uint8_t block[4];
	uint8_t flags[4];
	uint8_t block_high[4];
	uint8_t checksum[4]; /* of the sequence number, and the block as it is
				in the log */
};

/* Without: (block_high) is there with 64BIT; two bytes more with CSUM_V2. */
struct eft_jbd2_tag {
	uint8_t block[4];
	uint8_t checksum[2]; /* the lower half of it */
	uint8_t flags[2];
	uint8_t block_high[4];
};

/* Numbers of blocks follow, of 8 bytes with 64BIT and of 4 else; and a tail. */
struct eft_jbd2_revoke {
	struct eft_jbd2_header header;
	uint8_t bytes[4]; /* of this header and the numbers */
};

struct eft_jbd2_commit {
	struct eft_jbd2_header header;
	uint8_t checksum_type, checksum_bytes, padding[2];
	uint8_t checksum[4]; /* of the block, with this one 0 */
	uint8_t checksums[28];
	uint8_t seconds[8], nanoseconds[4];
};

_Static_assert(offsetof(struct eft_jbd2_commit, seconds) == 0x30, "");

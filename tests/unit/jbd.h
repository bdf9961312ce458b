// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A small file system of which there is but the journal, in three runs of
 * blocks, and metadata blocks at PLACE and on.
 */
#include "core/fs/ext4/journal.h"
#include "core/lib/crc32c.h"
#include "tests/fake/disk.h"
#include "tests/unit/count.h"

enum { BLOCKS = 320, PLACE = 200, PLACES = 12, LOG_BLOCKS = 68 };

static const struct eft_ext4_run runs[] = {{100, 24}, {280, 30}, {50, 14}};

struct volume {
	struct fake_disk disk;
	struct eft_ext4 fs;
};

static inline void put_block(struct fake_disk *disk, uint32_t block_bytes,
			     uint64_t block, const void *data, size_t len)
{
	memcpy(disk->data + block * block_bytes, data, len);
}

/* The journal's superblock, of an empty log. */
static inline void make_super(struct eft_jbd2_super *super,
			      uint32_t block_bytes, uint32_t blocks,
			      uint32_t incompat)
{
	memset(super, 0, sizeof(*super));
	eft_put_be32(super->header.magic, (uint32_t)EFT_JBD2_MAGIC);
	eft_put_be32(super->header.type, EFT_JBD2_SUPER_V2);
	eft_put_be32(super->block_bytes, block_bytes);
	eft_put_be32(super->blocks, blocks);
	eft_put_be32(super->first, 1);
	eft_put_be32(super->sequence, 0xfffffffe); /* it comes around */
	eft_put_be32(super->incompat, incompat);
	eft_put_be32(super->users_count, 1);
	memcpy(super->uuid, "sixteen letters", 16);
	super->checksum_type = EFT_JBD2_CRC32C;
	eft_put_be32(super->checksum, eft_crc32c(~0u, super, sizeof(*super)));
}

static inline void format(struct volume *v, uint32_t block_bytes,
			  uint32_t incompat)
{
	struct eft_jbd2_super super;

	fake_disk_init(&v->disk, (uint64_t)BLOCKS * block_bytes);
	make_super(&super, block_bytes, LOG_BLOCKS, incompat);
	put_block(&v->disk, block_bytes, runs[0].first, &super, sizeof(super));
	v->fs = (struct eft_ext4){
		.disk = &v->disk.disk,
		.block_bytes = block_bytes,
		.block_shift = (unsigned)__builtin_ctz(block_bytes),
		.blocks = BLOCKS,
	};
}

static inline int try_mount_at(struct volume *v, const struct eft_ext4_run *at,
			       unsigned count)
{
	int error = eft_ext4_buffers_open(&v->fs);

	if (error != 0)
		return error;
	error = eft_ext4_journal_open(&v->fs, at, count);
	if (error != 0)
		eft_ext4_buffers_close(&v->fs);
	return error;
}

static inline int try_mount(struct volume *v)
{
	v->fs.aborted = NULL;
	return try_mount_at(v, runs, eft_array_size(runs));
}

static inline void mount(struct volume *v)
{
	check_eq(try_mount(v), 0);
}

static inline int unmount(struct volume *v)
{
	int error = eft_ext4_journal_close(&v->fs);

	eft_ext4_buffers_close(&v->fs);
	return error;
}

/* Run (function) as a thread. */
static inline void run(void (*function)(void *), void *arg)
{
	fake_boot(NULL);
	eft_log_set_level(EFT_LOG_ERROR);
	check_eq(fake_run(function, arg), FAKE_RETURNED);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Recovery of ext4's journal (core/fs/ext4/recovery.c): the input says what the
 * log has, block by block, with right checksums if it wants that. Whatever is
 * made of it, nothing outside of the file system is written, and what was
 * recovered once is not recovered again.
 */
#include "core/fs/ext4/journal.h"
#include "core/lib/crc32c.h"
#include "fuzz/fuzz.h"
#include "tests/fake/disk.h"

enum { BYTES = 1024, BLOCKS = 96, DISK_BLOCKS = 112, LOG = 32 };

static const struct eft_ext4_run runs[] = {{8, 20}, {40, LOG - 20}};

static struct fake_disk disk;
static struct eft_ext4 fs;

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
}

static uint8_t *block_at(unsigned index)
{
	return disk.data + (index < runs[0].count
				    ? runs[0].first + index
				    : runs[1].first + index - runs[0].count) *
				   BYTES;
}

static void make_super(uint32_t incompat, uint32_t sequence)
{
	struct eft_jbd2_super *super = (void *)block_at(0);

	eft_put_be32(super->header.magic, (uint32_t)EFT_JBD2_MAGIC);
	eft_put_be32(super->header.type, EFT_JBD2_SUPER_V2);
	eft_put_be32(super->block_bytes, BYTES);
	eft_put_be32(super->blocks, LOG);
	eft_put_be32(super->first, 1);
	eft_put_be32(super->sequence, sequence);
	eft_put_be32(super->start, 1 + fuzz_below(LOG - 1));
	eft_put_be32(super->incompat, incompat);
	super->checksum_type = EFT_JBD2_CRC32C;
	eft_put_be32(super->checksum, eft_crc32c(~0u, super, sizeof(*super)));
}

/* Tags, or numbers of blocks: words, most of them small. */
static void fill(uint8_t *block, unsigned from)
{
	for (unsigned count = fuzz_below(64); count > 0; count--) {
		eft_put_be32(block + from, fuzz_below(256));
		from += 4;
	}
}

static void make_block(unsigned index, uint32_t sequence, uint32_t seed)
{
	uint8_t *block = block_at(index), *sum = block + BYTES - 4;
	unsigned type = fuzz_below(8);

	eft_put_be32(block, (uint32_t)EFT_JBD2_MAGIC);
	eft_put_be32(block + 4, type);
	eft_put_be32(block + 8, sequence + fuzz_below(4));
	if (type == EFT_JBD2_REVOKE)
		eft_put_be32(block + 12, fuzz_below(256) * 5);
	if (type == EFT_JBD2_DESCRIPTOR || type == EFT_JBD2_REVOKE)
		fill(block, type == EFT_JBD2_REVOKE ? 16 : 12);
	if (type == EFT_JBD2_COMMIT)
		sum = ((struct eft_jbd2_commit *)block)->checksum;
	if (fuzz_below(8) != 1)
		eft_put_be32(sum, eft_crc32c(seed, block, BYTES));
}

static int mount(void)
{
	int error;

	fuzz_check(eft_ext4_buffers_open(&fs) == 0);
	error = eft_ext4_journal_open(&fs, runs, eft_array_size(runs));
	if (error == 0)
		fuzz_check(eft_ext4_journal_close(&fs) == 0);
	eft_ext4_buffers_close(&fs);
	return error;
}

void fuzz_one(void)
{
	static const uint8_t zeroes[16] = {0};
	uint32_t incompat = fuzz_below(EFT_JBD2_INCOMPAT_KNOWN + 1);
	uint32_t sequence = (uint32_t)fuzz_u64();
	const uint8_t *outside;
	int error;

	fake_disk_init(&disk, DISK_BLOCKS * BYTES);
	fs = (struct eft_ext4){.disk = &disk.disk,
			       .block_bytes = BYTES,
			       .block_shift = 10,
			       .blocks = BLOCKS};
	make_super(incompat, sequence);
	for (unsigned i = 1; i < LOG && fuzz_more(); i++)
		make_block(i, sequence, eft_crc32c(~0u, zeroes, 16));
	error = mount();
	fuzz_check(error == 0 || error == -EUCLEAN || error == -EINVAL);
	if (error == 0) {
		fuzz_check(mount() == 0);
		fuzz_check(disk.count[EFT_BLOCK_READ] > 1);
	}
	outside = disk.data + BLOCKS * BYTES;
	for (unsigned i = 0; i < (DISK_BLOCKS - BLOCKS) * BYTES; i++)
		fuzz_check(outside[i] == 0);
	fake_disk_fini(&disk);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The superblock of the journal's log: of which kind that is, where it begins.
 */
#include "core/abi.h"
#include "core/fs/ext4/journal.h"
#include "core/lib/crc32c.h"
#include "core/log.h"
#include "core/mem.h"

enum { BLOCKS_MIN = 16 };

int eft_ext4_log_refuse(const struct eft_ext4_log *log, int error,
			const char *why)
{
	eft_log(EFT_LOG_ERROR, "ext4: %s: the journal %s", log->fs->disk->name,
		why);
	return error;
}

static bool has(const struct eft_ext4_log *log, uint32_t incompat)
{
	return eft_get_be32(log->super->incompat) & incompat;
}

static uint32_t super_checksum(struct eft_jbd2_super *super)
{
	uint8_t *checksum = super->checksum;
	uint32_t was = eft_get_be32(checksum), crc;

	eft_put_be32(checksum, 0);
	crc = eft_crc32c(~0u, super, sizeof(*super));
	eft_put_be32(checksum, was);
	return crc;
}

/* What follows from the superblock's features. */
static void apply_features(struct eft_ext4_log *log)
{
	log->has_tags3 = has(log, EFT_JBD2_INCOMPAT_CSUM_V3);
	log->has_checksums =
		log->has_tags3 || has(log, EFT_JBD2_INCOMPAT_CSUM_V2);
	log->is_64bit = has(log, EFT_JBD2_INCOMPAT_64BIT);
	log->seed = eft_crc32c(~0u, log->super->uuid, EFT_JBD2_UUID_BYTES);
	if (log->has_tags3)
		log->tag_bytes = sizeof(struct eft_jbd2_tag3);
	else
		log->tag_bytes =
			(log->is_64bit ? 12 : 8) + (log->has_checksums ? 2 : 0);
}

static int check_features(const struct eft_ext4_log *log)
{
	const struct eft_jbd2_super *super = log->super;
	bool is_dirty = eft_get_be32(super->start) != 0;
	uint32_t incompat = eft_get_be32(super->incompat);

	if (incompat & ~(uint32_t)EFT_JBD2_INCOMPAT_KNOWN ||
	    eft_get_be32(super->ro_compat) != 0)
		return eft_ext4_log_refuse(log, -EINVAL,
					   "has features that are not known");
	if (log->has_tags3 && incompat & EFT_JBD2_INCOMPAT_CSUM_V2)
		return eft_ext4_log_refuse(log, -EUCLEAN,
					   "has two kinds of checksums");
	if (log->has_checksums && super->checksum_type != EFT_JBD2_CRC32C)
		return eft_ext4_log_refuse(log, -EINVAL,
					   "has checksums that are no CRC-32C");
	if (log->has_checksums &&
	    eft_get_be32(super->checksum) != super_checksum(log->super))
		return eft_ext4_log_refuse(
			log, -EUCLEAN,
			"has a superblock with a wrong checksum");
	/* Linux forgets the feature when it leaves a log empty. */
	if (is_dirty && incompat & EFT_JBD2_INCOMPAT_FAST_COMMIT)
		return eft_ext4_log_refuse(
			log, -EINVAL,
			"has fast commits (fast_commit), which are not known");
	/* A commit block may be there without what it commits. */
	if (is_dirty && incompat & EFT_JBD2_INCOMPAT_ASYNC_COMMIT &&
	    !log->has_checksums)
		return eft_ext4_log_refuse(
			log, -EINVAL,
			"has asynchronous commits (async_commit) without "
			"checksums of blocks");
	return 0;
}

static int check_super(struct eft_ext4_log *log, uint64_t blocks)
{
	const struct eft_jbd2_super *super = log->super;
	uint32_t start = eft_get_be32(super->start);

	if (eft_get_be32(super->header.magic) != (uint32_t)EFT_JBD2_MAGIC)
		return eft_ext4_log_refuse(log, -EUCLEAN, "has no superblock");
	if (eft_get_be32(super->header.type) == EFT_JBD2_SUPER_V1)
		return eft_ext4_log_refuse(log, -EINVAL,
					   "has a superblock of version 1");
	if (eft_get_be32(super->header.type) != EFT_JBD2_SUPER_V2)
		return eft_ext4_log_refuse(log, -EUCLEAN, "has no superblock");
	if (eft_get_be32(super->block_bytes) != log->fs->block_bytes)
		return eft_ext4_log_refuse(log, -EUCLEAN,
					   "has blocks of another size");
	if (log->blocks > blocks || log->first == 0 ||
	    log->first >= log->blocks)
		return eft_ext4_log_refuse(log, -EUCLEAN,
					   "is longer than its file");
	if (log->blocks - log->first < BLOCKS_MIN)
		return eft_ext4_log_refuse(log, -EUCLEAN, "is too short");
	if (start != 0 && (start < log->first || start >= log->blocks))
		return eft_ext4_log_refuse(log, -EUCLEAN,
					   "begins outside of itself");
	return check_features(log);
}

/* The runs are within the file system. Returns their blocks; 0: they are not. */
static uint64_t count_blocks(const struct eft_ext4_log *log)
{
	uint64_t blocks = 0, max = log->fs->blocks;

	for (unsigned i = 0; i < log->run_count; i++) {
		const struct eft_ext4_run *run = &log->runs[i];

		if (run->count == 0 || run->first == 0 || run->first > max ||
		    run->count > max - run->first)
			return 0;
		blocks += run->count;
	}
	return blocks;
}

static int read_super(struct eft_ext4_log *log)
{
	struct eft_ext4 *fs = log->fs;
	uint64_t blocks = count_blocks(log);
	int error;

	if (blocks == 0)
		return eft_ext4_log_refuse(log, -EUCLEAN,
					   "is not in the file system");
	error = eft_disk_read(fs->disk, log->runs[0].first << fs->block_shift,
			      log->super, fs->block_bytes);
	if (error != 0)
		return eft_ext4_log_refuse(log, -EIO, "cannot be read");
	log->blocks = eft_get_be32(log->super->blocks);
	log->first = eft_get_be32(log->super->first);
	apply_features(log);
	error = check_super(log, blocks);
	if (error == 0 && eft_get_be32(log->super->error) != 0)
		eft_ext4_log_refuse(
			log, 0,
			"tells of an error: the file system is to be checked");
	return error;
}

int eft_ext4_log_open(struct eft_ext4_log *log, struct eft_ext4 *fs,
		      const struct eft_ext4_run *runs, unsigned count)
{
	int error;

	*log = (struct eft_ext4_log){
		.fs = fs, .runs = runs, .run_count = count};
	if (count == 0)
		return 0;
	log->super = eft_page_alloc(0);
	log->pages = eft_page_alloc_zeroed(0);
	if (log->pages != NULL)
		log->pages[0] = eft_page_alloc(0);
	log->page_count = 1;
	if (log->super == NULL || log->pages == NULL || log->pages[0] == NULL)
		error = -ENOMEM;
	else
		error = read_super(log);
	if (error != 0) {
		eft_ext4_log_close(log);
		return error;
	}
	log->in_use = eft_get_be32(log->super->start) != 0;
	log->head = log->first;
	log->room = log->blocks - log->first;
	return 0;
}

void eft_ext4_log_close(struct eft_ext4_log *log)
{
	for (unsigned i = 0; log->pages != NULL && i < log->page_count; i++)
		eft_page_free(log->pages[i]);
	eft_page_free(log->pages);
	eft_page_free(log->super);
}

/*
 * An empty log may get other features: those that the file system has use for.
 * Commits are neither asynchronous nor fast here.
 */
static void choose_features(struct eft_ext4_log *log)
{
	struct eft_jbd2_super *super = log->super;
	uint32_t incompat = eft_get_be32(super->incompat);

	incompat &= ~(uint32_t)(EFT_JBD2_INCOMPAT_ASYNC_COMMIT |
				EFT_JBD2_INCOMPAT_FAST_COMMIT);
	incompat |= EFT_JBD2_INCOMPAT_REVOKE;
	if (log->fs->blocks > UINT32_MAX)
		incompat |= EFT_JBD2_INCOMPAT_64BIT;
	if (log->fs->has_checksums && !log->has_checksums) {
		incompat |= EFT_JBD2_INCOMPAT_CSUM_V3;
		super->checksum_type = EFT_JBD2_CRC32C;
	}
	eft_put_be32(super->compat,
		     eft_get_be32(super->compat) &
			     ~(uint32_t)EFT_JBD2_COMPAT_CHECKSUM);
	eft_put_be32(super->incompat, incompat);
	apply_features(log);
}

/*
 * All that changes is in the first 512 bytes: a sector, so that a superblock is
 * never there in part.
 */
int eft_ext4_log_set_tail(struct eft_ext4_log *log, uint32_t start,
			  uint32_t sequence)
{
	struct eft_ext4 *fs = log->fs;
	int error;

	if (!log->in_use && start != 0)
		choose_features(log);
	eft_put_be32(log->super->start, start);
	eft_put_be32(log->super->sequence, sequence);
	if (log->has_checksums)
		eft_put_be32(log->super->checksum, super_checksum(log->super));
	error = eft_disk_write(fs->disk, log->runs[0].first << fs->block_shift,
			       log->super, fs->block_bytes);
	if (error == 0)
		error = eft_disk_flush(fs->disk);
	if (error == 0)
		log->in_use = start != 0;
	return error;
}

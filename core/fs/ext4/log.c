// SPDX-License-Identifier: BSD-3-Clause
/*
 * The journal's log: a ring of blocks, and those that a commit writes.
 *
 * HOW    What is added is gathered in pages of memory and written by as few
 *        requests as can be. Where there is no page any more, it is written at
 *        once and its pages are filled again: a commit needs no memory but the
 *        page that the log always has.
 * LOCKS  All is called with the journal's mutex.
 */
#include "core/log.h"
#include "core/fs/ext4/journal.h"
#include "core/lib/crc32c.h"
#include "core/mem.h"

enum {
	PAGES_MAX = EFT_PAGE_SIZE / sizeof(void *),
	PAGES_KEPT = 8, /* from one commit to the next */
	PARTS = 16,
	TAGS_MIN = 62, /* in a descriptor of 1024 bytes */
};

/*
 * Blocks of the ring.
 */
uint32_t eft_ext4_log_run(const struct eft_ext4_log *log, uint32_t index,
			  uint64_t *ret_block)
{
	const struct eft_ext4_run *run = log->runs;
	uint32_t at = index;

	eft_assert(index < log->blocks);
	for (; at >= run->count; run++)
		at -= run->count;
	*ret_block = run->first + at;
	return (uint32_t)eft_min(run->count - at, log->blocks - index);
}

uint32_t eft_ext4_log_after(const struct eft_ext4_log *log, uint32_t index,
			    uint32_t count)
{
	uint32_t left = log->blocks - index;

	return count < left ? index + count : log->first + (count - left);
}

uint32_t eft_ext4_log_distance(const struct eft_ext4_log *log, uint32_t from,
			       uint32_t to)
{
	return to >= from ? to - from
			  : (log->blocks - from) + (to - log->first);
}

uint32_t eft_ext4_log_need(unsigned blocks)
{
	/* Its descriptors, a block of revokes that is not full, the commit. */
	return blocks + (blocks / TAGS_MIN + 1) + 1 + 1;
}

/* Write (count) of what was added, from (slot) on, to (block) and on. */
static void write_run(struct eft_ext4_log *log, struct eft_io *io,
		      uint64_t block, uint32_t slot, uint32_t count)
{
	unsigned shift = log->fs->block_shift;
	uint32_t per_page = EFT_PAGE_SIZE >> shift;
	uint64_t at = block << shift;

	while (count > 0) {
		struct eft_block_part part[PARTS];
		unsigned n = 0;
		uint32_t begin = slot;

		for (; n < PARTS && count > 0; n++) {
			uint32_t in_page = slot % per_page;
			uint32_t now = eft_min(count, per_page - in_page);
			char *page = log->pages[slot / per_page];

			part[n] = (struct eft_block_part){
				page + (in_page << shift), now << shift};
			slot += now;
			count -= now;
		}
		eft_io_add(io, log->fs->disk, EFT_BLOCK_WRITE, at, part, n);
		at += (uint64_t)(slot - begin) << shift;
	}
}

static void write_filled(struct eft_ext4_log *log)
{
	struct eft_io io;
	int error;

	eft_io_begin(&io);
	for (uint32_t slot = 0; slot < log->filled;) {
		uint64_t block;
		uint32_t run = eft_ext4_log_run(log, log->head, &block);
		uint32_t count = eft_min(run, log->filled - slot);

		write_run(log, &io, block, slot, count);
		log->head = eft_ext4_log_after(log, log->head, count);
		slot += count;
	}
	log->filled = 0;
	error = eft_io_wait(&io);
	if (log->error == 0)
		log->error = error;
}

static bool add_page(struct eft_ext4_log *log)
{
	void *page = log->page_count < PAGES_MAX ? eft_page_alloc(0) : NULL;

	if (page != NULL)
		log->pages[log->page_count++] = page;
	return page != NULL;
}

void *eft_ext4_log_add(struct eft_ext4_log *log, unsigned type,
		       uint32_t sequence)
{
	unsigned shift = log->fs->block_shift;
	uint32_t per_page = EFT_PAGE_SIZE >> shift;
	struct eft_jbd2_header *block;

	if (log->filled == log->page_count * per_page && !add_page(log))
		write_filled(log);
	block = (void *)((char *)log->pages[log->filled / per_page] +
			 (log->filled % per_page << shift));
	log->filled++;
	log->taken++;
	if (type != 0) {
		memset(block, 0, log->fs->block_bytes);
		eft_put_be32(block->magic, (uint32_t)EFT_JBD2_MAGIC);
		eft_put_be32(block->type, type);
		eft_put_be32(block->sequence, sequence);
	}
	return block;
}

int eft_ext4_log_finish(struct eft_ext4_log *log)
{
	int error;

	write_filled(log);
	while (log->page_count > PAGES_KEPT)
		eft_page_free(log->pages[--log->page_count]);
	error = log->error;
	log->error = 0;
	return error;
}

/*
 * Checksums.
 */
uint32_t eft_ext4_log_checksum(const struct eft_ext4_log *log, void *block,
			       uint8_t *checksum)
{
	uint32_t was = eft_get_be32(checksum), crc;

	eft_put_be32(checksum, 0);
	crc = eft_crc32c(log->seed, block, log->fs->block_bytes);
	eft_put_be32(checksum, was);
	return crc;
}

uint32_t eft_ext4_log_data_checksum(const struct eft_ext4_log *log,
				    uint32_t sequence, const uint8_t *data,
				    bool escaped)
{
	uint8_t begin[8] = {
		0}; /* the number, and what may stand for four bytes */
	unsigned skip = escaped ? 4 : 0;
	uint32_t crc;

	if (!log->has_checksums)
		return 0;
	eft_put_be32(begin, sequence);
	crc = eft_crc32c(log->seed, begin, 4 + skip);
	return eft_crc32c(crc, data + skip, log->fs->block_bytes - skip);
}

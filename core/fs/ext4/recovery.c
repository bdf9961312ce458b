// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the log has is written in place.
 *
 * HOW    The log is walked three times. SCAN finds its end, which is where the
 *        next transaction has no commit block, and verifies all that comes
 *        before. REVOKE notes which blocks are not to be replayed, up to which
 *        transaction. REPLAY writes the others. Then the log is emptied. If the
 *        power fails before, all is done once more, to the same end.
 *
 *        A transaction without a commit block may be there in part, so whatever
 *        is wrong in it is but the end of the log. Where a commit block says
 *        that it is complete, it is damaged: nothing is replayed, for what is
 *        in place may be newer than the transactions before.
 *
 *        Everything that is read may be a lie, at each walk anew.
 */
#include "core/abi.h"
#include "core/fs/ext4/journal.h"
#include "core/log.h"
#include "core/mem.h"

enum { WINDOW_ORDER = 4 };

enum pass { SCAN, REVOKE, REPLAY };

struct recovery {
	struct eft_ext4_log *log;
	enum pass pass;
	uint32_t start,
		begin; /* block and transaction that the log begins with */
	uint32_t end;  /* the transaction that is not complete */

	/* Where the walk is. */
	uint32_t at, sequence;
	uint32_t walked; /* blocks */
	bool damaged;	 /* the transaction, as SCAN finds */
	bool ended;

	/* Blocks of the log that are in memory. */
	uint8_t *window;
	uint32_t window_max, window_first, window_count;
	struct eft_io writes; /* out of it */

	uint8_t *descriptor;	  /* a page: one of them outlives the window */
	struct eft_treap revoked; /* struct revoked */
	uint64_t replayed;	  /* blocks */
};

struct revoked {
	struct eft_treap_node node; /* key: block */
	uint32_t sequence;	    /* up to which it is */
};

/*
 * Blocks of the log.
 */
static int finish_writes(struct recovery *r)
{
	int error = eft_io_wait(&r->writes);

	eft_io_begin(&r->writes);
	return error;
}

static int load(struct recovery *r)
{
	struct eft_ext4 *fs = r->log->fs;
	uint32_t count;
	uint64_t block;
	int error = finish_writes(r);

	if (error != 0)
		return error;
	count = eft_min(eft_ext4_log_run(r->log, r->at, &block), r->window_max);
	r->window_count = 0;
	error = eft_disk_read(fs->disk, block << fs->block_shift, r->window,
			      (uint64_t)count << fs->block_shift);
	if (error != 0)
		return error;
	r->window_first = r->at;
	r->window_count = count;
	return 0;
}

/* The block where the walk is; it stays until the next one is looked at. */
static int look(struct recovery *r, uint8_t **ret_block)
{
	int error = 0;

	if (r->at - r->window_first >= r->window_count)
		error = load(r);
	if (error == 0)
		*ret_block = r->window + ((size_t)(r->at - r->window_first)
					  << r->log->fs->block_shift);
	return error;
}

/* A log that goes on for longer than it is has ended somewhere. */
static void advance(struct recovery *r)
{
	r->at = eft_ext4_log_after(r->log, r->at, 1);
	if (++r->walked > r->log->blocks - r->log->first)
		r->ended = true;
}

static bool has_right_tail(const struct eft_ext4_log *log, uint8_t *block)
{
	uint8_t *tail = block + log->fs->block_bytes - EFT_JBD2_TAIL_BYTES;

	return !log->has_checksums ||
	       eft_get_be32(tail) == eft_ext4_log_checksum(log, block, tail);
}

static unsigned room_of(const struct eft_ext4_log *log)
{
	return log->fs->block_bytes -
	       (log->has_checksums ? EFT_JBD2_TAIL_BYTES : 0);
}

/*
 * Descriptors, and the blocks after them.
 */
struct tag {
	uint64_t block;
	uint32_t flags, checksum;
};

static struct tag read_tag(const struct eft_ext4_log *log, const uint8_t *at)
{
	const struct eft_jbd2_tag3 *tag3 = (const void *)at;
	const struct eft_jbd2_tag *tag = (const void *)at;
	struct tag t = {.block = eft_get_be32(at)};
	uint32_t both;

	if (log->has_tags3) {
		t.flags = eft_get_be32(tag3->flags);
		t.checksum = eft_get_be32(tag3->checksum);
		if (log->is_64bit)
			t.block |= (uint64_t)eft_get_be32(tag3->block_high)
				   << 32;
		return t;
	}
	both = eft_get_be32(tag->checksum);
	t.flags = both & 0xffff;
	t.checksum = both >> 16;
	if (log->is_64bit)
		t.block |= (uint64_t)eft_get_be32(tag->block_high) << 32;
	return t;
}

static bool has_right_checksum(const struct recovery *r, const struct tag *tag,
			       const uint8_t *data)
{
	const struct eft_ext4_log *log = r->log;
	uint32_t crc =
		eft_ext4_log_data_checksum(log, r->sequence, data, false);

	if (!log->has_checksums)
		return true;
	return tag->checksum == (log->has_tags3 ? crc : crc & 0xffff);
}

/* May a transaction have it? It is of the file system, and not of the log. */
static bool is_place(const struct eft_ext4_log *log, uint64_t block)
{
	for (unsigned i = 0; i < log->run_count; i++)
		if (block - log->runs[i].first < log->runs[i].count)
			return false;
	return block < log->fs->blocks;
}

static bool is_revoked(struct recovery *r, uint64_t block)
{
	struct eft_treap_node *node = eft_treap_at_or_after(&r->revoked, block);
	const struct revoked *revoked;

	if (node == NULL || node->key != block)
		return false;
	revoked = eft_container_of(node, struct revoked, node);
	return (int32_t)(revoked->sequence - r->sequence) >= 0;
}

static void replay(struct recovery *r, const struct tag *tag, uint8_t *data)
{
	struct eft_ext4 *fs = r->log->fs;

	if (is_revoked(r, tag->block))
		return;
	if (tag->flags & EFT_JBD2_TAG_ESCAPED)
		eft_put_be32(data, (uint32_t)EFT_JBD2_MAGIC);
	eft_io_add_one(&r->writes, fs->disk, EFT_BLOCK_WRITE,
		       tag->block << fs->block_shift, data, fs->block_bytes);
	r->replayed++;
}

/* The walk is at the block that (tag) describes. */
static int walk_data(struct recovery *r, const struct tag *tag)
{
	uint8_t *data;
	int error;

	if (!is_place(r->log, tag->block))
		r->damaged = true;
	if (r->pass == REVOKE || (r->pass == SCAN && !r->log->has_checksums))
		return 0;
	error = look(r, &data);
	if (error != 0)
		return error;
	if (!has_right_checksum(r, tag, data))
		r->damaged = true;
	if (r->pass == REPLAY && !r->damaged)
		replay(r, tag, data);
	return 0;
}

static int walk_descriptor(struct recovery *r, const uint8_t *block)
{
	struct eft_ext4_log *log = r->log;
	unsigned at = sizeof(struct eft_jbd2_header);
	struct tag tag = {.flags = 0};
	int error = 0;

	memcpy(r->descriptor, block, log->fs->block_bytes);
	if (!has_right_tail(log, r->descriptor))
		r->damaged = true;
	while (error == 0 && !r->ended && !(tag.flags & EFT_JBD2_TAG_LAST) &&
	       at + log->tag_bytes <= room_of(log)) {
		tag = read_tag(log, r->descriptor + at);
		at += log->tag_bytes;
		if (!(tag.flags & EFT_JBD2_TAG_SAME_UUID))
			at += EFT_JBD2_UUID_BYTES;
		error = walk_data(r, &tag);
		advance(r);
	}
	return error;
}

/*
 * Revokes.
 */
static int revoke(struct recovery *r, uint64_t block)
{
	struct eft_treap_node *node = eft_treap_at_or_after(&r->revoked, block);
	struct revoked *revoked;

	if (node != NULL && node->key == block) {
		revoked = eft_container_of(node, struct revoked, node);
	} else {
		revoked = eft_alloc(sizeof(*revoked));
		if (revoked == NULL)
			return -ENOMEM;
		eft_treap_insert(&r->revoked, &revoked->node, block);
	}
	revoked->sequence = r->sequence;
	return 0;
}

static void forget_revoked(struct recovery *r)
{
	struct eft_treap_node *node;

	while ((node = eft_treap_first(&r->revoked)) != NULL) {
		eft_treap_remove(&r->revoked, node);
		eft_free(eft_container_of(node, struct revoked, node));
	}
}

static int walk_revoke(struct recovery *r, uint8_t *block)
{
	const struct eft_jbd2_revoke *header = (const void *)block;
	unsigned size = r->log->is_64bit ? 8 : 4, at = sizeof(*header);
	uint32_t bytes = eft_get_be32(header->bytes);
	int error = 0;

	if (bytes > room_of(r->log) || !has_right_tail(r->log, block))
		r->damaged = true;
	for (; r->pass == REVOKE && !r->damaged && error == 0 &&
	       at + size <= bytes;
	     at += size)
		error = revoke(r, size == 8 ? eft_get_be64(block + at)
					    : eft_get_be32(block + at));
	return error;
}

/*
 * Transactions.
 */
static bool is_async(const struct eft_ext4_log *log)
{
	return eft_get_be32(log->super->incompat) &
	       EFT_JBD2_INCOMPAT_ASYNC_COMMIT;
}

static int walk_commit(struct recovery *r, uint8_t *block)
{
	struct eft_jbd2_commit *commit = (void *)block;
	int error = 0;

	if (r->log->has_checksums &&
	    eft_get_be32(commit->checksum) !=
		    eft_ext4_log_checksum(r->log, block, commit->checksum))
		r->ended = true;
	else if (r->damaged && is_async(r->log))
		r->ended = true; /* it was written before the rest */
	else if (r->damaged)
		error = -EUCLEAN;
	else if (r->pass == REPLAY) /* the next may have the same blocks */
		error = finish_writes(r);
	r->sequence += r->ended ? 0 : 1;
	return error;
}

static int walk_block(struct recovery *r)
{
	const struct eft_jbd2_header *header;
	uint8_t *block;
	int error = look(r, &block);

	if (error != 0)
		return error;
	header = (const void *)block;
	if (eft_get_be32(header->magic) != (uint32_t)EFT_JBD2_MAGIC ||
	    eft_get_be32(header->sequence) != r->sequence) {
		r->ended = true;
		return 0;
	}
	advance(r);
	switch (eft_get_be32(header->type)) {
	case EFT_JBD2_DESCRIPTOR:
		return walk_descriptor(r, block);
	case EFT_JBD2_REVOKE:
		return walk_revoke(r, block);
	case EFT_JBD2_COMMIT:
		return walk_commit(r, block);
	}
	r->ended = true;
	return 0;
}

static int walk(struct recovery *r, enum pass pass)
{
	int error = 0;

	r->pass = pass;
	r->at = r->start;
	r->sequence = r->begin;
	r->walked = 0;
	r->damaged = r->ended = false;
	while (error == 0 && !r->ended &&
	       (pass == SCAN || r->sequence != r->end))
		error = walk_block(r);
	if (error == 0 && pass == SCAN)
		r->end = r->sequence;
	else if (error == 0 && r->ended)
		error = -EUCLEAN; /* it was another at the first walk */
	return error;
}

static int recover(struct recovery *r)
{
	struct eft_ext4 *fs = r->log->fs;
	int error = walk(r, SCAN);

	if (error == 0)
		error = walk(r, REVOKE);
	if (error == 0)
		error = walk(r, REPLAY);
	if (error == 0)
		error = finish_writes(r);
	if (error == 0)
		error = eft_disk_flush(fs->disk);
	/* Not (end): some of its blocks may be there. */
	if (error == 0)
		error = eft_ext4_log_set_tail(r->log, 0, r->end + 1);
	if (error == 0)
		eft_log(EFT_LOG_INFO,
			"ext4: %s: the journal had %u transactions, and "
			"%lu blocks of them were written",
			fs->disk->name, r->end - r->begin, r->replayed);
	return error;
}

static int explain(const struct recovery *r, int error)
{
	const char *why = "cannot be read, or what it has not be written";

	if (error == -EUCLEAN)
		why = "is damaged: the file system is to be checked";
	else if (error == -ENOMEM)
		why = "needs more memory to be recovered";
	return eft_ext4_log_refuse(r->log, error, why);
}

int eft_ext4_recover(struct eft_ext4_log *log)
{
	struct recovery r = {
		.log = log,
		.start = eft_get_be32(log->super->start),
		.begin = eft_get_be32(log->super->sequence),
		.descriptor = eft_page_alloc(0),
	};
	unsigned order = WINDOW_ORDER;
	int error = -ENOMEM;

	if (log->fs->disk->read_only) {
		eft_page_free(r.descriptor);
		return eft_ext4_log_refuse(
			log, -EROFS,
			"is to be recovered, and the disk is read-only");
	}
	while ((r.window = eft_page_alloc(order)) == NULL && order > 0)
		order--;
	r.window_max = EFT_PAGE_SIZE << order >> log->fs->block_shift;
	eft_io_begin(&r.writes);
	if (r.descriptor != NULL && r.window != NULL)
		error = recover(&r);
	eft_io_wait(&r.writes);
	forget_revoked(&r);
	eft_page_free(r.window);
	eft_page_free(r.descriptor);
	return error == 0 ? 0 : explain(&r, error);
}

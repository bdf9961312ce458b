// SPDX-License-Identifier: BSD-3-Clause
/*
 * A transaction in the log: descriptors, each with the blocks that it describes;
 * then what it revokes; and the commit block.
 *
 * All tags of a descriptor are made before its blocks are copied, since it may
 * be written, and its memory used again, before they are (log.c).
 */
#include "core/fs/ext4/journal.h"
#include "core/time.h"

static struct eft_ext4_buffer *next_of(struct eft_ext4_buffer *buffer,
				       bool revoked)
{
	while (buffer != NULL && buffer->revoked != revoked)
		buffer = buffer->next_changed;
	return buffer;
}

static bool is_escaped(const struct eft_ext4_buffer *buffer)
{
	return eft_get_be32(buffer->data) == (uint32_t)EFT_JBD2_MAGIC;
}

static void copy_block(const struct eft_ext4_log *log, void *to,
		       const struct eft_ext4_buffer *buffer)
{
	memcpy(to, buffer->data, log->fs->block_bytes);
	if (is_escaped(buffer))
		eft_put_be32(to, 0);
}

static void put_tag(const struct eft_ext4_log *log, uint8_t *at, uint64_t block,
		    uint32_t flags, uint32_t crc)
{
	struct eft_jbd2_tag3 *tag3 = (void *)at;
	struct eft_jbd2_tag *tag = (void *)at;

	eft_put_be32(at, (uint32_t)block);
	if (log->has_tags3) {
		eft_put_be32(tag3->flags, flags);
		eft_put_be32(tag3->block_high, (uint32_t)(block >> 32));
		eft_put_be32(tag3->checksum, crc);
		return;
	}
	/* Both halves: the checksum's lower one, and the flags. */
	eft_put_be32(tag->checksum, crc << 16 | flags);
	if (log->is_64bit)
		eft_put_be32(tag->block_high, (uint32_t)(block >> 32));
}

static uint8_t *tail_of(const struct eft_ext4_log *log, uint8_t *block)
{
	return block + log->fs->block_bytes -
	       (log->has_checksums ? EFT_JBD2_TAIL_BYTES : 0);
}

static void set_tail(const struct eft_ext4_log *log, uint8_t *block)
{
	uint8_t *tail = tail_of(log, block);

	if (log->has_checksums)
		eft_put_be32(tail, eft_ext4_log_checksum(log, block, tail));
}

/*
 * A descriptor of as many buffers from (buffer) on as it has room for. Returns
 * the one after them.
 */
static struct eft_ext4_buffer *describe(struct eft_ext4_log *log,
					uint32_t sequence,
					struct eft_ext4_buffer *buffer)
{
	uint8_t *block = eft_ext4_log_add(log, EFT_JBD2_DESCRIPTOR, sequence);
	uint8_t *at = block + sizeof(struct eft_jbd2_header);
	const uint8_t *end = tail_of(log, block);
	unsigned uuid = EFT_JBD2_UUID_BYTES; /* after the first tag */
	unsigned bytes = log->tag_bytes;
	bool last;

	do {
		struct eft_ext4_buffer *next =
			next_of(buffer->next_changed, false);
		bool escaped = is_escaped(buffer);
		uint32_t crc = eft_ext4_log_data_checksum(
			log, sequence, buffer->data, escaped);

		last = next == NULL || at + bytes + uuid + bytes > end;
		put_tag(log, at, buffer->node.key,
			(escaped ? EFT_JBD2_TAG_ESCAPED : 0) |
				(uuid == 0 ? EFT_JBD2_TAG_SAME_UUID : 0) |
				(last ? EFT_JBD2_TAG_LAST : 0),
			crc);
		memcpy(at + bytes, log->super->uuid, uuid);
		at += bytes + uuid;
		uuid = 0;
		buffer = next;
	} while (!last);
	set_tail(log, block);
	return buffer;
}

static void add_changes(struct eft_ext4_log *log,
			const struct eft_ext4_transaction *t)
{
	struct eft_ext4_buffer *buffer = next_of(t->changed, false), *end;

	while (buffer != NULL) {
		end = describe(log, t->sequence, buffer);
		for (; buffer != end;
		     buffer = next_of(buffer->next_changed, false))
			copy_block(log, eft_ext4_log_add(log, 0, 0), buffer);
	}
}

static void add_revokes(struct eft_ext4_log *log,
			const struct eft_ext4_transaction *t)
{
	struct eft_ext4_buffer *buffer = next_of(t->changed, true);
	unsigned bytes = log->is_64bit ? 8 : 4;

	while (buffer != NULL) {
		uint8_t *block =
			eft_ext4_log_add(log, EFT_JBD2_REVOKE, t->sequence);
		struct eft_jbd2_revoke *header = (void *)block;
		uint8_t *at = block + sizeof(*header);

		for (; buffer != NULL && at + bytes <= tail_of(log, block);
		     at += bytes) {
			if (log->is_64bit)
				eft_put_be64(at, buffer->node.key);
			else
				eft_put_be32(at, (uint32_t)buffer->node.key);
			buffer = next_of(buffer->next_changed, true);
		}
		eft_put_be32(header->bytes, (uint32_t)(at - block));
		set_tail(log, block);
	}
}

void eft_ext4_log_add_commit(struct eft_ext4_log *log, uint32_t sequence)
{
	struct eft_jbd2_commit *commit =
		eft_ext4_log_add(log, EFT_JBD2_COMMIT, sequence);
	uint64_t now = eft_realtime_ns(), seconds = eft_whole_seconds(now);

	eft_put_be64(commit->seconds, seconds);
	eft_put_be32(commit->nanoseconds,
		     (uint32_t)(now - seconds * 1000000000));
	if (log->has_checksums)
		eft_put_be32(
			commit->checksum,
			eft_ext4_log_checksum(log, commit, commit->checksum));
}

void eft_ext4_log_add_transaction(struct eft_ext4_log *log,
				  const struct eft_ext4_transaction *t)
{
	add_changes(log, t);
	add_revokes(log, t);
}

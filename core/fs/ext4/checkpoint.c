// SPDX-License-Identifier: BSD-3-Clause
/*
 * Blocks that are committed, written in place; then the log is free of them.
 *
 * HOW    What the running transaction has changed cannot be written: that would
 *        show what is not committed. It stays dirty, and with it the log from
 *        the transaction on that has logged it, until the next commit logs it
 *        anew. A block that is changed while it is being written may arrive
 *        with a part of that; it is in the running transaction by then, so it
 *        stays dirty too, and the log can still repair it.
 *
 *        The log is free once the superblock that says so is on the disk.
 */
#include "core/abi.h"
#include "core/fs/ext4/journal.h"
#include "core/log.h"
#include "core/mem.h"

static bool is_in_running(struct eft_ext4 *fs,
			  const struct eft_ext4_buffer *buffer)
{
	bool is;

	eft_ext4_lock(fs);
	is = buffer->transaction != NULL;
	eft_ext4_unlock(fs);
	return is;
}

/* Move what can be written from the dirty buffers to (list). */
static void choose(struct eft_ext4 *fs, struct eft_list *list)
{
	struct eft_ext4_journal *j = fs->journal;
	bool has_log = j->log.blocks != 0;
	struct eft_list *link, *next;

	eft_list_init(list);
	for (link = j->dirty.next; link != &j->dirty; link = next) {
		next = link->next;
		if (has_log &&
		    is_in_running(fs,
				  eft_container_of(link, struct eft_ext4_buffer,
						   link)))
			continue;
		eft_list_remove(link);
		eft_list_insert(list, link);
	}
}

static int write_all(struct eft_ext4 *fs, const struct eft_list *list)
{
	const struct eft_list *link;
	struct eft_io io;
	int error;

	eft_io_begin(&io);
	for (link = list->next; link != list; link = link->next) {
		const struct eft_ext4_buffer *buffer =
			eft_container_of(link, struct eft_ext4_buffer, link);

		eft_io_add_one(&io, fs->disk, EFT_BLOCK_WRITE,
			       buffer->node.key << fs->block_shift,
			       buffer->data, fs->block_bytes);
	}
	error = eft_io_wait(&io);
	return error != 0 ? error : eft_disk_flush(fs->disk);
}

/* They are in place, if (written), but for those that were changed again. */
static void settle(struct eft_ext4 *fs, struct eft_list *list, bool written)
{
	struct eft_ext4_journal *j = fs->journal;

	while (!eft_list_empty(list)) {
		struct eft_ext4_buffer *buffer = eft_container_of(
			list->next, struct eft_ext4_buffer, link);

		eft_ext4_lock(fs);
		eft_list_remove(&buffer->link);
		if (!written || buffer->transaction != NULL) {
			eft_list_insert(&j->dirty, &buffer->link);
		} else {
			buffer->logged->dirty--;
			buffer->logged = NULL;
			j->dirty_count--;
			eft_ext4_buffer_put_locked(buffer);
		}
		eft_ext4_unlock(fs);
	}
}

/* Forget the oldest transactions of which all is in place. Were there any? */
static bool forget_transactions(struct eft_ext4_journal *j)
{
	bool any = false;

	while (j->oldest != NULL && j->oldest->dirty == 0) {
		struct eft_ext4_transaction *t = j->oldest;

		j->oldest = t->next;
		eft_free(t);
		any = true;
	}
	return any;
}

static int advance_tail(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_ext4_log *log = &j->log;
	uint32_t start = log->head, sequence = j->committed + 1, used = 0;
	int error;

	if (j->oldest != NULL) {
		start = j->oldest->start;
		sequence = j->oldest->sequence;
		used = eft_ext4_log_distance(log, start, log->head);
	}
	error = eft_ext4_log_set_tail(log, start, sequence);
	if (error != 0)
		return error;
	eft_ext4_lock(fs);
	log->room = log->blocks - log->first - used;
	eft_ext4_unlock(fs);
	return 0;
}

int eft_ext4_checkpoint(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_list list;
	bool any;
	int error;

	if (eft_ext4_is_aborted(fs))
		return -EROFS;
	choose(fs, &list);
	error = write_all(fs, &list);
	settle(fs, &list, error == 0);
	any = forget_transactions(j);
	if (error == 0 && j->log.blocks != 0 && any)
		error = advance_tail(fs);
	if (error != 0)
		eft_ext4_abort(fs, "metadata cannot be written");
	return error;
}

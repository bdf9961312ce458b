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
 *        They are written in the order of the disk, neighbours by one request.
 *        The log is free once the superblock that says so is on the disk.
 */
#include "core/abi.h"
#include "core/fs/ext4/journal.h"
#include "core/log.h"
#include "core/mem.h"

enum { RUN_MAX = 32 }; /* blocks of a request */

static bool is_in_running(struct eft_ext4 *fs,
			  const struct eft_ext4_buffer *buffer)
{
	bool is;

	eft_ext4_lock(fs);
	is = buffer->transaction != NULL;
	eft_ext4_unlock(fs);
	return is;
}

/* Move what can be written from the dirty buffers to (list): how many. */
static unsigned choose(struct eft_ext4 *fs, struct eft_list *list)
{
	struct eft_ext4_journal *j = fs->journal;
	bool has_log = j->log.blocks != 0;
	struct eft_list *link, *next;
	unsigned count = 0;

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
		count++;
	}
	return count;
}

static struct eft_ext4_buffer *by_link(struct eft_list *link)
{
	return eft_container_of(link, struct eft_ext4_buffer, link);
}

/* Move the first (count) of (from) to the end of (to). */
static void move(struct eft_list *to, struct eft_list *from, unsigned count)
{
	while (count-- > 0) {
		struct eft_list *link = from->next;

		eft_list_remove(link);
		eft_list_insert(to, link);
	}
}

/* Have the (count) buffers of (list) be in the order of the disk. */
static void sort(struct eft_list *list, unsigned count)
{
	struct eft_list first, second;

	if (count < 2)
		return;
	eft_list_init(&first);
	eft_list_init(&second);
	move(&first, list, count / 2);
	move(&second, list, count - count / 2);
	sort(&first, count / 2);
	sort(&second, count - count / 2);
	while (!eft_list_empty(&first) && !eft_list_empty(&second)) {
		bool is_first = by_link(first.next)->node.key <
				by_link(second.next)->node.key;

		move(list, is_first ? &first : &second, 1);
	}
	while (!eft_list_empty(&first))
		move(list, &first, 1);
	while (!eft_list_empty(&second))
		move(list, &second, 1);
}

/* Add the buffers from (link) on that lie together; the first that does not. */
static struct eft_list *add_run(struct eft_ext4 *fs, struct eft_io *io,
				struct eft_list *link,
				const struct eft_list *list)
{
	uint64_t first = by_link(link)->node.key;
	struct eft_block_part parts[RUN_MAX];
	unsigned count = 0;

	while (link != list && count < RUN_MAX &&
	       by_link(link)->node.key == first + count) {
		parts[count++] = (struct eft_block_part){by_link(link)->data,
							 fs->block_bytes};
		link = link->next;
	}
	eft_io_add(io, fs->disk, EFT_BLOCK_WRITE, first << fs->block_shift,
		   parts, count);
	return link;
}

static int write_all(struct eft_ext4 *fs, struct eft_list *list)
{
	struct eft_list *link = list->next;
	struct eft_io io;
	int error;

	eft_io_begin(&io);
	while (link != list)
		link = add_run(fs, &io, link, list);
	error = eft_io_wait(&io);
	return error != 0 ? error : eft_disk_flush(fs->disk);
}

/* They are in place, if (written), but for those that were changed again. */
static void settle(struct eft_ext4 *fs, struct eft_list *list, bool written)
{
	struct eft_ext4_journal *j = fs->journal;

	while (!eft_list_empty(list)) {
		struct eft_ext4_buffer *buffer = by_link(list->next);

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
	sort(&list, choose(fs, &list));
	error = write_all(fs, &list);
	settle(fs, &list, error == 0);
	any = forget_transactions(j);
	if (error == 0 && j->log.blocks != 0 && any)
		error = advance_tail(fs);
	if (error != 0)
		eft_ext4_abort(fs, "metadata cannot be written");
	return error;
}

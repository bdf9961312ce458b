// SPDX-License-Identifier: BSD-3-Clause
/*
 * Transactions: what many operations change is written as one.
 *
 * WHAT   A handle is one operation, and part of the running transaction. A
 *        commit ends that: what its handles have changed lasts as a whole.
 *        When the blocks are in place too (checkpoint.c), the log is free.
 *
 * HOW    A commit closes the running transaction: it lets no handle begin,
 *        waits for those that are open, and copies what they have changed into
 *        the log's pages. Then handles begin again, in the next transaction,
 *        while the copies are written; flushed; and the commit block after
 *        them, flushed too. So nobody waits for the disk but who asked for the
 *        commit, and whoever comes meanwhile shares the next one.
 *
 *        A transaction begins only when the log has room for the largest one,
 *        so that a commit never waits for room.
 *
 *        Handles promise beforehand how many blocks they change. For each a
 *        spare buffer is kept, for the case that it revokes a block that is not
 *        in memory: neither a change nor a revoke can fail.
 *
 *        Without a log all is the same, but that a commit, instead of writing
 *        copies, writes in place: nothing is whole after a power cut then.
 *
 * LOCKS  The mutex is for who works on the log: one commit or checkpoint at a
 *        time. The buffers' lock guards who is in which transaction.
 */
#include "core/fs/ext4/journal.h"
#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"

enum {
	MEMORY_PART = 16, /* of it, for a transaction; and for dirty buffers */
	LOG_PART = 4,	  /* of the log, for a transaction */
	BLOCKS_MIN = EFT_EXT4_HANDLE_BLOCKS,
	BLOCKS_MAX = 16384, /* without a log */
};

void eft_ext4_abort(struct eft_ext4 *fs, const char *why)
{
	const char *none = NULL;

	if (__atomic_compare_exchange_n(&fs->aborted, &none, why, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		eft_log(EFT_LOG_ERROR, "ext4: %s: %s: read-only from now on",
			fs->disk->name, why);
}

/*
 * Handles.
 */
enum obstacle { NONE, ABORTED, CLOSING, NO_SPARE, FULL, NO_TRANSACTION };

/* What keeps a handle of (blocks) from beginning? */
static enum obstacle find_obstacle(const struct eft_ext4 *fs, unsigned blocks)
{
	const struct eft_ext4_journal *j = fs->journal;

	if (eft_ext4_is_aborted(fs))
		return ABORTED;
	if (j->closing)
		return CLOSING;
	if (j->spares < j->promised + blocks)
		return NO_SPARE;
	if (j->running == NULL)
		return NO_TRANSACTION;
	return j->running->blocks + blocks > j->blocks_max ? FULL : NONE;
}

static void wait_for_opening(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_waiter waiter;

	eft_wait_begin(&waiter, &j->queue);
	while (__atomic_load_n(&j->closing, __ATOMIC_ACQUIRE))
		eft_sleep_through();
	eft_wait_end(&waiter);
}

static int add_spare(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_ext4_buffer *buffer = eft_ext4_buffer_create(fs);

	if (buffer == NULL)
		return -ENOMEM;
	eft_ext4_lock(fs);
	buffer->next_changed = j->spare;
	j->spare = buffer;
	j->spares++;
	eft_ext4_unlock(fs);
	return 0;
}

static struct eft_ext4_buffer *take_spare_locked(struct eft_ext4_journal *j)
{
	struct eft_ext4_buffer *buffer = j->spare;

	eft_assert(j->spares > 0);
	j->spare = buffer->next_changed;
	j->spares--;
	return buffer;
}

static bool has_room(const struct eft_ext4_journal *j)
{
	return j->log.blocks == 0 ||
	       j->log.room >= eft_ext4_log_need(j->blocks_max);
}

static int make_room(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	int error = 0;

	eft_mutex_lock(&j->mutex);
	if (!has_room(j))
		error = eft_ext4_checkpoint(fs);
	eft_mutex_unlock(&j->mutex);
	return error;
}

/* Have a transaction run, if none does; or make room for one. */
static int start_transaction(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_ext4_transaction *t = eft_alloc(sizeof(*t));
	bool room;

	if (t == NULL)
		return -ENOMEM;
	eft_ext4_lock(fs);
	room = has_room(j);
	if (room && j->running == NULL && !j->closing) {
		t->sequence = j->sequence++;
		j->running = t;
		t = NULL;
	}
	eft_ext4_unlock(fs);
	eft_free(t);
	return room ? 0 : make_room(fs);
}

static int overcome(struct eft_ext4 *fs, enum obstacle obstacle)
{
	switch (obstacle) {
	case NONE:
		break;
	case ABORTED:
		return -EROFS;
	case CLOSING:
		wait_for_opening(fs);
		break;
	case NO_SPARE:
		return add_spare(fs);
	case FULL:
		return eft_ext4_commit(fs);
	case NO_TRANSACTION:
		return start_transaction(fs);
	}
	return 0;
}

int eft_ext4_begin(struct eft_ext4 *fs, unsigned blocks,
		   struct eft_ext4_handle *handle)
{
	struct eft_ext4_journal *j = fs->journal;
	enum obstacle obstacle;
	int error = 0;

	if (fs->read_only)
		return -EROFS;
	if (blocks > j->blocks_max)
		return -ENOSPC;
	do {
		eft_ext4_lock(fs);
		obstacle = find_obstacle(fs, blocks);
		if (obstacle == NONE) {
			*handle = (struct eft_ext4_handle){fs, j->running,
							   blocks};
			j->promised += blocks;
			j->running->handles++;
			j->running->blocks += blocks;
		}
		eft_ext4_unlock(fs);
		error = overcome(fs, obstacle);
	} while (obstacle != NONE && error == 0);
	return error;
}

/* (buffer) joins the handle's transaction, as one of what was promised. */
static void join_locked(struct eft_ext4_handle *handle,
			struct eft_ext4_buffer *buffer)
{
	struct eft_ext4_transaction *t = handle->transaction;

	if (buffer->transaction == t)
		return;
	eft_assert(buffer->transaction == NULL);
	eft_assert(handle->blocks > 0);
	handle->blocks--;
	handle->fs->journal->promised--;
	if (buffer->logged == NULL)
		eft_ext4_buffer_get_locked(buffer);
	buffer->transaction = t;
	buffer->next_changed = t->changed;
	t->changed = buffer;
}

void eft_ext4_change(struct eft_ext4_handle *handle,
		     struct eft_ext4_buffer *buffer)
{
	/* Which stays so: nobody commits, or revokes it, meanwhile. */
	if (buffer->transaction == handle->transaction && !buffer->revoked)
		return;
	eft_ext4_lock(handle->fs);
	eft_assert(buffer->valid);
	join_locked(handle, buffer);
	buffer->revoked = false;
	eft_ext4_unlock(handle->fs);
}

void eft_ext4_revoke(struct eft_ext4_handle *handle, uint64_t block)
{
	struct eft_ext4 *fs = handle->fs;
	struct eft_ext4_buffer *buffer;

	eft_ext4_lock(fs);
	buffer = eft_ext4_buffer_find_locked(fs, block);
	if (buffer == NULL) {
		buffer = take_spare_locked(fs->journal);
		eft_ext4_buffer_insert_locked(fs, buffer, block);
	}
	join_locked(handle, buffer);
	buffer->revoked = true;
	eft_ext4_unlock(fs);
}

void eft_ext4_on_commit(struct eft_ext4_handle *handle,
			struct eft_ext4_hook *hook)
{
	eft_ext4_lock(handle->fs);
	hook->next = handle->transaction->hooks;
	handle->transaction->hooks = hook;
	eft_ext4_unlock(handle->fs);
}

void eft_ext4_end(struct eft_ext4_handle *handle)
{
	struct eft_ext4 *fs = handle->fs;
	struct eft_ext4_journal *j = fs->journal;
	struct eft_ext4_transaction *t = handle->transaction;
	bool wanted;

	eft_ext4_lock(fs);
	eft_assert(t == j->running && t->handles > 0);
	j->promised -= handle->blocks;
	t->blocks -= handle->blocks;
	wanted = --t->handles == 0 && j->closing;
	eft_ext4_unlock(fs);
	handle->transaction = NULL;
	if (wanted)
		eft_waitq_wake(&j->queue, EFT_WAKE_ALL);
}

/*
 * Mount and unmount.
 */
static void set_limits(struct eft_ext4_journal *j)
{
	struct eft_page_stats stats;
	uint64_t blocks = BLOCKS_MAX;

	eft_page_stats(&stats);
	if (j->log.blocks != 0)
		blocks = (j->log.blocks - j->log.first) / LOG_PART;
	j->dirty_max = eft_max(stats.total / MEMORY_PART, BLOCKS_MIN);
	j->blocks_max = eft_min(blocks, j->dirty_max);
}

int eft_ext4_journal_open(struct eft_ext4 *fs, const struct eft_ext4_run *runs,
			  unsigned count)
{
	struct eft_ext4_journal *j = eft_alloc(sizeof(*j));
	int error;

	if (j == NULL)
		return -ENOMEM;
	error = eft_ext4_log_open(&j->log, fs, runs, count);
	if (error == 0 && j->log.in_use) {
		error = eft_ext4_recover(&j->log);
		eft_ext4_buffers_reclaim(fs, UINT32_MAX);
		if (error != 0)
			eft_ext4_log_close(&j->log);
	}
	if (error != 0) {
		eft_free(j);
		return error;
	}
	if (count != 0)
		j->sequence = eft_get_be32(j->log.super->sequence);
	j->committed = j->sequence - 1;
	eft_mutex_init(&j->mutex, EFT_RANK_EXT4_LOG);
	eft_mutex_init(&fs->changes, EFT_RANK_EXT4_CHANGES);
	eft_waitq_init(&j->queue);
	eft_list_init(&j->dirty);
	set_limits(j);
	fs->journal = j;
	return 0;
}

static void free_transactions(struct eft_ext4_transaction *t)
{
	struct eft_ext4_transaction *next;

	for (; t != NULL; t = next) {
		next = t->next;
		eft_free(t);
	}
}

/* Nothing of it will be written any more. */
static void drop_changes(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;

	if (j->running != NULL) {
		eft_assert(j->running->handles == 0);
		eft_ext4_call_hooks(eft_ext4_take_hooks(j->running), -EIO);
		eft_ext4_take_over(fs, j->running);
	}
	while (!eft_list_empty(&j->dirty)) {
		struct eft_ext4_buffer *buffer = eft_container_of(
			j->dirty.next, struct eft_ext4_buffer, link);

		eft_ext4_lock(fs);
		eft_ext4_forget_logged_locked(j, buffer);
		eft_ext4_buffer_put_locked(buffer);
		eft_ext4_unlock(fs);
	}
	free_transactions(j->running);
	free_transactions(j->oldest);
}

static int empty_log(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	int error;

	eft_mutex_lock(&j->mutex);
	error = eft_ext4_checkpoint(fs);
	if (error == 0 && j->log.in_use)
		error = eft_ext4_log_set_tail(&j->log, 0, j->sequence);
	eft_mutex_unlock(&j->mutex);
	return error;
}

int eft_ext4_journal_empty(struct eft_ext4 *fs)
{
	int error = eft_ext4_commit(fs);

	return error == 0 && !fs->read_only ? empty_log(fs) : error;
}

int eft_ext4_journal_close(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	int error = eft_ext4_journal_empty(fs);

	drop_changes(fs);
	while (j->spares > 0)
		eft_free(take_spare_locked(j));
	eft_ext4_log_close(&j->log);
	eft_free(j);
	fs->journal = NULL;
	return error;
}

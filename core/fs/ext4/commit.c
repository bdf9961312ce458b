// SPDX-License-Identifier: BSD-3-Clause
/*
 * Commits: the running transaction is closed, copied and written. journal.c
 * says how that goes together.
 *
 * LOCKS  All is done with the journal's mutex. While no handle is open, and none
 *        may begin, what the transaction has changed stands still.
 */
#include "core/abi.h"
#include "core/fs/ext4/journal.h"
#include "core/log.h"

/* The commit block comes after all that it commits. */
static int write_transaction(struct eft_ext4_log *log, uint32_t sequence)
{
	struct eft_disk *disk = log->fs->disk;
	int error = eft_ext4_log_finish(log);

	if (error == 0)
		error = eft_disk_flush(disk);
	if (error == 0) {
		eft_ext4_log_add_commit(log, sequence);
		error = eft_ext4_log_finish(log);
	}
	if (error == 0)
		error = eft_disk_flush(disk);
	return error;
}

/*
 * Closing.
 */
static void set_closing(struct eft_ext4_journal *j, bool closing)
{
	__atomic_store_n(&j->closing, closing, __ATOMIC_RELEASE);
}

static bool has_handles(struct eft_ext4 *fs)
{
	bool has;

	eft_ext4_lock(fs);
	has = fs->journal->running != NULL && fs->journal->running->handles > 0;
	eft_ext4_unlock(fs);
	return has;
}

/* No handle is open, and none begins. Returns the transaction; or NULL. */
static struct eft_ext4_transaction *close_running(struct eft_ext4 *fs)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_waiter waiter;

	eft_ext4_lock(fs);
	set_closing(j, true);
	eft_ext4_unlock(fs);
	eft_wait_begin(&waiter, &j->queue);
	while (has_handles(fs))
		eft_sleep_through();
	eft_wait_end(&waiter);
	return j->running;
}

static void open_next(struct eft_ext4 *fs)
{
	eft_ext4_lock(fs);
	set_closing(fs->journal, false);
	eft_ext4_unlock(fs);
	eft_waitq_wake(&fs->journal->queue, EFT_WAKE_ALL);
}

/* What (t) has of the log is taken, with its commit block to come. */
static int copy_to_log(struct eft_ext4 *fs, struct eft_ext4_transaction *t)
{
	struct eft_ext4_log *log = &fs->journal->log;
	int error = 0;

	if (!log->in_use)
		error = eft_ext4_log_set_tail(log, log->head, t->sequence);
	if (error != 0)
		return error;
	t->start = log->head;
	log->taken = 1;
	eft_ext4_log_add_transaction(log, t);
	eft_ext4_lock(fs);
	eft_assert(log->taken <= log->room);
	log->room -= log->taken;
	eft_ext4_unlock(fs);
	return 0;
}

/* (buffer) is in no transaction that was committed before. */
void eft_ext4_forget_logged_locked(struct eft_ext4_journal *j,
				   struct eft_ext4_buffer *buffer)
{
	if (buffer->logged == NULL)
		return;
	buffer->logged->dirty--;
	buffer->logged = NULL;
	eft_list_remove(&buffer->link);
	j->dirty_count--;
}

/* What (t) has changed is to be written in place; what it revoked is not. */
void eft_ext4_take_over(struct eft_ext4 *fs, struct eft_ext4_transaction *t)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_ext4_buffer *buffer, *next;

	for (buffer = t->changed; buffer != NULL; buffer = next) {
		next = buffer->next_changed;
		eft_ext4_lock(fs);
		eft_ext4_forget_logged_locked(j, buffer);
		buffer->transaction = NULL;
		if (buffer->revoked) {
			buffer->valid = false;
			eft_ext4_buffer_put_locked(buffer);
		} else {
			buffer->logged = t;
			t->dirty++;
			eft_list_insert(&j->dirty, &buffer->link);
			j->dirty_count++;
		}
		eft_ext4_unlock(fs);
	}
	t->changed = NULL;
}

static void append(struct eft_ext4_journal *j, struct eft_ext4_transaction *t)
{
	if (j->oldest == NULL)
		j->oldest = t;
	else
		j->newest->next = t;
	j->newest = t;
}

void eft_ext4_call_hooks(struct eft_ext4_hook *hook, int error)
{
	struct eft_ext4_hook *next;

	for (; hook != NULL; hook = next) {
		next = hook->next;
		hook->committed(hook, error);
	}
}

struct eft_ext4_hook *eft_ext4_take_hooks(struct eft_ext4_transaction *t)
{
	struct eft_ext4_hook *hooks = t->hooks;

	t->hooks = NULL;
	return hooks;
}

/* Is memory short, or half of the log taken? */
static bool is_checkpoint_due(const struct eft_ext4_journal *j)
{
	return j->dirty_count > j->dirty_max ||
	       j->log.room < (j->log.blocks - j->log.first) / 2;
}

/* Work out the checksums of what (t) has changed. */
static void seal(struct eft_ext4 *fs, const struct eft_ext4_transaction *t)
{
	eft_mutex_lock(&fs->changes);
	for (struct eft_ext4_buffer *buffer = t->changed; buffer != NULL;
	     buffer = buffer->next_changed) {
		if (!buffer->revoked)
			eft_ext4_seal(buffer);
	}
	eft_mutex_unlock(&fs->changes);
}

/* (t) is closed, and has changed something. */
static int commit_closed(struct eft_ext4 *fs, struct eft_ext4_transaction *t)
{
	struct eft_ext4_journal *j = fs->journal;
	struct eft_ext4_hook *hooks = eft_ext4_take_hooks(t);
	uint32_t sequence = t->sequence;
	bool has_log = j->log.blocks != 0;
	int error;

	seal(fs, t);
	error = has_log ? copy_to_log(fs, t) : 0;
	append(j, t);
	eft_ext4_take_over(fs, t);
	j->running = NULL;
	if (has_log)
		open_next(fs);
	if (error == 0 && has_log)
		error = write_transaction(&j->log, sequence);
	else if (error == 0)
		error = eft_ext4_checkpoint(fs);
	if (!has_log) /* for it is the blocks themselves that were written */
		open_next(fs);
	if (error != 0) {
		eft_ext4_abort(fs, "the journal cannot be written");
		eft_ext4_call_hooks(hooks, -EIO);
		return -EIO;
	}
	j->committed = sequence;
	eft_ext4_call_hooks(hooks, 0);
	if (is_checkpoint_due(j))
		eft_ext4_checkpoint(fs); /* what is committed lasts anyway */
	return 0;
}

/* *ret_flushed: and what was written before is not in the disk's cache. */
static int commit_running(struct eft_ext4 *fs, bool *ret_flushed)
{
	struct eft_ext4_transaction *t = close_running(fs);
	struct eft_ext4_hook *hooks;

	if (t != NULL && !eft_ext4_is_aborted(fs) && t->changed != NULL) {
		*ret_flushed = true;
		return commit_closed(fs, t);
	}
	hooks = t != NULL && !eft_ext4_is_aborted(fs) ? eft_ext4_take_hooks(t)
						      : NULL;
	open_next(fs);
	eft_ext4_call_hooks(hooks, 0);
	return !eft_ext4_is_aborted(fs) ? 0 : -EIO;
}

static int commit(struct eft_ext4 *fs, bool *ret_flushed)
{
	struct eft_ext4_journal *j = fs->journal;
	uint32_t wanted;
	int error = 0;

	if (fs->read_only)
		return 0;
	if (eft_ext4_is_aborted(fs))
		return -EROFS;
	eft_ext4_lock(fs);
	wanted = j->running != NULL ? j->running->sequence : j->sequence - 1;
	eft_ext4_unlock(fs);
	eft_mutex_lock(&j->mutex);
	if ((int32_t)(wanted - j->committed) > 0) /* nobody has done it */
		error = commit_running(fs, ret_flushed);
	eft_mutex_unlock(&j->mutex);
	return error;
}

int eft_ext4_commit(struct eft_ext4 *fs)
{
	bool flushed;

	return commit(fs, &flushed);
}

int eft_ext4_sync(struct eft_ext4 *fs)
{
	bool flushed = fs->read_only;
	int error = commit(fs, &flushed);

	return error != 0 || flushed ? error : eft_disk_flush(fs->disk);
}

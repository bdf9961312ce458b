// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the files of the journal share: buffer.c, journal.c, commit.c,
 * checkpoint.c, log.c, log_transaction.c and recovery.c.
 */
#include "core/fs/ext4/ext4.h"
#include "core/fs/ext4/jbd2.h"

struct eft_ext4_buffers {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_treap tree;
	struct eft_list
		unused; /* valid, and nobody counts them; oldest first */
	unsigned unused_count;
	struct eft_list roomy; /* cell.c */

	unsigned unused_max;
	struct eft_waitq queue; /* for busy ones */
};

static inline void eft_ext4_lock(struct eft_ext4 *fs)
{
	eft_lock(&fs->buffers->lock);
}

static inline void eft_ext4_unlock(struct eft_ext4 *fs)
{
	eft_unlock(&fs->buffers->lock);
}

static inline bool eft_ext4_is_aborted(const struct eft_ext4 *fs)
{
	return __atomic_load_n(&fs->aborted, __ATOMIC_ACQUIRE) != NULL;
}

/*
 * cell.c: memory for a block, in a page that has only such; freed with what was
 * in *ret_cells. NULL: out of memory.
 */
void *eft_ext4_cell_alloc(struct eft_ext4 *fs,
			  struct eft_ext4_cells **ret_cells);
void eft_ext4_cell_free_locked(struct eft_ext4 *fs,
			       struct eft_ext4_cells *cells, uint8_t *cell);

/* A buffer that is in no tree; NULL: out of memory. */
struct eft_ext4_buffer *eft_ext4_buffer_create(struct eft_ext4 *fs);

/* These have the buffers' lock. */
struct eft_ext4_buffer *eft_ext4_buffer_find_locked(struct eft_ext4 *fs,
						    uint64_t block);
void eft_ext4_buffer_insert_locked(struct eft_ext4 *fs,
				   struct eft_ext4_buffer *buffer,
				   uint64_t block);
void eft_ext4_buffer_get_locked(struct eft_ext4_buffer *buffer);
void eft_ext4_buffer_put_locked(struct eft_ext4_buffer *buffer);

/*
 * The log: a ring of blocks, from (first) to (blocks). Owned by its mutex.
 */
struct eft_ext4_log {
	struct eft_ext4 *fs;
	const struct eft_ext4_run *runs;
	unsigned run_count;
	uint32_t first, blocks; /* 0 blocks: there is no log */
	uint32_t head;		/* where the next block goes */
	uint32_t room; /* free blocks; changed with the buffers' lock */
	bool in_use;   /* the superblock tells of transactions */

	struct eft_jbd2_super *super; /* a page */
	bool has_checksums, has_tags3, is_64bit;
	unsigned tag_bytes;
	uint32_t seed; /* CRC of the UUID */

	/* What is to be written from block (head) on. */
	void **pages; /* of memory; the list is a page too */
	unsigned page_count;
	uint32_t filled; /* blocks of them */
	uint32_t taken;	 /* blocks that were added since this was set */
	int error;	 /* of what was written since eft_ext4_log_finish() */
};

/* Read the superblock. Errors: those of eft_ext4_journal_open(). */
int eft_ext4_log_open(struct eft_ext4_log *log, struct eft_ext4 *fs,
		      const struct eft_ext4_run *runs, unsigned count);
void eft_ext4_log_close(struct eft_ext4_log *log);

/* Say that "the journal (why)"; returns (error). */
int eft_ext4_log_refuse(const struct eft_ext4_log *log, int error,
			const char *why);

/* How many blocks from (index) on lie together, and where on the disk. */
uint32_t eft_ext4_log_run(const struct eft_ext4_log *log, uint32_t index,
			  uint64_t *ret_block);
/* The block after (index) and (count) more, around the end. */
uint32_t eft_ext4_log_after(const struct eft_ext4_log *log, uint32_t index,
			    uint32_t count);
/* Blocks from (from) to (to), around the end; 0: they are the same. */
uint32_t eft_ext4_log_distance(const struct eft_ext4_log *log, uint32_t from,
			       uint32_t to);

/* Write the superblock: transactions from (sequence) on begin at (start). */
int eft_ext4_log_set_tail(struct eft_ext4_log *log, uint32_t start,
			  uint32_t sequence);

/*
 * Add a block, which the caller fills: cleared, with a header if (type) is not
 * 0. What was added before may be written and gone by then.
 */
void *eft_ext4_log_add(struct eft_ext4_log *log, unsigned type,
		       uint32_t sequence);
/* Write what was added, which moves the head. Returns 0 or the first error. */
int eft_ext4_log_finish(struct eft_ext4_log *log);

/* The CRC of a block with its own (4 bytes at (checksum)) as 0. */
uint32_t eft_ext4_log_checksum(const struct eft_ext4_log *log, void *block,
			       uint8_t *checksum);
/* That of a block that is logged, escaped if so; 0: the log has none. */
uint32_t eft_ext4_log_data_checksum(const struct eft_ext4_log *log,
				    uint32_t sequence, const uint8_t *data,
				    bool escaped);

/* Replay what the log has, and empty it. */
int eft_ext4_recover(struct eft_ext4_log *log);

/*
 * Transactions. There is one that runs, or none; one whose commit is under way;
 * and those that are committed and have blocks which are not yet in place.
 */
struct eft_ext4_transaction {
	struct eft_ext4_transaction *next; /* committed after it */
	uint32_t sequence;

	/* Owned by the buffers' lock while it runs. */
	unsigned handles; /* that are open */
	unsigned blocks;  /* of it, and what open handles may add */
	struct eft_ext4_buffer *changed;
	struct eft_ext4_hook *hooks;

	/* Once it is committed. */
	uint32_t start; /* in the log */
	unsigned dirty; /* blocks that are not yet in place */
};

struct eft_ext4_journal {
	struct eft_mutex mutex;
	struct eft_ext4_log log;

	/* Owned by the buffers' lock. */
	struct eft_ext4_transaction *running; /* or NULL */
	bool closing;			      /* no handle may begin */
	uint32_t sequence;		      /* of the next transaction */
	struct eft_ext4_buffer *spare;	      /* for revokes, by next_changed */
	unsigned spares, promised; /* handles may take so many of them */

	/* Owned by the mutex. */
	uint32_t committed; /* the sequence of the last one */
	struct eft_ext4_transaction *oldest, *newest;
	struct eft_list dirty; /* buffers */
	unsigned dirty_count;

	/* Facts. */
	unsigned blocks_max; /* of a transaction */
	unsigned dirty_max;

	struct eft_waitq queue; /* for (closing), and for handles to end */
};

/* Work out the checksums of (buffer), which nobody changes: seal.c. */
void eft_ext4_seal(struct eft_ext4_buffer *buffer);

/* Add what (t), which is closed, has changed and revoked; its commit block. */
void eft_ext4_log_add_transaction(struct eft_ext4_log *log,
				  const struct eft_ext4_transaction *t);
void eft_ext4_log_add_commit(struct eft_ext4_log *log, uint32_t sequence);

/* Blocks of the log that a transaction of (blocks) takes, at most. */
uint32_t eft_ext4_log_need(unsigned blocks);

/*
 * Write in place what is committed, and free the log of it. What the running
 * transaction has changed stays, if there is a log. The caller has the mutex.
 */
int eft_ext4_checkpoint(struct eft_ext4 *fs);

/*
 * Parts of a commit, for who gives up instead. What (t), which is closed, has
 * changed is to be written in place, or, revoked, is no block of metadata.
 */
void eft_ext4_take_over(struct eft_ext4 *fs, struct eft_ext4_transaction *t);
/* (buffer) is of no transaction that was committed. */
void eft_ext4_forget_logged_locked(struct eft_ext4_journal *journal,
				   struct eft_ext4_buffer *buffer);
struct eft_ext4_hook *eft_ext4_take_hooks(struct eft_ext4_transaction *t);
void eft_ext4_call_hooks(struct eft_ext4_hook *hook, int error);

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * ext4. The format: Linux, Documentation/filesystems/ext4.
 *
 *	format.h     what is on the disk
 *	super.c      mounting: features, sizes, checksums of the superblock
 *	buffer.c     metadata blocks in memory; cell.c: small ones
 *	journal.c    transactions: handles; commit.c: how they are committed
 *	log.c        the log; log_super.c: its superblock; log_transaction.c:
 *	             a transaction in it
 *	checkpoint.c what was committed, written in place
 *	recovery.c   what the journal's log still has to say at mount
 *	group.c      block groups: descriptors, bitmaps, their checksums
 *	balloc.c     blocks; ialloc.c: inodes
 *	op.c         changes, which fail as a whole
 *	seal.c       checksums of what was changed
 *	inode.c      inodes, as they are on the disk; icache.c: in memory
 *	orphan.c     what is to be removed, or truncated, after a crash too
 *	extent.c     from a file's blocks to the disk's
 *	shift.c      a file's blocks, moved within it
 *	dir.c        directories; htree.c: hashed ones
 *	xattr.c      extended attributes; xattr_block.c: blocks of them
 *	file.c       contents: pages, their write-back
 *	names.c      operations by name, for the VFS; node.c: nodes; type.c: mounts
 *	getdents.c   reading directories; hash.c: hashes of names
 *	indirect.c   files of ext2 and ext3, which have block lists
 *
 * Locks, outermost first:
 *   a directory's, then a node's (core/vfs/vfs.h)
 *   the log's mutex, one commit or checkpoint at a time
 *   a handle      (begin to end) of the running transaction; a commit waits
 *                 for all of them, so nothing that waits for a commit, for the
 *                 program's memory or for pages of files is done within one
 *   an inode's map mutex, its extents; it is not held over copies to and from
 *                 the program, so that faults may take it
 *   a group's mutex, its bitmaps
 *   the buffers' lock, a spin lock: buffers, and who is in which transaction
 *
 * Contents are allocated late: write() and faults reserve blocks; write-back
 * takes blocks that are free, writes the data, and then in one handle marks
 * them used and puts them into the file. So a committed extent never shows what
 * was on the disk before, and the journal has no data to order.
 */
#include "core/block/disk.h"
#include "core/cache.h"
#include "core/lib.h"
#include "core/lock.h"
#include "core/thread.h"

struct eft_ext4_buffers;
struct eft_ext4_cells;
struct eft_ext4_handle;
struct eft_ext4_journal;
struct eft_ext4_transaction;

/* A file system that is mounted. */
struct eft_ext4 {
	struct eft_disk *disk;
	uint32_t block_bytes; /* 1024, 2048 or 4096 */
	unsigned block_shift; /* its logarithm */
	uint64_t blocks;
	bool read_only;
	bool has_checksums;	/* metadata_csum */
	uint32_t checksum_seed; /* of the file system's UUID */

	const char *aborted; /* why, or NULL; atomic */

	struct eft_ext4_buffers *buffers; /* buffer.c */
	struct eft_ext4_journal *journal; /* journal.c */

	/* What the superblock says, which stays (super.c). */
	struct eft_ext4_buffer *super; /* counted; its superblock */
	uint32_t super_offset;	       /* in there */
	uint32_t first_data_block, blocks_per_group, inodes_per_group, inodes;
	uint32_t groups, inode_bytes, desc_bytes, first_inode;
	uint32_t compat, ro_compat, incompat;
	uint64_t reserved_blocks; /* for root */
	uint64_t overhead; /* blocks of groups' metadata, and the journal's */

	/* Each descriptor's block, counted; bits of what was checked (group.c). */
	struct eft_ext4_buffer **descs;
	uint32_t desc_blocks;
	uint8_t *checked;
	struct eft_treap zones; /* that are groups' metadata */

	/*
	 * Owned by changes, which excludes all other changes of metadata
	 * (op.c); the counters are atomic.
	 */
	struct eft_mutex changes;
	struct eft_ext4_notes *notes; /* memory for them (op.c), or NULL */
	struct eft_treap held; /* blocks that are not to be taken (balloc.c) */
	struct eft_list orphans; /* the last one added first (orphan.c) */
	uint64_t free_blocks;
	uint64_t reserved; /* promised, in 32nds of blocks */
	uint32_t free_inodes;
	uint32_t generation; /* the next inode's; 0: by random */

	/* The nodes in memory, by number (icache.c). */
	struct eft_mutex inodes_lock;
	struct eft_treap inodes_by_number;
	uint32_t dev;
	bool mounted; /* it is closed with its root's node */
	struct eft_flusher flusher;
	bool ended; /* the program has: nothing changes any more; by changes */

	/* super.c's own. */
	struct eft_ext4_run *journal_runs;
	unsigned journal_run_count;
	bool written;	    /* it says that it is mounted */
	uint16_t was_valid; /* its state before that */
};

/*
 * A metadata block in memory. It stays the same while it is counted. Who
 * changes one excludes others by the lock of what it belongs to.
 */
struct eft_ext4_buffer {
	struct eft_treap_node node; /* key: the block */
	struct eft_ext4 *fs;
	uint8_t *data; /* in a page, or NULL: it was never read */
	struct eft_ext4_cells *cells; /* cell.c: the page's, or NULL */
	uint8_t checked; /* its owner's; 0 when it was read or cleared */
	/*
	 * Its checksums that are not of what it has by now, a bit each, atomic;
	 * and what they are worked out from (seal.c).
	 */
	uint32_t unsealed, seal_from;

	/* Owned by the buffers' lock. */
	struct eft_list link; /* of those that nobody counts, or are dirty */
	uint32_t references;
	bool valid, busy; /* busy: being read or cleared */

	/* The journal's, which counts it while one of the two is not NULL. */
	struct eft_ext4_transaction *transaction; /* the running one has it */
	struct eft_ext4_transaction *logged; /* so has this; not yet in place */
	struct eft_ext4_buffer *next_changed; /* in (transaction) */
	bool revoked;			      /* by (transaction) */
};

/* All of them. */
int eft_ext4_buffers_open(struct eft_ext4 *fs);
void eft_ext4_buffers_close(struct eft_ext4 *fs);
/* Forget up to (count) that nobody needs; returns how many those were. */
unsigned eft_ext4_buffers_reclaim(struct eft_ext4 *fs, unsigned count);

/*
 * The buffer of (block), read if it is not there; counted.
 *
 * Returns   0; -EIO; -ENOMEM; -EUCLEAN no block of the file system
 */
int eft_ext4_buffer_read(struct eft_ext4 *fs, uint64_t block,
			 struct eft_ext4_buffer **ret_buffer);
/*
 * The same; (blank): of zeroes, if it is not in memory, for a block of which
 * nothing that is on the disk matters.
 */
int eft_ext4_buffer_get(struct eft_ext4 *fs, uint64_t block, bool blank,
			struct eft_ext4_buffer **ret_buffer);
/* The same, of zeroes: for a block that was just allocated. */
int eft_ext4_buffer_zero(struct eft_ext4 *fs, uint64_t block,
			 struct eft_ext4_buffer **ret_buffer);
void eft_ext4_buffer_put(struct eft_ext4_buffer *buffer); /* NULL is fine */
/* Does anybody count it but the caller, once, and the journal? */
bool eft_ext4_buffer_is_shared(struct eft_ext4_buffer *buffer);

/*
 * An operation: what is changed within is on the disk as a whole, or not at
 * all. On its caller's stack; one at a time of a thread.
 */
enum { EFT_EXT4_HANDLE_BLOCKS = 96 }; /* that any of them begins with */

struct eft_ext4_handle {
	struct eft_ext4 *fs;
	struct eft_ext4_transaction *transaction;
	unsigned blocks; /* that it may still add to the transaction */
};

/*
 * The journal, whose log is in (count) (runs) of blocks, in that order; they
 * stay until it is closed. 0: there is no log, and a commit writes in place.
 * What the log has is recovered first, and the buffers, of which none may be
 * counted, are forgotten then.
 *
 * Returns   0; -EINVAL the log is of a kind that is not known; -EUCLEAN it is
 *           damaged; -EROFS there is something to recover, and the disk cannot
 *           be written; -EIO; -ENOMEM. The log says why.
 */
struct eft_ext4_run {
	uint64_t first;
	uint32_t count;
};
int eft_ext4_journal_open(struct eft_ext4 *fs, const struct eft_ext4_run *runs,
			  unsigned count);
/*
 * Commit all, and write it in place. Nobody uses the file system any more.
 *
 * Returns   0; -EIO; -EROFS it was aborted, and stays to be recovered
 */
int eft_ext4_journal_close(struct eft_ext4 *fs);
/* The same, but it is not closed: nothing is in the log then. */
int eft_ext4_journal_empty(struct eft_ext4 *fs);

/*
 * Begin an operation that changes or revokes (blocks) at most. It sleeps while
 * the running transaction has no room for them, or is being closed.
 *
 * Returns   0; -EROFS, also when it was aborted; -EIO; -ENOMEM; -ENOSPC more
 *           than a transaction can have
 */
int eft_ext4_begin(struct eft_ext4 *fs, unsigned blocks,
		   struct eft_ext4_handle *handle);
/*
 * (buffer) is about to be changed; once or more often. It stays until it has
 * been committed, and written in place.
 */
void eft_ext4_change(struct eft_ext4_handle *handle,
		     struct eft_ext4_buffer *buffer);
/*
 * The metadata block (block) is no longer one: what the log has of it is not
 * to be replayed, and its buffer is forgotten.
 */
void eft_ext4_revoke(struct eft_ext4_handle *handle, uint64_t block);
void eft_ext4_end(struct eft_ext4_handle *handle);

/*
 * To be called when the handle's transaction has been committed, or (-EIO)
 * never will be; once. Context: thread, with the log's mutex; begins no handle.
 */
struct eft_ext4_hook {
	struct eft_ext4_hook *next;
	void (*committed)(struct eft_ext4_hook *hook, int error);
};
void eft_ext4_on_commit(struct eft_ext4_handle *handle,
			struct eft_ext4_hook *hook);

/*
 * Returns when all that has ended lasts: 0; -EIO; -EROFS if it was aborted
 * before. Context: thread, not within a handle.
 */
int eft_ext4_commit(struct eft_ext4 *fs);
/* The same, of contents too that were written where they had been. */
int eft_ext4_sync(struct eft_ext4 *fs);

/*
 * The file system contradicts itself, or cannot be written: it is read-only
 * from now on (errors=remount-ro), which the log says once. (why): a constant.
 */
void eft_ext4_abort(struct eft_ext4 *fs, const char *why);

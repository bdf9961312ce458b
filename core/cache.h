// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The page cache: contents of files that have a disk, or a host, behind them.
 * read(), write() and mappings see the same pages. What was written is written
 * back after a while, when there is much of it, or when somebody wants it to
 * last; what is clean goes when memory is short.
 */
#include "core/pages.h"

struct eft_cached;
struct eft_iovec;

/* Pages in a row, for (reserved) of which reserve() had returned 1. */
struct eft_cached_run {
	uint64_t index;
	void *const *page;
	unsigned count, reserved;
};

/* As many as one write() may have. */
enum { EFT_CACHED_RUNS = 16 };

/* Where the contents come from. Context of all: thread; they may sleep. */
struct eft_cached_source {
	/*
	 * Fill (count) pages with what is at (index) and behind; what lies past
	 * the end does not matter. It takes none of the mutexes that are held over
	 * copies to and from the program (core/mem/fault_sleep.c).
	 *
	 * Returns   0; -EIO, and what else the source says
	 */
	int (*read)(struct eft_cached *cached, uint64_t index,
		    void *const page[], unsigned count);

	/*
	 * Read what is at (offset) into the program's memory, where (reads_out)
	 * of the contents: (len) bytes, whole pages that are not in memory. How
	 * many were, from the first on: the rest is read as above. NULL: it
	 * cannot.
	 */
	size_t (*read_out)(struct eft_cached *cached, uint64_t offset,
			   char eft_user *buf, size_t len);

	/*
	 * Write (count) runs, in the order of their indices, and give back what
	 * is reserved for them. Their contents may change meanwhile; they are
	 * written again then. Two calls do not write one page at a time. NULL:
	 * they cannot be written.
	 */
	int (*write)(struct eft_cached *cached,
		     const struct eft_cached_run run[], unsigned count);

	/*
	 * The page at (index), which is clean, will be written. See to it that
	 * there will be room for it. As read() does, it takes no mutex that is
	 * held over copies. NULL: there always is.
	 *
	 * Returns   1: something was set aside; 0; -ENOSPC, -EDQUOT, -EIO
	 */
	int (*reserve)(struct eft_cached *cached, uint64_t index);
	/* (count) pages that had something set aside are gone. */
	void (*unreserve)(struct eft_cached *cached, unsigned count);

	/* From now on some page is dirty; none is any more. NULL: no matter. */
	void (*hold)(struct eft_cached *cached);
	void (*let_go)(struct eft_cached *cached);
};

struct eft_cached {
	struct eft_pages pages; /* .size: the contents' in bytes */
	const struct eft_cached_source *source;
	bool reads_out; /* its read_out() is quicker; set before it is used */

	/* Owned by pages.lock. */
	unsigned dirty_pages;
	unsigned writes;     /* that are under way */
	unsigned begun;	     /* writes that ever began */
	bool held;	     /* hold() was the last that was called */
	bool closed;	     /* nothing is read: eft_cached_close() */
	unsigned ahead;	     /* pages that the last read was to fetch */
	uint64_t ahead_next; /* where it ended */
	uint64_t hand;	     /* where old pages are looked for next */
	int error;	     /* of a write-back, since the last sync */

	struct eft_fetch *fetches; /* under way; owned by pages.lock, too */

	/* Owned by the cache's lock. */
	struct eft_list all, dirty; /* among the others */
	uint64_t dirty_since_ns;
	unsigned busy; /* somebody evicts from it, or writes it back */
};

/* (cached) is cleared memory. */
void eft_cached_init(struct eft_cached *cached,
		     const struct eft_cached_source *source, uint64_t size);

/* Forget all of it, dirty or not. Nobody else uses it any more. */
void eft_cached_fini(struct eft_cached *cached);

/*
 * As eft_pages_read() and eft_pages_write(), but that several may read at a
 * time, while one writes or cuts. Errors are the source's too; -ENOMEM.
 */
size_t eft_cached_read(struct eft_cached *cached, uint64_t offset,
		       char eft_user *buf, size_t len, int *ret_error);
size_t eft_cached_write(struct eft_cached *cached, uint64_t offset,
			const char eft_user *buf, size_t len, int *ret_error);
/* Read at *at, which moves: how many bytes, 0 at the end, or the error. */
ssize_t eft_cached_read_iov(struct eft_cached *cached,
			    const struct eft_iovec *iov, int count, off_t *at);

/* How many writes have ended: for eft_cached_patch(). */
unsigned eft_cached_ended(struct eft_cached *cached);

/*
 * The source has (len) bytes of (data) at (offset) by now, all in one page or in
 * two: what is in memory of these pages has them too. Under the file's own lock.
 *
 * ended     what eft_cached_ended() was before the source was given them: if
 *           pages were written since, the source may have older ones again, and
 *           is to get these once more
 */
void eft_cached_patch(struct eft_cached *cached, uint64_t offset,
		      const void *data, size_t len, unsigned ended);

/*
 * The contents have (size) bytes from now on: what lies past them is gone, in
 * mappings too. The rest of the last page, if that is in memory, reads as
 * zeroes. Under the file's own lock.
 */
void eft_cached_resize(struct eft_cached *cached, uint64_t size);

/*
 * What is in memory of the pages [first, end) is forgotten, dirty or not: the
 * source has others. Under the file's own lock.
 */
void eft_cached_drop(struct eft_cached *cached, uint64_t first, uint64_t end);

/*
 * The same of a source that is about to have others: from now on, until
 * eft_cached_open(), read() and read_out() of it do not begin, and what they
 * have read meanwhile does not count. Between the two whoever closes it does not
 * read it either.
 */
void eft_cached_close(struct eft_cached *cached, uint64_t first, uint64_t end);
void eft_cached_open(struct eft_cached *cached);

/* Wait for writes of the pages [first, end) that are under way. */
void eft_cached_settle(struct eft_cached *cached, uint64_t first, uint64_t end);

/*
 * Have the page at (index) in memory, and (writes) dirty. By several at a time.
 *
 * Returns   0, also past the end; -ENOMEM; what the source says
 */
int eft_cached_bring_in(struct eft_cached *cached, uint64_t index, bool writes);

/*
 * Have the page at (index) in memory, and at the same address until it is cut:
 * there, in *ret_page; NULL: it is past the end. Returns as above.
 */
int eft_cached_keep(struct eft_cached *cached, uint64_t index, void **ret_page);

/*
 * Write what is dirty of the pages [first, end) when this is called, and wait.
 *
 * Returns   0; the first error of these, and of write-backs since the last call
 */
int eft_cached_sync(struct eft_cached *cached, uint64_t first, uint64_t end);

/* The same, but the error is for the next eft_cached_sync() to tell. */
void eft_cached_write_back(struct eft_cached *cached);

/*
 * Give (count) pages back to the allocator: clean ones, and if there are too
 * few, dirty ones that were written. Returns how many were. Context: thread,
 * with no lock that a source takes.
 */
unsigned eft_page_cache_reclaim(unsigned count);

/* Write all back: sync(2). What failed is told to who syncs it. */
void eft_page_cache_sync(void);
/* The same for the last time: the program ends. */
void eft_page_cache_end(void);
/* The same, where the program ends by a signal: what is slow is not waited for. */
void eft_page_cache_end_by_signal(void);
/* Does it end by a signal? Context: any. */
bool eft_page_cache_is_ending(void);

struct eft_page_cache_stats {
	uint64_t pages, dirty;
};

void eft_page_cache_stats(struct eft_page_cache_stats *ret_stats);

/*
 * A file system that has more to do than to write pages: (commit) is called, in
 * the flusher's thread, when some seconds have passed since eft_flusher_wake(),
 * and by eft_flusher_run().
 */
struct eft_flusher {
	struct eft_flusher *next;
	void (*commit)(struct eft_flusher *flusher);
	/* The program ends: nothing is written after this. NULL: no matter. */
	void (*end)(struct eft_flusher *flusher);
};

void eft_flusher_add(struct eft_flusher *flusher);
void eft_flusher_remove(struct eft_flusher *flusher);
/* There is something to write, in a while. Context: thread. */
void eft_flusher_wake(void);
/*
 * Have the flusher write all, and end the program by (signal). False: there is
 * no flusher, since nothing was ever written. Context: any.
 */
bool eft_flusher_die(int signal);

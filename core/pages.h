// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The contents of a regular file in memory: a sparse array of pages, which
 * mappings of the file show. Where the host pages the program's memory (a
 * process), what is mapped becomes a file of the host's memory first, and stays
 * that: the host then does with mappings what Linux does.
 */
#include "core/lib.h"
#include "core/lock.h"

struct eft_pages {
	bool cached; /* part of an eft_cached: not all is in memory */
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_treap chunks; /* key: the first page's index */
	uint64_t count;		 /* pages that are where none was borrowed */
	unsigned cuts;		 /* how often eft_pages_resize() was called */
	const uint8_t *borrowed; /* contents where no page is */
	size_t borrowed_bytes;

	uint64_t size; /* in bytes; changed by who excludes others, atomic */
	bool mapped;   /* has ever been; changed with the space's lock held */

	/* Changed by who excludes all others. */
	bool on_host;
	int handle;
};

/*
 * But for eft_pages_with(), these are called by one at a time: under the file's
 * own lock. Those that read, write or change the size are not for what is
 * cached (core/cache.h).
 */

/*
 * Read (len) bytes at (offset) into (buf). Returns how many could be copied.
 * *ret_error, 0 before, is why they are fewer: -EFAULT.
 */
size_t eft_pages_read(struct eft_pages *pages, uint64_t offset,
		      char eft_user *buf, size_t len, int *ret_error);

/*
 * Write them. *ret_error is why they are fewer: -ENOSPC no memory, -EFAULT, or
 * what else the host says. The size grows with them.
 */
size_t eft_pages_write(struct eft_pages *pages, uint64_t offset,
		       const char eft_user *buf, size_t len, int *ret_error);

/*
 * The contents have (size) bytes from now on. What lies past them is gone, also
 * for who maps it; if they grow again it reads as zeroes.
 *
 * Returns   0; -ENOSPC, and what else the host says
 */
int eft_pages_resize(struct eft_pages *pages, uint64_t size);

/*
 * Have memory for the bytes [offset, offset+len), which may lie past the end.
 *
 * Returns   0; -ENOSPC, and what else the host says
 */
int eft_pages_allocate(struct eft_pages *pages, uint64_t offset, uint64_t len);

/* The first index >= (index) that has contents, or has none; UINT64_MAX. */
uint64_t eft_pages_next(struct eft_pages *pages, uint64_t index, bool data);

/* What is there of the page at (index), or is read into (buffer), a page. */
const void *eft_pages_peek(struct eft_pages *pages, uint64_t index,
			   void *buffer);

/* Pages of memory that the contents take, the borrowed ones with them. */
uint64_t eft_pages_used(struct eft_pages *pages);

void eft_pages_fini(struct eft_pages *pages);

/*
 * Call use(page, clean, arg) with the page at (index), which is made if there is
 * none: of zeroes, or of what was borrowed. It stays there until (use) returns,
 * which may take no lock but the page tables' and the page allocator's. (clean):
 * a later write through a mapping is to be noticed, by a fault.
 *
 * writes    such a write is tried
 * Returns   what (use) does; -ENXIO it is past the end; -ENOMEM; -EAGAIN it has
 *           to be read, or made dirty, first: eft_cached_bring_in()
 * Context   any that holds no lock of the heap or the pages
 */
int eft_pages_with(struct eft_pages *pages, uint64_t index, bool writes,
		   int (*use)(void *page, bool clean, void *arg), void *arg);

static inline uint64_t eft_pages_size(const struct eft_pages *pages)
{
	return __atomic_load_n(&pages->size, __ATOMIC_ACQUIRE);
}

static inline bool eft_pages_is_past_end(const struct eft_pages *pages,
					 uint64_t index)
{
	return index * EFT_PAGE_SIZE >= eft_pages_size(pages);
}

static inline void eft_pages_set_size(struct eft_pages *pages, uint64_t size)
{
	__atomic_store_n(&pages->size, size, __ATOMIC_RELEASE);
}

/*
 * Map the contents at (addr), for a file's map(): on a platform that pages
 * itself. Returns also -ENOMEM, -EMFILE, -ENFILE.
 */
int eft_pages_map(struct eft_pages *pages, uintptr_t addr, size_t len, int prot,
		  bool shared, off_t offset);

/*
 * Of contents that are on the host (core/mem/pages_host.c), in images that map
 * files.
 */
size_t eft_pages_host_read(struct eft_pages *pages, uint64_t offset,
			   char eft_user *buf, size_t len);
size_t eft_pages_host_write(struct eft_pages *pages, uint64_t offset,
			    const char eft_user *buf, size_t len,
			    int *ret_error);
int eft_pages_host_resize(struct eft_pages *pages, uint64_t size);
int eft_pages_host_allocate(struct eft_pages *pages, uint64_t offset,
			    uint64_t len);
uint64_t eft_pages_host_next(struct eft_pages *pages, uint64_t index,
			     bool data);
uint64_t eft_pages_host_used(struct eft_pages *pages);
void eft_pages_host_close(struct eft_pages *pages);

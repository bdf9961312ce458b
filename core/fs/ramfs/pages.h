// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The contents of a regular file in memory: a sparse array of pages. Private to core.
 */
#include "core/lib.h"
#include "core/lock.h"

struct eft_pages {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_treap chunks; /* key: the first page's index */
	uint64_t count;		 /* pages that are there */
	uint64_t shadowing;	 /* those that stand before borrowed ones */
	unsigned cuts;		 /* how often eft_pages_cut() was called */
	const uint8_t *borrowed; /* contents where no page is */
	size_t borrowed_bytes;
};

/* The page at (index), or NULL. It stays as long as the caller excludes cut. */
void *eft_pages_lookup(struct eft_pages *pages, uint64_t index);

/*
 * The page at (index), which is made if there is none: of zeroes, or of what
 * was borrowed. (pin): it stays where it is until eft_pages_fini().
 *
 * Returns   the page; NULL out of memory
 * Context   any that holds no lock of the heap or the pages
 */
void *eft_pages_fill(struct eft_pages *pages, uint64_t index, bool pin);

/*
 * Read (len) bytes at (offset), all in one page, into (buf). Returns how many
 * could be copied.
 */
size_t eft_pages_read(struct eft_pages *pages, uint64_t offset,
		      char eft_user *buf, size_t len);

/* Make everything from byte (size) on read as zeroes. */
void eft_pages_cut(struct eft_pages *pages, uint64_t size);

/* The first index >= (index) that has contents, or has none; UINT64_MAX. */
uint64_t eft_pages_next(struct eft_pages *pages, uint64_t index, bool data);

/* Pages of memory that the contents take, the borrowed ones with them. */
uint64_t eft_pages_used(struct eft_pages *pages);

void eft_pages_fini(struct eft_pages *pages);

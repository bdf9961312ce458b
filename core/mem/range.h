// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of the address space: range.c has the ranges, fault.c
 * their pages, remap.c what moves them, file_mapping.c those backed by files.
 */
#include "core/file.h"
#include "core/lock.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/process.h"

struct eft_space {
	struct eft_lock lock;
	struct eft_plat_space *plat; /* what the platform's calls take */
	struct eft_treap tree;
	uintptr_t start, end;	   /* the program's part */
	uintptr_t cursor;	   /* where the next search for room begins */
	uint64_t limit, committed; /* bytes promised */
	bool strict;		   /* MAP_NORESERVE counts too */
	unsigned more_flags;	   /* that all new ranges have */
	uintptr_t break_start, break_end;
};

/* The caller's. */
static inline struct eft_space *eft_space(void)
{
	return eft_process()->space;
}

/* True when the pages of (range) are its own, not a file's. */
static inline bool eft_range_is_own(const struct eft_range *range)
{
	return range->file == NULL || range->flags & EFT_RANGE_COPY;
}

/* The (prot) of map_zero() for (range). */
static inline int eft_range_zero_prot(const struct eft_range *range)
{
	return range->prot | (int)(range->flags & EFT_RANGE_SHOWN);
}

/*
 * Under the lock.
 */

/* The first range that ends after (addr), or NULL. */
struct eft_range *eft_range_after(struct eft_space *space, uintptr_t addr);
void eft_range_insert(struct eft_space *space, struct eft_range *range);
void eft_range_take_out(struct eft_space *space, struct eft_range *range);
/* See that ranges begin and end at (addr) and (addr) + (len). */
int eft_range_split(struct eft_space *space, uintptr_t addr, size_t len);
/* Join the ranges that touch at (addr), if they are of one kind. */
void eft_range_join(struct eft_space *space, uintptr_t addr);
/* An address with (len) free bytes, or 0. */
uintptr_t eft_range_choose(struct eft_space *space, size_t len);
/*
 * A fault of (access) at (addr), a page of (range): map (page), which the
 * mapping is to own, or NULL there is no memory; or what its file has there.
 */
enum eft_fault eft_range_give_page(struct eft_space *space,
				   const struct eft_range *range,
				   uintptr_t addr, void *page);
enum eft_fault eft_range_bring_in(struct eft_space *space,
				  const struct eft_range *range, uintptr_t addr,
				  int access);
/* The contents of (range)'s file, or NULL. */
static inline struct eft_pages *eft_range_pages(const struct eft_range *range)
{
	const struct eft_file_ops *ops = range->file->ops;

	return ops->pages != NULL ? ops->pages(range->file) : NULL;
}

/*
 * How many bytes of (range) are its file's pages [index, end), and from where
 * on.
 */
static inline size_t eft_range_part(const struct eft_range *range,
				    uint64_t index, uint64_t end,
				    uintptr_t *ret_addr)
{
	uint64_t first = (uint64_t)range->offset / EFT_PAGE_SIZE;

	index = eft_max(index, first);
	end = eft_min(end, first + (range->end - range->start) / EFT_PAGE_SIZE);
	*ret_addr = range->start + (index - first) * EFT_PAGE_SIZE;
	return index < end ? (end - index) * EFT_PAGE_SIZE : 0;
}

/* A page of a file that is to be shown: for eft_pages_with(). */
struct eft_showing {
	struct eft_space *space;
	const struct eft_range *range;
	uintptr_t addr;
};

int eft_range_show(void *page, bool clean, void *showing);

static inline enum eft_hold eft_showing_hold(const struct eft_showing *s,
					     bool clean)
{
	bool private = s->range->flags & EFT_RANGE_COPY;

	return private || clean ? EFT_HOLD_COPIED : EFT_HOLD_SHARED;
}

/* Images with files that are not in memory: see eft_cached_paging, prepare(). */
void eft_range_prepare(void *page, size_t len);

/* What map_page() has returned: a copy is there, which it stays. */
static inline int eft_showing_ended(int error)
{
	return error == -EEXIST ? 0 : error;
}

/*
 * Why the caller could not read the page at (addr), if it has just tried in vain:
 * said once. 0: it has not. In images with files that are not in memory.
 */
int eft_fault_error(uintptr_t addr);

/*
 * Without the lock.
 */

/* Take it, unless it stays held: perhaps by who asks. Context: any. */
bool eft_space_lock_if_free(struct eft_space *space);

/* eft_range_map(), of what memory there is now. */
intptr_t eft_range_map_now(uintptr_t addr, size_t len, int prot, unsigned flags,
			   struct eft_file *file, off_t offset);

/* A range without contents of its own yet; (file) only marks it. */
intptr_t eft_range_map_anonymous(uintptr_t addr, size_t len, int prot,
				 unsigned flags, struct eft_file *file,
				 off_t offset);

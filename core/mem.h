// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Memory: pages of RAM, the libOS's heap, and the program's address space.
 */
#include "core/base.h"
#include "core/lib.h"

struct eft_boot_info;
struct eft_file;
struct eft_pages;
struct eft_trap;

/*
 * Pages of RAM: blocks of 2^order pages, aligned to their size.
 */
enum { EFT_PAGE_ORDER_MAX = 9 }; /* 2 MiB */

/* Take over the RAM of (info). Context: boot. */
void eft_page_init(const struct eft_boot_info *info);

/* Use at most (bytes) of it. False: that is in use. Context: boot. */
bool eft_page_set_limit(uint64_t bytes);

/*
 * Returns   2^order pages, not cleared; NULL when there are none
 * Context   any, but not under the pages' lock
 */
void *eft_page_alloc(unsigned order);
void *eft_page_alloc_zeroed(unsigned order);

/* (page) is what eft_page_alloc() gave; NULL is fine. */
void eft_page_free(void *page);

/* Have an allocated block be pages, each of which is freed by itself. */
void eft_page_split(void *block);

/* The order of an allocated block that starts at (page). */
unsigned eft_page_order(const void *page);

struct eft_page_stats {
	uint64_t total, free; /* pages */
};

void eft_page_stats(struct eft_page_stats *ret_stats);

/*
 * What has been in use of RAM number (zone), from 0 on: [start, end). False:
 * there is none of that number. Takes no lock. Context: any.
 */
bool eft_page_zone(unsigned zone, uintptr_t *ret_start, uintptr_t *ret_end);

/*
 * The heap: the libOS's own objects. Aligned to 16 bytes.
 *
 * Returns   memory, cleared; NULL when there is none
 * Context   any that holds no lock of the heap or the pages
 */
void *eft_alloc(size_t size);
void *eft_alloc_unset(size_t size); /* not cleared */
void eft_free(void *ptr);	    /* NULL is fine */

/* Like realloc(): on failure NULL, and (ptr) is as it was. */
void *eft_realloc(void *ptr, size_t size);

/* The bytes that the block at (ptr) has room for. */
size_t eft_heap_room(const void *ptr);

/* A copy of the (len) bytes at (s), ended by a NUL; NULL when out of memory. */
char *eft_strndup(const char *s, size_t len);

/*
 * Fault injection: after (n) further successes, every allocation of pages or
 * heap fails, until set again. 0: the next one fails. (UINT64_MAX): never.
 */
void eft_alloc_fail_after(uint64_t n);

/* True when this allocation is to fail; counts it. */
bool eft_alloc_injected(void);

/*
 * The program's address space: ranges that do not overlap, each with one
 * protection and one backing. Addresses and lengths are whole pages.
 *
 * All return 0 or an address, or: -EINVAL not page aligned, empty or out of
 * the program's part of memory; -ENOMEM no address space, no memory, or the
 * range is not wholly mapped; -EACCES write and execute at once (W^X).
 * Context: thread.
 */

/* Flags of a range, beside Linux's MAP_SHARED. */
enum {
	EFT_RANGE_SHARED = 1,
	EFT_RANGE_NORESERVE = 2, /* not counted against memory until touched */
	EFT_RANGE_STACK = 4,	 /* the page below it is a guard */
	EFT_RANGE_SHOWN = 8, /* core shows pages, the platform pages others */
	EFT_RANGE_HOST = 16, /* a file that the platform has mapped */
	EFT_RANGE_HEAP = 32, /* brk's */
	EFT_RANGE_COPY = 64, /* a file, copied where it is written */
	EFT_RANGE_WRITTEN = 128, /* it was writable: its promise stays */
	EFT_RANGE_LOCKED = 256,	 /* by mlock(2) */
};

struct eft_range {
	struct eft_treap_node node; /* key: start */
	uintptr_t start, end;
	int prot;
	unsigned flags;
	struct eft_file *file; /* a counted reference, or NULL */
	off_t offset;	       /* of (start) in the file */
};

/* The program's window from (info), of at most (limit) bytes; 0: no limit. */
void eft_range_init(const struct eft_boot_info *info, uint64_t limit);

/*
 * Map (len) bytes at (addr), replacing what is there, or anywhere when
 * (addr) is 0. A (file) is shared: the range counts a reference.
 */
intptr_t eft_range_map(uintptr_t addr, size_t len, int prot, unsigned flags,
		       struct eft_file *file, off_t offset);
/*
 * The same of a (file). For eft_needs(): whoever has eft_range_map() map one.
 */
intptr_t eft_range_map_file(uintptr_t addr, size_t len, int prot,
			    unsigned flags, struct eft_file *file,
			    off_t offset);
/*
 * Take away what mappings show of the pages [index, end) of (pages): where that
 * is touched again it is past the end, or what is there by then.
 */
void eft_range_hide(const struct eft_pages *pages, uint64_t index,
		    uint64_t end);
/* Have the next write of a mapping to each of them be a fault. */
void eft_range_clean(const struct eft_pages *pages, uint64_t index,
		     uint64_t end);
int eft_range_unmap(uintptr_t addr, size_t len);
int eft_range_protect(uintptr_t addr, size_t len, int prot);
/* Drop the contents of private memory: it reads as zeroes afterwards. */
int eft_range_discard(uintptr_t addr, size_t len);
/* mremap(2), with its flags; also -EFAULT not one range. */
intptr_t eft_range_remap(uintptr_t addr, size_t old_len, size_t new_len,
			 int flags, uintptr_t new_addr);
/*
 * Mark what is mapped of [addr, addr+len) as locked, or not, up to the first
 * hole; the program's image, which always is in memory, is none. -ENOMEM: a
 * hole; out of memory.
 */
int eft_range_lock(uintptr_t addr, size_t len, bool locked);
/* The same for all that is mapped (current), or will be (future). */
void eft_range_lock_all(bool current, bool future);
/* True when every byte of [addr, addr+len) is in some range. */
bool eft_range_mapped(uintptr_t addr, size_t len);
/* True when nothing is mapped in [addr, addr+len), in the program's part. */
bool eft_range_is_free(uintptr_t addr, size_t len);

/* Move the end of the data segment (brk(2)); returns the end as it is then. */
uintptr_t eft_range_break(uintptr_t end);

/*
 * Is there, in [addr, addr+len), a range whose pages core shows though the
 * platform pages itself? In images with files on disks.
 */
bool eft_range_is_shown(uintptr_t addr, size_t len);

/*
 * Copy the first range that ends after (addr), the guard below the program's
 * stack apart: Linux keeps free there what calls and /proc do not see.
 *
 * Returns   true; false when there is none
 * Owns      gives a reference to ret_range->file, where it has one
 */
bool eft_range_next(uintptr_t addr, struct eft_range *ret_range);

/*
 * The same for a report: without a reference, and false too where the lock is
 * held by who reports. Context: any.
 */
bool eft_range_peek(uintptr_t addr, struct eft_range *ret_range);

/* Bytes that may still be promised to the program, and all of them. */
struct eft_range_stats {
	uint64_t limit, committed;
};

void eft_range_stats(struct eft_range_stats *ret_stats);

enum eft_fault {
	EFT_FAULT_RESOLVED, /* try again */
	EFT_FAULT_UNMAPPED,
	EFT_FAULT_PROTECTION,
	EFT_FAULT_GUARD,    /* below a stack */
	EFT_FAULT_PAST_END, /* of the file mapped there: SIGBUS */
	EFT_FAULT_NO_MEMORY,
	EFT_FAULT_BUSY,	  /* ranges are being changed, perhaps by who faults */
	EFT_FAULT_ABSENT, /* the page has to be read first: eft_fault_divert() */
};

/* Bring in the page at (addr) for (access), an EFT_PROT_ bit. Context: trap. */
enum eft_fault eft_range_fault(uintptr_t addr, int access);

/*
 * That has answered EFT_FAULT_ABSENT: have the thread read the page when (trap)
 * returns, and try again. What cannot be read is past the end then. In images
 * with files that are not in memory. Context: trap, interrupts on.
 */
void eft_fault_divert(const struct eft_trap *trap);

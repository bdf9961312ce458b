// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the calls on the address space.
 */
#include "core/lock.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/thread.h"

/*
 * One change of a process's address space at a time: what a call finds free, or
 * finds at all, is still so when it acts on it.
 */
static inline void eft_space_changes_begin(void)
{
	eft_mutex_lock(eft_process()->space_changes);
}

static inline void eft_space_changes_end(void)
{
	eft_mutex_unlock(eft_process()->space_changes);
}

/* (len) in whole pages; 0 when that overflows. */
static inline size_t eft_whole_pages(size_t len)
{
	return eft_align_up(len, EFT_PAGE_SIZE);
}

/* No program's memory is above (Linux asm/page_64.h, TASK_SIZE). */
#define ADDRESS_MAX 0x7ffffffff000ul

struct eft_file;

/* mmap(2) of (file), NULL: anonymous. The caller has begun changes. */
long eft_map(uintptr_t addr, size_t len, int prot, int flags,
	     struct eft_file *file, off_t offset);
/* The same with MAP_ANONYMOUS in (flags), for who says so at compile time. */
long eft_mmap_anonymous(uintptr_t addr, size_t len, int prot, int flags);
eft_needs(eft_mmap_anonymous); /* in map.c, as is what locks changes */
/* May (file) be mapped so? In images that map files. */
int eft_map_check_file(struct eft_file *file, int prot, int flags) eft_weak;

/* Touch every page of [addr, addr+len), which can be read. */
void eft_populate(uintptr_t addr, size_t len);

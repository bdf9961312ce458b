// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the calls on the address space.
 */
#include "core/lock.h"
#include "core/mem.h"

/*
 * One change of the address space at a time: what a call finds free, or finds
 * at all, is still so when it acts on it.
 */
extern struct eft_mutex eft_space_changes;

/* (len) in whole pages; 0 when that overflows. */
static inline size_t eft_whole_pages(size_t len)
{
	return eft_align_up(len, EFT_PAGE_SIZE);
}

/* Touch every page of [addr, addr+len), which can be read. */
void eft_populate(uintptr_t addr, size_t len);

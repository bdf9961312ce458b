// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Robust lists: the words that a task holds, in its own memory, so that others
 * learn of its end (set_robust_list(2), Linux
 * Documentation/locking/robust-futex-ABI.rst).
 */
#include "core/base.h"

struct eft_task;

/* An entry; bit 0 of a pointer to it: its word is a priority-inheritance one.
 */
struct eft_robust_entry {
	uintptr_t next;
};

struct eft_robust_head {
	struct eft_robust_entry list; /* ends where it begins */
	intptr_t offset;	      /* of an entry's word from the entry */
	uintptr_t pending; /* an entry that is being added or removed, or 0 */
};

/* Mark the words of (task), the caller's, which ends. Context: thread. */
void eft_robust_release(struct eft_task *task);

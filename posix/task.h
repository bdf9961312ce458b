// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A task: what Linux knows of a thread, and core does not.
 */
#include "core/thread.h"

struct eft_task {
	struct eft_thread *thread;
	struct eft_list link; /* of all tasks */
	int tid;
	uint32_t *clear_tid; /* 0 and woken when the thread is gone; or NULL */
	uintptr_t
		unmap_start; /* a detached thread's own stack, to be unmapped */
	size_t unmap_len;
	uint64_t blocked; /* signals; bit 0 is signal 1 */
};

/* The calling thread's; the first one's exists from the start. */
struct eft_task *eft_task_current(void);

/* Tasks that live; atomic. */
extern uint32_t eft_task_count;

/* A task's end, when nothing uses its stack any more (eft_thread.buried). */
void eft_task_bury(struct eft_thread *thread);

/* Wake up to (count) tasks that wait for (word). Context: thread. */
long eft_futex_wake(uint32_t *word, uint32_t count, uint32_t bits);

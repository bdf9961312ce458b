// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A task: what Linux knows of a thread, and core does not.
 */
#include "core/thread.h"

struct eft_task {
	struct eft_thread *thread;
	struct eft_list link; /* of all tasks; owned by eft_tasks_lock */
	int tid;
	uint32_t *clear_tid; /* 0 and woken when the thread is gone; or NULL */
	uintptr_t
		unmap_start; /* a detached thread's own stack, to be unmapped */
	size_t unmap_len;
	uint64_t blocked;		/* signals; bit 0 is signal 1 */
	struct eft_robust_head *robust; /* or NULL */
};

/* The calling thread's; the first one's exists from the start. */
struct eft_task *eft_task_current(void);

/* Tasks that live; atomic. */
extern uint32_t eft_task_count;

/* A task's end, when nothing uses its stack any more (eft_thread.buried). */
void eft_task_bury(struct eft_thread *thread);

/*
 * All tasks that live (tasks.c): of a program that has made some. The lock is
 * a spin lock; who holds it may use what it finds, and wake its thread.
 */
extern struct eft_lock eft_tasks_lock;

/* The one after (task), the first for NULL; NULL at the end. */
struct eft_task *eft_tasks_next_locked(struct eft_task *task);
struct eft_task *eft_tasks_find_locked(int tid);

/* A task begins, and gets its number; a task is about to end. */
void eft_tasks_add(struct eft_task *task);
void eft_tasks_remove(struct eft_task *task);

/* Wake up to (count), one at least, that wait for (word). Context: thread. */
long eft_futex_wake(uint32_t *word, int count, uint32_t bits);

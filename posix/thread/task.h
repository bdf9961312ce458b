// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A task: what Linux knows of a thread, and core does not.
 */
#include "core/process.h"
#include "core/thread.h"

/* Signals that wait: bit 0 of a set is signal 1. */
struct eft_pending {
	uint64_t set;
	struct eft_list queue; /* their details; empty while all is 0 */
};

struct eft_sigstack {
	uintptr_t start;
	int flags;
	size_t size;
};

/* A task's signals: posix/signal/signal.h. Owned by the tasks' lock. */
struct eft_signals {
	struct eft_pending pending;
	uint64_t blocked;
	uint64_t restored; /* what to block after a handler, when (restore) */
	uint64_t awaited;  /* by sigtimedwait(), which takes them blocked */
	bool restore;

	/* The task's own. */
	bool interrupt_next; /* eft_interrupt_next_sleep() */
	unsigned stack_number;
	struct eft_sigstack stack; /* sigaltstack(2)'s; size 0: none */
};

/* What the program wishes of the scheduler, which has no such thing. */
struct eft_schedule {
	uint8_t policy;	  /* sched_setscheduler(2) */
	uint8_t priority; /* of SCHED_FIFO and SCHED_RR */
	int8_t nice;	  /* more than the process was at its start */
	bool reset_on_fork;
};

/* SCHED_RESET_ON_FORK: (schedule) is a new task's, which gets no more than all
   may have. In sched.c, so weak elsewhere. */
void eft_schedule_reset(struct eft_schedule *schedule);

struct eft_task {
	struct eft_thread *thread;
	struct eft_list link; /* of all tasks; owned by eft_tasks_lock */
	int tid;
	uint32_t eft_user
		*clear_tid; /* 0 and woken when the thread is gone; or NULL */
	uintptr_t
		unmap_start; /* a detached thread's own stack, to be unmapped */
	size_t unmap_len;
	struct eft_robust_head eft_user *robust; /* or NULL */
	struct eft_signals signals;
	struct eft_schedule schedule;
};

/* A process's tasks. */
struct eft_tasks {
	struct eft_task first;
	uint32_t others; /* that live; atomic */
	/*
	 * All, in a program that makes some or has signals: from when somebody
	 * first looks. Owned by eft_tasks_lock.
	 */
	struct eft_list list;
};

extern struct eft_tasks eft_first_tasks;

/* The calling thread's; the first one's exists from the start. */
struct eft_task *eft_task_current(void);

/* A task's end, when nothing uses its stack any more (eft_thread.buried). */
void eft_task_bury(struct eft_thread *thread);

/*
 * All tasks that live (tasks.c): of a program that has made some. The lock is
 * a spin lock; who holds it may use what it finds, and wake its thread.
 */
extern struct eft_lock eft_tasks_lock;

/* (process)'s after (task), the first for NULL; NULL at the end. */
struct eft_task *eft_tasks_next_locked(struct eft_process *process,
				       struct eft_task *task);
struct eft_task *eft_tasks_find_locked(struct eft_process *process, int tid);

/* Has the caller's process a task (tid)? Without the lock: it may end soon. */
bool eft_task_exists(int tid);

/* The CPU time that the task (tid) has used; -EINVAL no such task. */
int eft_tasks_cpu_time(int tid, uint64_t *ret_ns);

/* A task begins, and gets its number; a task is about to end. */
void eft_tasks_add(struct eft_task *task);
void eft_tasks_remove(struct eft_task *task);

/* Wake up to (count), one at least, that wait for (word). Context: thread. */
long eft_futex_wake(uint32_t eft_user *word, int count, uint32_t bits);

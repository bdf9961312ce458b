// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tasks: their numbers, their end. How they begin is in clone.c.
 *
 * What a thread's end means to others (the word of CLONE_CHILD_CLEARTID, the
 * stack of a detached thread) happens in eft_task_bury(), when it has left the
 * CPU for good.
 */
#include "posix/thread/task.h"
#include "core/abi.h"
#include "core/boot.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/user.h"
#include "posix/musl/overlay/arch/x86_64/eft_clone.h"
#include "posix/signal/signal.h"
#include "posix/syscalls.h"

/* Only a program that has made tasks has a list of them. */
extern __typeof__(eft_tasks_remove) eft_tasks_remove eft_weak;
/* And futexes: nobody waits for a task that is alone. */
extern __typeof__(eft_futex_wake) eft_futex_wake eft_weak;
/* The same for signals. */
extern __typeof__(eft_signals_leave) eft_signals_leave eft_weak;

struct eft_tasks eft_first_tasks;

struct eft_task *eft_task_current(void)
{
	struct eft_task *task = eft_current()->owner;

	if (task != NULL)
		return task;
	task = &eft_process()->tasks->first;
	task->thread = eft_current();
	task->tid = eft_process()->identity.pid;
	return task->thread->owner = task;
}

void eft_task_bury(struct eft_thread *thread)
{
	struct eft_task *task = thread->owner;
	const uint32_t none = 0;

	if (task->unmap_len != 0)
		eft_range_unmap(task->unmap_start, task->unmap_len);
	if (task->clear_tid != NULL &&
	    eft_put_user(task->clear_tid, &none) == 0) {
		if (eft_futex_wake != NULL)
			eft_futex_wake(task->clear_tid, 1, ~0u);
	}
}

/* The last task takes the program with it. */
static eft_noreturn void leave(struct eft_task *task, int status)
{
	uint32_t *others = &eft_process()->tasks->others;

	if (__atomic_fetch_sub(others, 1, __ATOMIC_RELAXED) == 0)
		eft_sys_exit_group(status);
	if (eft_tasks_remove != NULL)
		eft_tasks_remove(task);
	if (eft_signals_leave != NULL)
		eft_signals_leave(task);
	task->thread->buried = eft_task_bury;
	eft_thread_exit();
}

void eft_exit_unmapping(void *start, size_t len)
{
	struct eft_task *task = eft_task_current();

	task->unmap_start = (uintptr_t)start;
	task->unmap_len = len;
	leave(task, 0);
}

long eft_sys_exit(int status)
{
	leave(eft_task_current(), status);
}

long eft_sys_gettid(void)
{
	return eft_task_current()->tid;
}

long eft_sys_set_tid_address(int eft_user *word)
{
	struct eft_task *task = eft_task_current();

	task->clear_tid = (uint32_t eft_user *)word;
	return task->tid;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tasks: their numbers, their beginning by clone(2), their end.
 *
 * A thread runs its last instructions on a stack that others wait to unmap.
 * So what its end means to them (the word of CLONE_CHILD_CLEARTID, the stack
 * of a detached thread) happens in bury(), when it has left the CPU for good.
 */
#include "posix/task.h"
#include "core/abi.h"
#include "core/boot.h"
#include "core/mem.h"
#include "posix/musl/overlay/arch/x86_64/eft_clone.h"
#include "posix/syscalls.h"

/* clone(2)'s flags, include/uapi/linux/sched.h. */
enum {
	CLONE_VM = 0x100,
	CLONE_THREAD = 0x10000,
	CLONE_SETTLS = 0x80000,
	CLONE_PARENT_SETTID = 0x100000,
	CLONE_CHILD_CLEARTID = 0x200000,
	CLONE_CHILD_SETTID = 0x1000000,
};

static struct eft_task first;
static uint32_t count = 1; /* tasks that live */
static int last_tid;	   /* counts from the process's number */

struct eft_task *eft_task_current(void)
{
	struct eft_task *task = eft_current()->owner;

	if (task != NULL)
		return task;
	first.thread = eft_current();
	first.tid = eft_identity.pid;
	return first.thread->owner = &first;
}

static void bury(struct eft_thread *thread)
{
	struct eft_task *task = thread->owner;

	if (task->unmap_len != 0)
		eft_range_unmap(task->unmap_start, task->unmap_len);
	if (task->clear_tid != NULL) {
		__atomic_store_n(task->clear_tid, 0, __ATOMIC_SEQ_CST);
		eft_futex_wake(task->clear_tid, 1, ~0u);
	}
	if (task != &first)
		eft_free(task);
}

static struct eft_task *create(void (*function)(void *), void *arg,
			       const struct eft_clone *request)
{
	struct eft_task *task = eft_alloc(sizeof(*task));

	if (task == NULL)
		return NULL;
	task->thread = eft_thread_create_on("thread", function, arg,
					    request->stack_top, request->tls);
	if (task->thread == NULL) {
		eft_free(task);
		return NULL;
	}
	task->thread->owner = task;
	task->thread->buried = bury;
	task->tid = eft_identity.pid +
		    __atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED);
	task->blocked = eft_task_current()->blocked;
	if (request->flags & CLONE_CHILD_CLEARTID)
		task->clear_tid = request->child_tid;
	__atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
	return task;
}

long eft_clone(int (*function)(void *), void *arg,
	       const struct eft_clone *request)
{
	const unsigned thread = CLONE_VM | CLONE_THREAD | CLONE_SETTLS;
	struct eft_task *task;
	int tid;

	if ((request->flags & thread) != thread)
		return -ENOSYS; /* a process: fork, vfork, posix_spawn */
	task = create((void (*)(void *))(void *)function, arg, request);
	if (task == NULL)
		return -EAGAIN;
	tid = task->tid;
	if (request->flags & CLONE_PARENT_SETTID)
		*request->parent_tid = tid;
	if (request->flags & CLONE_CHILD_SETTID)
		*request->child_tid = tid;
	eft_thread_start(task->thread);
	return tid;
}

/* The last task takes the program with it. */
static eft_noreturn void leave(struct eft_task *task, int status)
{
	if (__atomic_sub_fetch(&count, 1, __ATOMIC_RELAXED) == 0)
		eft_sys_exit_group(status);
	task->thread->buried = bury;
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

long eft_sys_set_tid_address(int *word)
{
	struct eft_task *task = eft_task_current();

	task->clear_tid = (uint32_t *)word;
	return task->tid;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * How tasks begin: clone(2), as far as it makes threads.
 */
#include "core/abi.h"
#include "core/arch/x86_64/image.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/user.h"
#include "posix/futex/futex.h"
#include "posix/musl/overlay/arch/x86_64/eft_clone.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

eft_needs(eft_deadlock_check);
eft_needs(eft_task_current);
eft_needs(eft_futex_shared);
eft_needs(eft_hostfile_write);
eft_needs(eft_sys_futex);
eft_needs(eft_thread_label);

/* Only who has sched_setscheduler(2) can ask for it. */
extern __typeof__(eft_schedule_reset) eft_schedule_reset eft_weak;

/* clone(2)'s flags, include/uapi/linux/sched.h. */
enum {
	CLONE_VM = 0x100,
	CLONE_THREAD = 0x10000,
	CLONE_SETTLS = 0x80000,
	CLONE_PARENT_SETTID = 0x100000,
	CLONE_CHILD_CLEARTID = 0x200000,
	CLONE_CHILD_SETTID = 0x1000000,
};

/* The C library's own function finds there what it is to call. */
static uintptr_t start_of(void (*function)(void *), const void *arg)
{
	uintptr_t start = (uintptr_t)function;

	if (start >= (uintptr_t)eft_image_libos_text_end &&
	    start < (uintptr_t)eft_image_libc_text_end)
		return *(const uintptr_t *)arg;
	return start;
}

static struct eft_task *create(void (*function)(void *), void *arg,
			       const struct eft_clone *request)
{
	const struct eft_task *self = eft_task_current();
	struct eft_thread *thread = eft_thread_create_on(
		"thread", function, arg, request->stack_top, request->tls,
		sizeof(struct eft_task));
	struct eft_task *task;

	if (thread == NULL)
		return NULL;
	thread->buried = eft_task_bury;
	thread->start = start_of(function, arg);
	task = thread->owner;
	task->thread = thread;
	task->signals.blocked = self->signals.blocked;
	task->schedule = self->schedule;
	if (task->schedule.reset_on_fork)
		eft_schedule_reset(&task->schedule);
	if (request->flags & CLONE_CHILD_CLEARTID)
		task->clear_tid = eft_as_user(request->child_tid);
	__atomic_fetch_add(&eft_process()->tasks->others, 1, __ATOMIC_RELAXED);
	eft_tasks_add(task);
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
	/* The C library's own words. */
	if (request->flags & CLONE_PARENT_SETTID)
		*request->parent_tid = tid;
	if (request->flags & CLONE_CHILD_SETTID)
		*request->child_tid = (uint32_t)tid;
	eft_thread_start(task->thread);
	return tid;
}

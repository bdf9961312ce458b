// SPDX-License-Identifier: BSD-3-Clause
/*
 * The CPUs that a thread may use: sched_setaffinity(2).
 */
#include "core/abi.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

/* A mask is one word here; Linux's may be longer, and is then cut. */
long eft_sys_sched_getaffinity(int tid, size_t size, void *mask)
{
	struct eft_task *task = eft_task_current();

	if (size < sizeof(uint64_t) || size % sizeof(uint64_t) != 0)
		return -EINVAL;
	if ((uintptr_t)mask < EFT_PAGE_SIZE)
		return -EFAULT;
	if (tid != 0 && tid != task->tid) {
		uint64_t found = 0;

		eft_lock(&eft_tasks_lock);
		task = eft_tasks_find_locked(tid);
		if (task != NULL)
			found = eft_thread_affinity(task->thread);
		eft_unlock(&eft_tasks_lock);
		*(uint64_t *)mask = found;
		return task ? (long)sizeof(uint64_t) : -ESRCH;
	}
	*(uint64_t *)mask = eft_thread_affinity(task->thread);
	return sizeof(uint64_t);
}

/* Who moves itself does so without a lock: it goes on elsewhere. */
long eft_sys_sched_setaffinity(int tid, size_t size, const void *mask)
{
	struct eft_task *task = eft_task_current();
	uint64_t wanted = 0;
	long result = -ESRCH;

	if ((uintptr_t)mask < EFT_PAGE_SIZE)
		return -EFAULT;
	memcpy(&wanted, mask, eft_min(size, sizeof(wanted)));
	if (tid == 0 || tid == task->tid)
		return eft_thread_set_affinity(task->thread, wanted);
	eft_lock(&eft_tasks_lock);
	task = eft_tasks_find_locked(tid);
	if (task != NULL)
		result = eft_thread_set_affinity(task->thread, wanted);
	eft_unlock(&eft_tasks_lock);
	return result;
}

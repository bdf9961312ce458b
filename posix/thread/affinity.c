// SPDX-License-Identifier: BSD-3-Clause
/*
 * The CPUs that a thread may use: sched_setaffinity(2).
 */
#include "core/user.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

/* That of the task (tid); -ESRCH. */
static long get_mask(int tid, uint64_t *ret_mask)
{
	struct eft_task *task = eft_task_current();

	if (tid == 0 || tid == task->tid) {
		*ret_mask = eft_thread_affinity(task->thread);
		return 0;
	}
	eft_lock(&eft_tasks_lock);
	task = eft_tasks_find_locked(eft_process(), tid);
	if (task != NULL)
		*ret_mask = eft_thread_affinity(task->thread);
	eft_unlock(&eft_tasks_lock);
	return task != NULL ? 0 : -ESRCH;
}

/* A mask is one word here; Linux's may be longer, and is then cut. */
long eft_sys_sched_getaffinity(int tid, size_t size, void eft_user *mask)
{
	uint64_t found;
	long result;

	if (size < sizeof(found) || size % sizeof(found) != 0)
		return -EINVAL;
	result = get_mask(tid, &found);
	if (result == 0)
		result = eft_copy_out(mask, &found, sizeof(found));
	return result < 0 ? result : (long)sizeof(found);
}

/* Who moves itself does so without a lock: it goes on elsewhere. */
long eft_sys_sched_setaffinity(int tid, size_t size, const void eft_user *mask)
{
	struct eft_task *task = eft_task_current();
	uint64_t wanted = 0;
	long result = -ESRCH;

	if (eft_copy_in(&wanted, mask, eft_min(size, sizeof(wanted))) != 0)
		return -EFAULT;
	if (tid == 0 || tid == task->tid)
		return eft_thread_set_affinity(task->thread, wanted);
	eft_lock(&eft_tasks_lock);
	task = eft_tasks_find_locked(eft_process(), tid);
	if (task != NULL)
		result = eft_thread_set_affinity(task->thread, wanted);
	eft_unlock(&eft_tasks_lock);
	return result;
}

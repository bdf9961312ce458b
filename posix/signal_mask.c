// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the calling thread blocks.
 */
#include "posix/restart.h"
#include "posix/signal.h"
#include "posix/syscalls.h"

enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };

static uint64_t changed(uint64_t before, int how, uint64_t set)
{
	uint64_t after = how == SIG_BLOCK     ? before | set
			 : how == SIG_UNBLOCK ? before & ~set
					      : set;

	return eft_signal_blockable(after);
}

static void block(struct eft_task *task, uint64_t mask)
{
	eft_lock(&eft_tasks_lock);
	eft_signals_keep_locked(mask);
	eft_signals_block_locked(task, mask);
	eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
	eft_signals_deliver();
}

long eft_sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old,
			    size_t size)
{
	struct eft_task *task = eft_task_current();
	uint64_t before = task->signals.blocked;

	if (size != sizeof(uint64_t))
		return -EINVAL;
	if (set != NULL && how != SIG_BLOCK && how != SIG_UNBLOCK &&
	    how != SIG_SETMASK)
		return -EINVAL;
	if (set != NULL)
		block(task, changed(before, how, *set));
	if (old != NULL)
		*old = before;
	return 0;
}

long eft_sys_rt_sigpending(uint64_t *set, size_t size)
{
	struct eft_task *task = eft_task_current();
	uint64_t waiting;

	if (size > sizeof(uint64_t))
		return -EINVAL;
	waiting = eft_signals_due(task, 0) & task->signals.blocked;
	memcpy(set, &waiting, size);
	return 0;
}

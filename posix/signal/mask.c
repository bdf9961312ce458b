// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the calling thread blocks.
 *
 * While nothing is pending, to change it takes no lock. A sender sets what is
 * pending, then looks at masks; who changes its mask looks at what is pending
 * afterwards. So one of the two sees the other: the sender the new mask, or
 * the changer the signal, with which it deals under the lock, where the sender
 * has done with it.
 */
#include "core/arch/x86_64/switch.h"
#include "core/user.h"
#include "posix/signal/restart.h"
#include "posix/signal/signal.h"
#include "posix/syscalls.h"

enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };

eft_inline uint64_t changed(uint64_t before, int how, uint64_t set)
{
	uint64_t after = set;

	if (how == SIG_BLOCK)
		after = before | set;
	else if (how == SIG_UNBLOCK)
		after = before & ~set;
	return eft_signal_blockable(after);
}

/* Block (mask) instead of (before), whatever is pending. */
static __attribute__((noinline)) long block(struct eft_task *task,
					    uint64_t before, uint64_t mask,
					    uint64_t eft_user *old)
{
	long result;

	eft_lock_touch_stack();
	eft_lock(&eft_tasks_lock);
	task->signals.blocked = before; /* as nobody looks without the lock */
	eft_signals_keep_locked(mask);
	eft_signals_block_locked(task, mask);
	eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
	result = eft_put_optional(old, &before);
	/* A plain call: nobody else looks before it returns. */
	if (eft_signal_is_due() &&
	    !eft_is_on_libos_stack((uintptr_t)__builtin_frame_address(0)))
		eft_signals_settle(0);
	return result;
}

/* The same without the lock; false: there is more to do. */
eft_inline bool block_quickly(struct eft_task *task, uint64_t mask)
{
	uint64_t kept = __atomic_load_n(&eft_process()->signals->kept,
					__ATOMIC_ACQUIRE);

	if (eft_unlikely((mask & ~kept) != 0))
		return false;
	__atomic_exchange_n(&task->signals.blocked, mask, __ATOMIC_SEQ_CST);
	return eft_likely(eft_signals_due(task, 0) == 0) &&
	       !eft_signal_is_due();
}

/* The first thread's first call: its task is not known yet. */
static __attribute__((noinline)) long
begin(int how, const uint64_t eft_user *set, uint64_t eft_user *old)
{
	eft_task_current();
	return eft_sys_rt_sigprocmask(how, set, old, sizeof(uint64_t));
}

eft_no_stack_guard long eft_sys_rt_sigprocmask(int how,
					       const uint64_t eft_user *set,
					       uint64_t eft_user *old,
					       size_t size)
{
	struct eft_task *task = eft_current()->owner;
	uint64_t before, mask;
	int error;

	if (size != sizeof(uint64_t))
		return -EINVAL;
	if (eft_unlikely(task == NULL))
		return begin(how, set, old);
	before = task->signals.blocked;
	if (set != NULL) {
		error = eft_get_user_u64(&mask, set);
		if (error < 0)
			return error;
		if (how < SIG_BLOCK || how > SIG_SETMASK)
			return -EINVAL;
		mask = changed(before, how, mask);
		if (eft_unlikely(!block_quickly(task, mask)))
			return block(task, before, mask, old);
	}
	if (old == NULL)
		return 0;
	return eft_put_user_u64(old, before);
}

long eft_sys_rt_sigpending(uint64_t eft_user *set, size_t size)
{
	struct eft_task *task = eft_task_current();
	uint64_t waiting;

	if (size > sizeof(uint64_t))
		return -EINVAL;
	waiting = eft_signals_due(task, 0) & task->signals.blocked;
	return eft_copy_out(set, &waiting, size);
}

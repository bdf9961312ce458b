// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for a signal.
 */
#include "core/user.h"
#include "posix/signal/restart.h"
#include "posix/signal/signal.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

static long sleep_for_ever(void)
{
	int error;

	do
		error = eft_sleep(EFT_FOREVER);
	while (error == 0);
	return error;
}

long eft_sys_pause(void)
{
	return eft_interruptible(sleep_for_ever(), 0);
}

long eft_sys_rt_sigsuspend(const uint64_t eft_user *mask, size_t size)
{
	uint64_t copy;
	long result;

	if (size != sizeof(copy))
		return -EINVAL;
	if (eft_get_user(&copy, mask) != 0)
		return -EFAULT;
	eft_signals_mask_begin(copy);
	result = eft_interruptible(sleep_for_ever(), 0);
	eft_mask_end(&copy, result);
	return result;
}

/* One of (set), if there is; else tell senders that it is waited for. */
static int take(struct eft_task *task, uint64_t set, uint64_t awaited,
		struct eft_siginfo *ret_info)
{
	uint64_t before = task->signals.awaited;
	int signal;

	eft_lock(&eft_tasks_lock);
	signal = eft_signal_take_locked(task, set, ret_info);
	task->signals.awaited = signal == 0 ? awaited : 0;
	eft_signals_retarget_locked(task, before & ~task->signals.awaited &
						  task->signals.blocked);
	eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
	return signal;
}

static long wait_for(uint64_t set, uint64_t deadline_ns,
		     struct eft_siginfo *ret_info)
{
	struct eft_task *task = eft_task_current();
	int signal = take(task, set, set, ret_info), error = 0;

	while (signal == 0 && error == 0) {
		error = eft_sleep(deadline_ns);
		signal = take(task, set, error == 0 ? set : 0, ret_info);
	}
	if (signal != 0)
		return signal;
	return error == -ETIMEDOUT ? -EAGAIN : error;
}

static long wait_and_tell(uint64_t set, uint64_t deadline_ns,
			  struct eft_siginfo eft_user *info)
{
	struct eft_siginfo taken;
	long result = wait_for(set, deadline_ns, &taken);

	if (result > 0 && eft_put_optional(info, &taken) != 0)
		return -EFAULT;
	return result;
}

long eft_sys_rt_sigtimedwait(const uint64_t eft_user *set,
			     struct eft_siginfo eft_user *info,
			     const struct eft_timespec eft_user *timeout,
			     size_t size)
{
	uint64_t ns = EFT_FOREVER, wanted;
	long error;

	if (size != sizeof(wanted))
		return -EINVAL;
	if (eft_get_user(&wanted, set) != 0)
		return -EFAULT;
	error = eft_time_get(timeout, &ns);
	if (error < 0)
		return error;
	wanted = eft_signal_blockable(wanted);
	ns = eft_deadline_after(ns);
	return eft_interruptible(wait_and_tell(wanted, ns, info), ns);
}

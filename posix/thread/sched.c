// SPDX-License-Identifier: BSD-3-Clause
/*
 * Scheduling: the CPUs that a thread may use, and policies, which are checked
 * and remembered, but have no effect.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/user.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

/* include/uapi/linux/sched.h; how long a thread runs while others wait. */
enum { SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE = 5 };
enum { SCHED_DEADLINE = 6, SCHED_RESET_ON_FORK = 0x40000000 };
enum { SLICE_NS = 5000000, PRIORITY_MAX = 99 };

/* The task (tid), 0 the caller's, with the lock held; NULL and none held. */
static struct eft_task *lock_task(int tid)
{
	struct eft_task *task = eft_task_current();

	eft_lock(&eft_tasks_lock);
	if (tid != 0 && tid != task->tid)
		task = eft_tasks_find_locked(eft_process(), tid);
	if (task == NULL)
		eft_unlock(&eft_tasks_lock);
	return task;
}

static bool is_real_time(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_policy(int policy)
{
	return is_real_time(policy) || policy == SCHED_OTHER ||
	       policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/* Real time is root's, as on Linux without more rights. */
static long set_locked(struct eft_task *task, int policy, bool reset,
		       int priority)
{
	if (priority < 0 || priority > PRIORITY_MAX ||
	    is_real_time(policy) != (priority != 0))
		return -EINVAL;
	if (is_real_time(policy) && eft_process()->identity.euid != 0)
		return -EPERM;
	task->schedule.policy = (uint8_t)policy;
	task->schedule.priority = (uint8_t)priority;
	task->schedule.reset_on_fork = reset;
	return 0;
}

/* Linux: kernel/sched/core.c, sched_fork(). */
void eft_schedule_reset(struct eft_schedule *schedule)
{
	if (is_real_time(schedule->policy))
		*schedule = (struct eft_schedule){.policy = SCHED_OTHER};
	schedule->nice = eft_max(schedule->nice, 0);
	schedule->reset_on_fork = false;
}

long eft_sys_sched_setscheduler(int tid, int policy,
				const int eft_user *priority)
{
	bool reset = policy & SCHED_RESET_ON_FORK;
	struct eft_task *task;
	int wanted;
	long result;

	policy &= ~SCHED_RESET_ON_FORK;
	if (tid < 0 || priority == NULL || policy < 0)
		return -EINVAL;
	if (eft_get_user(&wanted, priority) != 0)
		return -EFAULT;
	task = lock_task(tid);
	if (task == NULL)
		return -ESRCH;
	result = is_policy(policy) ? set_locked(task, policy, reset, wanted)
				   : -EINVAL;
	eft_unlock(&eft_tasks_lock);
	return result;
}

long eft_sys_sched_setparam(int tid, const int eft_user *priority)
{
	struct eft_task *task;
	int wanted;
	long result;

	if (tid < 0 || priority == NULL)
		return -EINVAL;
	if (eft_get_user(&wanted, priority) != 0)
		return -EFAULT;
	task = lock_task(tid);
	if (task == NULL)
		return -ESRCH;
	result = set_locked(task, task->schedule.policy,
			    task->schedule.reset_on_fork, wanted);
	eft_unlock(&eft_tasks_lock);
	return result;
}

/* What the task (tid) wishes; -EINVAL, -ESRCH. */
static int get(int tid, struct eft_schedule *ret_schedule)
{
	struct eft_task *task = tid < 0 ? NULL : lock_task(tid);

	if (task == NULL)
		return tid < 0 ? -EINVAL : -ESRCH;
	*ret_schedule = task->schedule;
	eft_unlock(&eft_tasks_lock);
	return 0;
}

long eft_sys_sched_getscheduler(int tid)
{
	struct eft_schedule schedule;
	int error = get(tid, &schedule);

	if (error < 0)
		return error;
	return schedule.policy |
	       (schedule.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

long eft_sys_sched_getparam(int tid, int eft_user *ret_priority)
{
	struct eft_schedule schedule;
	int priority,
		error = ret_priority == NULL ? -EINVAL : get(tid, &schedule);

	if (error != 0)
		return error;
	priority = schedule.priority;
	return eft_put_user(ret_priority, &priority);
}

long eft_sys_sched_get_priority_max(int policy)
{
	if (is_real_time(policy))
		return PRIORITY_MAX;
	return is_policy(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

long eft_sys_sched_get_priority_min(int policy)
{
	if (is_real_time(policy))
		return 1;
	return is_policy(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

long eft_sys_sched_rr_get_interval(int tid,
				   struct eft_timespec eft_user *ret_interval)
{
	struct eft_timespec interval = {.nsec = SLICE_NS};
	struct eft_schedule schedule;
	int error = get(tid, &schedule);

	if (error != 0)
		return error;
	if (schedule.policy == SCHED_FIFO)
		interval.nsec = 0;
	return eft_put_user(ret_interval, &interval);
}

/* The C library's: see posix/time/checked.c. */
long eft_sys_getcpu(unsigned eft_user *cpu, unsigned eft_user *node)
{
	if (cpu != NULL)
		*(unsigned *)cpu = eft_cpu()->number;
	if (node != NULL)
		*(unsigned *)node = 0;
	return 0;
}

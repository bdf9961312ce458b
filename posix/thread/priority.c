// SPDX-License-Identifier: BSD-3-Clause
/*
 * getpriority(2) and setpriority(2): a thread's nice value is remembered, and
 * has no effect.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/process.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

enum { PRIO_PROCESS, PRIO_PGRP, PRIO_USER };
enum { NICE_MIN = -20, NICE_MAX = 19, NONE = 1000 };

static int clamp(int nice)
{
	return nice < NICE_MIN ? NICE_MIN : nice > NICE_MAX ? NICE_MAX : nice;
}

/* What exec has handed on. */
static int first_nice(void)
{
	static int nice = NICE_MAX + 1; /* not asked yet */

	if (nice > NICE_MAX)
		nice = eft_caller_nice();
	return nice;
}

/* Is (task) meant? A group's, and a user's, are all tasks. */
static bool is_meant(const struct eft_task *task, int which, int who)
{
	if (which == PRIO_PROCESS)
		return who == task->tid ||
		       (who == 0 && task == eft_task_current());
	if (who == 0)
		return true;
	return (unsigned)who == (which == PRIO_PGRP
					 ? (unsigned)eft_process()->identity.pid
					 : eft_process()->identity.uid);
}

/* The next task after (task) that is meant. */
static struct eft_task *next_locked(struct eft_task *task, int which, int who)
{
	while ((task = eft_tasks_next_locked(eft_process(), task)) != NULL &&
	       !is_meant(task, which, who))
		;
	return task;
}

/* 20 less the nice value, as the system call answers; the least nice one's. */
long eft_sys_getpriority(int which, int who)
{
	struct eft_task *task = NULL;
	int least = NONE;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	eft_lock(&eft_tasks_lock);
	while ((task = next_locked(task, which, who)) != NULL) {
		if (task->schedule.nice < least)
			least = task->schedule.nice;
	}
	eft_unlock(&eft_tasks_lock);
	return least == NONE ? -ESRCH : 20 - (least + first_nice());
}

/* Only root gets less nice. */
static long set_nice(struct eft_task *task, int nice)
{
	nice -= first_nice();
	if (nice < task->schedule.nice && eft_process()->identity.euid != 0)
		return -EACCES;
	task->schedule.nice = (int8_t)nice;
	return 0;
}

long eft_sys_setpriority(int which, int who, int nice)
{
	struct eft_task *task = NULL;
	long result = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	eft_lock(&eft_tasks_lock);
	while ((task = next_locked(task, which, who)) != NULL) {
		long one = set_nice(task, clamp(nice));

		if (result == -ESRCH || one < 0)
			result = one;
	}
	eft_unlock(&eft_tasks_lock);
	return result;
}

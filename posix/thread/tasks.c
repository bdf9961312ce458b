// SPDX-License-Identifier: BSD-3-Clause
/*
 * All tasks, in a program that makes some or has signals: the oldest first.
 * That one is on the list from when somebody first looks.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "posix/futex/futex.h"
#include "posix/futex/robust.h"
#include "posix/thread/task.h"

/* Only programs that name them have them. */
extern __typeof__(eft_robust_release) eft_robust_release eft_weak;
extern __typeof__(eft_futex_pi_release) eft_futex_pi_release eft_weak;

/* The highest number that Linux would give (include/linux/threads.h). */
enum { TID_LIMIT = 4 << 20 };

struct eft_lock eft_tasks_lock = EFT_LOCK_INIT(EFT_RANK_TASKS);

static struct eft_list tasks = {&tasks, &tasks};
static int last_tid; /* counts from the process's number */
static bool wrapped; /* numbers come a second time */

/* Empty it is only before: the last task takes the program with it. */
static void have_first_locked(void)
{
	if (eft_list_empty(&tasks))
		eft_list_insert(&tasks, &eft_first_task.link);
}

struct eft_task *eft_tasks_next_locked(struct eft_task *task)
{
	struct eft_list *link;

	have_first_locked();
	link = task ? task->link.next : tasks.next;
	return link != &tasks ? eft_container_of(link, struct eft_task, link)
			      : NULL;
}

struct eft_task *eft_tasks_find_locked(int tid)
{
	struct eft_task *task = NULL;

	while ((task = eft_tasks_next_locked(task)) != NULL && task->tid != tid)
		;
	return task;
}

bool eft_task_exists(int tid)
{
	bool found;

	eft_lock(&eft_tasks_lock);
	found = eft_tasks_find_locked(tid) != NULL;
	eft_unlock(&eft_tasks_lock);
	return found;
}

int eft_tasks_cpu_time(int tid, uint64_t *ret_ns)
{
	struct eft_task *task;
	uint64_t ns = 0;

	eft_lock(&eft_tasks_lock);
	task = eft_tasks_find_locked(tid);
	if (task != NULL)
		ns = eft_thread_cpu_time_ns(task->thread);
	eft_unlock(&eft_tasks_lock);
	if (task == NULL)
		return -EINVAL;
	*ret_ns = ns;
	return 0;
}

static int new_tid_locked(void)
{
	int tid;

	do {
		if (last_tid == TID_LIMIT) {
			last_tid = 0;
			wrapped = true;
		}
		tid = eft_identity.pid + ++last_tid;
	} while (wrapped && eft_tasks_find_locked(tid) != NULL);
	return tid;
}

void eft_tasks_add(struct eft_task *task)
{
	eft_lock(&eft_tasks_lock);
	have_first_locked();
	task->tid = new_tid_locked();
	eft_list_insert(&tasks, &task->link);
	eft_unlock(&eft_tasks_lock);
	task->thread->id = task->tid;
	eft_threads_add(task->thread);
}

void eft_tasks_remove(struct eft_task *task)
{
	if (task->robust != NULL && eft_robust_release != NULL)
		eft_robust_release(task);
	eft_lock(&eft_tasks_lock);
	eft_list_remove(&task->link);
	eft_unlock(&eft_tasks_lock);
	eft_threads_remove(task->thread);
	if (eft_futex_pi_release != NULL)
		eft_futex_pi_release(task->tid);
}

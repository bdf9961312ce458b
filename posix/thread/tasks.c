// SPDX-License-Identifier: BSD-3-Clause
/*
 * A process's tasks, the oldest first, and their numbers.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/process.h"
#include "posix/futex/futex.h"
#include "posix/futex/robust.h"
#include "posix/thread/task.h"

eft_needs(eft_task_current);

/* Only programs that name them have them. */
extern __typeof__(eft_robust_release) eft_robust_release eft_weak;
extern __typeof__(eft_futex_pi_release) eft_futex_pi_release eft_weak;

/* The highest number that Linux would give (include/linux/threads.h). */
enum { TID_LIMIT = 4 << 20 };

struct eft_lock eft_tasks_lock = EFT_LOCK_INIT(EFT_RANK_TASKS);

/* Of all processes: owned by the lock. */
static int last_tid; /* counts from the first process's number */
static bool wrapped; /* numbers come a second time */

static struct eft_list *list_locked(struct eft_process *process)
{
	struct eft_tasks *tasks = process->tasks;

	if (tasks->list.next == NULL) {
		eft_list_init(&tasks->list);
		eft_list_insert(&tasks->list, &tasks->first.link);
	}
	return &tasks->list;
}

struct eft_task *eft_tasks_next_locked(struct eft_process *process,
				       struct eft_task *task)
{
	struct eft_list *list = list_locked(process);
	struct eft_list *link = task ? task->link.next : list->next;

	return link != list ? eft_container_of(link, struct eft_task, link)
			    : NULL;
}

struct eft_task *eft_tasks_find_locked(struct eft_process *process, int tid)
{
	struct eft_task *task = NULL;

	while ((task = eft_tasks_next_locked(process, task)) != NULL &&
	       task->tid != tid)
		;
	return task;
}

bool eft_task_exists(int tid)
{
	bool found;

	eft_lock(&eft_tasks_lock);
	found = eft_tasks_find_locked(eft_process(), tid) != NULL;
	eft_unlock(&eft_tasks_lock);
	return found;
}

int eft_tasks_cpu_time(int tid, uint64_t *ret_ns)
{
	struct eft_task *task;
	uint64_t ns = 0;

	eft_lock(&eft_tasks_lock);
	task = eft_tasks_find_locked(eft_process(), tid);
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
		tid = eft_first_process.identity.pid + ++last_tid;
	} while (wrapped && eft_tasks_find_locked(eft_process(), tid) != NULL);
	return tid;
}

void eft_tasks_add(struct eft_task *task)
{
	eft_lock(&eft_tasks_lock);
	task->tid = new_tid_locked();
	eft_list_insert(list_locked(eft_process()), &task->link);
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

// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/task: a directory for each thread. They are made when they are
 * first looked for; those of threads that have ended go when there are many.
 */
#include "core/boot.h"
#include "core/fs/procfs/proc.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"

enum { SPARE = 16 }; /* entries of ended threads that do not matter */

/* Only programs that make threads have a list of them. */
#pragma weak eft_threads_count
#pragma weak eft_threads_find_locked
#pragma weak eft_threads_next_locked

/* How many are on the list. */
static unsigned count_threads(void)
{
	return eft_threads_count != NULL ? eft_threads_count() : 0;
}

/* The thread (tid), 0 the process's first; alone, it is on no list. */
static struct eft_thread *find_locked(int tid)
{
	int first = eft_process()->identity.pid;

	if (tid == 0)
		tid = first;
	if (eft_threads_next_locked != NULL &&
	    eft_threads_next_locked(NULL) != NULL)
		return eft_threads_find_locked(tid);
	return tid == first ? eft_current() : NULL;
}

static bool lives(int tid)
{
	bool found;

	eft_lock(&eft_threads_lock);
	found = find_locked(tid) != NULL;
	eft_unlock(&eft_threads_lock);
	return found;
}

int eft_proc_thread(int tid, struct eft_proc_thread *ret_thread)
{
	struct eft_proc_thread found = {
		.tid = tid != 0 ? tid : eft_process()->identity.pid,
		.count = (unsigned)eft_max(count_threads(), 1),
	};
	struct eft_thread *thread;

	eft_lock(&eft_threads_lock);
	thread = find_locked(tid);
	if (thread != NULL) {
		eft_thread_get_comm_locked(thread, found.comm);
		found.sleeps = thread->state == EFT_THREAD_SLEEPING;
		found.cpu_ns = eft_thread_cpu_time_ns(thread);
	}
	eft_unlock(&eft_threads_lock);
	if (thread == NULL && tid != 0)
		return -ESRCH;
	if (tid == 0)
		found.cpu_ns = eft_cpu_time_ns();
	*ret_thread = found;
	return 0;
}

void eft_proc_comm(struct eft_text *text)
{
	struct eft_proc_thread thread;

	text->error = eft_proc_thread(text->tid, &thread);
	if (text->error == 0)
		eft_text_printf(text, "%s\n", thread.comm);
}

ssize_t eft_proc_set_comm(int tid, const char *text, size_t len)
{
	char comm[EFT_COMM_BYTES] = "";
	struct eft_thread *thread;

	memcpy(comm, text, eft_min(len, sizeof(comm) - 1));
	eft_lock(&eft_threads_lock);
	thread = find_locked(tid);
	if (thread != NULL)
		eft_thread_set_comm_locked(thread, comm);
	eft_unlock(&eft_threads_lock);
	return thread != NULL ? (ssize_t)len : -ESRCH;
}

static struct eft_dentry *first_of(struct eft_dir *dir, uint64_t cookie)
{
	struct eft_treap_node *node =
		eft_treap_at_or_after(&dir->by_cookie, cookie);

	return node ? eft_container_of(node, struct eft_dentry, by_cookie)
		    : NULL;
}

/* Remove (dentry), with what is in it, if it is a directory. */
static void remove_tree_locked(struct eft_dentry *dentry)
{
	struct eft_dir *dir = eft_dentry_dir(dentry);
	struct eft_dentry *entry;

	if (dir == NULL) {
		eft_dir_remove_locked(dentry);
		return;
	}
	eft_node_get(&dir->node);
	eft_mutex_lock(&dir->lock);
	while ((entry = first_of(dir, 0)) != NULL)
		remove_tree_locked(entry);
	eft_dir_remove_locked(dentry);
	eft_mutex_unlock(&dir->lock);
	eft_node_put(&dir->node);
}

/* Remove the directories of threads that have ended. */
static void sweep_locked(struct eft_dir *tasks)
{
	struct eft_dentry *dentry;
	uint64_t cookie = 0;

	while ((dentry = first_of(tasks, cookie)) != NULL) {
		cookie = dentry->by_cookie.key + 1;
		if (lives(eft_proc_parse_number(dentry->name, dentry->len)))
			continue;
		remove_tree_locked(dentry);
	}
}

/* The directory of (tid), in (tasks) as (name). */
static int fill_locked(struct eft_dir *tasks, const char *name, size_t len,
		       int tid, struct eft_dentry **ret_dentry)
{
	struct eft_dir *dir = eft_dir_create(0555);
	struct eft_dentry *dentry = NULL;
	int error;

	if (dir == NULL)
		return -ENOMEM;
	error = eft_dir_add_locked(tasks, name, len, &dir->node, &dentry);
	if (error == 0) {
		eft_mutex_lock(&dir->lock);
		error = eft_proc_fill_locked(dir, tid);
		eft_mutex_unlock(&dir->lock);
	}
	eft_node_put(&dir->node);
	if (error != 0 && dentry != NULL)
		remove_tree_locked(dentry);
	else
		*ret_dentry = dentry;
	return error;
}

static int task_find(struct eft_dir *dir, const char *name, size_t len,
		     struct eft_dentry **ret_dentry)
{
	int tid = eft_proc_parse_number(name, len);

	if (tid <= 0 || !lives(tid))
		return -ENOENT;
	*ret_dentry = eft_dir_find_locked(dir, name, len);
	if (*ret_dentry != NULL)
		return 0;
	if (dir->count >= 2 * count_threads() + SPARE)
		sweep_locked(dir);
	return fill_locked(dir, name, len, tid, ret_dentry);
}

static const struct eft_name_ops task_names = {.find = task_find};

const struct eft_node_type eft_proc_task_type = {
	.file_ops = &eft_dir_ops,
	.names = &task_names,
	.release = eft_dir_release,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * All threads of a program that has made some: the oldest first.
 */
#include "core/boot.h"
#include "core/process.h"
#include "core/thread/scheduler.h"

static struct eft_list threads = {&threads, &threads};

struct eft_thread *eft_threads_next_locked(const struct eft_thread *thread)
{
	struct eft_list *link = thread ? thread->all_link.next : threads.next;

	return link != &threads
		       ? eft_container_of(link, struct eft_thread, all_link)
		       : NULL;
}

struct eft_thread *eft_threads_find_locked(int id)
{
	struct eft_thread *thread = NULL;

	while ((thread = eft_threads_next_locked(thread)) != NULL &&
	       thread->id != id)
		;
	return thread;
}

int eft_threads_next_id(int id)
{
	struct eft_thread *thread = NULL;
	int next = INT32_MAX;

	eft_lock(&eft_threads_lock);
	while ((thread = eft_threads_next_locked(thread)) != NULL) {
		if (thread->id >= id && thread->id < next)
			next = thread->id;
	}
	eft_unlock(&eft_threads_lock);
	return next == INT32_MAX ? -1 : next;
}

unsigned eft_threads_count(void)
{
	struct eft_thread *thread = NULL;
	unsigned count = 0;

	eft_lock(&eft_threads_lock);
	while ((thread = eft_threads_next_locked(thread)) != NULL)
		count++;
	eft_unlock(&eft_threads_lock);
	return count;
}

void eft_threads_add(struct eft_thread *thread)
{
	struct eft_thread *self = eft_current();

	eft_lock(&eft_threads_lock);
	if (eft_list_empty(&threads)) {
		self->id = eft_process()->identity.pid;
		eft_list_insert(&threads, &self->all_link);
	}
	if (self->name == self->comm)
		eft_thread_set_comm_locked(thread, self->comm);
	eft_list_insert(&threads, &thread->all_link);
	eft_unlock(&eft_threads_lock);
}

void eft_threads_remove(struct eft_thread *thread)
{
	eft_lock(&eft_threads_lock);
	eft_list_remove(&thread->all_link);
	eft_unlock(&eft_threads_lock);
}

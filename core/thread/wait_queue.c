// SPDX-License-Identifier: BSD-3-Clause
/*
 * Spin locks that are taken, and wait queues.
 *
 * SPIN    A spin lock goes to whichever CPU comes first. A queue of tickets
 *         would be fairer and far worse: a CPU that its host has taken away
 *         keeps its place, and all behind it wait. Holders keep a spin lock
 *         for a few hundred instructions, so one that waits has its chance as
 *         often.
 * QUEUES  wake the longest waiting first. Who is woken stays on the queue until
 *         it runs, and looks at its condition itself: another may have been
 *         faster.
 */
#define EFT_LOCK_CALLS
#include "core/log.h"
#include "core/thread/scheduler.h"
#include "core/trap.h"

void eft_spin(unsigned turn)
{
	eft_cpu_relax();
	if (eft_cpu_spin != NULL)
		eft_cpu_spin(turn);
}

void eft_lock_called(struct eft_lock *lock)
{
	eft_lock_inline(lock);
}

void eft_unlock_called(struct eft_lock *lock)
{
	eft_unlock_inline(lock);
}

void eft_lock_contended(struct eft_lock *lock)
{
	enum { PATIENCE = 1000000 };
	uint64_t since_ns = 0;
	unsigned turn = 0;

	do {
		while (__atomic_load_n(&lock->held, __ATOMIC_RELAXED)) {
			eft_spin(turn++);
			if (!eft_lockcheck_spins(&lock->check, &since_ns))
				return;
			if (turn > PATIENCE && eft_report_is_here())
				return;
		}
	} while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE));
}

void eft_waitq_init(struct eft_waitq *queue)
{
	eft_lock_init(&queue->lock, EFT_RANK_WAIT_QUEUE);
	eft_list_init(&queue->waiters);
}

eft_inline void enqueue(struct eft_waiter *waiter, struct eft_waitq *queue,
			bool each)
{
	struct eft_list *head = &queue->waiters;

	waiter->each = each;
	waiter->queue = queue;
	eft_lock(&queue->lock);
	eft_list_insert(each ? head->next : head, &waiter->link);
	eft_unlock_inline(&queue->lock);
	/* Before the look at the condition: see eft_waitq_busy(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void eft_wait_begin(struct eft_waiter *waiter, struct eft_waitq *queue)
{
	waiter->thread = eft_current();
	waiter->wake = NULL;
	enqueue(waiter, queue, false);
}

void eft_wait_begin_call(struct eft_waiter *waiter, struct eft_waitq *queue,
			 bool (*wake)(struct eft_waiter *waiter), void *arg,
			 bool each)
{
	eft_assert(wake != NULL);
	waiter->wake = wake;
	waiter->arg = arg;
	enqueue(waiter, queue, each);
}

void eft_wait_end(struct eft_waiter *waiter)
{
	eft_lock(&waiter->queue->lock);
	eft_list_remove(&waiter->link);
	eft_unlock_inline(&waiter->queue->lock);
}

/* True when (waiter) is one of those that are counted, and was woken. */
eft_inline bool wake_one(struct eft_waiter *waiter)
{
	if (eft_unlikely(waiter->wake != NULL))
		return waiter->wake(waiter) && !waiter->each;
	eft_thread_wake(waiter->thread);
	return true;
}

/* Wakes in order; a waiter stays on the queue until it takes itself off. */
bool eft_waitq_wake(struct eft_waitq *queue, unsigned count)
{
	struct eft_list *link;
	unsigned left = count;

	eft_lock(&queue->lock);
	for (link = queue->waiters.next; link != &queue->waiters && left > 0;
	     link = link->next) {
		if (wake_one(eft_container_of(link, struct eft_waiter, link)))
			left--;
	}
	eft_unlock_inline(&queue->lock);
	return left < count;
}

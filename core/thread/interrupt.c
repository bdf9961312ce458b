// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls for a thread's attention: in programs that handle signals.
 */
#include "core/thread/internal.h"

/* What a CPU shows of its thread changes with it: under its queue's lock. */
static void set_attention(struct eft_thread *thread, uint32_t attention)
{
	__atomic_store_n(&thread->attention, attention, __ATOMIC_RELAXED);
	if (thread->state == EFT_THREAD_RUNNING)
		__atomic_store_n(&thread->cpu->attention, attention,
				 __ATOMIC_RELAXED);
}

void eft_thread_interrupt(struct eft_thread *thread)
{
	struct eft_run_queue *queue = eft_thread_lock_queue(thread);
	bool elsewhere =
		thread->state == EFT_THREAD_RUNNING && thread->cpu != eft_cpu();

	set_attention(thread, thread->attention | EFT_ATTENTION_SIGNAL);
	if (elsewhere)
		eft_cpu_kick(thread->cpu);
	eft_unlock(&queue->lock);
	eft_thread_wake(thread);
}

void eft_thread_attended(void)
{
	struct eft_thread *self = eft_current();
	struct eft_run_queue *queue = eft_thread_lock_queue(self);

	set_attention(self, self->attention & ~EFT_ATTENTION_SIGNAL);
	eft_unlock(&queue->lock);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The end of a program whose files are written first: it is not to go on
 * meanwhile, and tell of what it writes that nobody writes back any more.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/process.h"
#include "core/thread/scheduler.h"

/* Only images of several threads have the list of them. */
#pragma weak eft_threads_next_locked

static bool parked; /* atomic */

bool eft_threads_are_parked(void)
{
	return __atomic_load_n(&parked, __ATOMIC_RELAXED);
}

void eft_threads_park(void)
{
	/* A thread that calls this goes on, and ends the program. */
	struct eft_thread *self = eft_irq_depth() == 0 ? eft_current() : NULL;
	struct eft_thread *thread = NULL;

	__atomic_store_n(&parked, true, __ATOMIC_RELAXED);
	eft_lock(&eft_threads_lock);
	if (eft_threads_next_locked != NULL)
		thread = eft_threads_next_locked(NULL);
	if (thread == NULL && eft_process()->first_thread != self)
		eft_thread_interrupt(eft_process()->first_thread);
	for (; thread != NULL; thread = eft_threads_next_locked(thread)) {
		if (thread != self)
			eft_thread_interrupt(thread);
	}
	eft_unlock(&eft_threads_lock);
}

void eft_park_if_asked(void)
{
	while (eft_threads_are_parked())
		eft_sleep_through();
}

/* Nothing but the end is ever up in images without signals. */
__attribute__((weak)) long eft_signals_settle(long result)
{
	eft_park_if_asked();
	return result;
}

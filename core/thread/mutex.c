// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mutexes that nobody waits for: all that a program of one thread needs.
 */
#include "core/log.h"
#include "core/thread/scheduler.h"

extern __typeof__(eft_mutex_wait) eft_mutex_wait eft_weak;
extern __typeof__(eft_mutex_pass) eft_mutex_pass eft_weak;

void eft_mutex_init_free(struct eft_mutex *mutex)
{
	mutex->word = 0;
	eft_waitq_init(&mutex->queue);
}

void eft_mutex_lock(struct eft_mutex *mutex)
{
	struct eft_thread *self = eft_current();
	uintptr_t word = 0;

	eft_lockcheck_take_mutex(&mutex->check, __builtin_return_address(0));
	if (eft_unlikely(!eft_mutex_change(mutex, &word, (uintptr_t)self))) {
		eft_assert(eft_mutex_wait != NULL);
		eft_mutex_wait(mutex, self);
	}
	eft_lockcheck_taken_mutex(&mutex->check, __builtin_return_address(0));
}

void eft_mutex_unlock(struct eft_mutex *mutex)
{
	uintptr_t word = (uintptr_t)eft_current();

	eft_lockcheck_release_mutex(&mutex->check);
	if (eft_unlikely(!eft_mutex_change(mutex, &word, 0))) {
		eft_assert(eft_mutex_pass != NULL);
		eft_mutex_pass(mutex, word);
	}
}

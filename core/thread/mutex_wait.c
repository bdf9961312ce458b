// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mutexes that somebody waits for: in programs that make threads.
 *
 * WORD    The holder, and two flags, which only its unlock takes away. WAITED:
 *         somebody sleeps, or is about to; the unlock frees the mutex and
 *         wakes the longest waiting. A thread that comes meanwhile may take it
 *         first, as may the one that gave it back: a mutex that always went to
 *         the one that waits would cost a switch each time. But one that was
 *         woken in vain and has waited for PATIENCE_NS sets HAND_OVER: the
 *         unlock makes the longest waiting the holder before it wakes it. So
 *         who waits is passed for that long, and for as long as it takes a
 *         woken thread to run.
 * ORDER   Each change of the word is one atomic operation, with no fence: a
 *         waiter marks the word after it is on the queue, and the unlock looks
 *         at the queue after it has seen the mark.
 * LOCKS   The queue's lock is held while a mutex is handed over: the new holder
 *         leaves the queue, and its own stack there, under that lock only.
 */
#include "core/log.h"
#include "core/thread/scheduler.h"
#include "core/time.h"

enum { PATIENCE_NS = 1000000 };
enum { WAITED = EFT_MUTEX_WAITED, HAND_OVER = EFT_MUTEX_HAND_OVER };

/* True: it is ours, free or handed over. Else (flags) are set there. */
static bool take_or_mark(struct eft_mutex *mutex, struct eft_thread *self,
			 uintptr_t flags)
{
	uintptr_t word = __atomic_load_n(&mutex->word, __ATOMIC_ACQUIRE);
	uintptr_t wanted;

	do {
		if (eft_mutex_holder_of(word) == self)
			return true;
		wanted = eft_mutex_holder_of(word) != NULL
				 ? word | flags
				 : (uintptr_t)self | WAITED;
	} while (!eft_mutex_change(mutex, &word, wanted));
	return eft_mutex_holder_of(wanted) == self;
}

/* Those before (waiter) only leave: once it is the first, it stays so. */
static bool is_first(const struct eft_waiter *waiter)
{
	return __atomic_load_n(&waiter->queue->waiters.next,
			       __ATOMIC_RELAXED) == &waiter->link;
}

/*
 * A caller may be between its look at a condition and its sleep. The wake-ups
 * that are taken here could have been for that, so a token stays behind.
 */
void eft_mutex_wait(struct eft_mutex *mutex, struct eft_thread *self)
{
	struct eft_waiter waiter;
	uintptr_t flags = WAITED;
	uint64_t since_ns = eft_now_ns();
	bool slept = false;

	eft_assert(eft_mutex_holder(mutex) != self);
	self->wanted = mutex;
	eft_wait_begin(&waiter, &mutex->queue);
	while (!take_or_mark(mutex, self, flags)) {
		eft_sleep_through();
		slept = true;
		if (is_first(&waiter) && eft_now_ns() - since_ns > PATIENCE_NS)
			flags = WAITED | HAND_OVER;
	}
	eft_wait_end(&waiter);
	self->wanted = NULL;
	eft_assert(eft_mutex_holder(mutex) == self);
	if (slept)
		eft_thread_wake(self);
}

/* To the first waiter, who asked for it and so is there. */
static void hand_over(struct eft_mutex *mutex)
{
	struct eft_list *first;
	struct eft_waiter *waiter;

	eft_lock(&mutex->queue.lock);
	first = mutex->queue.waiters.next;
	eft_assert(first != &mutex->queue.waiters);
	waiter = eft_container_of(first, struct eft_waiter, link);
	__atomic_store_n(&mutex->word, (uintptr_t)waiter->thread | WAITED,
			 __ATOMIC_SEQ_CST);
	eft_thread_wake(waiter->thread);
	eft_unlock(&mutex->queue.lock);
}

void eft_mutex_pass(struct eft_mutex *mutex, uintptr_t word)
{
	eft_assert(eft_mutex_holder_of(word) == eft_current());
	while (!(word & HAND_OVER)) {
		if (eft_mutex_change(mutex, &word, 0)) {
			eft_waitq_wake_one(&mutex->queue);
			return;
		}
	}
	hand_over(mutex);
}

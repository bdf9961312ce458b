// SPDX-License-Identifier: BSD-3-Clause
/*
 * Timers: each CPU has a tree of its own by deadline, run by its idle loop and
 * its ticks; the lock is dropped around each timer, so that it may set timers
 * and wake threads.
 */
#define EFT_LOCK_CALLS
#include "core/log.h"
#include "core/time.h"

/* The first timer; NULL when there is none. Holds the lock. */
static struct eft_timer *first(const struct eft_timers *timers)
{
	struct eft_treap_node *node = eft_treap_first(&timers->tree);

	return node ? eft_container_of(node, struct eft_timer, node) : NULL;
}

static void update_next(struct eft_timers *timers)
{
	struct eft_timer *timer = first(timers);

	__atomic_store_n(&timers->next, timer ? timer->node.key : EFT_FOREVER,
			 __ATOMIC_RELAXED);
}

static void remove(struct eft_timers *timers, struct eft_timer *timer)
{
	if (!timer->set)
		return;
	timer->set = false;
	eft_treap_remove(&timers->tree, &timer->node);
	update_next(timers);
}

/* Take (timer) off the CPU where it is set, perhaps another. */
static void unset(struct eft_timer *timer)
{
	struct eft_timers *timers = timer->timers;

	if (timers == NULL)
		return;
	eft_lock(&timers->lock);
	remove(timers, timer);
	eft_unlock(&timers->lock);
}

void eft_timer_set_for_sleep(struct eft_timer *timer, uint64_t deadline_ns)
{
	struct eft_timers *timers;

	eft_assert(timer->expire != NULL);
	unset(timer);
	eft_irq_off();
	timers = eft_cpu()->timers;
	eft_lock_irqs_off(&timers->lock);
	timer->timers = timers;
	timer->set = true;
	eft_treap_insert(&timers->tree, &timer->node, deadline_ns);
	update_next(timers);
	eft_unlock(&timers->lock);
}

void eft_timer_set(struct eft_timer *timer, uint64_t deadline_ns)
{
	eft_timer_set_for_sleep(timer, deadline_ns);
	eft_timer_was_set();
}

void eft_timer_cancel(struct eft_timer *timer)
{
	struct eft_timers *timers = timer->timers;
	unsigned turn = 0;

	if (timers == NULL)
		return;
	eft_lock(&timers->lock);
	remove(timers, timer);
	while (timers->running == timer) { /* on another CPU */
		eft_unlock(&timers->lock);
		eft_spin(turn++);
		eft_lock(&timers->lock);
		remove(timers, timer); /* it may have set itself again */
	}
	eft_unlock(&timers->lock);
}

static void run(struct eft_timers *timers, struct eft_timer *timer)
{
	eft_assert(timers->running == NULL);
	eft_assert(timer->timers == timers);
	remove(timers, timer);
	timers->running = timer;
	eft_unlock(&timers->lock);
	timer->expire(timer);
	eft_lock(&timers->lock);
	timers->running = NULL;
}

/* The time is that of the start: what sets itself again waits for another run,
   however soon it is to go off. */
uint64_t eft_timers_run(void)
{
	struct eft_timers *timers = eft_cpu()->timers;
	struct eft_timer *timer;
	uint64_t now, next;

	eft_lock(&timers->lock);
	now = eft_now_ns();
	while ((timer = first(timers)) != NULL && timer->node.key <= now)
		run(timers, timer);
	next = timers->next;
	eft_unlock(&timers->lock);
	return next;
}

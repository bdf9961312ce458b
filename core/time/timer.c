// SPDX-License-Identifier: BSD-3-Clause
/*
 * Timers in one tree by deadline, run by the idle loop and by ticks; the
 * lock is dropped around each, so that it may set timers and wake threads.
 */
#include "core/lock.h"
#include "core/log.h"
#include "core/time.h"

static struct {
	struct eft_lock lock;
	struct eft_tree tree;
	struct eft_timer *running;
	uint64_t next; /* the first deadline; read without the lock */
} timers = {.next = EFT_FOREVER};

/* The first timer; NULL when there is none. Holds the lock. */
static struct eft_timer *first(void)
{
	struct eft_tree_node *node = eft_tree_first(&timers.tree);

	return node ? eft_container_of(node, struct eft_timer, node) : NULL;
}

static void update_next(void)
{
	struct eft_timer *timer = first();

	__atomic_store_n(&timers.next, timer ? timer->node.key : EFT_FOREVER,
			 __ATOMIC_RELAXED);
}

uint64_t eft_timers_next(void)
{
	return __atomic_load_n(&timers.next, __ATOMIC_RELAXED);
}

void eft_timer_set_for_sleep(struct eft_timer *timer, uint64_t deadline_ns)
{
	eft_lock(&timers.lock);
	if (timer->set)
		eft_tree_remove(&timers.tree, &timer->node);
	timer->set = true;
	eft_tree_insert(&timers.tree, &timer->node, deadline_ns);
	update_next();
	eft_unlock(&timers.lock);
}

void eft_timer_set(struct eft_timer *timer, uint64_t deadline_ns)
{
	eft_timer_set_for_sleep(timer, deadline_ns);
	eft_timer_was_set();
}

void eft_timer_cancel(struct eft_timer *timer)
{
	eft_lock(&timers.lock);
	if (timer->set)
		eft_tree_remove(&timers.tree, &timer->node);
	timer->set = false;
	update_next();
	while (timers.running == timer) { /* on another CPU */
		eft_unlock(&timers.lock);
		eft_cpu_relax();
		eft_lock(&timers.lock);
	}
	eft_unlock(&timers.lock);
}

static void run(struct eft_timer *timer)
{
	eft_tree_remove(&timers.tree, &timer->node);
	timer->set = false;
	timers.running = timer;
	eft_unlock(&timers.lock);
	timer->expire(timer);
	eft_lock(&timers.lock);
	timers.running = NULL;
}

uint64_t eft_timers_run(void)
{
	uint64_t next = EFT_FOREVER;
	struct eft_timer *timer;

	eft_lock(&timers.lock);
	while ((timer = first()) != NULL && timers.running == NULL) {
		next = timer->node.key;
		if (next > eft_now_ns())
			break;
		run(timer);
		next = EFT_FOREVER;
	}
	update_next();
	eft_unlock(&timers.lock);
	return next;
}

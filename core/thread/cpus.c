// SPDX-License-Identifier: BSD-3-Clause
/*
 * More CPUs than the first: how they start, and which thread runs where.
 *
 * A thread that wakes goes to an idle CPU, its last one if it can; else it
 * waits for its last one. A CPU that has nothing to do says so in idle_cpus,
 * then looks for a thread that waits elsewhere; who makes a thread wait looks
 * at idle_cpus afterwards. So one of the two sees the other.
 *
 * KICKS  are sent when the last spin lock is released. A kicked CPU needs the
 *        locks of its kicker at once, and the host may run it on the kicker's
 *        own processor, in its place: it would spin there for as long as the
 *        host lets it.
 */
#include "core/dev/cpus.h"
#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/thread/scheduler.h"
#include "core/time.h"

/* Threads wait for each other. */
eft_needs(eft_mutex_wait);
eft_needs(eft_mutex_pass);

enum { IDLE_STACK_ORDER = 2 };

/* One more CPU, and all that belongs to it. */
struct more {
	struct eft_cpu cpu;
	struct eft_run_queue queue;
	struct eft_timers timers;
	struct eft_thread idle;
};

static uint64_t idle_cpus; /* atomic; one bit each, taken by who wakes it */

static const struct eft_cpus *platform(void)
{
	const struct eft_cpus *cpus = eft_plat_process_cpus();

	return cpus != NULL ? cpus : eft_plat_guest_cpus();
}

static uint64_t bit(const struct eft_cpu *cpu)
{
	return 1ul << cpu->number;
}

static uint64_t running_cpus(void)
{
	return UINT64_MAX >> (EFT_CPUS_MAX - eft_cpus_running());
}

/* True for one caller each time that (cpu) became idle. */
static bool claim(struct eft_cpu *cpu)
{
	uint64_t before =
		__atomic_fetch_and(&idle_cpus, ~bit(cpu), __ATOMIC_SEQ_CST);

	return before & bit(cpu);
}

/* An idle CPU of (mask), which is idle no more; (first) if it is; or NULL. */
static struct eft_cpu *take_idle(struct eft_cpu *first, uint64_t mask)
{
	uint64_t idle;

	if (mask & bit(first) && claim(first))
		return first;
	while ((idle = __atomic_load_n(&idle_cpus, __ATOMIC_SEQ_CST) & mask)) {
		struct eft_cpu *cpu = eft_cpus[__builtin_ctzll(idle)];

		if (claim(cpu))
			return cpu;
	}
	return NULL;
}

struct eft_cpu *eft_cpu_choose(const struct eft_thread *thread)
{
	struct eft_cpu *cpu = take_idle(thread->cpu, thread->affinity);

	if (cpu != NULL)
		return cpu;
	if (eft_thread_may_run(thread, thread->cpu))
		return thread->cpu;
	eft_assert((thread->affinity & running_cpus()) != 0);
	return eft_cpus[__builtin_ctzll(thread->affinity & running_cpus())];
}

void eft_cpu_kick(struct eft_cpu *cpu)
{
	struct eft_cpu *self = eft_cpu();

	eft_assert(self->irq_off != 0 && cpu != self);
	self->to_kick |= bit(cpu);
	__atomic_fetch_or(&self->irq_pending, EFT_IRQ_TO_KICK,
			  __ATOMIC_RELAXED);
}

void eft_cpu_send_kicks(void)
{
	struct eft_cpu *self = eft_cpu();
	uint64_t left = self->to_kick;

	eft_assert(self->irq_off == 1);
	if (left == 0)
		return;
	self->to_kick = 0;
	__atomic_fetch_and(&self->irq_pending, ~EFT_IRQ_TO_KICK,
			   __ATOMIC_RELAXED);
	for (; left != 0; left &= left - 1)
		platform()->kick(eft_cpus[__builtin_ctzll(left)]);
}

void eft_cpu_spin(unsigned turn)
{
	const struct eft_cpus *cpus = platform();

	if (cpus != NULL) /* else there is one only */
		cpus->spin(turn);
}

void eft_cpu_offer(struct eft_cpu *cpu)
{
	const struct eft_thread *thread = eft_container_of(
		cpu->queue->ready.next, struct eft_thread, run_link);
	struct eft_cpu *idle;

	if (cpu->thread == cpu->idle)
		return;
	idle = take_idle(cpu, thread->affinity);
	if (idle != NULL && idle != cpu)
		eft_cpu_kick(idle);
}

void eft_thread_arrive(struct eft_thread *thread)
{
	struct eft_run_queue *queue = eft_thread_lock_queue(thread);

	eft_assert(thread->state == EFT_THREAD_MOVING);
	eft_thread_make_ready(thread, thread->cpu);
	eft_unlock(&queue->lock);
}

void eft_thread_start(struct eft_thread *thread)
{
	if (eft_cpus_running() > 1)
		thread->cpu = eft_cpu_choose(thread);
	eft_thread_ready(thread);
}

/* Take a thread that (cpu) may run off (victim)'s queue; or NULL. */
static struct eft_thread *take_from(struct eft_cpu *victim, struct eft_cpu *cpu)
{
	struct eft_list *head = &victim->queue->ready, *link;
	struct eft_thread *found = NULL;

	eft_lock(&victim->queue->lock);
	for (link = head->next; link != head && found == NULL;
	     link = link->next) {
		found = eft_container_of(link, struct eft_thread, run_link);
		if (!eft_thread_may_run(found, cpu))
			found = NULL;
	}
	if (found != NULL) {
		eft_assert(found->state == EFT_THREAD_READY);
		eft_assert(found->cpu == victim);
		eft_list_remove(&found->run_link);
		found->state = EFT_THREAD_MOVING;
		eft_thread_set_cpu(found, cpu);
	}
	eft_unlock(&victim->queue->lock);
	return found;
}

bool eft_cpu_find_work(struct eft_cpu *cpu)
{
	unsigned count = eft_cpus_running();

	__atomic_fetch_or(&idle_cpus, bit(cpu), __ATOMIC_SEQ_CST);
	for (unsigned i = 1; i < count; i++) {
		struct eft_cpu *victim = eft_cpus[(cpu->number + i) % count];
		struct eft_thread *found;

		found = take_from(victim, cpu);
		if (found != NULL) {
			claim(cpu);
			eft_thread_arrive(found);
			return true;
		}
	}
	return false;
}

int eft_thread_set_affinity(struct eft_thread *thread, uint64_t mask)
{
	struct eft_run_queue *queue;
	struct eft_cpu *cpu;

	if ((mask & running_cpus()) == 0)
		return -EINVAL;
	queue = eft_thread_lock_queue(thread);
	cpu = thread->cpu;
	thread->affinity = mask;
	if (eft_thread_may_run(thread, cpu)) {
		eft_unlock(&queue->lock);
		return 0;
	}
	switch (thread->state) {
	case EFT_THREAD_READY:
		eft_list_remove(&thread->run_link);
		thread->state = EFT_THREAD_MOVING;
		eft_thread_set_cpu(thread, eft_cpu_choose(thread));
		eft_unlock(&queue->lock);
		eft_thread_arrive(thread);
		return 0;
	case EFT_THREAD_RUNNING: /* moves when it yields */
		__atomic_store_n(&cpu->yield_wanted, true, __ATOMIC_RELEASE);
		if (cpu != eft_cpu())
			eft_cpu_kick(cpu);
		break;
	default: /* is placed when it wakes or arrives */
		break;
	}
	eft_unlock(&queue->lock);
	if (thread == eft_current())
		eft_yield();
	return 0;
}

uint64_t eft_thread_affinity(struct eft_thread *thread)
{
	return __atomic_load_n(&thread->affinity, __ATOMIC_RELAXED) &
	       running_cpus();
}

static int start(unsigned number)
{
	struct more *more = eft_alloc(sizeof(*more));
	char *stack = eft_page_alloc(IDLE_STACK_ORDER);
	size_t size = EFT_PAGE_SIZE << IDLE_STACK_ORDER;
	int error = -ENOMEM;

	if (more == NULL || stack == NULL)
		goto out_free;
	eft_lock_init(&more->queue.lock, EFT_RANK_RUN_QUEUE);
	eft_lock_init(&more->timers.lock, EFT_RANK_TIMERS);
	more->idle.name = "idle";
	more->cpu.number = number;
	eft_cpu_init(&more->cpu, &more->queue, &more->timers, &more->idle);
	more->cpu.irq_off = 1; /* until eft_cpu_main() */
	more->cpu.rested_ns = eft_now_ns();
	if (eft_plat->note_stack != NULL)
		eft_plat->note_stack((uintptr_t)stack, (uintptr_t)stack + size);
	eft_cpus[number] = &more->cpu;
	error = platform()->start(&more->cpu, (uintptr_t)stack + size);
	if (error < 0)
		goto out_free;
	__atomic_store_n(&eft_cpus_count, number + 1, __ATOMIC_RELEASE);
	return 0;

out_free:
	eft_page_free(stack);
	eft_free(more);
	return error;
}

/* The most CPUs that can be had: a process may have more than its host. */
static unsigned limit(void)
{
	if (eft_plat_process_cpus() != NULL)
		return EFT_CPUS_MAX;
	return platform() != NULL ? platform()->count() : 1;
}

int eft_cpus_start(unsigned count, char *message, size_t size)
{
	unsigned there = limit();
	int error = 0;

	if (count > there) {
		eft_snprintf(message, size,
			     "option 'cpus': %u, but this machine has %u",
			     count, there);
		return -ENODEV;
	}
	for (unsigned n = 1; n < count && error == 0; n++) {
		error = start(n);
		if (error < 0)
			eft_snprintf(message, size,
				     "CPU %u of %u does not start: error %d", n,
				     count, -error);
	}
	return error;
}

void eft_cpu_main(void)
{
	eft_irq_on();
	eft_idle();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The scheduler: one run queue a CPU, first come, first served.
 *
 * SWITCH  happens with the queue's lock held: the thread that leaves takes it,
 *         the thread that arrives releases it. So no other CPU can run a
 *         thread before its context is saved. The thread that arrives also
 *         buries one that has died, which could not free its own stack, and
 *         sends one on its way that has to leave for another CPU.
 * QUEUE   A thread belongs to one CPU, asleep or not, and leaves it under the
 *         lock of that CPU's queue only. No CPU holds two queues' locks: on
 *         its way from one to another a thread is MOVING, and a wake-up leaves
 *         it a token.
 * TIMER   is set only while somebody waits for this CPU, or a timer runs: a
 *         program of one thread that never sleeps takes no interrupt. It is
 *         never taken back: a tick too many costs less than a host's system
 *         call or a write to the interrupt controller.
 * SLICE   begins when the first thread has to wait, and belongs to whoever
 *         runs when it ends: threads that hand the CPU to each other pay
 *         nothing for it.
 * SIGNALS A thread with signals due, whose handlers could not run where it was
 *         interrupted, is soon interrupted again: it may leave the libOS and
 *         compute.
 * CPUS    What more than one needs is in cpus.c, and in few images.
 */
#include "core/abi.h"
#include "core/arch/x86_64/switch.h"
#include "core/dev/cpus.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/thread/scheduler.h"
#include "core/time.h"
#include "core/trace.h"

extern __typeof__(eft_deadlock_check) eft_deadlock_check eft_weak;

enum { SLICE_NS = 5000000, LOOK_NS = 1000000 };

/* One CPU has no choice. */
static bool are_several(void)
{
	return eft_cpus_count > 1;
}

/* Is the timer later than what comes first? */
eft_inline bool is_timer_late(const struct eft_cpu *cpu)
{
	return eft_min(cpu->slice_end_ns, eft_timers_next()) < cpu->timer_ns;
}

/* Set the timer for what comes first. Interrupts are off. */
static void set_timer(struct eft_cpu *cpu)
{
	uint64_t wanted = eft_min(cpu->slice_end_ns, eft_timers_next());

	if (cpu->thread == cpu->idle || wanted >= cpu->timer_ns)
		return;
	cpu->timer_ns = wanted;
	eft_plat->set_timer(wanted);
}

/* Is (cpu) idle, or the thread there without an end to its time? */
eft_inline bool needs_slice(const struct eft_cpu *cpu)
{
	return cpu->thread == cpu->idle || cpu->slice_end_ns == EFT_FOREVER;
}

/*
 * Somebody waits for (cpu), whose queue's lock the caller holds. Another CPU
 * has to look after its timer itself.
 */
static void start_slice(struct eft_cpu *cpu)
{
	if (!needs_slice(cpu))
		return;
	if (cpu != eft_cpu()) {
		eft_cpu_kick(cpu);
	} else if (cpu->thread != cpu->idle) {
		cpu->slice_end_ns = eft_now_ns() + SLICE_NS;
		set_timer(cpu);
	}
}

void eft_thread_look_soon(struct eft_cpu *cpu)
{
	uint64_t soon = eft_now_ns() + LOOK_NS;

	if (cpu->slice_end_ns > soon)
		cpu->slice_end_ns = soon;
	set_timer(cpu);
}

eft_inline bool is_signalled(const struct eft_cpu *cpu)
{
	return cpu->attention & EFT_ATTENTION_SIGNAL;
}

void eft_tick(void)
{
	struct eft_cpu *cpu = eft_cpu();

	cpu->timer_ns = EFT_FOREVER;
	eft_timers_run();
	eft_lock(&cpu->queue->lock);
	if (cpu->slice_end_ns <= eft_now_ns()) {
		cpu->slice_end_ns = EFT_FOREVER;
		if (!eft_list_empty(&cpu->queue->ready))
			__atomic_store_n(&cpu->yield_wanted, true,
					 __ATOMIC_RELAXED);
	}
	if (eft_unlikely(is_signalled(cpu)))
		eft_thread_look_soon(cpu);
	eft_unlock(&cpu->queue->lock);
	set_timer(cpu);
}

void eft_timer_was_set(void)
{
	eft_irq_off();
	set_timer(eft_cpu());
	eft_irq_on();
}

bool eft_yield_wanted(void)
{
	struct eft_cpu *cpu;
	bool wanted;

	eft_irq_off();
	cpu = eft_cpu();
	wanted = __atomic_load_n(&cpu->yield_wanted, __ATOMIC_RELAXED) &&
		 __atomic_exchange_n(&cpu->yield_wanted, false,
				     __ATOMIC_ACQUIRE) &&
		 cpu->thread != cpu->idle;
	eft_irq_on();
	return wanted;
}

static void finish_switch(void)
{
	struct eft_cpu *cpu = eft_cpu();
	struct eft_thread *dead = cpu->to_bury, *moved = cpu->to_move;

	cpu->to_bury = cpu->to_move = NULL;
	if (!eft_list_empty(&cpu->queue->ready)) {
		start_slice(cpu);
		if (are_several())
			eft_cpu_offer(cpu);
	}
	if (eft_unlikely(is_signalled(cpu)))
		eft_thread_look_soon(cpu);
	if (eft_unlikely(is_timer_late(cpu)))
		set_timer(cpu);
	eft_unlock_inline(&cpu->queue->lock);
	if (eft_unlikely(moved != NULL))
		eft_thread_arrive(moved);
	if (eft_unlikely(dead != NULL))
		eft_thread_bury(dead);
}

void eft_thread_started(void)
{
	finish_switch();
}

/* The thread to run next: the head of the queue, or idle. Holds the lock. */
static struct eft_thread *pick(struct eft_cpu *cpu)
{
	struct eft_thread *next;

	if (eft_list_empty(&cpu->queue->ready))
		return cpu->idle;
	next = eft_container_of(cpu->queue->ready.next, struct eft_thread,
				run_link);
	eft_list_remove(&next->run_link);
	eft_assert(next->state == EFT_THREAD_READY);
	return next;
}

eft_inline void account(struct eft_cpu *cpu, struct eft_thread *self)
{
	uint64_t now = eft_now_ns();

	self->ran_ns += now - cpu->switched_ns;
	cpu->switched_ns = now;
}

/*
 * Leave the CPU to another; the caller holds the queue's lock and has set the
 * thread's new state. Returns when it runs again, with the lock released.
 */
static void switch_away(struct eft_thread *self)
{
	struct eft_cpu *cpu = eft_cpu();
	struct eft_thread *next = pick(cpu);

	eft_assert(cpu->irq_off == 1);
	eft_assert(eft_stack_is_whole(self));
	next->state = EFT_THREAD_RUNNING;
	if (next != self) {
		account(cpu, self);
		eft_trace(EFT_TRACE_SWITCH, (uintptr_t)next, 0);
		cpu->thread = next;
		cpu->attention = next->attention;
		if (next->tls != self->tls && next->tls != 0)
			eft_plat->set_thread_pointer(next->tls);
		eft_switch(self, next);
	}
	finish_switch();
}

eft_inline struct eft_run_queue *lock_queue_of(struct eft_thread *thread)
{
	for (;;) {
		struct eft_cpu *cpu =
			__atomic_load_n(&thread->cpu, __ATOMIC_ACQUIRE);
		struct eft_run_queue *queue = cpu->queue;

		eft_lock(&queue->lock);
		if (eft_likely(cpu ==
			       __atomic_load_n(&thread->cpu, __ATOMIC_RELAXED)))
			return queue;
		eft_unlock(&queue->lock);
	}
}

struct eft_run_queue *eft_thread_lock_queue(struct eft_thread *thread)
{
	return lock_queue_of(thread);
}

/* The calling thread's queue, locked: it stays on this CPU from here on. */
eft_inline struct eft_run_queue *lock_own_queue(void)
{
	struct eft_run_queue *queue;

	eft_irq_off();
	queue = eft_cpu()->queue;
	eft_lock_irqs_off(&queue->lock);
	return queue;
}

eft_inline void make_ready(struct eft_thread *thread, struct eft_cpu *cpu)
{
	thread->state = EFT_THREAD_READY;
	eft_list_insert(&cpu->queue->ready, &thread->run_link);
	if (eft_unlikely(needs_slice(cpu)))
		start_slice(cpu);
	if (are_several())
		eft_cpu_offer(cpu);
}

void eft_thread_make_ready(struct eft_thread *thread, struct eft_cpu *cpu)
{
	make_ready(thread, cpu);
}

void eft_thread_ready(struct eft_thread *thread)
{
	struct eft_run_queue *queue = lock_queue_of(thread);

	make_ready(thread, thread->cpu);
	eft_unlock(&queue->lock);
}

void eft_thread_wake(struct eft_thread *thread)
{
	struct eft_run_queue *queue = lock_queue_of(thread);
	struct eft_cpu *cpu = thread->cpu;
	bool moves = false;

	eft_assert(thread->state != EFT_THREAD_DEAD);
	if (thread->state != EFT_THREAD_SLEEPING) {
		thread->woken = true;
	} else {
		if (are_several())
			cpu = eft_cpu_choose(thread);
		eft_trace(EFT_TRACE_WAKE, (uintptr_t)thread, (uintptr_t)cpu);
		moves = cpu != thread->cpu;
		if (moves) {
			thread->state = EFT_THREAD_MOVING;
			eft_thread_set_cpu(thread, cpu);
		} else {
			make_ready(thread, cpu);
		}
	}
	eft_unlock(&queue->lock);
	if (moves)
		eft_thread_arrive(thread);
}

/*
 * A thread that yields all the time, alone on its CPU, leaves the lock to those
 * who have somebody to put there. Under valgrind, which stops it at the same
 * instruction time after time, they would never get it.
 */
static bool is_alone(const struct eft_thread *self)
{
	const struct eft_cpu *cpu = eft_cpu();

	return eft_list_empty(&cpu->queue->ready) &&
	       eft_thread_may_run(self, cpu);
}

void eft_yield(void)
{
	struct eft_thread *self = eft_current();
	struct eft_run_queue *queue;
	struct eft_cpu *cpu;

	eft_assert(eft_irq_depth() == 0);
	if (is_alone(self))
		return;
	queue = lock_own_queue();
	cpu = eft_cpu();
	if (eft_unlikely(!eft_thread_may_run(self, cpu))) {
		self->state = EFT_THREAD_MOVING;
		cpu->to_move = self;
		eft_thread_set_cpu(self, eft_cpu_choose(self));
	} else {
		self->state = EFT_THREAD_READY;
		eft_list_insert(&queue->ready, &self->run_link);
	}
	switch_away(self);
}

/* A sleeper's alarm. */
struct alarm {
	struct eft_timer timer;
	struct eft_thread *thread;
	bool rang;
};

static void ring(struct eft_timer *timer)
{
	struct alarm *alarm = eft_container_of(timer, struct alarm, timer);

	alarm->rang = true;
	eft_thread_wake(alarm->thread);
}

/*
 * The token is taken under the lock: what the waker wrote before it left one
 * is then seen by who took it, on whatever CPU.
 */
eft_inline void sleep_until_woken(struct eft_thread *self, uint32_t attention)
{
	struct eft_run_queue *queue = lock_own_queue();

	if (self->woken || self->attention & attention) {
		self->woken = false;
		eft_unlock(&queue->lock);
	} else {
		self->state = EFT_THREAD_SLEEPING;
		switch_away(self);
	}
}

/* Returns whether the alarm rang. Apart: who sets none has no frame for it. */
static __attribute__((noinline)) bool sleep_with_alarm(struct eft_thread *self,
						       uint64_t deadline_ns)
{
	struct alarm alarm = {.timer.expire = ring, .thread = self};

	eft_timer_set_for_sleep(&alarm.timer, deadline_ns);
	sleep_until_woken(self, EFT_ATTENTION_SIGNAL);
	eft_timer_cancel(&alarm.timer);
	return alarm.rang;
}

int eft_sleep(uint64_t deadline_ns)
{
	struct eft_thread *self = eft_current();

	eft_may_block();
	eft_assert(eft_irq_depth() == 0);
	if (deadline_ns == EFT_FOREVER)
		sleep_until_woken(self, EFT_ATTENTION_SIGNAL);
	else if (sleep_with_alarm(self, deadline_ns))
		return -ETIMEDOUT;
	return self->attention & EFT_ATTENTION_SIGNAL ? -EINTR : 0;
}

void eft_sleep_through(void)
{
	eft_assert(eft_cpu()->irq_off == 0);
	sleep_until_woken(eft_current(), 0);
}

void eft_thread_exit(void)
{
	struct eft_thread *self = eft_current();

	eft_assert(self != eft_cpu()->idle);
	eft_lockcheck_ends();
	lock_own_queue();
	self->state = EFT_THREAD_DEAD;
	eft_cpu()->to_bury = self;
	switch_away(self);
	eft_panic("a dead thread ran");
}

uint64_t eft_thread_cpu_time_ns(struct eft_thread *thread)
{
	struct eft_run_queue *queue = eft_thread_lock_queue(thread);
	uint64_t ns = thread->ran_ns;

	if (thread->state == EFT_THREAD_RUNNING)
		ns += eft_now_ns() - thread->cpu->switched_ns;
	eft_unlock(&queue->lock);
	return ns;
}

static void send_kicks(void)
{
	if (eft_cpu_send_kicks != NULL)
		eft_cpu_send_kicks();
}

/* Nobody wants the CPU: let the platform wait for what comes. */
static void rest(struct eft_cpu *cpu)
{
	eft_irq_off();
	cpu->rests_since_ns = eft_now_ns();
	if (eft_deadlock_check != NULL)
		eft_deadlock_check();
	send_kicks();
	if (eft_list_empty(&cpu->queue->ready))
		eft_plat->wait(eft_timers_next());
	cpu->rested_ns += eft_now_ns() - cpu->rests_since_ns;
	cpu->rests_since_ns = 0;
	cpu->timer_ns = EFT_FOREVER;
	eft_timers_run();
	send_kicks(); /* wait() forgets what is pending */
	eft_irq_on();
}

void eft_kicked(void)
{
	struct eft_cpu *cpu = eft_cpu();

	__atomic_fetch_add(&cpu->kicks, 1, __ATOMIC_SEQ_CST);
	eft_lock(&cpu->queue->lock);
	if (!eft_list_empty(&cpu->queue->ready))
		start_slice(cpu);
	if (is_signalled(cpu)) /* it may be in the libOS just now */
		eft_thread_look_soon(cpu);
	eft_unlock(&cpu->queue->lock);
}

void eft_idle(void)
{
	struct eft_cpu *cpu = eft_cpu();

	cpu->switched_ns = eft_now_ns();
	for (;;) {
		eft_lock(&cpu->queue->lock);
		switch_away(cpu->idle);
		/* Another may have taken away what was found: look again. */
		if (eft_cpu_find_work != NULL && eft_cpu_find_work(cpu))
			continue;
		if (eft_list_empty(&cpu->queue->ready))
			rest(cpu);
	}
}

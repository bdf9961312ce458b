// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of the thread room.
 */
#include "core/thread.h"

/* What lies at the far end of each thread's stack, while it did not overflow. */
enum { EFT_STACK_END = 0x5afe57ac };

eft_inline bool eft_stack_is_whole(const struct eft_thread *thread)
{
	const uint32_t *end = thread->stack;

	return end == NULL || *end == EFT_STACK_END;
}

/* Threads that are ready on one CPU, the longest waiting first. */
struct eft_run_queue {
	struct eft_lock lock; /* also of its CPU's threads' states */
	struct eft_list ready;
};

/* Make (cpu) ready to run (idle), on whose stack it is or will start. */
void eft_cpu_init(struct eft_cpu *cpu, struct eft_run_queue *queue,
		  struct eft_timers *timers, struct eft_thread *idle);

/*
 * (thread) belongs to (cpu) from here on, and is its lock's: all that is to be
 * said of it has been said.
 */
static inline void eft_thread_set_cpu(struct eft_thread *thread,
				      struct eft_cpu *cpu)
{
	__atomic_store_n(&thread->cpu, cpu, __ATOMIC_RELEASE);
}

/*
 * Lock the queue of the CPU that (thread) belongs to, which it leaves under
 * that lock only.
 */
struct eft_run_queue *eft_thread_lock_queue(struct eft_thread *thread);

/* (thread) is READY on the queue of (cpu), whose lock the caller holds. */
void eft_thread_make_ready(struct eft_thread *thread, struct eft_cpu *cpu);

/* (cpu), the caller's own, runs one that has signals due: look in a while. */
void eft_thread_look_soon(struct eft_cpu *cpu);

/* Free (thread), dead and off its stack. */
void eft_thread_bury(struct eft_thread *thread);

/* First words of every new thread: the switch that led here is complete. */
void eft_thread_started(void);

/*
 * More than one CPU (cpus.c): in programs that make threads. NULL elsewhere.
 */

/* May (thread) run on (cpu)? */
static inline bool eft_thread_may_run(const struct eft_thread *thread,
				      const struct eft_cpu *cpu)
{
	return thread->affinity >> cpu->number & 1;
}

/* The CPU for (thread), which wakes or moves. */
struct eft_cpu *eft_cpu_choose(const struct eft_thread *thread) eft_weak;
/* Put (thread), MOVING, on the queue of the CPU that it belongs to by now. */
void eft_thread_arrive(struct eft_thread *thread) eft_weak;
/*
 * Have (cpu), not the caller's own, look at its queue, as soon as the caller's
 * interrupts are on: see cpus.c. Context: interrupts off.
 */
void eft_cpu_kick(struct eft_cpu *cpu) eft_weak;
/* One turn of waiting for another CPU: see eft_spin(). */
void eft_cpu_spin(unsigned turn) eft_weak;
/* A thread waits for (cpu), whose queue is locked: an idle CPU may take it. */
void eft_cpu_offer(struct eft_cpu *cpu) eft_weak;
/* (cpu), the caller's own, is idle: bring it a thread of another's, if any. */
bool eft_cpu_find_work(struct eft_cpu *cpu) eft_weak;

/*
 * Mutexes: from (*before), which is as it was found if that fails, to (word).
 */
static inline bool eft_mutex_change(struct eft_mutex *mutex, uintptr_t *before,
				    uintptr_t word)
{
	return __atomic_compare_exchange_n(&mutex->word, before, word, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Per-CPU data and the soft interrupt mask.
 *
 * GS holds the address of this CPU's struct eft_cpu on every platform.
 *
 * Interrupts are turned off in software: eft_irq_off() counts up in the
 * per-CPU block, one instruction, the same in a process and in a guest. An
 * interrupt that comes while the count is not 0 sets its bit in irq_pending
 * and returns (the guest's with the hardware's flag clear); the eft_irq_on()
 * that brings the count to 0 delivers it.
 *
 * Rules
 *  - The count nests. Never sleep while it is not 0, except in the scheduler.
 *  - With interrupts off the program's memory must not be touched: a page
 *    fault there could not wait.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/base.h"
#include "core/check/lock.h"

struct eft_context;
struct eft_process;
struct eft_thread;

struct eft_cpu {
	struct eft_cpu *self;	     /* offset 0: what eft_cpu() reads */
	struct eft_thread *thread;   /* offset 8: the thread that runs here */
	uint32_t irq_off;	     /* offset 16: depth; 0 is on */
	uint32_t irq_pending;	     /* offset 20: the platform's, and core's */
	uint32_t attention;	     /* offset 24: the thread's, a copy */
	uint32_t demand_paged;	     /* offset 28: the core pages stacks in */
	struct eft_process *process; /* offset 32: whose space is here */
	struct eft_thread *idle;     /* runs when nobody else wants to */
	struct eft_run_queue *queue; /* threads ready to run here */
	unsigned number;	     /* 0 to cpus-1 */
	void *platform;		     /* the platform's own data of this CPU */
	uint8_t yields; /* that programs asked for here, in turns */

	uint32_t kicks;	  /* of others, that it has noticed; atomic */
	uint64_t to_kick; /* CPUs, a bit each; interrupts are off */

	/* The scheduler's; touched by this CPU, with interrupts off. */
	struct eft_timers *timers;  /* that go off here */
	uint64_t timer_ns;	    /* what the platform's timer is set to */
	uint64_t switched_ns;	    /* when the running thread began to */
	uint64_t rested_ns;	    /* time spent in the platform's wait() */
	uint64_t rests_since_ns;    /* in it since then; 0: not now */
	struct eft_thread *to_bury; /* dead, and no longer on its stack */
	struct eft_thread *to_move; /* left for another CPU */

	bool yield_wanted; /* atomic: this thread has had its time */
	/* Owned by the queue's lock. */
	uint64_t slice_end_ns; /* when it will have; EFT_FOREVER: alone */

	struct eft_held_locks held;

	/* Where it was stopped for good, or NULL: core/dev/corefile.h. */
	const struct eft_context *stopped_at;
};

_Static_assert(offsetof(struct eft_cpu, thread) == EFT_CPU_THREAD, "");
_Static_assert(offsetof(struct eft_cpu, irq_off) == EFT_CPU_IRQ_OFF, "");
_Static_assert(offsetof(struct eft_cpu, irq_pending) == EFT_CPU_IRQ_PENDING,
	       "");
_Static_assert(offsetof(struct eft_cpu, attention) == EFT_CPU_ATTENTION,
	       "and 24 in musl's syscall_arch.h");
_Static_assert(offsetof(struct eft_cpu, demand_paged) == EFT_CPU_DEMAND_PAGED,
	       "");
_Static_assert(offsetof(struct eft_cpu, process) == EFT_CPU_PROCESS, "");

/*
 * Core's bit of irq_pending: this CPU has others to kick, and does so when it
 * turns interrupts on, and so has let go of its locks (core/thread/cpus.c).
 */
#define EFT_IRQ_TO_KICK 0x80000000u

/*
 * What a system call looks at before anything else. All are rare, and one
 * comparison finds that none is there.
 */
enum {
	EFT_ATTENTION_TRACE = 1,   /* trace=syscall: on every CPU, always */
	EFT_ATTENTION_SIGNAL = 2,  /* a signal is due to the running thread */
	EFT_ATTENTION_WATCHED = 8, /* by valgrind: posix/sys/enter.c */
};

/* Is one? In one instruction, as eft_irq_depth() below. */
static inline bool eft_signal_is_due(void)
{
	bool due;

	__asm__ volatile("testl %1, %%gs:24"
			 : "=@ccnz"(due)
			 : "i"(EFT_ATTENTION_SIGNAL)
			 : "memory");
	return due;
}

static inline struct eft_cpu *eft_cpu(void)
{
	struct eft_cpu *cpu;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

static inline struct eft_thread *eft_current(void)
{
	struct eft_thread *thread;

	__asm__ volatile("movq %%gs:8, %0" : "=r"(thread));
	return thread;
}

/* How often they are off. In one instruction: the next may be on another CPU.
 */
static inline uint32_t eft_irq_depth(void)
{
	uint32_t depth;

	__asm__ volatile("movl %%gs:16, %0" : "=r"(depth)::"memory");
	return depth;
}

static inline void eft_irq_off(void)
{
	__asm__ volatile("incl %%gs:16" ::: "memory", "cc");
}

/* The same for who delivers what is pending next. */
static inline void eft_irq_on_quietly(void)
{
	__asm__ volatile("decl %%gs:16" ::: "memory", "cc");
}

/* Deliver what is pending; out of line. */
void eft_irq_deliver(void);

eft_inline void eft_irq_on_inline(void)
{
	bool on;

	__asm__ volatile("decl %%gs:16" : "=@ccz"(on)::"memory");
	if (on) {
		uint32_t pending;

		__asm__ volatile("movl %%gs:20, %0" : "=r"(pending));
		if (eft_unlikely(pending != 0))
			eft_irq_deliver();
	}
}

static inline void eft_irq_on(void)
{
	eft_irq_on_inline();
}

/* Tell the CPU that we spin. */
static inline void eft_cpu_relax(void)
{
	__builtin_ia32_pause();
}

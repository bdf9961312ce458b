// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Spin locks. Held with interrupts off, for a few hundred instructions.
 *
 * Rules
 *  - Never sleep under one, and never touch the program's memory (a page
 *    fault there takes locks of its own). The stack is that too: eft_lock()
 *    touches the pages below, so that a holder's own calls, of less than a
 *    page of stack, do not fault.
 *  - Order: ARCHITECTURE.md, "Lock order". The log's is the innermost of all.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/base.h"

struct eft_lock {
	uint32_t held; /* 0 or 1 */
};

#define EFT_LOCK_INIT \
	{             \
		0     \
	}

void eft_lock_contended(struct eft_lock *lock);

/* The outermost lock sees to two pages of stack for all within: stack.S. */
static inline void eft_lock_touch_stack(void)
{
	__asm__ volatile("call eft_touch_stack" ::: "cc", "memory");
}

/* The same where interrupts are off already; eft_unlock() turns them on. */
static inline void eft_lock_irqs_off(struct eft_lock *lock)
{
	if (eft_unlikely(__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE)))
		eft_lock_contended(lock);
}

static inline void eft_lock(struct eft_lock *lock)
{
	eft_lock_touch_stack();
	eft_irq_off();
	eft_lock_irqs_off(lock);
}

static inline void eft_unlock(struct eft_lock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
	eft_irq_on();
}

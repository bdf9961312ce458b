// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: more CPUs than the first. A process has threads of the host,
 * a guest its other processors. Only a program that makes threads has it.
 */
#include "core/base.h"

struct eft_cpu;

struct eft_cpus {
	/*
	 * CPUs that can run at once, the first included: a guest's processors
	 * (ACPI's MADT), those that the host lets this process use. A process
	 * may start more than that; a guest may not.
	 */
	unsigned (*count)(void);

	/*
	 * Start (cpu): it calls eft_cpu_main() on the stack below (stack_top),
	 * with GS at (cpu) and interrupts off. (cpu) and the stack live until
	 * exit. Context: thread.
	 *
	 * Returns   0; -ENODEV no such processor; -EAGAIN the host gives no
	 *           thread; -ETIMEDOUT it does not answer
	 */
	int (*start)(struct eft_cpu *cpu, uintptr_t stack_top);

	/*
	 * Interrupt (cpu), not the caller's own: it calls eft_kicked(). Under
	 * wait() it returns from that; a kick that comes between the look at
	 * the run queue and wait() has wait() return at once. Several kicks
	 * may become one. Context: any.
	 */
	void (*kick)(struct eft_cpu *cpu);

	/*
	 * Of eft_spin(): the caller waits for another CPU in a loop, this time
	 * for the (turn)th from 0, perhaps with interrupts off. Do what that
	 * CPU may be waiting for itself; let the host run it, where it may not
	 * be running. Context: any.
	 */
	void (*spin)(unsigned turn);
};

/* Each platform has its own; what is not running answers NULL. */
const struct eft_cpus *eft_plat_process_cpus(void);
const struct eft_cpus *eft_plat_guest_cpus(void);

/*
 * What the platform calls.
 */

/* The life of a started CPU. Interrupts are off. */
eft_noreturn void eft_cpu_main(void);

/* Another CPU wants this one's attention. Context: interrupt. */
void eft_kicked(void);

/*
 * Kick whom this CPU has left to be kicked: at the end of an interrupt that may
 * not go through eft_irq_on(). Weak: one CPU has nobody to kick.
 *
 * Context   interrupts off, no lock held
 */
void eft_cpu_send_kicks(void) eft_weak;

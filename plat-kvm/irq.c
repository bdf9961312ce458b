// SPDX-License-Identifier: BSD-3-Clause
/*
 * Interrupts: from the stub or from the pending bits to a handler.
 *
 * There are two masks. Core's is a count in memory (core/arch/x86_64/cpu.h);
 * the processor's, IF, obeys three rules:
 *
 *  - It is off from boot until wait() or the serial line's start() first
 *    turn it on. A program that needs neither never takes an interrupt, and
 *    pays for none of it.
 *  - It is off while a pending bit is set: the stub that sets one clears IF
 *    in the interrupted code, and whoever takes the bits sets it again. So a
 *    bit is never set twice, and an interrupt is lost to none.
 *  - It is off in handlers and in traps.
 *
 * LOCKS  Handlers are set before their interrupt can come, from one thread.
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/asm.h"
#include "plat-kvm/kvm.h"

#define RFLAGS_IF 0x200

static void (*handlers[EFT_KVM_IRQ_COUNT])(void);

void eft_kvm_set_irq_handler(unsigned irq, void (*handler)(void))
{
	handlers[irq] = handler;
}

static void handle(unsigned irq)
{
	eft_kvm_apic_end_of_interrupt();
	if (handlers[irq])
		handlers[irq]();
}

/* By trap.S, with interrupts off in both ways. */
void eft_kvm_interrupt(struct eft_regs *regs)
{
	handle(regs->vector - EFT_KVM_IRQ);
}

/*
 * Handle what is pending. Interrupts are off in both ways.
 *
 * Returns   the bits that were
 */
static uint32_t handle_pending(void)
{
	struct eft_cpu *cpu = eft_cpu();
	uint32_t bits = cpu->irq_pending;

	cpu->irq_pending = 0;
	for (unsigned irq = 0; irq < EFT_KVM_IRQ_COUNT; irq++)
		if (bits & 1u << irq)
			handle(irq);
	return bits;
}

void eft_kvm_deliver_interrupts(void)
{
	struct eft_cpu *cpu = eft_cpu();

	cli();
	cpu->irq_off++;
	handle_pending();
	cpu->irq_off--;
	sti();
}

void eft_kvm_wait(uint64_t deadline_ns)
{
	uint32_t came;

	eft_kvm_apic_init();
	cli();
	came = handle_pending();
	while (!came && eft_kvm_monotonic_ns() < deadline_ns) {
		eft_kvm_timer_arm(deadline_ns);
		sti_hlt();
		cli();
		/* The timer may be early; the loop then waits for the rest. */
		came = handle_pending() & ~(1u << EFT_KVM_IRQ_TIMER);
	}
	sti();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Interrupts: from the stub or from the pending bits to a handler.
 *
 * There are two masks. Core's is a count in memory (core/arch/x86_64/cpu.h);
 * the processor's, IF, obeys three rules:
 *
 *  - It is off from boot until wait(), set_timer(), a device or the start of
 *    another CPU first turn it on. A program that needs none of them
 *    never takes an interrupt, and pays for none. Other CPUs start with it on.
 *  - It is off while a pending bit is set: the stub that sets one clears IF
 *    in the interrupted code, and whoever takes the bits sets it again. So a
 *    bit is never set twice, there is no more than one, and an interrupt is
 *    lost to none.
 *  - It is off in handlers and in traps.
 *
 * An interrupt is acknowledged after its handler. A line that is triggered by
 * its level would come again at once, if it were still high by then.
 *
 * LOCKS  Handlers are set before their interrupt can come, from one thread.
 */
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/switch.h"
#include "core/dev/cpus.h"
#include "core/trace.h"
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

#define RFLAGS_IF 0x200

static void (*handlers[EFT_KVM_IRQ_COUNT])(void);

void eft_kvm_set_irq_handler(unsigned irq, void (*handler)(void))
{
	handlers[irq] = handler;
}

static void handle(unsigned irq)
{
	eft_trace(EFT_TRACE_INTERRUPT, 1u << irq, 0);
	if (handlers[irq])
		handlers[irq]();
	eft_kvm_apic_end_of_interrupt();
	if (eft_cpu_send_kicks != NULL)
		eft_cpu_send_kicks();
	eft_trace(EFT_TRACE_INTERRUPT_END, 0, 0);
}

/* By trap.S, with interrupts off in both ways. */
void eft_kvm_interrupt(struct eft_regs *regs)
{
	handle(regs->vector - EFT_KVM_IRQ);
	if (eft_signal_wanted != NULL && eft_signal_wanted(regs->rip)) {
		struct eft_trap none = {.stack_top = regs->rsp - EFT_RED_ZONE};

		eft_plat_guest_divert(regs, &none);
	} else if (eft_yield_wanted()) {
		eft_divert(&regs->rsp, &regs->rip, regs->rflags, eft_yield);
	}
}

bool eft_kvm_interrupts_on;

/* CPUID leaf 1, ECX bit 27: XSAVE is on; leaf 0xd, EBX: for what is in XCR0. */
uint64_t eft_kvm_find_xsave_bytes(void)
{
	static bool known;

	if (!known && cpuid(1, 0).ecx >> 27 & 1)
		eft_xsave_bytes = cpuid(0xd, 0).ebx;
	known = true;
	return eft_xsave_bytes;
}

/* Once: CPUID leaves the guest for its host. */
static void prepare_ticks(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	eft_kvm_apic_init();
	eft_kvm_find_xsave_bytes();
	eft_kvm_set_irq_handler(EFT_KVM_IRQ_TIMER, eft_tick);
}

/* Not in a handler: it was called only if they were on. */
static void turn_on(void)
{
	if (!eft_kvm_interrupts_on) {
		eft_kvm_interrupts_on = true;
		sti();
	}
}

void eft_kvm_interrupts_listen(void)
{
	eft_kvm_apic_init();
	turn_on();
}

void eft_kvm_interrupts_start(void)
{
	prepare_ticks();
	turn_on();
}

void eft_kvm_set_timer(uint64_t deadline_ns)
{
	prepare_ticks();
	eft_kvm_timer_arm(deadline_ns);
	turn_on();
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

/* With interrupts on, the caller may have come to another CPU by now. */
void eft_kvm_deliver_interrupts(void)
{
	struct eft_cpu *cpu;

	cli();
	cpu = eft_cpu();
	cpu->irq_off++;
	handle_pending();
	cpu->irq_off--;
	sti();
}

/* Other CPUs need not wait for this one while it sleeps: see tlb.c. */
static void halt(void)
{
	struct eft_kvm_cpu *cpu = eft_cpu()->platform;

	__atomic_store_n(&cpu->asleep, true, __ATOMIC_SEQ_CST);
	eft_kvm_sleep();
	__atomic_store_n(&cpu->asleep, false, __ATOMIC_SEQ_CST);
	if (eft_kvm_flush_awake)
		eft_kvm_flush_awake();
}

void eft_kvm_wait(uint64_t deadline_ns)
{
	uint32_t came;

	eft_kvm_apic_init();
	eft_kvm_interrupts_on = true;
	cli();
	came = handle_pending();
	while (!came && eft_kvm_monotonic_ns() < deadline_ns) {
		eft_kvm_timer_arm(deadline_ns);
		halt();
		/* The timer may be early; the loop then waits for the rest. */
		came = handle_pending() & ~(1u << EFT_KVM_IRQ_TIMER);
	}
	sti();
}

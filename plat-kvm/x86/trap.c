// SPDX-License-Identifier: BSD-3-Clause
/*
 * Exceptions: the interrupt descriptor table, and the way to core.
 *
 * Programs use the red zone, 128 bytes below the stack pointer, so every
 * vector runs on an interrupt stack. Those do not nest: a trap within a trap
 * starts at the top again, over the first one's frame. That is only ever a
 * bug, so eft_kvm_trap() then says a few words and ends, as the first trap
 * would have.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

#define GATE_INTERRUPT 0x8e00 /* present, 64-bit interrupt gate */

enum { NMI = 2, DOUBLE_FAULT = 8, PAGE_FAULT = 14, MACHINE_CHECK = 18 };

/* Page fault error code (SDM vol. 3 §4.7). */
enum { PF_WRITE = 2, PF_FETCH = 16 };

struct gate {	       /* SDM vol. 3 §6.14.1 */
	uint32_t low;  /* selector, offset 15:0 */
	uint32_t high; /* offset 31:16, type, interrupt stack */
	uint64_t top;  /* offset 63:32 */
};

extern const char eft_kvm_trap_stubs[], eft_kvm_irq_stubs[];
extern const char eft_kvm_spurious_stub[];

/* As Linux does it: arch/x86/kernel/traps.c. The rest is SIGSEGV. */
static int signal_of(unsigned vector)
{
	static const uint8_t signal[] = {
		[0] = SIGFPE,  [1] = SIGTRAP, [3] = SIGTRAP,
		[6] = SIGILL,  [11] = SIGBUS, [12] = SIGBUS,
		[16] = SIGFPE, [17] = SIGBUS, [19] = SIGFPE,
	};

	if (vector < sizeof(signal) && signal[vector] != 0)
		return signal[vector];
	return SIGSEGV;
}

static void say(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	eft_kvm_console_write(text, len);
}

static void say_hex(uint64_t value)
{
	char text[16];

	for (int i = 0; i < 16; i++)
		text[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
	eft_kvm_console_write(text, sizeof(text));
}

/* Core cannot report this one. */
static eft_noreturn void die(const struct eft_regs *regs, const char *when,
			     int signal)
{
	say("\neft: trap ");
	say_hex(regs->vector);
	say(" at ");
	say_hex(regs->rip);
	say(" address ");
	say_hex(read_cr2());
	say(when);
	eft_kvm_crash(signal);
}

void eft_kvm_trap(struct eft_regs *regs)
{
	struct eft_kvm_cpu *cpu = eft_kvm_cpu_of(regs);
	struct eft_trap trap = {.regs = regs,
				.signal = signal_of(regs->vector)};

	if (eft_kvm_stop_if_asked)
		eft_kvm_stop_if_asked(cpu);
	if (cpu->trap_signal)
		die(regs, ", while handling a trap\n", cpu->trap_signal);
	if (!eft_plat)
		die(regs, ", while booting\n", trap.signal);
	cpu->trap_signal = trap.signal;
	switch (regs->vector) {
	case NMI:
	case DOUBLE_FAULT:
	case MACHINE_CHECK:
		eft_panic("exception %u at 0x%lx", (unsigned)regs->vector,
			  (unsigned long)regs->rip);
	case PAGE_FAULT:
		trap.addr = read_cr2();
		trap.access = regs->error & PF_FETCH   ? EFT_PROT_EXEC
			      : regs->error & PF_WRITE ? EFT_PROT_WRITE
						       : EFT_PROT_READ;
	}
	eft_trap(&trap);
	if (trap.stack_top != 0)
		eft_plat_guest_divert(regs, &trap);
	cpu->trap_signal = 0;
}

static void set_gate(struct gate *gate, const void *stub, unsigned ist)
{
	uint32_t addr = (uintptr_t)stub; /* the image is below 4 GiB */

	gate->low = (addr & 0xffff) | EFT_KVM_CODE << 16;
	gate->high = (addr & 0xffff0000) | GATE_INTERRUPT | ist;
}

static void set_ist(struct gate *gate, unsigned ist)
{
	gate->high = (gate->high & ~7u) | ist;
}

static struct gate idt[EFT_KVM_VECTORS];

static void build(void)
{
	for (unsigned i = 0; i < EFT_KVM_IRQ; i++)
		set_gate(&idt[i],
			 eft_kvm_trap_stubs + i * EFT_KVM_TRAP_STUB_BYTES,
			 EFT_KVM_IST_TRAP);
	for (unsigned i = 0; i < EFT_KVM_IRQ_COUNT; i++)
		set_gate(&idt[EFT_KVM_IRQ + i],
			 eft_kvm_irq_stubs + i * EFT_KVM_IRQ_STUB_BYTES,
			 EFT_KVM_IST_IRQ);
	set_gate(&idt[EFT_KVM_SPURIOUS], eft_kvm_spurious_stub,
		 EFT_KVM_IST_IRQ);
	set_ist(&idt[NMI], EFT_KVM_IST_NMI);
	set_ist(&idt[DOUBLE_FAULT], EFT_KVM_IST_DF);
	set_ist(&idt[MACHINE_CHECK], EFT_KVM_IST_MC);
}

void eft_kvm_set_gate(unsigned vector, void (*stub)(void))
{
	set_gate(&idt[vector], stub, EFT_KVM_IST_IRQ);
}

void eft_kvm_load_idt(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr = {sizeof(idt) - 1, (uintptr_t)idt};

	if (idt[0].low == 0)
		build();
	__asm__ volatile("lidt %0" ::"m"(idtr));
}

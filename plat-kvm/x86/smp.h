// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * More CPUs than the first: between the files that only a program with
 * threads has. The others reach them by the weak references of kvm.h.
 */

/* Where a CPU starts, in real mode: a page below 1 MiB, lent for a while. */
#define EFT_KVM_STARTUP 0x8000

#ifndef __ASSEMBLER__
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/kvm.h"

#define EFT_KVM_CPUS_MAX 64

/* The local APICs' ids, that of the CPU which asked first. */
struct eft_kvm_processors {
	unsigned count;
	uint32_t apic_id[EFT_KVM_CPUS_MAX];
};

const struct eft_kvm_processors *eft_kvm_find_processors(void);

/* The CPUs that take part, by number; (count) is set when one does. */
struct eft_kvm_cpus {
	unsigned count;
	struct eft_kvm_cpu *at[EFT_KVM_CPUS_MAX];
};

extern struct eft_kvm_cpus eft_kvm_cpus;

static inline struct eft_kvm_cpu *eft_kvm_this_cpu(void)
{
	return eft_cpu()->platform;
}

/*
 * Interrupts from CPU to CPU (ipi.c). Context: interrupts off, in software at
 * least.
 */
void eft_kvm_send_interrupt(uint32_t apic_id, unsigned vector);
void eft_kvm_send_init(uint32_t apic_id);
/* Start at (address), a page below 1 MiB. */
void eft_kvm_send_startup(uint32_t apic_id, uint32_t address);
void eft_kvm_send_nmi_to_others(void);

/* Vector EFT_KVM_FLUSH (smp_start.S), and what it calls. */
void eft_kvm_flush_stub(void);
void eft_kvm_flush_interrupt(void);
/* What a CPU does that waits for another in a loop: struct eft_cpus. */
void eft_kvm_flush_spinning(unsigned turn);

/* Where a started CPU comes out of smp_start.S, on its stack. */
eft_noreturn void eft_kvm_cpu_main(struct eft_kvm_cpu *cpu);
#endif

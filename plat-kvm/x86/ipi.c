// SPDX-License-Identifier: BSD-3-Clause
/*
 * Interrupts from CPU to CPU: the local APIC's command register (SDM vol. 3
 * §10.6.1; x2APIC: §10.12.9).
 */
#include "plat-kvm/x86/apic.h"
#include "plat-kvm/x86/smp.h"

enum {
	NMI = 4 << 8,
	INIT = 5 << 8,
	STARTUP = 6 << 8,
	PENDING = 1 << 12,
	ASSERT = 1 << 14,
	TO_OTHERS = 3 << 18,
};

/* An old APIC takes one command after the other. */
static void command(uint32_t apic_id, uint32_t what)
{
	if (eft_kvm_local_apic) {
		while (apic_read(APIC_COMMAND) & PENDING)
			eft_cpu_relax();
		apic_write(APIC_DESTINATION, apic_id << 24);
		apic_write(APIC_COMMAND, what);
	} else {
		/* What was stored is to be seen first (§10.12.3). */
		__asm__ volatile("mfence; lfence" ::: "memory");
		wrmsr(MSR_X2APIC + APIC_COMMAND / 16,
		      (uint64_t)apic_id << 32 | what);
	}
}

void eft_kvm_send_interrupt(uint32_t apic_id, unsigned vector)
{
	command(apic_id, ASSERT | vector);
}

void eft_kvm_send_init(uint32_t apic_id)
{
	command(apic_id, ASSERT | INIT);
}

void eft_kvm_send_startup(uint32_t apic_id, uint32_t address)
{
	command(apic_id, ASSERT | STARTUP | address >> 12);
}

void eft_kvm_send_nmi_to_others(void)
{
	command(0, ASSERT | TO_OTHERS | NMI);
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The local APIC's registers (SDM vol. 3 chapter 10): this CPU's own, at the
 * same place on every CPU.
 */
#include "plat-kvm/x86/asm.h"

#define MSR_APIC_BASE	 0x1b
#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)
#define APIC_BASE_ADDR	 0xffffff000ul
#define MSR_X2APIC	 0x800 /* and the register's offset / 16 */
#define MSR_TSC_DEADLINE 0x6e0

enum { /* SDM vol. 3 §10.4.1, table 10-1 */
       APIC_ID = 0x20,
       APIC_TPR = 0x80,
       APIC_EOI = 0xb0,
       APIC_SVR = 0xf0,
       APIC_COMMAND = 0x300,
       APIC_DESTINATION = 0x310,
       APIC_LVT_TIMER = 0x320,
       APIC_LVT_LINT0 = 0x350,
       APIC_TIMER_INITIAL = 0x380,
       APIC_TIMER_CURRENT = 0x390,
       APIC_TIMER_DIVIDE = 0x3e0,
};

#define SVR_ENABLE	 (1u << 8)
#define LVT_MASKED	 (1u << 16)
#define LVT_TSC_DEADLINE (2u << 17)
#define DIVIDE_BY_16	 3
#define DIVISOR		 16

/* NULL in x2APIC mode. */
extern volatile uint32_t *eft_kvm_local_apic;

static inline uint32_t apic_read(unsigned reg)
{
	return eft_kvm_local_apic ? eft_kvm_local_apic[reg / 4]
				  : rdmsr(MSR_X2APIC + reg / 16);
}

static inline void apic_write(unsigned reg, uint32_t value)
{
	if (eft_kvm_local_apic)
		eft_kvm_local_apic[reg / 4] = value;
	else
		wrmsr(MSR_X2APIC + reg / 16, value);
}

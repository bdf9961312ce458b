// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "plat-kvm/pc/acpi_sleep.h"
#include "plat-kvm/x86/asm.h"

#define PM1_SCI_ENABLE 1 /* ACPI 6.4 §4.8.3.2.1 */

/* Firmware may own the registers of (sleep) still (ACPI 6.4 §4.8.1). */
static inline void eft_kvm_acpi_enable(const struct eft_kvm_sleep *sleep)
{
	if (sleep->smi_command == 0 || inw(sleep->pm1a) & PM1_SCI_ENABLE)
		return;
	outb(sleep->smi_command, sleep->acpi_enable);
	for (int i = 0; i < 10000; i++)
		if (inw(sleep->pm1a) & PM1_SCI_ENABLE)
			return;
}

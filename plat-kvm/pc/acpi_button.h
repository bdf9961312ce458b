// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Where a machine's power button is, by its ACPI tables: pure functions over
 * bytes, of which nothing is believed.
 */
#include "plat-kvm/pc/acpi_madt.h"
#include "plat-kvm/pc/acpi_sleep.h"

/*
 * The fixed button (ACPI 6.4 §4.8.2.2.1.1): ports of 16 bits, in which one bit is
 * the button's; those of the second block may be 0.
 */
struct eft_kvm_fixed_button {
	uint16_t status[2], enable[2];
	uint8_t irq; /* the SCI, an ISA interrupt */
};

enum { EFT_KVM_BUTTON_BIT = 1 << 8 }; /* §4.8.3.1.1, §4.8.3.1.2 */

/*
 * Returns   whether there is one
 * Source    ACPI 6.4 §4.8.3.1, §5.2.9
 */
bool eft_kvm_find_fixed_button(const struct eft_kvm_fadt *fadt,
			       struct eft_kvm_fixed_button *ret);

/*
 * The button of a generic event device (§5.6.9): a register, of 1, 2 or 4
 * bytes, that says which events there were, and forgets them when it is read.
 */
struct eft_kvm_event_button {
	uint64_t phys;
	unsigned bytes;
	uint32_t mask; /* the button's bit */
	struct eft_kvm_line line;
};

/*
 * As QEMU and Cloud Hypervisor write it: a device "ACPI0013", whose method reads
 * the register into Local0, and for a bit of that notifies the device "PNP0C0C".
 * There is no interpreter: what is written otherwise is not found.
 *
 * Returns   whether there is one; else (ret) is unchanged
 * Source    ACPI 6.4 §5.6.9, §20.2; QEMU hw/acpi/generic_event_device.c
 */
bool eft_kvm_find_event_button(const void *dsdt, size_t len,
			       struct eft_kvm_event_button *ret);

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Where PCI's configuration space is memory, by ACPI's MCFG: a pure function
 * over the whole table, whose length was checked.
 */
#include "core/base.h"

#define EFT_KVM_ECAM_BUS_BYTES 0x100000 /* of one bus */

/*
 * The physical address of segment 0's (bus).
 *
 * Returns   whether the table has it
 * Source    PCI Firmware Specification 3.3 §4.1.2; PCI Express 5.0 §7.2.2
 */
bool eft_kvm_mcfg_bus(const void *mcfg, size_t len, unsigned bus,
		      uint64_t *ret_phys);

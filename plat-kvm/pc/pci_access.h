// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * How this machine's configuration space is reached: by memory where the MCFG
 * has the bus, else by ports.
 */
#include "plat-kvm/pc/pci.h"

/* NULL: the machine has no PCI. Context: one caller at a time. */
const struct eft_kvm_pci *eft_kvm_pci_access(void);

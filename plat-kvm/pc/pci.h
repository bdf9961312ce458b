// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * PCI functions: what there is on the buses, by what configuration space says.
 * No hardware here, and nothing is believed: any answer to any read ends in an
 * error or in a range that is one.
 *
 * Firmware has numbered the buses and placed the functions' registers.
 *
 * Source  PCI Local Bus 3.0 §6; PCI Express 5.0 §7.5
 */
#include "core/base.h"

/* How configuration space is reached (pc/pci_access.c). */
struct eft_kvm_pci {
	/* 32 bits at (offset), a multiple of 4; all ones where nobody is. */
	uint32_t (*read)(void *arg, unsigned address, unsigned offset);
	void (*write)(void *arg, unsigned address, unsigned offset,
		      uint32_t value);
	void *arg;
};

/* A function's address: bus 15:8, device 7:3, function 2:0. */
#define EFT_KVM_PCI_ADDRESS(bus, device, function) \
	((bus) << 8 | (device) << 3 | (function))

struct eft_kvm_pci_function {
	uint16_t address, vendor, device;
	uint8_t class, subclass, interface;
	uint8_t line, pin; /* of its INTx: firmware's number; 0: none */
	bool has_capabilities;
};

/*
 * Call (found) for each function, until it returns false. Bridges are followed,
 * each bus once, whatever numbers they claim.
 */
typedef bool eft_kvm_pci_found_fn(void *arg,
				  const struct eft_kvm_pci_function *function);
void eft_kvm_pci_walk(const struct eft_kvm_pci *pci,
		      eft_kvm_pci_found_fn *found, void *arg);

enum {
	EFT_KVM_PCI_VENDOR = 0x09, /* capabilities */
	EFT_KVM_PCI_MSIX = 0x11,
};

/*
 * The next capability of (id) after the one at (after), 0 for the first.
 *
 * Returns   its offset, a multiple of 4 from 0x40 to 0xfc; 0: there is none
 */
unsigned eft_kvm_pci_capability(const struct eft_kvm_pci *pci,
				const struct eft_kvm_pci_function *function,
				unsigned id, unsigned after);

/* (bytes) of 1, 2 or 4 at any (offset) that is a multiple of it. */
uint32_t eft_kvm_pci_read(const struct eft_kvm_pci *pci, unsigned address,
			  unsigned offset, unsigned bytes);

struct eft_kvm_pci_bar {
	uint64_t phys, len; /* len is a power of two; a port if is_port */
	bool is_port, is_wide;
};

/*
 * Base address register (n), 0 to 5. The function does not decode while it is
 * asked for its size, so nobody uses it.
 *
 * Returns   0; -ENODEV there is none, or it was given no place; -EINVAL what it
 *           says is no range
 */
int eft_kvm_pci_bar(const struct eft_kvm_pci *pci,
		    const struct eft_kvm_pci_function *function, unsigned n,
		    struct eft_kvm_pci_bar *ret);

/*
 * Let the function decode memory and ports, and read and write our memory;
 * with (intx) it may raise its INTx line.
 */
void eft_kvm_pci_enable(const struct eft_kvm_pci *pci, unsigned address,
			bool intx);

/* MSI-X (PCI Local Bus 3.0 §6.8.2): where its table is. */
struct eft_kvm_pci_msix {
	unsigned capability; /* its offset */
	unsigned count;	     /* of entries, 1 to 2048 */
	unsigned bar;
	uint32_t offset; /* of the table, in that */
};

#define EFT_KVM_PCI_MSIX_ENTRY_BYTES 16

/* Returns   whether it has MSI-X whose table lies within its register's range
 */
bool eft_kvm_pci_find_msix(const struct eft_kvm_pci *pci,
			   const struct eft_kvm_pci_function *function,
			   struct eft_kvm_pci_msix *ret);

/* Use MSI-X from now on, or no more. Entries are masked until written. */
void eft_kvm_pci_enable_msix(const struct eft_kvm_pci *pci, unsigned address,
			     const struct eft_kvm_pci_msix *msix, bool on);

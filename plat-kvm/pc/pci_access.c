// SPDX-License-Identifier: BSD-3-Clause
/*
 * Configuration space by memory (PCI Express 5.0 §7.2.2), or by two ports (PCI
 * Local Bus 3.0 §3.2.2.3.2).
 *
 * LOCKS  The ports are two steps, and the MCFG's window is one: both are for
 *        who looks for devices (core/dev/device.h).
 */
#include "plat-kvm/pc/pci_access.h"
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/pc/acpi.h"
#include "plat-kvm/pc/acpi_mcfg.h"
#include "plat-kvm/x86/asm.h"

#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define ADDRESS_ON   0x80000000u

enum { BUSES = 256 };

static struct {
	volatile uint8_t *memory;
	bool is_known;
} buses[BUSES];
static bool has_ports;

static void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}

static uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* On one CPU: a window that was moved is known to nobody else. */
static bool find_bus(unsigned bus, uint64_t *ret_phys)
{
	const struct eft_kvm_acpi_header *mcfg;
	bool found;

	eft_irq_off();
	mcfg = eft_kvm_acpi_find(EFT_KVM_WINDOW_MCFG,
				 ACPI_SIGNATURE('M', 'C', 'F', 'G'));
	found = mcfg && eft_kvm_mcfg_bus(mcfg, mcfg->len, bus, ret_phys);
	eft_irq_on();
	return found;
}

static volatile uint32_t *in_memory(unsigned address, unsigned offset)
{
	unsigned bus = address >> 8;
	uint64_t phys;

	if (!buses[bus].is_known && find_bus(bus, &phys))
		buses[bus].memory =
			eft_kvm_map_device(phys, EFT_KVM_ECAM_BUS_BYTES);
	buses[bus].is_known = true;
	if (!buses[bus].memory)
		return NULL;
	return (volatile uint32_t *)(buses[bus].memory +
				     ((address & 0xff) << 12) + offset);
}

static uint32_t config_read(void *arg, unsigned address, unsigned offset)
{
	volatile uint32_t *at = in_memory(address, offset);

	if (at)
		return *at;
	if (!has_ports)
		return UINT32_MAX;
	outl(PORT_ADDRESS, ADDRESS_ON | address << 8 | offset);
	return inl(PORT_DATA);
}

static void config_write(void *arg, unsigned address, unsigned offset,
			 uint32_t value)
{
	volatile uint32_t *at = in_memory(address, offset);

	if (at) {
		*at = value;
	} else if (has_ports) {
		outl(PORT_ADDRESS, ADDRESS_ON | address << 8 | offset);
		outl(PORT_DATA, value);
	}
}

const struct eft_kvm_pci *eft_kvm_pci_access(void)
{
	static const struct eft_kvm_pci pci = {config_read, config_write, NULL};
	uint64_t phys;

	outl(PORT_ADDRESS, ADDRESS_ON);
	has_ports = inl(PORT_ADDRESS) == ADDRESS_ON;
	return has_ports || find_bus(0, &phys) ? &pci : NULL;
}

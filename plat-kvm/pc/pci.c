// SPDX-License-Identifier: BSD-3-Clause
/*
 * The walk goes through the buses by number, lowest first: a bridge adds the
 * bus behind it to those to be walked, and no bus is walked twice.
 */
#include "plat-kvm/pc/pci.h"
#include "core/abi.h"

enum { /* registers, PCI Local Bus 3.0 figures 6-1 and 6-2 */
       ID = 0x00,
       COMMAND = 0x04, /* and status, above it */
       CLASS = 0x08,
       HEADER = 0x0c,
       BAR = 0x10,
       BUSES = 0x18, /* of a bridge: primary, secondary, subordinate */
       CAPABILITIES = 0x34,
       INTERRUPT = 0x3c,
};

enum { /* the command register, §6.2.2 */
       COMMAND_PORTS = 1 << 0,
       COMMAND_MEMORY = 1 << 1,
       COMMAND_MASTER = 1 << 2,
       COMMAND_NO_INTX = 1 << 10,
};
#define STATUS_CAPABILITIES (1u << 20)

enum { HEADER_FUNCTION = 0, HEADER_BRIDGE = 1, HEADER_SEVERAL = 0x80 };
enum { BAR_PORT = 1, BAR_TYPE = 6, BAR_WIDE = 4 };

#define NOBODY 0xffff /* no vendor's number */

enum { BUSES_MAX = 256, DEVICES = 32, FUNCTIONS = 8, BARS = 6 };
enum { CAPABILITIES_START = 0x40, CAPABILITIES_MAX = 48 };

struct walk {
	const struct eft_kvm_pci *pci;
	eft_kvm_pci_found_fn *found;
	void *arg;
	uint64_t wanted[BUSES_MAX / 64], walked[BUSES_MAX / 64];
};

static uint32_t read(const struct eft_kvm_pci *pci, unsigned address,
		     unsigned offset)
{
	return pci->read(pci->arg, address, offset);
}

static void write(const struct eft_kvm_pci *pci, unsigned address,
		  unsigned offset, uint32_t value)
{
	pci->write(pci->arg, address, offset, value);
}

uint32_t eft_kvm_pci_read(const struct eft_kvm_pci *pci, unsigned address,
			  unsigned offset, unsigned bytes)
{
	uint32_t value = read(pci, address, offset & ~3u) >> (offset & 3) * 8;

	return bytes == 4 ? value : value & ((1u << bytes * 8) - 1);
}

/* Returns   false: no more is to be found */
static bool look(struct walk *w, unsigned address, unsigned *ret_header)
{
	uint32_t id = read(w->pci, address, ID), class, interrupt;
	struct eft_kvm_pci_function f = {.address = address};
	unsigned bus;

	*ret_header = 0;
	if ((id & 0xffff) == NOBODY || (id & 0xffff) == 0)
		return true;
	*ret_header = read(w->pci, address, HEADER) >> 16 & 0xff;
	class = read(w->pci, address, CLASS);
	if ((*ret_header & ~HEADER_SEVERAL) == HEADER_BRIDGE) {
		bus = read(w->pci, address, BUSES) >> 8 & 0xff;
		w->wanted[bus / 64] |= 1ull << bus % 64;
		return true;
	}
	if ((*ret_header & ~HEADER_SEVERAL) != HEADER_FUNCTION)
		return true;
	interrupt = read(w->pci, address, INTERRUPT);
	f.vendor = id;
	f.device = id >> 16;
	f.class = class >> 24;
	f.subclass = class >> 16;
	f.interface = class >> 8;
	f.line = interrupt;
	f.pin = interrupt >> 8;
	f.has_capabilities =
		read(w->pci, address, COMMAND) & STATUS_CAPABILITIES;
	return w->found(w->arg, &f);
}

/* Functions 1 to 7 are looked for where function 0 says so. */
static bool walk_bus(struct walk *w, unsigned bus)
{
	unsigned header, ignored;

	for (unsigned device = 0; device < DEVICES; device++) {
		unsigned address = EFT_KVM_PCI_ADDRESS(bus, device, 0);

		if (!look(w, address, &header))
			return false;
		if (!(header & HEADER_SEVERAL))
			continue;
		for (unsigned i = 1; i < FUNCTIONS; i++)
			if (!look(w, address + i, &ignored))
				return false;
	}
	return true;
}

static bool next_bus(const struct walk *w, unsigned *ret)
{
	for (unsigned i = 0; i < eft_array_size(w->wanted); i++) {
		uint64_t todo = w->wanted[i] & ~w->walked[i];

		if (todo == 0)
			continue;
		*ret = i * 64 + __builtin_ctzll(todo);
		return true;
	}
	return false;
}

void eft_kvm_pci_walk(const struct eft_kvm_pci *pci,
		      eft_kvm_pci_found_fn *found, void *arg)
{
	struct walk w = {pci, found, arg, .wanted = {1}};
	unsigned bus;

	while (next_bus(&w, &bus)) {
		w.walked[bus / 64] |= 1ull << bus % 64;
		if (!walk_bus(&w, bus))
			return;
	}
}

/* The low two bits are reserved; a list with a loop ends by its length. */
unsigned eft_kvm_pci_capability(const struct eft_kvm_pci *pci,
				const struct eft_kvm_pci_function *function,
				unsigned id, unsigned after)
{
	unsigned address = function->address, at;
	bool passed = after == 0;

	if (!function->has_capabilities)
		return 0;
	at = read(pci, address, CAPABILITIES) & 0xfc;
	for (int i = 0; i < CAPABILITIES_MAX && at >= CAPABILITIES_START; i++) {
		uint32_t head = read(pci, address, at);

		if (passed && (head & 0xff) == id)
			return at;
		passed |= at == after;
		at = head >> 8 & 0xfc;
	}
	return 0;
}

/* What is left of all ones: 1 where an address may have a 1 (§6.2.5.1). */
static uint32_t ask_size(const struct eft_kvm_pci *pci, unsigned address,
			 unsigned offset)
{
	uint32_t old = read(pci, address, offset), size;

	write(pci, address, offset, UINT32_MAX);
	size = read(pci, address, offset);
	write(pci, address, offset, old);
	return size;
}

static uint64_t ask_sizes(const struct eft_kvm_pci *pci, unsigned address,
			  unsigned offset, bool is_wide)
{
	/* The status bits above are cleared by ones: zeroes are written. */
	uint32_t command = read(pci, address, COMMAND) & 0xffff;
	uint64_t mask;

	write(pci, address, COMMAND,
	      command & ~(COMMAND_PORTS | COMMAND_MEMORY));
	mask = ask_size(pci, address, offset);
	if (is_wide)
		mask |= (uint64_t)ask_size(pci, address, offset + 4) << 32;
	else
		mask |= 0xffffffff00000000;
	write(pci, address, COMMAND, command);
	return mask;
}

int eft_kvm_pci_bar(const struct eft_kvm_pci *pci,
		    const struct eft_kvm_pci_function *function, unsigned n,
		    struct eft_kvm_pci_bar *ret)
{
	unsigned address = function->address, offset = BAR + 4 * n;
	struct eft_kvm_pci_bar bar = {.len = 0};
	uint64_t flags, mask;
	uint32_t low;

	if (n >= BARS)
		return -EINVAL;
	low = read(pci, address, offset);
	bar.is_port = low & BAR_PORT;
	bar.is_wide = !bar.is_port && (low & BAR_TYPE) == BAR_WIDE;
	if (bar.is_wide && n == BARS - 1)
		return -EINVAL;
	flags = bar.is_port ? 3 : 0xf;
	bar.phys = low & ~(uint32_t)flags;
	if (bar.is_wide)
		bar.phys |= (uint64_t)read(pci, address, offset + 4) << 32;
	if (bar.phys == 0)
		return -ENODEV;
	mask = ask_sizes(pci, address, offset, bar.is_wide) & ~flags;
	if (bar.is_port) /* the upper 16 bits may be 0 (§6.2.5.1) */
		mask |= 0xffffffffffff0000;
	bar.len = -mask;
	if (bar.len == 0)
		return -ENODEV;
	if (bar.len & (bar.len - 1) || bar.phys & (bar.len - 1) ||
	    (bar.is_port && bar.phys + bar.len > 0x10000))
		return -EINVAL;
	*ret = bar;
	return 0;
}

void eft_kvm_pci_enable(const struct eft_kvm_pci *pci, unsigned address,
			bool intx)
{
	uint32_t command = read(pci, address, COMMAND) & 0xffff;

	command |= COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER;
	if (intx)
		command &= ~COMMAND_NO_INTX;
	else
		command |= COMMAND_NO_INTX;
	write(pci, address, COMMAND, command);
}

#define MSIX_ENABLE (1u << 31)
#define MSIX_MASKED (1u << 30) /* all entries */

bool eft_kvm_pci_find_msix(const struct eft_kvm_pci *pci,
			   const struct eft_kvm_pci_function *function,
			   struct eft_kvm_pci_msix *ret)
{
	unsigned address = function->address;
	struct eft_kvm_pci_msix m;
	struct eft_kvm_pci_bar bar;
	uint32_t table;

	m.capability =
		eft_kvm_pci_capability(pci, function, EFT_KVM_PCI_MSIX, 0);
	if (m.capability == 0 || m.capability > 0xf4)
		return false;
	m.count = (read(pci, address, m.capability) >> 16 & 0x7ff) + 1;
	table = read(pci, address, m.capability + 4);
	m.bar = table & 7;
	m.offset = table & ~7u;
	if (eft_kvm_pci_bar(pci, function, m.bar, &bar) < 0 || bar.is_port ||
	    m.offset > bar.len ||
	    bar.len - m.offset < m.count * EFT_KVM_PCI_MSIX_ENTRY_BYTES)
		return false;
	*ret = m;
	return true;
}

void eft_kvm_pci_enable_msix(const struct eft_kvm_pci *pci, unsigned address,
			     const struct eft_kvm_pci_msix *msix, bool on)
{
	uint32_t control = read(pci, address, msix->capability);

	control &= ~(MSIX_ENABLE | MSIX_MASKED);
	write(pci, address, msix->capability, control | (on ? MSIX_ENABLE : 0));
}

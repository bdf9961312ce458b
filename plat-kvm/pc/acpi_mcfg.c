// SPDX-License-Identifier: BSD-3-Clause
/*
 * MCFG: the header, 8 bytes, then an entry for each range of buses.
 */
#include "plat-kvm/pc/acpi_mcfg.h"

enum { ENTRIES = 36 + 8 };

struct entry {
	uint64_t base; /* of bus 0, be it in the range or not */
	uint16_t segment;
	uint8_t first, last;
	uint32_t reserved;
};

_Static_assert(sizeof(struct entry) == 16, "PCI Firmware §4.1.2");

bool eft_kvm_mcfg_bus(const void *mcfg, size_t len, unsigned bus,
		      uint64_t *ret_phys)
{
	struct entry e;

	for (size_t at = ENTRIES; at + sizeof(e) <= len; at += sizeof(e)) {
		memcpy(&e, (const char *)mcfg + at, sizeof(e));
		if (e.segment != 0 || bus < e.first || bus > e.last ||
		    e.base == 0 || e.base % EFT_KVM_ECAM_BUS_BYTES != 0)
			continue;
		*ret_phys = e.base + (uint64_t)bus * EFT_KVM_ECAM_BUS_BYTES;
		return true;
	}
	return false;
}

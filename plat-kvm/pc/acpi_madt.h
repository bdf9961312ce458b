// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Where interrupts go, by ACPI's MADT: pure functions over the whole table,
 * whose length was checked. What it does not say is as on every PC.
 */
#include "core/base.h"

/* An interrupt line: a global system interrupt (ACPI 6.4 §5.2.13). */
struct eft_kvm_line {
	uint32_t gsi;
	bool level, low; /* triggered by its level; active low */
};

/*
 * Change (line), of the ISA interrupt (irq) by default, to what an interrupt
 * source override says (§5.2.12.5). What "conforms to the bus" stays.
 */
void eft_kvm_madt_override(const void *madt, size_t len, unsigned irq,
			   struct eft_kvm_line *line);

struct eft_kvm_ioapic {
	uint64_t phys;
	uint32_t gsi; /* of its first pin */
};

/*
 * The I/O APIC that has (gsi), by the number of its first (§5.2.12.3).
 *
 * Returns   whether there is one; how many pins it has it knows itself
 */
bool eft_kvm_madt_ioapic(const void *madt, size_t len, uint32_t gsi,
			 struct eft_kvm_ioapic *ret);

/*
 * The next entry after (at), or the first for NULL: (at)[0] is its type,
 * (at)[1] its length, which lies within the table.
 *
 * Returns   NULL at the end, or where an entry has an impossible length
 */
const uint8_t *eft_kvm_madt_next(const void *madt, size_t len,
				 const uint8_t *at);

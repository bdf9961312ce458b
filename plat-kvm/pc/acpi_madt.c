// SPDX-License-Identifier: BSD-3-Clause
/*
 * MADT: the header, 8 bytes, then entries of a type and a length (ACPI 6.4
 * §5.2.12).
 */
#include "plat-kvm/pc/acpi_madt.h"

enum { ENTRIES = 36 + 8 };
enum { IO_APIC = 1, OVERRIDE = 2 };

struct io_apic { /* §5.2.12.3 */
	uint8_t type, len, id, reserved;
	uint32_t address, gsi;
};

struct override { /* §5.2.12.5 */
	uint8_t type, len, bus, irq;
	uint32_t gsi;
	uint16_t flags;
} __attribute__((packed));

_Static_assert(sizeof(struct io_apic) == 12, "§5.2.12.3");
_Static_assert(sizeof(struct override) == 10, "§5.2.12.5");

/* Two bits each, of which 0 is what the bus does (table 5.50). */
enum { POLARITY = 3, HIGH = 1, LOW = 3 };
enum { TRIGGER = 3 << 2, EDGE = 1 << 2, LEVEL = 3 << 2 };

const uint8_t *eft_kvm_madt_next(const void *madt, size_t len,
				 const uint8_t *at)
{
	const uint8_t *start = madt, *end = start + len;

	if (len < ENTRIES)
		return NULL;
	at = at ? at + at[1] : start + ENTRIES;
	if (end - at < 2 || at[1] < 2 || at[1] > end - at)
		return NULL;
	return at;
}

static void apply(const struct override *o, struct eft_kvm_line *line)
{
	unsigned polarity = o->flags & POLARITY, trigger = o->flags & TRIGGER;

	line->gsi = o->gsi;
	if (polarity == HIGH || polarity == LOW)
		line->low = polarity == LOW;
	if (trigger == EDGE || trigger == LEVEL)
		line->level = trigger == LEVEL;
}

void eft_kvm_madt_override(const void *madt, size_t len, unsigned irq,
			   struct eft_kvm_line *line)
{
	const uint8_t *at = NULL;
	struct override o;

	while ((at = eft_kvm_madt_next(madt, len, at))) {
		if (at[0] != OVERRIDE || at[1] < sizeof(o))
			continue;
		memcpy(&o, at, sizeof(o));
		if (o.bus == 0 && o.irq == irq) {
			apply(&o, line);
			return;
		}
	}
}

bool eft_kvm_madt_ioapic(const void *madt, size_t len, uint32_t gsi,
			 struct eft_kvm_ioapic *ret)
{
	const uint8_t *at = NULL;
	struct io_apic io;
	bool found = false;

	while ((at = eft_kvm_madt_next(madt, len, at))) {
		if (at[0] != IO_APIC || at[1] < sizeof(io))
			continue;
		memcpy(&io, at, sizeof(io));
		if (io.gsi > gsi || (found && io.gsi < ret->gsi))
			continue;
		*ret = (struct eft_kvm_ioapic){io.address, io.gsi};
		found = true;
	}
	return found;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine's processors: the local APIC's id of each.
 *
 * ACPI's MADT has them; where there is no ACPI, firmware (or Firecracker) may
 * have written a table of Intel's MultiProcessor Specification, version 1.4.
 * Neither is believed further than it was checked, and a machine that says
 * nothing has one processor.
 */
#include "plat-kvm/pc/acpi.h"
#include "plat-kvm/pc/acpi_madt.h"
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/smp.h"

#define LEAF_TOPOLOGY 0xb  /* SDM vol. 2, CPUID: EDX has the x2APIC's id */
#define XAPIC_ID_MAX  0xfe /* 255 is all of them */

static struct eft_kvm_processors processors;

static uint32_t own_id(void)
{
	if (eft_kvm_features.x2apic && cpuid(0, 0).eax >= LEAF_TOPOLOGY)
		return cpuid(LEAF_TOPOLOGY, 0).edx;
	return cpuid(1, 0).ebx >> 24;
}

static void add(uint32_t id)
{
	if (processors.count == eft_array_size(processors.apic_id) ||
	    (id > XAPIC_ID_MAX && !eft_kvm_features.x2apic))
		return;
	for (unsigned i = 0; i < processors.count; i++)
		if (processors.apic_id[i] == id)
			return;
	processors.apic_id[processors.count++] = id;
}

enum { MADT_LOCAL_APIC = 0, MADT_LOCAL_X2APIC = 9 };
#define MADT_ENABLED 1u

struct madt_local_apic { /* §5.2.12.2 */
	uint8_t type, len, processor, id;
	uint32_t flags;
};

struct madt_local_x2apic { /* §5.2.12.12 */
	uint8_t type, len, reserved[2];
	uint32_t id, flags;
};

static void take_madt_entry(const uint8_t *at, size_t len)
{
	struct madt_local_apic local;
	struct madt_local_x2apic x2;

	if (at[0] == MADT_LOCAL_APIC && len >= sizeof(local)) {
		memcpy(&local, at, sizeof(local));
		if (local.flags & MADT_ENABLED && local.id <= XAPIC_ID_MAX)
			add(local.id);
	} else if (at[0] == MADT_LOCAL_X2APIC && len >= sizeof(x2)) {
		memcpy(&x2, at, sizeof(x2));
		if (x2.flags & MADT_ENABLED)
			add(x2.id);
	}
}

static bool read_madt(void)
{
	const struct eft_kvm_acpi_header *madt = eft_kvm_acpi_find(
		EFT_KVM_WINDOW_MADT, ACPI_SIGNATURE('A', 'P', 'I', 'C'));
	const uint8_t *at = NULL;

	if (!madt)
		return false;
	while ((at = eft_kvm_madt_next(madt, madt->len, at)))
		take_madt_entry(at, at[1]);
	return true;
}

struct mp_pointer { /* MultiProcessor Specification §4.1 */
	char signature[4];
	uint32_t table;
	uint8_t len, revision, sum, feature[5];
};

struct mp_table { /* §4.2 */
	char signature[4];
	uint16_t len;
	uint8_t revision, sum, name[20];
	uint32_t oem_table;
	uint16_t oem_len, entries;
	uint32_t local_apic;
	uint8_t skipped[4];
};

struct mp_processor { /* §4.3.1; all other entries have 8 bytes */
	uint8_t type, id, version, flags, skipped[16];
};

_Static_assert(sizeof(struct mp_table) == 44, "MP §4.2");
_Static_assert(sizeof(struct mp_processor) == 20, "MP §4.3.1");

enum { MP_PROCESSOR = 0, MP_OTHER_BYTES = 8, MP_ENABLED = 1 };

/* Within the first MiB, which the direct map has. */
static const struct mp_pointer *find_mp_pointer(uint32_t start, uint32_t len)
{
	const char *at = (const char *)EFT_KVM_DIRECT + start;

	for (; len >= sizeof(struct mp_pointer); at += 16, len -= 16)
		if (memcmp(at, "_MP_", 4) == 0 &&
		    eft_kvm_sums_to_zero(at, sizeof(struct mp_pointer)))
			return (const struct mp_pointer *)at;
	return NULL;
}

/* §4: the extended BIOS data area, the end of low memory, the ROM. */
static const struct mp_table *find_mp_table(void)
{
	const uint16_t *bios = (const uint16_t *)(EFT_KVM_DIRECT + 0x400);
	const struct mp_pointer *mp =
		find_mp_pointer(bios[0x0e / 2] << 4, 1024);
	const struct mp_table *table;

	if (!mp)
		mp = find_mp_pointer(0x9fc00, 1024);
	if (!mp)
		mp = find_mp_pointer(0xf0000, 0x10000);
	if (!mp || mp->table == 0)
		return NULL;
	table = eft_kvm_window_table(EFT_KVM_WINDOW_MADT, mp->table);
	if (!table || memcmp(table->signature, "PCMP", 4) != 0 ||
	    !eft_kvm_sums_to_zero(table, table->len))
		return NULL;
	return table;
}

static void read_mp_table(void)
{
	const struct mp_table *table = find_mp_table();
	const struct mp_processor *at;
	const uint8_t *next, *end;

	if (!table)
		return;
	end = (const uint8_t *)table + table->len;
	for (next = (const uint8_t *)(table + 1);
	     end - next >= MP_OTHER_BYTES;) {
		at = (const struct mp_processor *)next;
		if (at->type != MP_PROCESSOR) {
			next += MP_OTHER_BYTES;
			continue;
		}
		if (at->flags & MP_ENABLED && at->id <= XAPIC_ID_MAX)
			add(at->id);
		next += sizeof(*at);
	}
}

const struct eft_kvm_processors *eft_kvm_find_processors(void)
{
	if (processors.count == 0) {
		add(own_id());
		if (!read_madt())
			read_mp_table();
	}
	return &processors;
}

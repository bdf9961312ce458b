// SPDX-License-Identifier: BSD-3-Clause
/*
 * Power-off by ACPI, and no more of it than that (ACPI 6.4).
 *
 * RSDP → XSDT or RSDT → FADT → where to write; its DSDT → what to write: the
 * package \_S5. There is no interpreter: the package's bytes are searched
 * for, as they are constant on every machine that we know.
 *
 * May run in a crash: takes no lock, allocates nothing.
 */
#include "plat-kvm/acpi.h"
#include "plat-kvm/asm.h"
#include "plat-kvm/kvm.h"

#define FADT_HW_REDUCED	 (1u << 20)
#define SLEEP_ENABLE	 (1u << 5) /* §4.8.3.7; the type is above bit 2 */
#define PM1_SCI_ENABLE	 1	   /* §4.8.3.2.1 */
#define PM1_TYPE_SHIFT	 10
#define PM1_TYPE_MASK	 (7u << PM1_TYPE_SHIFT)
#define PM1_SLEEP_ENABLE (1u << 13)

struct address { /* generic address structure, §5.2.3.2 */
	uint8_t space, bits, offset, access;
	uint64_t addr;
} __attribute__((packed));

enum { SPACE_MEMORY = 0, SPACE_IO = 1 };

struct fadt { /* §5.2.9 */
	struct eft_kvm_acpi_header header;
	uint32_t facs, dsdt;
	uint8_t skipped0[4];
	uint32_t smi_command;
	uint8_t acpi_enable, skipped1[11];
	uint32_t pm1a_control, pm1b_control;
	uint8_t skipped2[40];
	uint32_t flags;
	uint8_t skipped3[24];
	uint64_t x_dsdt;
	uint8_t skipped4[96];
	struct address sleep_control;
} __attribute__((packed));

_Static_assert(offsetof(struct fadt, pm1a_control) == 64, "ACPI §5.2.9");
_Static_assert(offsetof(struct fadt, flags) == 112, "ACPI §5.2.9");
_Static_assert(offsetof(struct fadt, x_dsdt) == 140, "ACPI §5.2.9");
_Static_assert(offsetof(struct fadt, sleep_control) == 244, "ACPI §5.2.9");

/* A small integer in AML (§20.2.3), or -1. */
static int aml_integer(const uint8_t *at, const uint8_t *end)
{
	enum { ZERO = 0x00, ONE = 0x01, BYTE = 0x0a };

	if (at < end && (*at == ZERO || *at == ONE))
		return *at;
	if (at + 1 < end && *at == BYTE)
		return at[1];
	return -1;
}

/*
 * The first number of the package \_S5 (§7.4.2): NameOp, "_S5_", PackageOp,
 * a length of 1 to 4 bytes (§20.2.4), the number of elements, elements.
 */
static int find_s5(const struct eft_kvm_acpi_header *dsdt)
{
	enum { PACKAGE = 0x12, OVERHEAD = 8 };
	const uint8_t *at = (const uint8_t *)(dsdt + 1);
	const uint8_t *end = (const uint8_t *)dsdt + dsdt->len;

	for (; end - at > OVERHEAD; at++)
		if (memcmp(at, "_S5_", 4) == 0 && at[4] == PACKAGE)
			return aml_integer(at + 5 + (at[5] >> 6) + 2, end);
	return -1;
}

static void reduced_sleep(const struct address *reg, int type)
{
	uint8_t value = type << 2 | SLEEP_ENABLE;
	volatile uint8_t *device;

	if (reg->space == SPACE_IO) {
		outb(reg->addr, value);
	} else if (reg->space == SPACE_MEMORY) {
		device = eft_kvm_window_device(EFT_KVM_WINDOW_SLEEP, reg->addr);
		if (device)
			*device = value;
	}
}

static void pm1_sleep(uint16_t port, int type)
{
	uint16_t value = inw(port) & ~PM1_TYPE_MASK;

	outw(port, value | type << PM1_TYPE_SHIFT | PM1_SLEEP_ENABLE);
}

/* Firmware may own the registers still (§4.8.1). */
static void enable_acpi(const struct fadt *fadt)
{
	if (fadt->smi_command == 0 || inw(fadt->pm1a_control) & PM1_SCI_ENABLE)
		return;
	outb(fadt->smi_command, fadt->acpi_enable);
	for (int i = 0; i < 10000; i++)
		if (inw(fadt->pm1a_control) & PM1_SCI_ENABLE)
			return;
}

/* The tables' data, copied; and the type of sleep, or a negative one. */
static int find_sleep(struct fadt *fadt)
{
	const struct eft_kvm_acpi_header *table = eft_kvm_acpi_find(
		EFT_KVM_WINDOW_FADT, ACPI_SIGNATURE('F', 'A', 'C', 'P'));
	uint64_t where;

	if (!table)
		return -1;
	memcpy(fadt, table, eft_min(table->len, sizeof(*fadt)));
	where = fadt->x_dsdt ? fadt->x_dsdt : fadt->dsdt;
	table = eft_kvm_acpi_table(EFT_KVM_WINDOW_DSDT, where,
				   ACPI_SIGNATURE('D', 'S', 'D', 'T'));
	return table ? find_s5(table) : -1;
}

bool eft_kvm_acpi_power_off(void)
{
	struct fadt fadt = {0};
	int type = find_sleep(&fadt);

	if (type < 0 || type > 7)
		return false;
	if (fadt.flags & FADT_HW_REDUCED) {
		reduced_sleep(&fadt.sleep_control, type);
		return true;
	}
	if (fadt.pm1a_control == 0)
		return false;
	enable_acpi(&fadt);
	pm1_sleep(fadt.pm1a_control, type);
	if (fadt.pm1b_control)
		pm1_sleep(fadt.pm1b_control, type);
	return true;
}

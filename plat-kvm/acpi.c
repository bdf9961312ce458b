// SPDX-License-Identifier: BSD-3-Clause
/*
 * Power-off by ACPI, and no more of it than that (ACPI 6.4).
 *
 * RSDP → XSDT or RSDT → FADT → where to write; its DSDT → what to write: the
 * package \_S5. There is no interpreter: the package's bytes are searched
 * for, as they are constant on every machine that we know.
 *
 * The tables may lie outside of RAM; each is seen through a window, and only
 * after its length and its sum were checked is it believed. May run in a
 * crash: takes no lock, allocates nothing.
 */
#include "plat-kvm/asm.h"
#include "plat-kvm/kvm.h"

#define TABLE_MAX 0x100000 /* bytes; less than a window shows */

#define RSDP_SCAN_START 0xe0000 /* §5.2.5.1, where no loader told */
#define RSDP_SCAN_END	0x100000

#define FADT_HW_REDUCED	 (1u << 20)
#define SLEEP_ENABLE	 (1u << 5) /* §4.8.3.7; the type is above bit 2 */
#define PM1_SCI_ENABLE	 1	   /* §4.8.3.2.1 */
#define PM1_TYPE_SHIFT	 10
#define PM1_TYPE_MASK	 (7u << PM1_TYPE_SHIFT)
#define PM1_SLEEP_ENABLE (1u << 13)

struct rsdp { /* §5.2.5.3 */
	char signature[8];
	uint8_t sum, oem[6], revision;
	uint32_t rsdt, len;
	uint64_t xsdt;
} __attribute__((packed));

#define RSDP_V1_BYTES 20

struct header { /* §5.2.6 */
	uint32_t signature, len;
	uint8_t revision, sum, oem[26];
};

struct address { /* generic address structure, §5.2.3.2 */
	uint8_t space, bits, offset, access;
	uint64_t addr;
} __attribute__((packed));

enum { SPACE_MEMORY = 0, SPACE_IO = 1 };

struct fadt { /* §5.2.9 */
	struct header header;
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

#define SIGNATURE(a, b, c, d) ((a) | (b) << 8 | (c) << 16 | (d) << 24)

static bool sums_to_zero(const void *start, size_t len)
{
	const uint8_t *byte = start;
	uint8_t sum = 0;

	while (len-- > 0)
		sum += *byte++;
	return sum == 0;
}

static const struct rsdp *rsdp_at(uint64_t phys)
{
	const struct rsdp *r = eft_kvm_window_table(EFT_KVM_WINDOW_RSDP, phys);

	if (!r || memcmp(r->signature, "RSD PTR ", 8) != 0 ||
	    !sums_to_zero(r, RSDP_V1_BYTES))
		return NULL;
	return r;
}

static const struct rsdp *find_rsdp(void)
{
	const struct rsdp *r = NULL;

	if (eft_kvm_rsdp)
		return rsdp_at(eft_kvm_rsdp);
	for (uint64_t at = RSDP_SCAN_START; !r && at < RSDP_SCAN_END; at += 16)
		r = rsdp_at(at);
	return r;
}

/* The table at (phys) if it is one of (signature). */
static const struct header *table_at(enum eft_kvm_window window, uint64_t phys,
				     uint32_t signature)
{
	const struct header *h = eft_kvm_window_table(window, phys);

	if (!h || h->signature != signature || h->len < sizeof(*h) ||
	    h->len > TABLE_MAX || !sums_to_zero(h, h->len))
		return NULL;
	return h;
}

/* §5.2.7, §5.2.8: the header, then addresses of 4 or of 8 bytes. */
static const struct header *find_fadt(const struct rsdp *rsdp)
{
	bool wide = rsdp->revision >= 2 && rsdp->xsdt != 0;
	size_t each = wide ? 8 : 4;
	const struct header *root =
		table_at(EFT_KVM_WINDOW_RSDT, wide ? rsdp->xsdt : rsdp->rsdt,
			 wide ? SIGNATURE('X', 'S', 'D', 'T')
			      : SIGNATURE('R', 'S', 'D', 'T'));
	const struct header *found = NULL;

	if (!root)
		return NULL;
	for (size_t at = sizeof(*root); !found && at + each <= root->len;
	     at += each) {
		uint64_t phys = 0;

		memcpy(&phys, (const char *)root + at, each);
		found = table_at(EFT_KVM_WINDOW_FADT, phys,
				 SIGNATURE('F', 'A', 'C', 'P'));
	}
	return found;
}

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
static int find_s5(const struct header *dsdt)
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
	const struct rsdp *rsdp = find_rsdp();
	const struct header *table = rsdp ? find_fadt(rsdp) : NULL;
	uint64_t where;

	if (!table)
		return -1;
	memcpy(fadt, table, eft_min(table->len, sizeof(*fadt)));
	where = fadt->x_dsdt ? fadt->x_dsdt : fadt->dsdt;
	table = table_at(EFT_KVM_WINDOW_DSDT, where,
			 SIGNATURE('D', 'S', 'D', 'T'));
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

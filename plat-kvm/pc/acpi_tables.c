// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where ACPI's tables are: RSDP → XSDT or RSDT → the others.
 *
 * They may lie outside of RAM, so each is seen through a window. May run in a
 * crash: takes no lock, allocates nothing.
 */
#include "plat-kvm/pc/acpi.h"

#define TABLE_MAX 0x100000 /* bytes; less than a window shows */

#define RSDP_SCAN_START 0xe0000 /* §5.2.5.1, where no loader told */
#define RSDP_SCAN_END	0x100000

struct rsdp { /* §5.2.5.3 */
	char signature[8];
	uint8_t sum, oem[6], revision;
	uint32_t rsdt, len;
	uint64_t xsdt;
} __attribute__((packed));

#define RSDP_V1_BYTES 20

bool eft_kvm_sums_to_zero(const void *start, size_t len)
{
	const uint8_t *byte = start;
	uint8_t sum = 0;

	while (len-- > 0)
		sum += *byte++;
	return sum == 0;
}

static const struct rsdp *check_rsdp(const struct rsdp *r)
{
	if (!r || memcmp(r->signature, "RSD PTR ", 8) != 0 ||
	    !eft_kvm_sums_to_zero(r, RSDP_V1_BYTES))
		return NULL;
	return r;
}

static const struct rsdp *find_rsdp(void)
{
	const struct rsdp *r = NULL;

	if (eft_kvm_rsdp)
		return check_rsdp(eft_kvm_window_table(EFT_KVM_WINDOW_RSDP,
						       eft_kvm_rsdp));
	/* The direct map has the first MiB. */
	for (uint64_t at = RSDP_SCAN_START; !r && at < RSDP_SCAN_END; at += 16)
		r = check_rsdp((void *)(EFT_KVM_DIRECT + at));
	return r;
}

const struct eft_kvm_acpi_header *eft_kvm_acpi_table(enum eft_kvm_window window,
						     uint64_t phys,
						     uint32_t signature)
{
	const struct eft_kvm_acpi_header *h =
		eft_kvm_window_table(window, phys);

	if (!h || h->signature != signature || h->len < sizeof(*h) ||
	    h->len > TABLE_MAX || !eft_kvm_sums_to_zero(h, h->len))
		return NULL;
	return h;
}

/* §5.2.7, §5.2.8: the header, then addresses of 4 or of 8 bytes. */
const struct eft_kvm_acpi_header *eft_kvm_acpi_find(enum eft_kvm_window window,
						    uint32_t signature)
{
	const struct rsdp *rsdp = find_rsdp();
	bool wide = rsdp && rsdp->revision >= 2 && rsdp->xsdt != 0;
	size_t each = wide ? 8 : 4;
	const struct eft_kvm_acpi_header *root = NULL, *found = NULL;

	if (rsdp)
		root = eft_kvm_acpi_table(
			EFT_KVM_WINDOW_RSDT, wide ? rsdp->xsdt : rsdp->rsdt,
			wide ? ACPI_SIGNATURE('X', 'S', 'D', 'T')
			     : ACPI_SIGNATURE('R', 'S', 'D', 'T'));
	if (!root)
		return NULL;
	for (size_t at = sizeof(*root); !found && at + each <= root->len;
	     at += each) {
		uint64_t phys = 0;

		memcpy(&phys, (const char *)root + at, each);
		found = eft_kvm_acpi_table(window, phys, signature);
	}
	return found;
}

const struct eft_kvm_acpi_header *
eft_kvm_acpi_dsdt(struct eft_kvm_fadt *ret_fadt)
{
	const struct eft_kvm_acpi_header *table = eft_kvm_acpi_find(
		EFT_KVM_WINDOW_FADT, ACPI_SIGNATURE('F', 'A', 'C', 'P'));

	*ret_fadt = (struct eft_kvm_fadt){.flags = 0};
	if (!table)
		return NULL;
	memcpy(ret_fadt, table, eft_min(table->len, sizeof(*ret_fadt)));
	return eft_kvm_acpi_table(EFT_KVM_WINDOW_DSDT,
				  ret_fadt->x_dsdt ? ret_fadt->x_dsdt
						   : ret_fadt->dsdt,
				  ACPI_SIGNATURE('D', 'S', 'D', 'T'));
}

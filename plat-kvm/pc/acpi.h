// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * ACPI's tables (ACPI 6.4), of which none is believed before its length and
 * its sum were checked.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/pc/acpi_sleep.h"

struct eft_kvm_acpi_header { /* §5.2.6; at any address */
	uint32_t signature, len;
	uint8_t revision, sum, oem[26];
} __attribute__((packed));

#define ACPI_SIGNATURE(a, b, c, d) ((a) | (b) << 8 | (c) << 16 | (d) << 24)

/*
 * The table of (signature), to be found wherever ACPI begins, or at (phys).
 *
 * Returns   the whole of it, seen through (window); NULL there is none
 */
const struct eft_kvm_acpi_header *eft_kvm_acpi_find(enum eft_kvm_window window,
						    uint32_t signature);
const struct eft_kvm_acpi_header *eft_kvm_acpi_table(enum eft_kvm_window window,
						     uint64_t phys,
						     uint32_t signature);

/*
 * The DSDT, and the FADT, which leads to it; what a short FADT does not have
 * is 0.
 *
 * Returns   as above
 */
const struct eft_kvm_acpi_header *
eft_kvm_acpi_dsdt(struct eft_kvm_fadt *ret_fadt);

/* Do the (len) bytes from (start) on add up to 0? */
bool eft_kvm_sums_to_zero(const void *start, size_t len);

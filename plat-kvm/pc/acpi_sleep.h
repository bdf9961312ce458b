// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * How a machine is powered off, by its ACPI tables: a pure function over
 * bytes, which are believed as little as a boot loader's (boot/loader.h).
 */
#include "core/base.h"

#define EFT_KVM_ACPI_HEADER_BYTES 36 /* §5.2.6 */

struct eft_kvm_address { /* generic address structure, §5.2.3.2 */
	uint8_t space, bits, offset, access;
	uint64_t addr;
} __attribute__((packed));

struct eft_kvm_fadt { /* §5.2.9 */
	uint8_t header[EFT_KVM_ACPI_HEADER_BYTES];
	uint32_t facs, dsdt;
	uint8_t skipped0[2];
	uint16_t sci;
	uint32_t smi_command;
	uint8_t acpi_enable, skipped1[3];
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	uint8_t skipped2[16];
	uint8_t pm1_event_len, skipped3[23];
	uint32_t flags;
	uint8_t skipped4[24];
	uint64_t x_dsdt;
	uint8_t skipped5[96];
	struct eft_kvm_address sleep_control;
} __attribute__((packed));

_Static_assert(offsetof(struct eft_kvm_fadt, pm1a_control) == 64, "§5.2.9");
_Static_assert(offsetof(struct eft_kvm_fadt, sci) == 46, "§5.2.9");
_Static_assert(offsetof(struct eft_kvm_fadt, pm1_event_len) == 88, "§5.2.9");
_Static_assert(offsetof(struct eft_kvm_fadt, flags) == 112, "§5.2.9");
_Static_assert(offsetof(struct eft_kvm_fadt, x_dsdt) == 140, "§5.2.9");
_Static_assert(offsetof(struct eft_kvm_fadt, sleep_control) == 244, "§5.2.9");

struct eft_kvm_sleep {
	uint8_t type; /* of the sleep, 0 to 7 */

	/* PM1 control registers, ports of 16 bits; (pm1b) may be 0. */
	uint16_t pm1a, pm1b;
	uint16_t smi_command; /* port; 0: firmware owns nothing */
	uint8_t acpi_enable;

	/* Where (pm1a) is 0: the sleep control register, of 8 bits. */
	uint64_t control;
	bool control_is_port;
};

/*
 * What to write where for power-off.
 *
 * fadt      what a short table does not have is 0
 * dsdt      the whole table, its header too
 * ret       zeroed by the caller; of no use if there is no way
 * Returns   whether there is a way
 * Source    ACPI 6.4 §4.8, §5.2.3.2, §5.2.9, §7.4.2
 */
bool eft_kvm_find_sleep(const struct eft_kvm_fadt *fadt, const void *dsdt,
			size_t dsdt_len, struct eft_kvm_sleep *ret);

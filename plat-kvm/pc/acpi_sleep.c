// SPDX-License-Identifier: BSD-3-Clause
/*
 * FADT → where to write; DSDT → what to write: the package \_S5. There is no
 * interpreter: the package's bytes are searched for, as they are constant on
 * every machine that we know.
 *
 * No address is used but one that is there: a register of a wrong width, in a
 * space that we do not reach, or at 0, which is how its absence is told, is no
 * way to power off.
 */
#include "plat-kvm/pc/acpi_sleep.h"

#define FADT_HW_REDUCED (1u << 20)

enum { SPACE_MEMORY = 0, SPACE_IO = 1 }; /* the first two */

/* A small integer in AML (§20.2.3), or -1. */
static int aml_integer(const uint8_t *at, const uint8_t *end)
{
	enum { ZERO = 0x00, ONE = 0x01, BYTE = 0x0a };

	if (at < end && (*at == ZERO || *at == ONE))
		return *at;
	if (end - at > 1 && *at == BYTE)
		return at[1];
	return -1;
}

/*
 * The first number of the package \_S5 (§7.4.2): NameOp, "_S5_", PackageOp,
 * a length of 1 to 4 bytes (§20.2.4), the number of elements, elements.
 */
static int find_s5(const uint8_t *dsdt, size_t len)
{
	enum { PACKAGE = 0x12, OVERHEAD = 10 };
	const uint8_t *at = dsdt + EFT_KVM_ACPI_HEADER_BYTES, *end = dsdt + len;

	for (; end - at > OVERHEAD; at++)
		if (memcmp(at, "_S5_", 4) == 0 && at[4] == PACKAGE)
			return aml_integer(at + 5 + (at[5] >> 6) + 2, end);
	return -1;
}

/* A port that is there whole, or 0. */
static uint16_t port(uint64_t addr, unsigned bytes)
{
	return addr <= 0x10000 - bytes ? addr : 0;
}

static bool find_pm1(const struct eft_kvm_fadt *fadt,
		     struct eft_kvm_sleep *sleep)
{
	sleep->pm1a = port(fadt->pm1a_control, 2);
	sleep->pm1b = port(fadt->pm1b_control, 2);
	sleep->smi_command = port(fadt->smi_command, 1);
	sleep->acpi_enable = fadt->acpi_enable;
	return sleep->pm1a != 0;
}

static bool find_control(const struct eft_kvm_address *control,
			 struct eft_kvm_sleep *sleep)
{
	if (control->bits != 8 || control->offset != 0 ||
	    control->space > SPACE_IO)
		return false;
	sleep->control_is_port = control->space == SPACE_IO;
	sleep->control =
		sleep->control_is_port ? port(control->addr, 1) : control->addr;
	return sleep->control != 0;
}

bool eft_kvm_find_sleep(const struct eft_kvm_fadt *fadt, const void *dsdt,
			size_t dsdt_len, struct eft_kvm_sleep *ret)
{
	int type = find_s5(dsdt, dsdt_len);

	if (type < 0 || type > 7)
		return false;
	ret->type = type;
	return fadt->flags & FADT_HW_REDUCED
		       ? find_control(&fadt->sleep_control, ret)
		       : find_pm1(fadt, ret);
}

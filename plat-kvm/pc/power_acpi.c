// SPDX-License-Identifier: BSD-3-Clause
/*
 * Power-off by ACPI, and no more of it than that (ACPI 6.4).
 *
 * RSDP → XSDT or RSDT → FADT and its DSDT, which say what to write where
 * (acpi_sleep.c).
 *
 * May run in a crash: takes no lock, allocates nothing.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/pc/acpi.h"
#include "plat-kvm/pc/acpi_enable.h"
#include "plat-kvm/pc/acpi_sleep.h"
#include "plat-kvm/x86/asm.h"

#define SLEEP_ENABLE	 (1u << 5) /* §4.8.3.7; the type is above bit 2 */
#define PM1_TYPE_SHIFT	 10	   /* §4.8.3.2.1 */
#define PM1_TYPE_MASK	 (7u << PM1_TYPE_SHIFT)
#define PM1_SLEEP_ENABLE (1u << 13)

static bool control_sleep(const struct eft_kvm_sleep *sleep)
{
	uint8_t value = sleep->type << 2 | SLEEP_ENABLE;
	volatile uint8_t *device;

	if (sleep->control_is_port) {
		outb(sleep->control, value);
		return true;
	}
	device = eft_kvm_window_device(EFT_KVM_WINDOW_SLEEP, sleep->control);
	if (device)
		*device = value;
	return device != NULL;
}

static void pm1_sleep(uint16_t port, int type)
{
	uint16_t value = inw(port) & ~PM1_TYPE_MASK;

	outw(port, value | type << PM1_TYPE_SHIFT | PM1_SLEEP_ENABLE);
}

static bool find_sleep(struct eft_kvm_sleep *ret)
{
	struct eft_kvm_fadt fadt;
	const struct eft_kvm_acpi_header *table = eft_kvm_acpi_dsdt(&fadt);

	return table && eft_kvm_find_sleep(&fadt, table, table->len, ret);
}

bool eft_kvm_acpi_power_off(void)
{
	struct eft_kvm_sleep sleep = {.pm1a = 0};

	if (!find_sleep(&sleep))
		return false;
	if (sleep.pm1a == 0)
		return control_sleep(&sleep);
	eft_kvm_acpi_enable(&sleep);
	pm1_sleep(sleep.pm1a, sleep.type);
	if (sleep.pm1b != 0)
		pm1_sleep(sleep.pm1b, sleep.type);
	return true;
}

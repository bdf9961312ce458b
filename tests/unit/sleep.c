// SPDX-License-Identifier: BSD-3-Clause
/*
 * plat-kvm's reading of ACPI's tables for power-off. Source of the layouts:
 * ACPI 6.4 §5.2.9 (FADT), §5.2.3.2 (addresses), §7.4.2 (\_S5).
 */
#include "plat-kvm/pc/acpi_sleep.h"
#include "tests/unit/unit.h"

enum {
	FADT = sizeof(struct eft_kvm_fadt),
	DSDT = 64,
	HW_REDUCED = 1 << 20,
	MEMORY = 0,
	IO = 1
};
enum { PM1A = 64, PM1B = 68, FLAGS = 112, CONTROL = 244 };

static uint8_t fadt[FADT], dsdt[DSDT];
static struct eft_kvm_sleep sleep;

static void put32(unsigned at, uint32_t value)
{
	memcpy(fadt + at, &value, 4);
}

static void put_address(unsigned at, uint8_t space, uint8_t bits,
			uint64_t address)
{
	fadt[at] = space;
	fadt[at + 1] = bits;
	memcpy(fadt + at + 4, &address, 8);
}

static void put_s5(unsigned at, uint8_t type)
{
	const uint8_t s5[] = {'_', 'S', '5', '_', 0x12, 6, 4, 0x0a, type};

	memcpy(dsdt + at, s5, sizeof(s5));
}

static void begin(uint32_t flags)
{
	memset(fadt, 0, sizeof(fadt));
	memset(dsdt, 0, sizeof(dsdt));
	put32(FLAGS, flags);
	put_s5(40, 5);
}

/* From a copy of exactly this size: reading past it shows. */
static bool find_in(size_t fadt_len, size_t dsdt_len)
{
	struct eft_kvm_fadt copy = {.flags = 0};
	uint8_t *bytes = malloc(dsdt_len);
	bool found;

	memcpy(&copy, fadt, fadt_len);
	memcpy(bytes, dsdt, dsdt_len);
	sleep = (struct eft_kvm_sleep){.type = 0};
	found = eft_kvm_find_sleep(&copy, bytes, dsdt_len, &sleep);
	check(!found || sleep.pm1a != 0 || sleep.control != 0);
	check(!found || sleep.type <= 7);
	free(bytes);
	return found;
}

static bool find(void)
{
	return find_in(FADT, DSDT);
}

Test(sleep, pm1)
{
	begin(0);
	check(!find()); /* no register */
	put32(PM1A, 0x604);
	check(find());
	check_eq(sleep.pm1a, 0x604);
	check_eq(sleep.pm1b, 0);
	check_eq(sleep.type, 5);
	put32(PM1B, 0x704);
	check(find());
	check_eq(sleep.pm1b, 0x704);
	put32(PM1A, 0xffff); /* the second byte is not there */
	check(!find());
	put32(PM1A, 0x10604);
	check(!find());
}

/* One without legacy hardware has a register of its own, or none. */
Test(sleep, reduced)
{
	begin(HW_REDUCED);
	put32(PM1A, 0x604); /* not there */
	check(!find());
	put_address(CONTROL, MEMORY, 8, 0xfea00000);
	check(find());
	check_eq(sleep.pm1a, 0);
	check_eq(sleep.control, 0xfea00000);
	check(!sleep.control_is_port);
	put_address(CONTROL, IO, 8, 0x404);
	check(find());
	check(sleep.control_is_port);
	put_address(CONTROL, IO, 8, 0x10000);
	check(!find());
	put_address(CONTROL, MEMORY, 8, 0);
	check(!find());
	put_address(CONTROL, IO, 8, 0);
	check(!find());
	put_address(CONTROL, MEMORY, 16, 0xfea00000);
	check(!find());
	put_address(CONTROL, 2, 8, 0xfea00000); /* PCI's configuration */
	check(!find());
}

Test(sleep, types)
{
	begin(0);
	put32(PM1A, 0x604);
	for (unsigned type = 0; type < 256; type++) {
		put_s5(40, type);
		check_eq(find(), type <= 7);
	}
	memset(dsdt, 0, sizeof(dsdt));
	check(!find());
	put_s5(DSDT - 9, 5); /* where elements would lie beyond the end */
	check(!find());
}

Test(sleep, truncated)
{
	begin(0);
	put32(PM1A, 0x604);
	for (size_t len = 0; len <= FADT; len++)
		check_eq(find_in(len, DSDT), len > PM1A);
	begin(HW_REDUCED);
	put_address(CONTROL, MEMORY, 8, 0xfea00000);
	for (size_t len = 0; len <= FADT; len++)
		check(find_in(len, DSDT) || len < CONTROL + 12);
	for (size_t len = 36; len < DSDT; len++)
		check_eq(find_in(FADT, len), len > 50);
}

Test(sleep, random_lies)
{
	for (unsigned i = 0; i < 100000; i++) {
		begin(unit_random(2) ? HW_REDUCED : 0);
		put32(PM1A, 0x604);
		put_address(CONTROL, MEMORY, 8, 0xfea00000);
		for (unsigned n = 1 + unit_random(8); n > 0; n--) {
			fadt[unit_random(FADT)] = unit_random(256);
			dsdt[unit_random(DSDT)] = unit_random(256);
		}
		find_in(unit_random(FADT + 1), 36 + unit_random(DSDT - 35));
	}
}

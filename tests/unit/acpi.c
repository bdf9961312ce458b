// SPDX-License-Identifier: BSD-3-Clause
/*
 * plat-kvm's reading of ACPI's tables: interrupt lines (MADT), configuration
 * space (MCFG), virtio's MMIO devices (DSDT). QEMU's tables, and what could be
 * in their place.
 */
#define _GNU_SOURCE
#include "plat-kvm/pc/acpi_aml.h"
#include "plat-kvm/pc/acpi_button.h"
#include "plat-kvm/pc/acpi_mcfg.h"
#include "tests/unit/acpi_tables.h"
#include "tests/unit/unit.h"

static void check_line(const struct eft_kvm_line *line, unsigned gsi,
		       bool level, bool low)
{
	check_eq(line->gsi, gsi);
	check_eq(line->level, level);
	check_eq(line->low, low);
}

/* An ISA interrupt, by the table, and what it is without one. */
static struct eft_kvm_line isa(const void *madt, size_t len, unsigned irq)
{
	struct eft_kvm_line line = {.gsi = irq};

	eft_kvm_madt_override(madt, len, irq, &line);
	return line;
}

Test(acpi, q35_lines)
{
	struct eft_kvm_ioapic io;
	struct eft_kvm_line line;

	line = isa(q35_madt, sizeof(q35_madt), 0);
	check_line(&line, 2, false, false);
	line = isa(q35_madt, sizeof(q35_madt), 4);
	check_line(&line, 4, false, false);
	line = isa(q35_madt, sizeof(q35_madt), 11);
	check_line(&line, 11, true, false);
	check(eft_kvm_madt_ioapic(q35_madt, sizeof(q35_madt), 23, &io));
	check_eq(io.phys, 0xfec00000);
	check_eq(io.gsi, 0);
}

Test(acpi, microvm_lines)
{
	struct eft_kvm_line line;
	struct eft_kvm_ioapic io;

	line = isa(microvm_madt, sizeof(microvm_madt), 4);
	check_line(&line, 4, false, false);
	check(eft_kvm_madt_ioapic(microvm_madt, sizeof(microvm_madt), 12, &io));
	check_eq(io.phys, 0xfec00000);
	check(eft_kvm_madt_ioapic(microvm_madt, sizeof(microvm_madt), 47, &io));
	check_eq(io.phys, 0xfec10000);
	check_eq(io.gsi, 24);
}

enum { ENTRIES = 44 };

/* A MADT with these entries, from a block of its very size. */
static const uint8_t *make_madt(const uint8_t *entries, size_t len)
{
	uint8_t *madt = malloc(ENTRIES + len);

	memset(madt, 0, ENTRIES);
	memcpy(madt + ENTRIES, entries, len);
	return madt;
}

#define MADT(...)                                          \
	make_madt((const uint8_t[]){__VA_ARGS__},          \
		  sizeof((const uint8_t[]){__VA_ARGS__})), \
		ENTRIES + sizeof((const uint8_t[]){__VA_ARGS__})

Test(acpi, several_controllers)
{
	struct eft_kvm_ioapic io = {.phys = 1};

#define TWO                                                         \
	MADT(1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 24, 0, 0, 0,   /* 24 */ \
	     1, 12, 1, 0, 0, 0x10, 0xc0, 0xfe, 0, 0, 0, 0, /* 0 */  \
	     1, 12, 2, 0, 0, 0x20, 0xc0, 0xfe, 48, 0, 0, 0)
	check(eft_kvm_madt_ioapic(TWO, 23, &io));
	check_eq(io.phys, 0xfec01000);
	check(eft_kvm_madt_ioapic(TWO, 24, &io));
	check_eq(io.phys, 0xfec00000);
	check_eq(io.gsi, 24);
	check(eft_kvm_madt_ioapic(TWO, 47, &io));
	check_eq(io.phys, 0xfec00000);
	check(eft_kvm_madt_ioapic(TWO, 1000, &io));
	check_eq(io.phys, 0xfec02000);
	io.phys = 1;
	check(!eft_kvm_madt_ioapic(
		MADT(1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 24, 0, 0, 0), 23, &io));
	check_eq(io.phys, 1);
}

Test(acpi, polarity_and_trigger)
{
	struct eft_kvm_line line;

	line = isa(MADT(2, 10, 0, 5, 21, 0, 0, 0, 0xf, 0), 5);
	check_line(&line, 21, true, true);
	line = isa(MADT(2, 10, 0, 5, 21, 0, 0, 0, 0x5, 0), 5);
	check_line(&line, 21, false, false);
	line = (struct eft_kvm_line){5, true, true};
	eft_kvm_madt_override(MADT(2, 10, 0, 5, 21, 0, 0, 0, 0, 0), 5, &line);
	check_line(&line, 21, true, true); /* conforms to the bus */
	eft_kvm_madt_override(MADT(2, 10, 0, 5, 22, 0, 0, 0, 0xa, 0), 5, &line);
	check_line(&line, 22, true, true); /* reserved */
	line = isa(MADT(2, 10, 1, 5, 21, 0, 0, 0, 0xf, 0), 5);
	check_line(&line, 5, false, false); /* another bus */
}

/* Entries that are cut off, empty, or longer than what is left. */
Test(acpi, madt_nonsense)
{
	struct eft_kvm_line line;

	line = isa(MADT(2, 0, 0, 5, 21, 0, 0, 0, 0xf, 0), 5);
	check_line(&line, 5, false, false);
	line = isa(MADT(2, 1, 2, 10, 0, 5, 21, 0, 0, 0, 0xf, 0), 5);
	check_line(&line, 5, false, false);
	line = isa(MADT(2, 9, 0, 5, 21, 0, 0, 0, 0xf), 5);
	check_line(&line, 5, false, false);
	line = isa(MADT(2, 11, 0, 5, 21, 0, 0, 0, 0xf, 0), 5);
	check_line(&line, 5, false, false);
	line = isa(MADT(7, 2, 2, 10, 0, 5, 21, 0, 0, 0, 0xf, 0), 5);
	check_line(&line, 21, true, true);
	line = isa("", 0, 5);
	check_line(&line, 5, false, false);
	check(eft_kvm_madt_next("", 1, NULL) == NULL);
}

Test(acpi, q35_configuration_space)
{
	uint64_t phys = 0;

	check(eft_kvm_mcfg_bus(q35_mcfg, sizeof(q35_mcfg), 0, &phys));
	check_eq(phys, 0xb0000000);
	check(eft_kvm_mcfg_bus(q35_mcfg, sizeof(q35_mcfg), 255, &phys));
	check_eq(phys, 0xbff00000);
	check(!eft_kvm_mcfg_bus(q35_mcfg, sizeof(q35_mcfg) - 1, 0, &phys));
	check(!eft_kvm_mcfg_bus(q35_mcfg, 3, 0, &phys));
}

Test(acpi, some_buses)
{
	uint8_t mcfg[sizeof(q35_mcfg)];
	uint64_t phys = 0;

	memcpy(mcfg, q35_mcfg, sizeof(mcfg));
	mcfg[54] = 4; /* the first bus */
	mcfg[55] = 5;
	check(!eft_kvm_mcfg_bus(mcfg, sizeof(mcfg), 3, &phys));
	check(eft_kvm_mcfg_bus(mcfg, sizeof(mcfg), 5, &phys));
	check_eq(phys, 0xb0500000);
	check(!eft_kvm_mcfg_bus(mcfg, sizeof(mcfg), 6, &phys));
	mcfg[52] = 1; /* another segment */
	check(!eft_kvm_mcfg_bus(mcfg, sizeof(mcfg), 5, &phys));
	mcfg[52] = 0;
	mcfg[45] = 1; /* no bus begins there */
	check(!eft_kvm_mcfg_bus(mcfg, sizeof(mcfg), 5, &phys));
}

/* QEMU gives its last slot to the first device. */
Test(acpi, microvm_devices)
{
	struct eft_kvm_mmio_device device;
	size_t at = 0;

	for (unsigned i = 0; i < 2; i++) {
		check(eft_kvm_acpi_next_virtio(
			microvm_dsdt, sizeof(microvm_dsdt), &at, &device));
		check_eq(device.len, 512);
		check_eq(device.phys, 0xfeb00000 + 512 * (23 - i));
		check_line(&device.line, 47 - i, true, false);
	}
	check(!eft_kvm_acpi_next_virtio(microvm_dsdt, sizeof(microvm_dsdt), &at,
					&device));
}

/* Any byte of it may be wrong, and it may end anywhere. */
Test(acpi, dsdt_nonsense)
{
	enum { LEN = sizeof(microvm_dsdt) };
	struct eft_kvm_mmio_device device;
	uint8_t *dsdt = malloc(LEN), *part;
	size_t at;

	for (size_t len = 0; len <= LEN; len++) {
		part = malloc(len + 1);
		memcpy(part, microvm_dsdt, len);
		for (at = 0; eft_kvm_acpi_next_virtio(part, len, &at, &device);)
			check(at < len);
		free(part);
	}
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(dsdt, microvm_dsdt, LEN);
		for (unsigned n = unit_random(4); n <= 4; n++)
			dsdt[36 + unit_random(LEN - 36)] = unit_random(256);
		for (at = 0; eft_kvm_acpi_next_virtio(dsdt, LEN, &at, &device);)
			check(at < LEN && device.len > 0);
	}
	free(dsdt);
}

/* QEMU: include/hw/acpi/generic_event_device.h, hw/i386/microvm.c. */
Test(acpi, microvm_button)
{
	struct eft_kvm_event_button button = {.mask = 0};

	check(eft_kvm_find_event_button(microvm_dsdt, sizeof(microvm_dsdt),
					&button));
	check_eq(button.phys, 0xfea00000);
	check_eq(button.bytes, 4);
	check_eq(button.mask, 2);
	check_line(&button.line, 9, false, false);
}

/* The button's id as a number, which EISA compresses it to. */
Test(acpi, compressed_id)
{
	struct eft_kvm_event_button button = {.mask = 0};
	uint8_t dsdt[sizeof(microvm_dsdt)], *at;

	memcpy(dsdt, microvm_dsdt, sizeof(dsdt));
	at = memmem(dsdt, sizeof(dsdt), "\rPNP0C0C", 8);
	check(at != NULL);
	memcpy(at, "\x0c\x41\xd0\x0c\x0c", 5);
	check(eft_kvm_find_event_button(dsdt, sizeof(dsdt), &button));
	check_eq(button.mask, 2);
}

/* Whatever its bytes are, and wherever it ends: nothing, or one that can be. */
Test(acpi, button_nonsense)
{
	enum { LEN = sizeof(microvm_dsdt) };
	struct eft_kvm_event_button button;
	uint8_t *dsdt = malloc(LEN), *part;

	for (size_t len = 0; len < LEN; len++) {
		part = malloc(len + 1);
		memcpy(part, microvm_dsdt, len);
		if (eft_kvm_find_event_button(part, len, &button))
			check_eq(button.mask, 2);
		free(part);
	}
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(dsdt, microvm_dsdt, LEN);
		for (unsigned n = unit_random(4); n <= 4; n++)
			dsdt[36 + unit_random(LEN - 36)] = unit_random(256);
		if (eft_kvm_find_event_button(dsdt, LEN, &button))
			check(button.mask != 0 &&
			      button.phys % button.bytes == 0);
	}
	free(dsdt);
}

/* Each change of (microvm_dsdt) is of a byte that the button needs. */
Test(acpi, no_event_button)
{
	static const char *const parts[] = {
		"ACPI0013",	    "PNP0C0C",	"\x5b\x80\x45REG",
		"\x7b\x60\x0a\x02", "\x86PWRB",
	};
	struct eft_kvm_event_button button = {.mask = 7};
	uint8_t dsdt[sizeof(microvm_dsdt)];

	for (size_t i = 0; i < eft_array_size(parts); i++) {
		uint8_t *at;

		memcpy(dsdt, microvm_dsdt, sizeof(dsdt));
		at = memmem(dsdt, sizeof(dsdt), parts[i], strlen(parts[i]));
		check(at != NULL);
		if (at == NULL)
			continue;
		*at ^= 1;
		check(!eft_kvm_find_event_button(dsdt, sizeof(dsdt), &button));
	}
	check_eq(button.mask, 7);
}

/* q35's: QEMU hw/isa/lpc_ich9.c, hw/i386/acpi-build.c. */
static const struct eft_kvm_fadt q35_fadt = {
	.sci = 9,
	.pm1a_event = 0x600,
	.pm1_event_len = 4,
	.flags = 0x84a5,
};

Test(acpi, fixed_button)
{
	struct eft_kvm_fadt fadt = q35_fadt;
	struct eft_kvm_fixed_button button;

	check(eft_kvm_find_fixed_button(&fadt, &button));
	check_eq(button.irq, 9);
	check_eq(button.status[0], 0x600);
	check_eq(button.enable[0], 0x602);
	check_eq(button.status[1], 0);
	check_eq(button.enable[1], 0);
	fadt.pm1_event_len = 8;
	fadt.pm1b_event = 0xfff8;
	check(eft_kvm_find_fixed_button(&fadt, &button));
	check_eq(button.enable[0], 0x604);
	check_eq(button.status[1], 0xfff8);
	fadt.pm1b_event = 0xfff9; /* it would end past the last port */
	check(eft_kvm_find_fixed_button(&fadt, &button));
	check_eq(button.status[1], 0);
}

Test(acpi, no_fixed_button)
{
	struct eft_kvm_fadt fadt[7];
	struct eft_kvm_fixed_button button;

	for (size_t i = 0; i < eft_array_size(fadt); i++)
		fadt[i] = q35_fadt;
	fadt[0].flags |= 1 << 4; /* it is a device of the DSDT's */
	fadt[1].flags |= 1 << 20;
	fadt[2].sci = 0;
	fadt[3].sci = 16;
	fadt[4].pm1a_event = 0;
	fadt[5].pm1a_event = 0xfffd;
	fadt[6].pm1_event_len = 2;
	for (size_t i = 0; i < eft_array_size(fadt); i++)
		check(!eft_kvm_find_fixed_button(&fadt[i], &button));
}

enum { DEVICE_BYTES = 36 + 120 };

/* Device (VR00), with (names) before its resources. */
static bool read_device(const uint8_t *names, unsigned len, const uint8_t *crs,
			unsigned crs_len, struct eft_kvm_mmio_device *ret)
{
	uint8_t *dsdt = malloc(DEVICE_BYTES), *put = dsdt + 36;
	unsigned total = 2 + 4 + len + 5 + 4 + crs_len;
	size_t at = 0;
	bool found;

	memset(dsdt, 0, DEVICE_BYTES);
	*put++ = 0x5b, *put++ = 0x82;
	*put++ = 0x40 | (total & 15), *put++ = total >> 4;
	memcpy(put, "VR00", 4), put += 4;
	memcpy(put, names, len), put += len;
	memcpy(put, "\x08_CRS", 5), put += 5;
	*put++ = 0x11, *put++ = 1 + 2 + crs_len;
	*put++ = 0x0a, *put++ = crs_len;
	memcpy(put, crs, crs_len), put += crs_len;
	found = eft_kvm_acpi_next_virtio(dsdt, put - dsdt, &at, ret);
	free(dsdt);
	return found;
}

#define HID	"\x08_HID\x0dLNRO0005"
#define MEMORY	"\x86\x09\0\1\x00\x00\x00\xd0\x00\x10\x00\x00"
#define LINE	"\x89\x06\0\x03\1\x05\0\0\0"
#define END	"\x79\0"
#define TEXT(s) (const uint8_t *)(s), sizeof(s) - 1

Test(acpi, device)
{
	struct eft_kvm_mmio_device d;

	check(read_device(TEXT(HID "\0"), TEXT(MEMORY LINE END), &d));
	check_eq(d.phys, 0xd0000000);
	check_eq(d.len, 0x1000);
	check_line(&d.line, 5, false, false);
	check(read_device(TEXT("\x08_UID\x01" HID "\0\x08_STA\x0a\x0f"),
			  TEXT(LINE MEMORY END), &d));
	/* Absent; of another kind; without one of the two; after the end. */
	check(!read_device(TEXT(HID "\0\x08_STA\x00"), TEXT(MEMORY LINE END),
			   &d));
	check(!read_device(TEXT("\x08_HID\x0dLNRO0006\0"),
			   TEXT(MEMORY LINE END), &d));
	check(!read_device(TEXT("\x08_HID\x0dLNRO00055\0"),
			   TEXT(MEMORY LINE END), &d));
	check(!read_device(TEXT("\x08_UID\x00"), TEXT(MEMORY LINE END), &d));
	check(!read_device(TEXT(HID "\0"), TEXT(MEMORY END), &d));
	check(!read_device(TEXT(HID "\0"), TEXT(LINE END), &d));
	check(!read_device(TEXT(HID "\0"), TEXT(MEMORY END LINE), &d));
	/* A method in between; a term that is not understood. */
	check(read_device(TEXT(HID "\0\x14\x06_INI\x00"), TEXT(MEMORY LINE END),
			  &d));
	check(!read_device(TEXT(HID "\0\xa0\x02\x01"), TEXT(MEMORY LINE END),
			   &d));
}

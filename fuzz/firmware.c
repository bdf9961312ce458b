// SPDX-License-Identifier: BSD-3-Clause
/*
 * What firmware and devices say of themselves: ACPI's tables (plat-kvm/pc/
 * acpi_*.c), PCI's configuration space (pci.c), a command line's devices
 * (virtio/mmio_word.c). The first byte says which: the rest are its bytes.
 */
#include "fuzz/fuzz.h"
#include "plat-kvm/pc/acpi_aml.h"
#include "plat-kvm/pc/acpi_button.h"
#include "plat-kvm/pc/acpi_mcfg.h"
#include "plat-kvm/pc/pci.h"
#include "plat-kvm/virtio/virtio.h"

enum { TABLES, SPACE, WORDS, KINDS };
enum { SPACE_BYTES = 256, LINE = 512 };

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
}

/* The same bytes as each of the tables. */
static void read_tables(const uint8_t *data, size_t len)
{
	struct eft_kvm_line line = {.gsi = 4};
	struct eft_kvm_ioapic io = {.gsi = 0};
	struct eft_kvm_mmio_device device;
	size_t at = 0, last = 0;
	struct eft_kvm_event_button button;
	uint64_t phys = 0;

	if (eft_kvm_find_event_button(data, len, &button))
		fuzz_check(button.mask != 0 && button.phys % button.bytes == 0);
	eft_kvm_madt_override(data, len, 4, &line);
	if (eft_kvm_madt_ioapic(data, len, line.gsi, &io))
		fuzz_check(io.gsi <= line.gsi);
	if (eft_kvm_mcfg_bus(data, len, 7, &phys))
		fuzz_check(phys % EFT_KVM_ECAM_BUS_BYTES == 0);
	while (eft_kvm_acpi_next_virtio(data, len, &at, &device)) {
		fuzz_check(at > last && at <= len && device.len > 0);
		last = at;
	}
}

/* A function's registers are its bytes; what is written to them stays, or not. */
static const uint8_t *space;
static size_t space_len;
static uint32_t written[SPACE_BYTES / 4];

static uint32_t config_read(void *arg, unsigned address, unsigned offset)
{
	size_t at = (address % 7 * SPACE_BYTES + offset) % (space_len + 4);
	uint32_t value = UINT32_MAX;

	fuzz_check(offset % 4 == 0 && offset < SPACE_BYTES);
	if (written[offset / 4] != 0 && (offset ^ address) & 4)
		return written[offset / 4];
	if (at + 4 <= space_len)
		memcpy(&value, space + at, 4);
	return value;
}

static void config_write(void *arg, unsigned address, unsigned offset,
			 uint32_t value)
{
	fuzz_check(offset % 4 == 0 && offset < SPACE_BYTES);
	written[offset / 4] = value;
}

static const struct eft_kvm_pci pci = {config_read, config_write, NULL};
static unsigned functions;

static bool found(void *arg, const struct eft_kvm_pci_function *function)
{
	struct eft_kvm_pci_bar bar;
	struct eft_kvm_pci_msix msix;
	unsigned at = 0;

	for (unsigned n = 0; n < 7; n++) {
		if (eft_kvm_pci_bar(&pci, function, n, &bar) < 0)
			continue;
		fuzz_check(bar.phys != 0 && bar.len != 0);
		fuzz_check((bar.len & (bar.len - 1)) == 0);
		fuzz_check((bar.phys & (bar.len - 1)) == 0);
		fuzz_check(!bar.is_port || bar.phys + bar.len <= 0x10000);
	}
	if (eft_kvm_pci_find_msix(&pci, function, &msix))
		fuzz_check(msix.bar < 6 && msix.count <= 2048);
	for (unsigned i = 0; i < 64; i++) {
		at = eft_kvm_pci_capability(&pci, function, EFT_KVM_PCI_VENDOR,
					    at);
		if (at == 0)
			break;
		fuzz_check(at >= 0x40 && at < SPACE_BYTES && at % 4 == 0);
	}
	return ++functions < 50;
}

static void walk(const uint8_t *data, size_t len)
{
	space = data;
	space_len = len;
	eft_kvm_pci_walk(&pci, found, NULL);
}

static void read_words(void)
{
	static char line[LINE];
	struct eft_kvm_mmio_device device;
	const char *text = line, *last = line;

	fuzz_string(line, sizeof(line));
	while (eft_virtio_mmio_word(&text, &device)) {
		fuzz_check(text > last && text <= line + eft_strlen(line));
		last = text;
	}
	fuzz_check(*text == '\0');
}

void fuzz_one(void)
{
	unsigned kind = fuzz_below(KINDS);
	const uint8_t *data;
	size_t len;

	if (kind == WORDS) {
		read_words();
		return;
	}
	data = fuzz_rest(&len);
	if (kind == TABLES)
		read_tables(data, len);
	else
		walk(data, len);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * All virtio devices of the machine: those that the command line names, those
 * of the DSDT, those on PCI's buses.
 *
 * LOCKS  Who looks for devices is alone (core/dev/device.h).
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/pc/acpi.h"
#include "plat-kvm/pc/acpi_sleep.h"
#include "plat-kvm/pc/pci_access.h"
#include "plat-kvm/virtio/virtio.h"

enum { MMIO_MAX = 64 };

static struct eft_virtio *first, **end = &first;

/* Each is a page of the platform's: they are few, and stay. */
_Static_assert(sizeof(struct eft_virtio) <= EFT_PAGE_SIZE, "");

static struct eft_virtio *spare;

static struct eft_virtio *take_spare(void)
{
	if (!spare)
		spare = eft_page_for_platform(0);
	return spare;
}

static size_t put_text(char *at, const char *text)
{
	size_t len = 0;

	for (; text[len]; len++)
		at[len] = text[len];
	return len;
}

static size_t put_hex(char *at, uint64_t value)
{
	size_t len = 0;
	int shift = 60;

	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		at[len++] = "0123456789abcdef"[value >> shift & 15];
	return len;
}

/* "virtio 4 at PCI 18", "virtio 4 at 0xfeb02e00". */
static void keep(struct eft_virtio *v, const char *where, uint64_t place)
{
	size_t len = put_text(v->name, "virtio ");

	len += put_hex(v->name + len, v->id);
	len += put_text(v->name + len, where);
	len += put_hex(v->name + len, place);
	eft_assert(len < sizeof(v->name));
	v->name[len] = '\0';
	eft_log(EFT_LOG_DEBUG, "%s", v->name);
	*end = v;
	end = &v->next;
	spare = NULL;
}

static bool is_known(uint64_t phys, const struct eft_kvm_mmio_device *list,
		     unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i].phys == phys)
			return true;
	return false;
}

/* Windows are one CPU's: no other thread, no other CPU meanwhile. */
static unsigned read_dsdt(struct eft_kvm_mmio_device *list, unsigned count)
{
	struct eft_kvm_fadt fadt;
	const struct eft_kvm_acpi_header *table = eft_kvm_acpi_dsdt(&fadt);
	struct eft_kvm_mmio_device device;
	size_t at = 0;

	while (table && count < MMIO_MAX &&
	       eft_kvm_acpi_next_virtio(table, table->len, &at, &device))
		if (!is_known(device.phys, list, count))
			list[count++] = device;
	return count;
}

static unsigned read_words(struct eft_kvm_mmio_device *list)
{
	const char *text = eft_kvm_boot_info.options;
	unsigned count = 0;

	while (count < MMIO_MAX && eft_virtio_mmio_word(&text, &list[count]))
		if (!is_known(list[count].phys, list, count))
			count++;
	return count;
}

static void find_mmio(void)
{
	static struct eft_kvm_mmio_device list[MMIO_MAX];
	unsigned count = read_words(list);
	struct eft_virtio *v;

	eft_irq_off();
	count = read_dsdt(list, count);
	eft_irq_on();
	for (unsigned i = 0; i < count && (v = take_spare()); i++)
		if (eft_virtio_mmio_probe(&list[i], v))
			keep(v, " at 0x", list[i].phys);
}

static bool found(void *arg, const struct eft_kvm_pci_function *function)
{
	struct eft_virtio *v = take_spare();

	if (v && eft_virtio_pci_probe(arg, function, v))
		keep(v, " at PCI ", function->address);
	return v != NULL;
}

static void find_pci(void)
{
	const struct eft_kvm_pci *pci = eft_kvm_pci_access();

	if (pci)
		eft_kvm_pci_walk(pci, found, (void *)pci);
}

struct eft_virtio *eft_virtio_find(unsigned id, struct eft_virtio *v)
{
	static bool looked;

	if (!looked) {
		looked = true;
		find_mmio();
		find_pci();
	}
	for (v = v ? v->next : first; v && v->id != id; v = v->next)
		;
	return v;
}

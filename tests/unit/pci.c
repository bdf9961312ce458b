// SPDX-License-Identifier: BSD-3-Clause
/*
 * plat-kvm's walk of PCI's buses, on configuration spaces of the test's own:
 * real registers by PCI Local Bus 3.0 §6, and some that lie.
 */
#include "plat-kvm/pc/pci.h"
#include "tests/unit/unit.h"

enum { FUNCTIONS_MAX = 16, SPACE = 256 };

/* A function: its registers, and which of their bits can be written. */
static struct function {
	unsigned address;
	uint32_t word[SPACE / 4], writable[SPACE / 4];
} functions[FUNCTIONS_MAX];

static unsigned count;
static unsigned reads;

/* More than any of these tests needs, and few enough to be read at once. */
enum { READS_MAX = 100000 };

static struct function *at_address(unsigned address)
{
	for (unsigned i = 0; i < count; i++)
		if (functions[i].address == address)
			return &functions[i];
	return NULL;
}

static uint32_t config_read(void *arg, unsigned address, unsigned offset)
{
	const struct function *f = at_address(address);

	check(offset % 4 == 0 && offset < SPACE && address < 0x10000);
	check(++reads < READS_MAX); /* else it walks in circles */
	return f ? f->word[offset / 4] : UINT32_MAX;
}

static void config_write(void *arg, unsigned address, unsigned offset,
			 uint32_t value)
{
	struct function *f = at_address(address);
	uint32_t mask;

	check(offset % 4 == 0 && offset < SPACE && f != NULL);
	if (offset >= 0x10 && offset < 0x28) /* nothing is decoded meanwhile */
		check_eq(f->word[1] & 3, 0);
	mask = f->writable[offset / 4];
	f->word[offset / 4] = (f->word[offset / 4] & ~mask) | (value & mask);
}

static const struct eft_kvm_pci pci = {config_read, config_write, NULL};

static struct function *add(unsigned bus, unsigned device, unsigned number,
			    uint32_t id)
{
	struct function *f = &functions[count++];

	check(count <= FUNCTIONS_MAX);
	memset(f, 0, sizeof(*f));
	f->address = EFT_KVM_PCI_ADDRESS(bus, device, number);
	f->word[0] = id;
	f->writable[1] = 0xffff; /* the command register */
	return f;
}

static void set_byte(struct function *f, unsigned offset, uint8_t value)
{
	f->word[offset / 4] &= ~(0xffu << offset % 4 * 8);
	f->word[offset / 4] |= (uint32_t)value << offset % 4 * 8;
}

static struct function *add_bridge(unsigned bus, unsigned device,
				   unsigned secondary)
{
	struct function *f = add(bus, device, 0, 0x00011b36);

	set_byte(f, 0x0e, 1);
	set_byte(f, 0x19, secondary);
	return f;
}

static uint16_t found[FUNCTIONS_MAX];
static unsigned found_count, stop_after;
static struct eft_kvm_pci_function last;

static bool note(void *arg, const struct eft_kvm_pci_function *f)
{
	check(found_count < FUNCTIONS_MAX && arg == &last);
	found[found_count++] = f->address;
	last = *f;
	return found_count != stop_after;
}

static void walk(void)
{
	found_count = 0;
	eft_kvm_pci_walk(&pci, note, &last);
}

Test(pci, functions)
{
	struct function *f;

	add(0, 0, 0, 0x29c08086);
	f = add(0, 3, 0, 0x10421af4);
	f->word[2] = 0x01800001;
	f->word[15] = 0x0000010b;
	f->word[1] = 0x00100000;
	add(0, 3, 1, 0x10001af4); /* function 0 is the only one, it says */
	f = add(0, 31, 0, 0x29188086);
	set_byte(f, 0x0e, 0x80);
	add(0, 31, 2, 0x29228086);
	add(0, 31, 7, 0x29308086);
	add(1, 0, 0, 0x10411af4); /* no bridge leads there */
	walk();
	check_eq(found_count, 5);
	check_eq(found[1], EFT_KVM_PCI_ADDRESS(0, 3, 0));
	check_eq(found[4], EFT_KVM_PCI_ADDRESS(0, 31, 7));
	stop_after = 2;
	walk();
	check_eq(found_count, 2);
	check_eq(last.vendor, 0x1af4);
	check_eq(last.device, 0x1042);
	check_eq(last.class, 1);
	check_eq(last.subclass, 0x80);
	check_eq(last.line, 0x0b);
	check_eq(last.pin, 1);
	check(last.has_capabilities);
}

Test(pci, bridges)
{
	add_bridge(0, 1, 2);
	add(0, 2, 0, 0x10001af4);
	add_bridge(2, 0, 255);
	add(255, 31, 0, 0x10011af4);
	walk();
	check_eq(found_count, 2);
	check_eq(found[1], EFT_KVM_PCI_ADDRESS(255, 31, 0));
}

/* Bridges to their own bus, to each other's, and all to one. */
Test(pci, bridges_in_circles)
{
	add_bridge(0, 1, 0);
	add_bridge(0, 2, 3);
	add_bridge(3, 0, 4);
	add_bridge(4, 0, 3);
	add_bridge(4, 1, 0);
	add(4, 2, 0, 0x10001af4);
	reads = 0;
	walk();
	check_eq(found_count, 1);
	check(reads < 1000);
}

/* A list of capabilities: (at), and where the next one is. */
static struct function *with_capability(struct function *f, unsigned at,
					uint8_t id, uint8_t next)
{
	f->word[1] |= 0x00100000;
	set_byte(f, at, id);
	set_byte(f, at + 1, next);
	return f;
}

static struct eft_kvm_pci_function only(void)
{
	stop_after = 0;
	walk();
	check_eq(found_count, 1);
	return last;
}

Test(pci, capabilities)
{
	struct function *f = add(0, 1, 0, 0x10411af4);
	struct eft_kvm_pci_function function;

	set_byte(f, 0x34, 0x43); /* low bits are reserved */
	with_capability(f, 0x40, 9, 0x50);
	with_capability(f, 0x50, 5, 0x60);
	with_capability(f, 0x60, 9, 0xfd);
	with_capability(f, 0xfc, 0x11, 0);
	function = only();
	check_eq(eft_kvm_pci_capability(&pci, &function, 9, 0), 0x40);
	check_eq(eft_kvm_pci_capability(&pci, &function, 9, 0x40), 0x60);
	check_eq(eft_kvm_pci_capability(&pci, &function, 9, 0x60), 0);
	check_eq(eft_kvm_pci_capability(&pci, &function, 0x11, 0), 0xfc);
	check_eq(eft_kvm_pci_capability(&pci, &function, 1, 0), 0);
	f->word[1] = 0;
	function = only();
	check_eq(eft_kvm_pci_capability(&pci, &function, 9, 0), 0);
}

Test(pci, capabilities_in_a_circle)
{
	struct function *f = add(0, 1, 0, 0x10411af4);
	struct eft_kvm_pci_function function;

	set_byte(f, 0x34, 0x40);
	with_capability(f, 0x40, 9, 0x50);
	with_capability(f, 0x50, 9, 0x40);
	function = only();
	check_eq(eft_kvm_pci_capability(&pci, &function, 1, 0), 0);
	set_byte(f, 0x51, 0x04); /* into the header */
	check_eq(eft_kvm_pci_capability(&pci, &function, 0, 0), 0);
}

static void set_bar(struct function *f, unsigned n, uint32_t value,
		    uint32_t mask)
{
	f->word[4 + n] = value;
	f->writable[4 + n] = mask;
}

Test(pci, ranges)
{
	struct function *f = add(0, 1, 0, 0x10411af4);
	struct eft_kvm_pci_function function;
	struct eft_kvm_pci_bar bar;

	set_bar(f, 0, 0xfe000000, 0xffffc000);
	set_bar(f, 1, 0xc041, 0xffc0); /* 64 ports; 16 bits are there */
	set_bar(f, 2, 0x0000000c, 0);
	set_bar(f, 3, 0x00000080, 0xffffffff);
	set_bar(f, 4, 0, 0xfffff000);
	f->word[1] = 0x0007;
	function = only();
	check_eq(eft_kvm_pci_bar(&pci, &function, 0, &bar), 0);
	check_eq(bar.phys, 0xfe000000);
	check_eq(bar.len, 0x4000);
	check(!bar.is_port && !bar.is_wide);
	check_eq(eft_kvm_pci_bar(&pci, &function, 1, &bar), 0);
	check(bar.is_port);
	check_eq(bar.phys, 0xc040);
	check_eq(bar.len, 0x40);
	check_eq(eft_kvm_pci_bar(&pci, &function, 2, &bar), 0);
	check(bar.is_wide);
	check_eq(bar.phys, 0x8000000000);
	check_eq(bar.len, 0x100000000);
	check_eq(eft_kvm_pci_bar(&pci, &function, 4, &bar), -ENODEV);
	check_eq(eft_kvm_pci_bar(&pci, &function, 5, &bar), -ENODEV);
	check_eq(eft_kvm_pci_bar(&pci, &function, 6, &bar), -EINVAL);
	/* All is as it was. */
	check_eq(f->word[4], 0xfe000000);
	check_eq(f->word[5], 0xc041);
	check_eq(f->word[7], 0x80);
	check_eq(f->word[1], 0x0007);
}

Test(pci, ranges_that_are_none)
{
	struct function *f = add(0, 1, 0, 0x10411af4);
	struct eft_kvm_pci_function function = only();
	struct eft_kvm_pci_bar bar = {.len = 7};

	set_bar(f, 0, 0xfe000000, 0xfff0f000); /* no power of two */
	check_eq(eft_kvm_pci_bar(&pci, &function, 0, &bar), -EINVAL);
	set_bar(f, 0, 0x1ffc1, 0xffc0); /* past the last port */
	check_eq(eft_kvm_pci_bar(&pci, &function, 0, &bar), -EINVAL);
	set_bar(f, 5, 0xfe000004, 0xfffff000); /* the half of a wide one */
	check_eq(eft_kvm_pci_bar(&pci, &function, 5, &bar), -EINVAL);
	check_eq(bar.len, 7);
}

Test(pci, enabled)
{
	struct function *f = add(0, 1, 0, 0x10411af4);

	f->word[1] = 0x00100000;
	eft_kvm_pci_enable(&pci, f->address, false);
	check_eq(f->word[1], 0x00100407);
	eft_kvm_pci_enable(&pci, f->address, true);
	check_eq(f->word[1], 0x00100007);
}

Test(pci, msix)
{
	struct function *f = add(0, 1, 0, 0x10411af4);
	struct eft_kvm_pci_function function;
	struct eft_kvm_pci_msix msix = {.count = 0};

	set_byte(f, 0x34, 0x98);
	with_capability(f, 0x98, 0x11, 0);
	f->word[0x98 / 4] |= 3u << 16;
	f->writable[0x98 / 4] = 0xc0000000;
	f->word[0x9c / 4] = 0x801; /* in range 1, at 0x800 */
	set_bar(f, 1, 0xfe000000, 0xfffff000);
	function = only();
	check(eft_kvm_pci_find_msix(&pci, &function, &msix));
	check_eq(msix.count, 4);
	check_eq(msix.bar, 1);
	check_eq(msix.offset, 0x800);
	eft_kvm_pci_enable_msix(&pci, f->address, &msix, true);
	check_eq(f->word[0x98 / 4], 0x80030011);
	eft_kvm_pci_enable_msix(&pci, f->address, &msix, false);
	check_eq(f->word[0x98 / 4], 0x00030011);
	/* Its table does not end within the range, or has none. */
	f->word[0x98 / 4] |= 0x80u << 16;
	check(!eft_kvm_pci_find_msix(&pci, &function, &msix));
	f->word[0x98 / 4] &= ~(0x80u << 16);
	f->word[0x9c / 4] = 0xfffffff9;
	check(!eft_kvm_pci_find_msix(&pci, &function, &msix));
	f->word[0x9c / 4] = 0x806;
	check(!eft_kvm_pci_find_msix(&pci, &function, &msix));
	check_eq(msix.count, 4);
}

static uint32_t random_read(void *arg, unsigned address, unsigned offset)
{
	check(address < 0x10000 && offset < SPACE && offset % 4 == 0);
	return unit_random(3) ? unit_random(1ull << 32)
			      : (uint32_t) - (int)unit_random(2);
}

static void random_write(void *arg, unsigned address, unsigned offset,
			 uint32_t value)
{
}

static bool use(void *arg, const struct eft_kvm_pci_function *f)
{
	const struct eft_kvm_pci *lying = arg;
	struct eft_kvm_pci_bar bar;
	struct eft_kvm_pci_msix msix;

	for (unsigned n = 0; n < 7; n++) {
		if (eft_kvm_pci_bar(lying, f, n, &bar) < 0)
			continue;
		check(bar.phys != 0 && bar.len != 0);
		check_eq(bar.len & (bar.len - 1), 0);
		check_eq(bar.phys & (bar.len - 1), 0);
	}
	if (eft_kvm_pci_find_msix(lying, f, &msix))
		check(msix.bar < 6 && msix.count <= 2048);
	for (unsigned at = 0, i = 0; i < 100; i++) {
		at = eft_kvm_pci_capability(lying, f, 9, at);
		if (at == 0)
			break;
		check(at >= 0x40 && at < SPACE && at % 4 == 0);
	}
	return true;
}

/* Each read may answer anything. */
Test(pci, liar)
{
	static struct eft_kvm_pci lying = {random_read, random_write, NULL};

	for (unsigned i = 0; i < 20; i++)
		eft_kvm_pci_walk(&lying, use, &lying);
}

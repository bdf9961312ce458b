// SPDX-License-Identifier: BSD-3-Clause
/*
 * The address space, and its page tables at boot.
 *
 *   0x200000            the image, virtual = physical, pages of 4 KiB: text
 *                       executable, read-only data, data not executable
 *   0x100000000000      the program's memory: empty; core maps it (memory.c)
 *   0xffff800000000000  the direct map: RAM at its physical address plus
 *                       this, writable, not executable, in the largest pages
 *   0xfffff00000000000  windows: device registers and firmware's tables; from
 *                       1 GiB on the registers of devices that were mapped
 *
 * Nothing else is there: a null pointer faults. No page is both writable and
 * executable, nor has two addresses of which one is: the direct map leaves
 * the image out. It does take the first 2 MiB in one page, with the holes
 * that a PC has there: the CPU heeds their memory types (SDM vol. 3 §11.11.9),
 * and 400 small entries would be a tenth of the time it takes to boot.
 *
 * Tables come from a small pool in .bss, which the loader has zeroed, and
 * then from RAM. They are never freed. The loader's page tables, or those of
 * boot/entry.S, are in use all the while: a table is reached at its physical
 * address, below 1 GiB.
 */
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/pte.h"

#define MIB2	0x200000ul
#define REACH	0x40000000ul
#define WINDOWS 0xfffff00000000000ul

/* Image: 3 for its first 2 MiB. Direct map: 3 for 1 GiB, with its edges. */
#define POOL_TABLES 7

static uint64_t pool[POOL_TABLES][TABLE_ENTRIES]
	__attribute__((aligned(EFT_PAGE_SIZE)));
static unsigned pool_used;

/* The windows' tables: used late, in a crash perhaps, so never missing. */
static uint64_t window_tables[2][TABLE_ENTRIES]
	__attribute__((aligned(EFT_PAGE_SIZE)));

static struct eft_kvm_regions *free_ram;

static uint64_t *take_table(void)
{
	if (pool_used < POOL_TABLES)
		return pool[pool_used++];
	for (unsigned i = free_ram->count; i-- > 0;) {
		struct eft_kvm_region *r = &free_ram->at[i];
		uint64_t end = eft_min(r->end, REACH);

		if (end < r->start + EFT_PAGE_SIZE)
			continue;
		end -= EFT_PAGE_SIZE;
		eft_kvm_regions_remove(free_ram, end, end + EFT_PAGE_SIZE);
		return memset((void *)end, 0, EFT_PAGE_SIZE);
	}
	eft_kvm_refuse("not enough memory for the page tables");
}

/* The table of (level) for (addr). Physical addresses are virtual yet. */
static uint64_t *table_for(uintptr_t addr, int level)
{
	uint64_t *table = eft_kvm_pml4.entry;

	for (int l = 3; l > level; l--) {
		uint64_t *e = &table[level_index(addr, l)];

		if (*e == 0)
			*e = (uintptr_t)take_table() | PTE_TABLE;
		table = (uint64_t *)(*e & PTE_ADDR);
	}
	return table;
}

/* The level of the largest page that fits at (addr), (len) bytes long. */
static int best_level(uintptr_t addr, uint64_t len)
{
	int level = eft_kvm_features.page_1g ? 2 : 1;

	while (level > 0 && ((addr & (level_bytes(level) - 1)) != 0 ||
			     len < level_bytes(level)))
		level--;
	return level;
}

/* The (n) entries before (end), n > 0. Most of the time to boot goes here. */
static __attribute__((noinline)) void fill(uint64_t *end, long n,
					   uint64_t entry, uintptr_t step)
{
	n = -n;
	do {
		end[n] = entry;
		entry += step;
	} while (++n != 0);
}

/* Map [addr, addr+len), from (phys) on: a table's worth in each turn. */
static void map(uintptr_t addr, uint64_t phys, uint64_t len, uint64_t bits)
{
	while (len > 0) {
		int level = best_level(addr, len);
		uintptr_t step = level_bytes(level);
		uintptr_t table = level_bytes(level + 1);
		unsigned first = level_index(addr, level);
		uint64_t now = eft_min(table - (addr & (table - 1)), len);
		long n = now / step;

		fill(table_for(addr, level) + first + n, n,
		     phys | bits | (level > 0 ? PTE_LARGE : 0), step);
		addr += n * step;
		phys += n * step;
		len -= n * step;
	}
}

static void map_image(const char *start, const char *end, int prot)
{
	map((uintptr_t)start, (uintptr_t)start, end - start, pte_prot(prot));
}

static void map_direct(uint64_t start, uint64_t end)
{
	if (start < end)
		map(EFT_KVM_DIRECT + start, start, end - start,
		    PTE_PRESENT | PTE_WRITE | PTE_USED | PTE_NX);
}

void eft_kvm_paging_init(const struct eft_kvm_regions *ram,
			 struct eft_kvm_regions *free)
{
	uint64_t image = (uintptr_t)eft_image_start;
	uint64_t image_end = (uintptr_t)eft_image_end;

	free_ram = free;
	map_image(eft_image_text, eft_image_text_end,
		  EFT_PROT_READ | EFT_PROT_EXEC);
	map_image(eft_image_rodata, eft_image_rodata_end, EFT_PROT_READ);
	map_image(eft_image_data, eft_image_end,
		  EFT_PROT_READ | EFT_PROT_WRITE);
	map_direct(0, MIB2);
	for (unsigned i = 0; i < ram->count; i++) {
		uint64_t start = eft_max(ram->at[i].start, MIB2);

		map_direct(start, eft_min(ram->at[i].end, image));
		map_direct(eft_max(start, image_end), ram->at[i].end);
	}
	eft_kvm_pml4.entry[level_index(WINDOWS, 3)] =
		(uintptr_t)window_tables[0] | PTE_TABLE;
	window_tables[0][0] = (uintptr_t)window_tables[1] | PTE_TABLE;
	write_cr3((uintptr_t)&eft_kvm_pml4);
}

/* Two large pages: (phys) may lie near the end of the first. */
static void *show(enum eft_kvm_window window, uint64_t phys, uint64_t bits)
{
	uint64_t *e = &window_tables[1][2 * window];
	uintptr_t addr = WINDOWS + 2 * MIB2 * window;
	uint64_t first = phys & -MIB2;

	if (eft_kvm_pml4.entry[level_index(WINDOWS, 3)] == 0) /* too early */
		return NULL;
	if (phys == 0 ||
	    phys >= (1ull << eft_kvm_features.phys_bits) - 2 * MIB2)
		return NULL;
	for (int i = 0; i < 2; i++) {
		e[i] = (first + i * MIB2) | PTE_PRESENT | PTE_USED | PTE_LARGE |
		       PTE_NX | bits;
		invlpg(addr + i * MIB2);
	}
	return (void *)(addr + (phys - first));
}

const void *eft_kvm_window_table(enum eft_kvm_window window, uint64_t phys)
{
	return show(window, phys, 0);
}

volatile void *eft_kvm_window_device(enum eft_kvm_window window, uint64_t phys)
{
	return show(window, phys, PTE_WRITE | PTE_UNCACHED);
}

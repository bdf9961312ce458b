// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Page table entries (SDM vol. 3 §4.5) and where tables are.
 */
#include "core/arch/x86_64/image.h"
#include "plat-kvm/kvm.h"

#define PTE_PRESENT  (1ul << 0)
#define PTE_WRITE    (1ul << 1)
#define PTE_UNCACHED (3ul << 3) /* PCD, PWT: entry 3 of the PAT at reset */
#define PTE_USED     (3ul << 5) /* accessed, dirty: spares the CPU the write */
#define PTE_LARGE    (1ul << 7)
#define PTE_NX	     (1ul << 63)
#define PTE_ADDR     0x000ffffffffff000ul

/* Bits 9 to 11 are ours. */
#define PTE_OWNED  (1ul << 9)  /* unmap gives the page to eft_page_release() */
#define PTE_COPIED (1ul << 10) /* never writable */
#define PTE_HIDDEN (1ul << 11) /* a page is here, but not accessible */
#define PTE_HOLD   (PTE_OWNED | PTE_COPIED) /* an enum eft_hold */

_Static_assert((uint64_t)EFT_HOLD_OWNED << 9 == PTE_OWNED, "");
_Static_assert((uint64_t)EFT_HOLD_COPIED << 9 == PTE_COPIED, "");

/*
 * Beyond the windows (paging.c), in tables that they have begun: devices that
 * eft_kvm_map_device() has mapped.
 */
#define EFT_KVM_DEVICES	      0xfffff00040000000ul
#define EFT_KVM_DEVICES_BYTES 0x1000000000ul

/* A table above the last level: its entries decide. */
#define PTE_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USED)

#define TABLE_ENTRIES 512

/* The first table of an address space, and so all of it; boot's. */
struct eft_plat_space {
	uint64_t entry[TABLE_ENTRIES];
};

extern struct eft_plat_space eft_kvm_pml4;

/* Level 0 has the pages of 4 KiB, level 3 is the PML4. */
static inline uintptr_t level_bytes(int level)
{
	return 1ul << (12 + 9 * level);
}

static inline unsigned level_index(uintptr_t addr, int level)
{
	return addr >> (12 + 9 * level) & (TABLE_ENTRIES - 1);
}

/* The image is not in the direct map, and is where it is. */
static inline void *phys_to_page(uint64_t phys)
{
	if (phys >= (uintptr_t)eft_image_start &&
	    phys < (uintptr_t)eft_image_end)
		return (void *)phys;
	return (void *)(EFT_KVM_DIRECT + phys);
}

static inline uint64_t page_to_phys(const void *page)
{
	uintptr_t addr = (uintptr_t)page;

	return addr >= EFT_KVM_DIRECT ? addr - EFT_KVM_DIRECT : addr;
}

/* The table that entry (e) of a higher one points at. */
static inline uint64_t *pte_table(uint64_t e)
{
	return phys_to_page(e & PTE_ADDR);
}

static inline uint64_t pte_prot(int prot)
{
	uint64_t bits = PTE_USED;

	bits |= prot == EFT_PROT_NONE ? PTE_HIDDEN : PTE_PRESENT;
	if (prot & EFT_PROT_WRITE)
		bits |= PTE_WRITE;
	if (!(prot & EFT_PROT_EXEC))
		bits |= PTE_NX;
	return bits;
}

/* The same, of a page that is held as (hold), bits of PTE_HOLD, says. */
static inline uint64_t pte_held(int prot, uint64_t hold)
{
	uint64_t bits = pte_prot(prot) | hold;

	return hold & PTE_COPIED ? bits & ~PTE_WRITE : bits;
}

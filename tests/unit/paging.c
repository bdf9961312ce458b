// SPDX-License-Identifier: BSD-3-Clause
/*
 * A guest's page tables against a model of two processors' TLBs.
 *
 * plat-kvm/x86/memory.c is compiled into the test, with the processor's
 * instructions replaced: each CPU keeps what it has looked up, until it is told
 * to forget it. After each call no TLB allows what the tables do not, nor leads
 * to another page; no page is given back while a TLB leads there; and whatever
 * fails, no page stays behind.
 */
#define invlpg	  real_invlpg
#define read_cr3  real_read_cr3
#define write_cr3 real_write_cr3
#include "plat-kvm/x86/asm.h"
#undef invlpg
#undef read_cr3
#undef write_cr3

#include "plat-kvm/kvm.h"
#include "tests/unit/unit.h"
#undef EFT_KVM_DIRECT
#define EFT_KVM_DIRECT 0x1000ul /* RAM is here plus its physical address */

static void invlpg(uintptr_t addr);
static uint64_t read_cr3(void);
static void write_cr3(uint64_t value);
static void give_back(void *page);

static void *make_table(void)
{
	return eft_page_alloc_zeroed(0);
}

/* The fake platform has its own. */
const struct eft_paging *guest_paging(void);
const struct eft_cached_paging *guest_cached_paging(void);

#define eft_page_release	     give_back
#define eft_page_for_tables	     make_table
#define eft_plat_guest_paging	     guest_paging
#define eft_plat_guest_cached_paging guest_cached_paging
#include "plat-kvm/x86/memory.c"
#undef eft_page_release
#undef eft_page_for_tables
#undef eft_plat_guest_paging
#undef eft_plat_guest_cached_paging

enum { CPUS = 2, PAGES = 1200, STEPS = 12000, SHARED = 8 };

#define START EFT_KVM_PROGRAM_START

const struct eft_plat eft_kvm_plat;
struct eft_plat_space eft_kvm_pml4;
struct eft_kvm_features eft_kvm_features = {.phys_bits = 40};

/* What each CPU has looked up; the first is the one that calls. */
static uint64_t tlb[CPUS][PAGES];
static void *shared[SHARED]; /* pages of a file, nobody's own */
static uint64_t flushes_of_others;

static uintptr_t at(unsigned page)
{
	return START + (uintptr_t)page * EFT_PAGE_SIZE;
}

static void forget_all(unsigned cpu)
{
	memset(tlb[cpu], 0, sizeof(tlb[cpu]));
}

static void invlpg(uintptr_t addr)
{
	if (addr < at(PAGES))
		tlb[0][(addr - START) / EFT_PAGE_SIZE] = 0;
}

static uint64_t read_cr3(void)
{
	return 0;
}

static void write_cr3(uint64_t value)
{
	forget_all(0);
}

void eft_kvm_flush_others(void)
{
	flushes_of_others++;
	for (unsigned cpu = 1; cpu < CPUS; cpu++)
		forget_all(cpu);
}

static void give_back(void *page)
{
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		for (unsigned i = 0; i < PAGES; i++)
			check(tlb[cpu][i] == 0 ||
			      phys_to_page(tlb[cpu][i] & PTE_ADDR) != page);
	}
	eft_page_free(page);
}

/* The entry of (page) in the tables as they are, or 0. */
static uint64_t entry_of(unsigned page)
{
	uintptr_t addr = at(page);
	uint64_t entry = eft_kvm_pml4.entry[level_index(addr, 3)];

	for (int level = 2; level >= 0 && entry != 0; level--)
		entry = pte_table(entry)[level_index(addr, level)];
	return entry;
}

static void touch(unsigned cpu, unsigned page)
{
	uint64_t entry = entry_of(page);

	if (tlb[cpu][page] == 0 && entry & PTE_PRESENT)
		tlb[cpu][page] = entry;
}

/* A TLB that allows less leads to a fault, which is looked at again. */
static void check_tlbs(void)
{
	for (unsigned page = 0; page < PAGES; page++) {
		uint64_t entry = entry_of(page);

		for (unsigned cpu = 0; cpu < CPUS; cpu++) {
			uint64_t seen = tlb[cpu][page];

			if (seen == 0)
				continue;
			check_eq(seen & PTE_ADDR, entry & PTE_ADDR);
			check(!(seen & ~entry & (PTE_PRESENT | PTE_WRITE)));
			check(!(entry & ~seen & PTE_NX));
		}
		/* The calling CPU sees what it is given at once. */
		if (tlb[0][page] != 0)
			check_eq(tlb[0][page] & ~PTE_HOLD, entry & ~PTE_HOLD);
	}
}

static int random_prot(void)
{
	static const int prots[] = {EFT_PROT_NONE, EFT_PROT_READ,
				    EFT_PROT_READ | EFT_PROT_WRITE,
				    EFT_PROT_READ | EFT_PROT_EXEC};

	return prots[unit_random(4)];
}

static void map_one(unsigned page)
{
	enum eft_hold hold = unit_random(4) > 1 ? EFT_HOLD_OWNED
			     : unit_random(2)	? EFT_HOLD_SHARED
						: EFT_HOLD_COPIED;
	bool owned = hold == EFT_HOLD_OWNED;
	void *memory = owned ? eft_page_alloc(0) : shared[unit_random(SHARED)];
	uint64_t before = entry_of(page);
	int error;

	if (memory == NULL)
		return;
	error = eft_kvm_map_page(&eft_kvm_pml4, at(page), memory, random_prot(),
				 hold);
	if (error == -EEXIST)
		check(before & PTE_OWNED);
	if (error != 0 && owned)
		eft_page_free(memory);
	if (error == 0)
		check_eq(entry_of(page) & PTE_ADDR, page_to_phys(memory));
}

static void move_some(unsigned from, unsigned len)
{
	unsigned to = (unsigned)unit_random(PAGES - len);
	uint64_t entries[64];
	int error;

	if (to < from + len && from < to + len)
		return;
	eft_alloc_fail_after(UINT64_MAX);
	eft_kvm_unmap(&eft_kvm_pml4, at(to), len * EFT_PAGE_SIZE);
	eft_alloc_fail_after(unit_random(3) ? UINT64_MAX : unit_random(2));
	for (unsigned i = 0; i < len; i++)
		entries[i] = entry_of(from + i);
	error = eft_kvm_move(&eft_kvm_pml4, at(from), at(to),
			     len * EFT_PAGE_SIZE);
	check(error == 0 || error == -ENOMEM);
	for (unsigned i = 0; i < len; i++) {
		check_eq(entry_of(from + i), error == 0 ? 0 : entries[i]);
		check_eq(entry_of(to + i), error == 0 ? entries[i] : 0);
	}
}

/* What is its mapping's own stays as it is; all else is there as before. */
static void clean_some(unsigned page, unsigned len)
{
	uint64_t entries[64];

	for (unsigned i = 0; i < len; i++)
		entries[i] = entry_of(page + i);
	clean(&eft_kvm_pml4, at(page), len * EFT_PAGE_SIZE);
	for (unsigned i = 0; i < len; i++) {
		uint64_t old = entries[i];

		if (old != 0 && !(old & PTE_OWNED))
			old = (old & ~PTE_WRITE) | PTE_COPIED;
		check_eq(entry_of(page + i), old);
	}
}

/* What is not its mapping's own is gone. */
static void hide_some(unsigned page, unsigned len)
{
	uint64_t entries[64];

	for (unsigned i = 0; i < len; i++)
		entries[i] = entry_of(page + i);
	hide(&eft_kvm_pml4, at(page), len * EFT_PAGE_SIZE);
	for (unsigned i = 0; i < len; i++)
		check_eq(entry_of(page + i),
			 entries[i] & PTE_OWNED ? entries[i] : 0);
}

/* A page stays the mapping's own, or to be copied by its first write. */
static void protect_some(unsigned page, unsigned len, int prot)
{
	const uint64_t kept = PTE_ADDR | PTE_HOLD;
	uint64_t entries[64];

	for (unsigned i = 0; i < len; i++)
		entries[i] = entry_of(page + i);
	check_eq(eft_kvm_protect(&eft_kvm_pml4, at(page), len * EFT_PAGE_SIZE,
				 prot),
		 0);
	for (unsigned i = 0; i < len; i++) {
		uint64_t entry = entry_of(page + i);

		check_eq(entry & kept, entries[i] & kept);
		check(!(entry & PTE_WRITE) ||
		      (prot & EFT_PROT_WRITE && !(entry & PTE_COPIED)));
	}
}

static void step(void)
{
	unsigned len = 1 + (unsigned)unit_random(40);
	unsigned page = (unsigned)unit_random(PAGES - len);

	for (int i = 0; i < 20; i++)
		touch((unsigned)unit_random(CPUS),
		      (page + (unsigned)unit_random(50)) % PAGES);
	eft_alloc_fail_after(unit_random(10) ? UINT64_MAX : unit_random(3));
	switch (unit_random(10)) {
	case 0:
		eft_kvm_unmap(&eft_kvm_pml4, at(page), len * EFT_PAGE_SIZE);
		for (unsigned i = 0; i < len; i++)
			check_eq(entry_of(page + i), 0);
		break;
	case 1:
	case 2:
		protect_some(page, len, random_prot());
		break;
	case 3:
		move_some(page, len);
		break;
	case 4:
		clean_some(page, len);
		break;
	case 5:
		hide_some(page, len);
		break;
	default:
		for (unsigned i = 0; i < len; i++)
			map_one(page + i);
	}
	eft_alloc_fail_after(UINT64_MAX);
	check_tlbs();
}

static uint64_t free_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

Test(paging, random_operations)
{
	uint64_t before;

	fake_boot(NULL);
	for (unsigned i = 0; i < SHARED; i++)
		shared[i] = eft_page_alloc(0);
	before = free_pages();
	for (unsigned i = 0; i < STEPS; i++) {
		step();
		if (i % 2000 != 1999)
			continue;
		eft_kvm_unmap(&eft_kvm_pml4, START,
			      PAGES * (size_t)EFT_PAGE_SIZE);
		check_tlbs();
		check_eq(free_pages(), before); /* the tables too */
	}
	check(flushes_of_others > 1000);
}

/* What allows more, or maps what was not there, disturbs nobody. */
Test(paging, no_flush_where_none_is_needed)
{
	void *page;

	fake_boot(NULL);
	page = eft_page_alloc(0);
	check_eq(eft_kvm_map_page(&eft_kvm_pml4, START, page, EFT_PROT_READ,
				  EFT_HOLD_OWNED),
		 0);
	touch(0, 0);
	touch(1, 0);
	check_eq(eft_kvm_protect(&eft_kvm_pml4, START, EFT_PAGE_SIZE,
				 EFT_PROT_READ | EFT_PROT_WRITE),
		 0);
	check_eq(flushes_of_others, 0);
	check_eq(tlb[0][0], 0);
	check_eq(eft_kvm_protect(&eft_kvm_pml4, START, EFT_PAGE_SIZE,
				 EFT_PROT_READ),
		 0);
	check_eq(flushes_of_others, 1);
	eft_kvm_unmap(&eft_kvm_pml4, at(1), 100 * EFT_PAGE_SIZE);
	check_eq(flushes_of_others, 1);
}

/* To where there are no tables yet, for which memory runs out. */
Test(paging, move_without_memory)
{
	const uintptr_t far = START + (1ul << 39) - 2 * EFT_PAGE_SIZE;
	enum { LEN = 4 };
	uint64_t before;
	int error = -1;

	fake_boot(NULL);
	for (unsigned i = 0; i < LEN; i++)
		check_eq(eft_kvm_map_page(&eft_kvm_pml4, at(i),
					  eft_page_alloc(0), EFT_PROT_READ,
					  EFT_HOLD_OWNED),
			 0);
	before = free_pages();
	for (uint64_t n = 0; error != 0; n++) {
		check(n < 10);
		eft_alloc_fail_after(n);
		error = eft_kvm_move(&eft_kvm_pml4, START, far,
				     LEN * EFT_PAGE_SIZE);
		eft_alloc_fail_after(UINT64_MAX);
		if (error == 0)
			break;
		check_eq(error, -ENOMEM);
		check_eq(free_pages(), before);
		for (unsigned i = 0; i < LEN; i++)
			check(entry_of(i) & PTE_PRESENT);
	}
	check_eq(entry_of(0), 0);
	eft_kvm_unmap(&eft_kvm_pml4, far, LEN * EFT_PAGE_SIZE);
}

enum { DEVICE = 0x1000000 }; /* a physical address, clear of the image's */

static uint64_t device_entry(volatile void *addr)
{
	return *make_entry(&eft_kvm_pml4, (uintptr_t)addr & ~EFT_PAGE_MASK);
}

/* Registers are mapped page by page, uncached, each range at its own place. */
Test(paging, devices)
{
	const uint64_t top = 1ull << 40;
	volatile char *one, *two;

	fake_boot(NULL);
	one = eft_kvm_map_device(DEVICE + 0xff8, 16);
	two = eft_kvm_map_device(top - 8, 8);
	check(one != NULL && two != NULL && two - one > 16);
	check_eq((uintptr_t)one & EFT_PAGE_MASK, 0xff8);
	check_eq(device_entry(one) & PTE_ADDR, DEVICE);
	check_eq(device_entry(one + 8) & PTE_ADDR, DEVICE + EFT_PAGE_SIZE);
	check_eq(device_entry(two) & PTE_ADDR, top - EFT_PAGE_SIZE);
	check_eq(device_entry(one) & ~PTE_ADDR,
		 PTE_PRESENT | PTE_WRITE | PTE_USED | PTE_NX | PTE_UNCACHED);
}

/* No device is where there is RAM, or beyond what the processor reaches. */
Test(paging, devices_that_cannot_be)
{
	const uint64_t top = 1ull << 40;

	fake_boot(NULL);
	*make_entry(&eft_kvm_pml4, EFT_KVM_DIRECT + DEVICE) =
		DEVICE | PTE_PRESENT;
	check(eft_kvm_map_device(DEVICE, 4) == NULL);
	check(eft_kvm_map_device(DEVICE + 0xfff, 1) == NULL);
	check(eft_kvm_map_device(DEVICE - 4, 8) == NULL);
	check(eft_kvm_map_device(DEVICE - 4, 4) != NULL);
	check(eft_kvm_map_device(DEVICE + EFT_PAGE_SIZE, 4) != NULL);
	check(eft_kvm_map_device(DEVICE * 2, 0) == NULL);
	check(eft_kvm_map_device(top, 4) == NULL);
	check(eft_kvm_map_device(top - 4, 8) == NULL);
	check(eft_kvm_map_device(UINT64_MAX, 8) == NULL);
	check(eft_kvm_map_device(DEVICE * 2, UINT64_MAX) == NULL);
}

Test(paging, devices_without_memory)
{
	fake_boot(NULL);
	eft_alloc_fail_after(0);
	check(eft_kvm_map_device(DEVICE, 4) == NULL);
	eft_alloc_fail_after(UINT64_MAX);
	check(eft_kvm_map_device(DEVICE, 4) != NULL);
}

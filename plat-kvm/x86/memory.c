// SPDX-License-Identifier: BSD-3-Clause
/*
 * The contract's memory calls: what core maps in the program's range.
 *
 * HOW
 *	A page table entry is the only record. One that is not 0 has a page,
 *	be it hidden (PROT_NONE) or not, and says whether the mapping owns it.
 *	Tables are made on the way down, and go when their last entry does.
 *	An absent table is skipped in one step, so a call costs what is there,
 *	not what it spans.
 *
 * LOCKS
 *	The tables have one. Within it are the page allocator's, and the wait
 *	for other CPUs, which do what that needs even while they spin (tlb.c).
 *	The processors walk the tables without it: a store to an entry is one
 *	aligned word.
 *
 * ORDER
 *	A page that a mapping let go of, and a table that became empty, may
 *	still be in a TLB. They are gathered, the TLBs of all CPUs are flushed,
 *	and only then are they released. Another CPU's TLB that allows less than
 *	the tables do is left alone: a fault there finds the page in place, and
 *	the access is tried again.
 */
#include "core/lock.h"
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/pte.h"

#define ENOMEM 12
#define EEXIST 17

struct gather {
	unsigned changes; /* of entries since the last flush */
	uintptr_t addr;	  /* the last one's */
	unsigned count;
	void *page[32];
};

static struct eft_lock tables = EFT_LOCK_INIT(EFT_RANK_TABLES);

/* Both forget all cached tables too (SDM vol. 3 §4.10.4.1). */
static void flush_own_tlb(unsigned changes, uintptr_t addr)
{
	if (changes == 1)
		invlpg(addr);
	else if (changes > 1)
		write_cr3(read_cr3());
}

static void flush_tlbs(unsigned changes, uintptr_t addr)
{
	flush_own_tlb(changes, addr);
	if (changes > 0 && eft_kvm_flush_others)
		eft_kvm_flush_others();
}

static void flush(struct gather *g)
{
	flush_tlbs(g->changes, g->addr);
	g->changes = 0;
	while (g->count > 0)
		eft_page_release(g->page[--g->count]);
}

static void give(struct gather *g, void *page)
{
	if (g->count == eft_array_size(g->page))
		flush(g);
	eft_assert(((uintptr_t)page & EFT_PAGE_MASK) == 0);
	g->page[g->count++] = page;
}

static void check_range(uintptr_t addr, size_t len)
{
	eft_assert(((addr | len) & EFT_PAGE_MASK) == 0);
	eft_assert(addr >= EFT_KVM_PROGRAM_START);
	eft_assert(addr <= EFT_KVM_PROGRAM_END);
	eft_assert(len <= EFT_KVM_PROGRAM_END - addr);
}

/* The entry of the page at (addr); NULL: no memory for a table. */
static uint64_t *make_entry(struct eft_plat_space *space, uintptr_t addr)
{
	uint64_t *table = space->entry;

	for (int level = 3; level > 0; level--) {
		uint64_t *e = &table[level_index(addr, level)];

		if (*e == 0) {
			void *page = eft_page_for_tables();

			if (!page)
				return NULL;
			*e = page_to_phys(page) | PTE_TABLE;
		}
		eft_assert(*e & PTE_PRESENT);
		table = pte_table(*e);
	}
	return &table[level_index(addr, 0)];
}

/*
 * The first entry with a page in [*addr, end), whose address becomes *addr,
 * or NULL.
 */
static uint64_t *next_entry(struct eft_plat_space *space, uintptr_t *addr,
			    uintptr_t end)
{
	while (*addr < end) {
		uint64_t *e = &space->entry[level_index(*addr, 3)];
		int level = 3;

		while (level > 0 && *e != 0) {
			level--;
			e = &pte_table(*e)[level_index(*addr, level)];
		}
		if (*e != 0)
			return e;
		*addr = (*addr | (level_bytes(level) - 1)) + 1;
	}
	return NULL;
}

static bool is_empty(const uint64_t *table)
{
	for (unsigned i = 0; i < TABLE_ENTRIES; i++)
		if (table[i] != 0)
			return false;
	return true;
}

/* Remove [addr, end), of which (table) has a part, and empty tables. */
static void clear(uint64_t *table, int level, uintptr_t addr, uintptr_t end,
		  struct gather *g)
{
	uintptr_t next;

	for (; addr < end; addr = next) {
		uint64_t *e = &table[level_index(addr, level)], old = *e;

		next = (addr | (level_bytes(level) - 1)) + 1;
		if (old == 0)
			continue;
		if (level > 0) {
			clear(pte_table(old), level - 1, addr,
			      eft_min(next, end), g);
			if (!is_empty(pte_table(old)))
				continue;
		}
		*e = 0;
		if (old & PTE_PRESENT) {
			g->changes++;
			g->addr = addr;
		}
		if (level > 0 || old & PTE_OWNED)
			give(g, phys_to_page(old & PTE_ADDR));
	}
}

static int map_page_locked(struct eft_plat_space *space, uintptr_t addr,
			   uint64_t fresh)
{
	uint64_t *e = make_entry(space, addr);

	if (!e)
		return -ENOMEM;
	if (*e & PTE_OWNED)
		return -EEXIST;
	if (*e != 0 && *e != fresh) {
		*e = 0;
		flush_tlbs(1, addr);
	}
	*e = fresh;
	return 0;
}

int eft_kvm_map_page(struct eft_plat_space *space, uintptr_t addr, void *page,
		     int prot, enum eft_hold hold)
{
	uint64_t fresh =
		page_to_phys(page) | pte_held(prot, (uint64_t)hold << 9);
	int err;

	check_range(addr, EFT_PAGE_SIZE);
	eft_assert((page_to_phys(page) & ~PTE_ADDR) == 0);
	eft_lock(&tables);
	err = map_page_locked(space, addr, fresh);
	eft_unlock(&tables);
	return err;
}

static void unmap_locked(struct eft_plat_space *space, uintptr_t addr,
			 size_t len)
{
	struct gather g;

	g.changes = 0;
	g.count = 0;
	clear(space->entry, 3, addr, addr + len, &g);
	flush(&g);
}

void eft_kvm_unmap(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	check_range(addr, len);
	eft_lock(&tables);
	unmap_locked(space, addr, len);
	eft_unlock(&tables);
}

/* Does (fresh) forbid what (old) allowed? */
static bool takes_away(uint64_t old, uint64_t fresh)
{
	return old & ~fresh & (PTE_PRESENT | PTE_WRITE) ||
	       fresh & ~old & PTE_NX;
}

/* Make each entry that is there what (fresh) makes of it. Tables stay. */
static void change(struct eft_plat_space *space, uintptr_t addr, size_t len,
		   uint64_t (*fresh)(uint64_t old))
{
	uintptr_t end = addr + len, last = addr;
	unsigned changes = 0;
	uint64_t *e;

	check_range(addr, len);
	eft_lock(&tables);
	for (; (e = next_entry(space, &addr, end)); addr += EFT_PAGE_SIZE) {
		uint64_t old = *e;

		*e = fresh(old);
		if (takes_away(old, *e)) {
			last = addr;
			changes++;
		}
	}
	flush_tlbs(changes, last);
	eft_unlock(&tables);
}

static uint64_t hidden(uint64_t old)
{
	return old & PTE_OWNED ? old : 0;
}

static void hide(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	change(space, addr, len, hidden);
}

const struct eft_paging *eft_plat_guest_paging(void)
{
	static const struct eft_paging paging = {.hide = hide};

	return eft_plat == &eft_kvm_plat ? &paging : NULL;
}

static uint64_t cleaned(uint64_t old)
{
	return old & (PTE_OWNED | PTE_COPIED) ? old
					      : (old & ~PTE_WRITE) | PTE_COPIED;
}

static void clean(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	change(space, addr, len, cleaned);
}

const struct eft_cached_paging *eft_plat_guest_cached_paging(void)
{
	static const struct eft_cached_paging paging = {.clean = clean};

	return eft_plat == &eft_kvm_plat ? &paging : NULL;
}

int eft_kvm_protect(struct eft_plat_space *space, uintptr_t addr, size_t len,
		    int prot)
{
	uintptr_t end = addr + len, last = addr;
	unsigned changes = 0;
	bool less = false;
	uint64_t *e;

	check_range(addr, len);
	eft_lock(&tables);
	for (; (e = next_entry(space, &addr, end)); addr += EFT_PAGE_SIZE) {
		uint64_t old = *e;

		*e = (old & PTE_ADDR) | pte_held(prot, old & PTE_HOLD);
		if (!(old & PTE_PRESENT))
			continue;
		less |= takes_away(old, *e);
		last = addr;
		changes++;
	}
	if (less)
		flush_tlbs(changes, last);
	else
		flush_own_tlb(changes, last);
	eft_unlock(&tables);
	return 0;
}

static int move_locked(struct eft_plat_space *space, uintptr_t from,
		       uintptr_t to, size_t len)
{
	uintptr_t end = from + len, at;
	uint64_t *e;

	/* First all the tables, so that the rest cannot fail. */
	for (at = from; next_entry(space, &at, end); at += EFT_PAGE_SIZE) {
		if (!make_entry(space, at - from + to)) {
			unmap_locked(space, to, len);
			return -ENOMEM;
		}
	}
	for (at = from; (e = next_entry(space, &at, end));
	     at += EFT_PAGE_SIZE) {
		uint64_t *into = make_entry(space, at - from + to);

		eft_assert(into && *into == 0);
		*into = *e;
		*e = 0;
	}
	flush_tlbs(2, from);
	unmap_locked(space, from, len); /* the tables; nothing else is left */
	return 0;
}

int eft_kvm_move(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		 size_t len)
{
	int err;

	check_range(from, len);
	check_range(to, len);
	eft_lock(&tables);
	err = move_locked(space, from, to, len);
	eft_unlock(&tables);
	return err;
}

/* Is there RAM at (phys), whole pages of which the direct map has? */
static bool is_ram(uint64_t phys)
{
	uintptr_t addr = EFT_KVM_DIRECT + phys;
	const uint64_t *table = eft_kvm_pml4.entry;

	if (phys >= (uintptr_t)eft_image_start &&
	    phys < (uintptr_t)eft_image_end)
		return true;
	for (int level = 3;; level--) {
		uint64_t e = table[level_index(addr, level)];

		if (level == 0 || e == 0 || e & PTE_LARGE)
			return e != 0;
		table = pte_table(e);
	}
}

static bool is_device(uint64_t phys, uint64_t len)
{
	uint64_t top = 1ull << eft_kvm_features.phys_bits;

	if (len == 0 || phys >= top || len > top - phys ||
	    len > EFT_KVM_DEVICES_BYTES)
		return false;
	for (uint64_t at = phys & ~EFT_PAGE_MASK; at < phys + len;
	     at += EFT_PAGE_SIZE)
		if (is_ram(at))
			return false;
	return true;
}

static bool map_device_locked(uintptr_t addr, uint64_t phys, uint64_t pages)
{
	for (; pages > 0; pages--) {
		uint64_t *e = make_entry(&eft_kvm_pml4, addr);

		if (!e)
			return false;
		*e = phys | PTE_PRESENT | PTE_WRITE | PTE_USED | PTE_NX |
		     PTE_UNCACHED;
		addr += EFT_PAGE_SIZE;
		phys += EFT_PAGE_SIZE;
	}
	return true;
}

volatile void *eft_kvm_map_device(uint64_t phys, uint64_t len)
{
	static uint64_t used; /* bytes; owned by (tables) */
	uint64_t offset = phys & EFT_PAGE_MASK, bytes;
	uintptr_t addr = 0;

	if (!is_device(phys, len))
		return NULL;
	bytes = eft_align_up(offset + len, EFT_PAGE_SIZE);
	eft_lock(&tables);
	if (bytes <= EFT_KVM_DEVICES_BYTES - used) {
		addr = EFT_KVM_DEVICES + used;
		used += bytes;
		if (!map_device_locked(addr, phys - offset,
				       bytes / EFT_PAGE_SIZE))
			addr = 0;
	}
	eft_unlock(&tables);
	return addr ? (volatile void *)(addr + offset) : NULL;
}

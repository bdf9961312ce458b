// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which pages of RAM the program's mappings show: tables of 512 entries, as a
 * processor's. They are made on the way down, and are freed when they are
 * empty. An empty one is skipped in one step.
 *
 * COUNT  The host joins neighbours whose pages are neighbours in RAM too. Each
 *        place where two are not joined is counted, for it limits how many
 *        mappings a process has.
 */
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/paging.h"

enum { PAGE_SHIFT = 12, LEVEL_BITS = 9, ENTRIES = 1 << LEVEL_BITS, TOP = 3 };

/* All addresses of ours are below 1 << 42. */
static uint64_t *roots[EFT_LINUXU_RAM >> (PAGE_SHIFT + TOP * LEVEL_BITS)];
static uint64_t borders; /* between neighbours that are not joined */

static unsigned shift_of(int level)
{
	return PAGE_SHIFT + (unsigned)level * LEVEL_BITS;
}

static uint64_t *next_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)entry;
}

/*
 * The place of (addr)'s entry; NULL: there is none, and *ret_level is the level
 * at which nothing is.
 */
static uint64_t *find(uintptr_t addr, int *ret_level)
{
	uint64_t *table = roots[addr >> shift_of(TOP)];
	int level = TOP;

	eft_assert(addr < EFT_LINUXU_RAM);
	while (table != NULL && level > 1) {
		level--;
		table = next_of(table[addr >> shift_of(level) & (ENTRIES - 1)]);
	}
	*ret_level = level;
	return table != NULL ? &table[addr >> PAGE_SHIFT & (ENTRIES - 1)]
			     : NULL;
}

uint64_t eft_linuxu_shown(uintptr_t addr)
{
	int level;
	const uint64_t *entry = find(addr, &level);

	return entry != NULL ? *entry : 0;
}

uintptr_t eft_linuxu_shown_next(uintptr_t addr, uintptr_t end)
{
	while (addr < end) {
		int level = 0;
		const uint64_t *entry = find(addr, &level);

		if (entry != NULL && *entry != 0)
			return addr;
		if (entry != NULL)
			level = 0;
		addr = (addr | ((1ul << shift_of(level)) - 1)) + 1;
	}
	return end;
}

bool eft_linuxu_shown_make(uintptr_t addr)
{
	uint64_t **at = &roots[addr >> shift_of(TOP)];

	for (int level = TOP; level > 0; level--) {
		if (*at == NULL)
			*at = eft_page_for_tables();
		if (*at == NULL)
			return false;
		at = (uint64_t **)&(
			*at)[addr >> shift_of(level - 1) & (ENTRIES - 1)];
	}
	return true;
}

static bool is_joined(uint64_t low, uint64_t high)
{
	return low == 0 ? high == 0 : high == low + EFT_PAGE_SIZE;
}

static unsigned borders_at(uintptr_t addr, uint64_t entry)
{
	return !is_joined(eft_linuxu_shown(addr - EFT_PAGE_SIZE), entry) +
	       !is_joined(entry, eft_linuxu_shown(addr + EFT_PAGE_SIZE));
}

void eft_linuxu_shown_set(uintptr_t addr, uint64_t entry)
{
	int level;
	uint64_t *at = find(addr, &level);

	eft_assert(at != NULL || entry == 0);
	if (at == NULL)
		return;
	borders -= borders_at(addr, *at);
	*at = entry;
	borders += borders_at(addr, entry);
}

void eft_linuxu_shown_fill(uintptr_t addr, uint64_t entry, unsigned count)
{
	uintptr_t last = addr + (count - 1) * EFT_PAGE_SIZE;
	uint64_t left = eft_linuxu_shown(addr - EFT_PAGE_SIZE);
	uint64_t right = eft_linuxu_shown(last + EFT_PAGE_SIZE);

	borders -= !is_joined(left, 0) + !is_joined(0, right);
	borders += !is_joined(left, entry);
	for (; addr <= last; addr += EFT_PAGE_SIZE, entry += EFT_PAGE_SIZE) {
		int level;
		uint64_t *at = find(addr, &level);

		eft_assert(at != NULL && *at == 0);
		*at = entry;
	}
	borders += !is_joined(entry - EFT_PAGE_SIZE, right);
}

uint64_t eft_linuxu_shown_borders(void)
{
	return borders;
}

static bool is_empty(const uint64_t *table)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		if (table[i] != 0)
			return false;
	}
	return true;
}

/* Of *at, a table of (level) that has (addr). */
static void prune(uint64_t **at, int level, uintptr_t addr)
{
	if (*at == NULL)
		return;
	if (level > 1)
		prune((uint64_t **)&(
			      *at)[addr >> shift_of(level - 1) & (ENTRIES - 1)],
		      level - 1, addr);
	if (is_empty(*at)) {
		eft_page_release(*at);
		*at = NULL;
	}
}

void eft_linuxu_shown_prune(uintptr_t addr, uintptr_t end)
{
	while (addr < end) {
		int level = 0;

		prune(&roots[addr >> shift_of(TOP)], TOP, addr);
		if (find(addr, &level) != NULL)
			level = 1;
		addr = (addr | ((1ul << shift_of(level)) - 1)) + 1;
	}
}

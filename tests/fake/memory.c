// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of the fake: real pages, and a table that says what each page of the
 * window is, against which every call is checked.
 */
#include "core/abi.h"
#include "core/plat.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

enum { CLEARED_BYTES = 256 << 10 };

struct slot {
	void *page; /* of RAM; NULL: zeroes of the host's */
	bool mapped, owned, copied;
	uint8_t prot;
};

static uintptr_t ram_start, ram_end;
static uintptr_t window_start, window_end;
static struct slot *slots;

/* There is one, which every call has to name. */
static struct eft_plat_space {
	char none;
} the_space;

static uintptr_t highest; /* the end of what was ever mapped in the window */

static struct slot *slot_at(uintptr_t addr)
{
	return &slots[(addr - window_start) / EFT_PAGE_SIZE];
}

static void check(const struct eft_plat_space *space, uintptr_t addr,
		  size_t len)
{
	eft_assert(space == &the_space);
	eft_assert(addr % EFT_PAGE_SIZE == 0 && len % EFT_PAGE_SIZE == 0);
	eft_assert(len > 0 && addr >= window_start && addr < window_end);
	eft_assert(len <= window_end - addr);
	highest = eft_max(highest, addr + len);
}

static void check_prot(int prot)
{
	eft_assert((prot & ~7) == 0);
	eft_assert(!(prot & EFT_PROT_WRITE) || !(prot & EFT_PROT_EXEC));
}

/* Forget [addr, addr+len), giving back what is owned there. */
static void forget(uintptr_t addr, size_t len)
{
	for (uintptr_t at = addr; at < addr + len; at += EFT_PAGE_SIZE) {
		struct slot *slot = slot_at(at);

		if (slot->owned)
			eft_page_release(slot->page);
		*slot = (struct slot){.mapped = false};
	}
}

static int map_zero(struct eft_plat_space *space, uintptr_t addr, size_t len,
		    int prot)
{
	int error = fake_injected(FAKE_MAP_ZERO);

	check(space, addr, len);
	check_prot(prot & ~EFT_PROT_OPEN);
	if (error < 0)
		return error;
	forget(addr, len);
	if (prot & EFT_PROT_OPEN) {
		eft_assert(fake_plat.map_page != NULL);
		host_unmap(addr, len);
		return 0;
	}
	for (uintptr_t at = addr; at < addr + len; at += EFT_PAGE_SIZE)
		*slot_at(at) = (struct slot){.mapped = true, .prot = prot};
	host_map_zero(addr, len, prot);
	return 0;
}

/* What the memory of a page of (slot) allows. */
static int prot_of(const struct slot *slot)
{
	return slot->copied ? slot->prot & ~EFT_PROT_WRITE : slot->prot;
}

static int map_page(struct eft_plat_space *space, uintptr_t addr, void *page,
		    int prot, enum eft_hold hold)
{
	struct slot *slot = slot_at(addr);
	int error = fake_injected(FAKE_MAP_PAGE);

	check(space, addr, EFT_PAGE_SIZE);
	check_prot(prot);
	eft_assert((uintptr_t)page % EFT_PAGE_SIZE == 0);
	eft_assert((uintptr_t)page >= ram_start && (uintptr_t)page < ram_end);
	if (error < 0)
		return error;
	if (slot->owned)
		return -EEXIST;
	*slot = (struct slot){page, true, hold == EFT_HOLD_OWNED,
			      hold == EFT_HOLD_COPIED, prot};
	host_map_page(addr, (uintptr_t)page - ram_start, prot_of(slot));
	return 0;
}

static void unmap(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	check(space, addr, len);
	forget(addr, len);
	host_unmap(addr, len);
	host_unpoison((void *)addr, len); /* a stack may have been here */
}

static void hide(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	check(space, addr, len);
	for (uintptr_t at = addr; at < addr + len; at += EFT_PAGE_SIZE) {
		struct slot *slot = slot_at(at);

		if (slot->owned || !slot->mapped)
			continue;
		eft_assert(slot->page != NULL);
		*slot = (struct slot){.mapped = false};
		host_unmap(at, EFT_PAGE_SIZE);
	}
}

static void clean(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	check(space, addr, len);
	for (uintptr_t at = addr; at < addr + len; at += EFT_PAGE_SIZE) {
		struct slot *slot = slot_at(at);

		if (slot->owned || !slot->mapped)
			continue;
		eft_assert(slot->page != NULL);
		slot->copied = true;
		host_protect(at, EFT_PAGE_SIZE, prot_of(slot));
	}
}

static int map_around(struct eft_plat_space *space, uintptr_t addr, void *page,
		      unsigned before, unsigned after, int prot,
		      enum eft_hold hold)
{
	int error = map_page(space, addr, page, prot, hold);

	if (error < 0)
		return error;
	for (unsigned i = 1; i <= before + after; i++) {
		long by = (i <= before ? -(long)i : (long)(i - before)) *
			  (long)EFT_PAGE_SIZE;

		if (!slot_at(addr + (size_t)by)->mapped)
			map_page(space, addr + (size_t)by, (char *)page + by,
				 prot, hold);
	}
	return 0;
}

static bool is_guest(void)
{
	return fake_plat.map_zero == NULL;
}

/* Also where core is to show pages beside those that map_zero() has made. */
static bool is_process(void)
{
	return fake_plat.map_zero != NULL && fake_plat.map_page != NULL;
}

static const struct eft_paging paging = {.hide = hide};

const struct eft_paging *eft_plat_guest_paging(void)
{
	return is_guest() ? &paging : NULL;
}

const struct eft_paging *eft_plat_process_paging(void)
{
	return is_process() ? &paging : NULL;
}

/* In a guest pages are mapped one by one. */
const struct eft_cached_paging *eft_plat_guest_cached_paging(void)
{
	static const struct eft_cached_paging cached = {.clean = clean};

	return is_guest() ? &cached : NULL;
}

const struct eft_cached_paging *eft_plat_process_cached_paging(void)
{
	static const struct eft_cached_paging cached = {
		.clean = clean,
		.map_around = map_around,
	};

	return is_process() ? &cached : NULL;
}

int eft_plat_process_share_ram(uintptr_t used_end, uintptr_t end)
{
	eft_assert(ram_start < used_end && used_end <= end && end <= ram_end);
	return -ENODEV;
}

int eft_plat_process_may_write(uint64_t bytes, bool *ret_lifts)
{
	*ret_lifts = false;
	return 0;
}

void eft_plat_process_lift(bool lift)
{
	eft_assert(false);
}

void eft_plat_process_call(const struct eft_trap *trap, void (*function)(void))
{
	eft_assert(false);
}

static int protect(struct eft_plat_space *space, uintptr_t addr, size_t len,
		   int prot)
{
	int error = fake_injected(FAKE_PROTECT);

	check(space, addr, len);
	check_prot(prot);
	if (error < 0)
		return error;
	for (uintptr_t at = addr; at < addr + len; at += EFT_PAGE_SIZE) {
		if (!slot_at(at)->mapped)
			continue;
		slot_at(at)->prot = prot;
		host_protect(at, EFT_PAGE_SIZE, prot_of(slot_at(at)));
	}
	return 0;
}

static int move(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		size_t len)
{
	int error = fake_injected(FAKE_MOVE);

	check(space, from, len);
	check(space, to, len);
	eft_assert(to + len <= from || from + len <= to);
	for (uintptr_t at = to; at < to + len; at += EFT_PAGE_SIZE)
		eft_assert(!slot_at(at)->mapped);
	if (error < 0)
		return error;
	for (size_t done = 0; done < len; done += EFT_PAGE_SIZE) {
		*slot_at(to + done) = *slot_at(from + done);
		*slot_at(from + done) = (struct slot){.mapped = false};
		host_move(from + done, to + done, EFT_PAGE_SIZE);
	}
	return 0;
}

size_t fake_mapped_pages(void)
{
	size_t pages = 0;

	for (uintptr_t at = window_start; at < window_end; at += EFT_PAGE_SIZE)
		pages += slot_at(at)->mapped;
	return pages;
}

size_t fake_owned_pages(void)
{
	size_t pages = 0;

	for (uintptr_t at = window_start; at < window_end; at += EFT_PAGE_SIZE)
		pages += slot_at(at)->owned;
	return pages;
}

int fake_prot_at(uintptr_t addr)
{
	return slot_at(addr)->mapped ? slot_at(addr)->prot : -1;
}

/* The CPU's page fault, as a guest would see it. */
static void on_fault(uintptr_t addr, int access, struct eft_regs *regs)
{
	struct eft_trap trap = {.regs = regs,
				.signal = SIGSEGV,
				.access = access,
				.addr = addr};

	if (addr < window_start || addr >= window_end) {
		host_give_up_faults();
		return;
	}
	eft_trap(&trap);
	if (trap.stack_top != 0) /* here all code is the program's to core */
		fake_plat.crash(SIGSEGV);
}

/* Zones lie apart, at odd pages: nothing may join across. */
static void lay_out_ram(const struct fake_config *config,
			struct eft_boot_info *info)
{
	uintptr_t at = ram_start + EFT_PAGE_SIZE;

	for (unsigned i = 0; i < FAKE_ZONES && config->zone_bytes[i]; i++) {
		info->ram[info->ram_count++] =
			(struct eft_ram){at, at + config->zone_bytes[i]};
		at += config->zone_bytes[i] + EFT_PAGE_SIZE;
	}
	if (info->ram_count == 0) {
		info->ram[0] = (struct eft_ram){at, at + FAKE_RAM};
		info->ram_count = 1;
	}
}

void fake_memory_init(const struct fake_config *config,
		      struct eft_boot_info *info)
{
	size_t ram = config->zone_bytes[0] ? 0 : FAKE_RAM + EFT_PAGE_SIZE;
	size_t window =
		config->window_bytes ? config->window_bytes : FAKE_WINDOW;

	for (unsigned i = 0; i < FAKE_ZONES; i++)
		ram += config->zone_bytes[i] + EFT_PAGE_SIZE;
	ram += EFT_PAGE_SIZE;
	ram_start = host_reserve(ram);
	ram_end = ram_start + ram;
	host_map_ram(ram_start, ram);
	lay_out_ram(config, info);
	window_start = host_reserve(window);
	window_end = window_start + window;
	slots = host_calloc(window / EFT_PAGE_SIZE * sizeof(*slots));
	info->space = &the_space;
	info->window_start = window_start;
	info->window_end = window_end;
	info->program_bytes = config->program_bytes;
	if (!config->paging)
		fake_plat.map_zero = map_zero;
	if (config->paging || config->shows)
		fake_plat.map_page = map_page;
	fake_plat.unmap = unmap;
	fake_plat.protect = protect;
	fake_plat.move = move;
	host_on_fault(on_fault);
}

uintptr_t fake_window_used(void)
{
	return highest;
}

/* Neighbours in one call of the host's. */
static void empty_window(uintptr_t used_end)
{
	uintptr_t at = window_start, start;

	while (at < used_end) {
		start = at;
		for (; at < used_end && slot_at(at)->mapped;
		     at += EFT_PAGE_SIZE)
			*slot_at(at) = (struct slot){.mapped = false};
		if (at == start) {
			at += EFT_PAGE_SIZE;
			continue;
		}
		host_unmap(start, at - start);
		host_unpoison((void *)start, at - start); /* stacks were here */
	}
	highest = 0;
}

/* A little is cleared at once, which costs less than to bring it in again. */
static void empty_ram(uintptr_t start, uintptr_t used_end)
{
	uint64_t words = (used_end - start) / sizeof(words);

	if (used_end - start > CLEARED_BYTES)
		host_empty_ram(start - ram_start, ram_end - start);
	else
		__asm__ volatile("rep stosq"
				 : "+D"(start), "+c"(words)
				 : "a"(0)
				 : "memory");
}

void fake_memory_restore(uintptr_t kept_end, uintptr_t used_end,
			 uintptr_t window_used_end)
{
	used_end = eft_max(used_end, kept_end);
	host_unpoison((void *)ram_start, used_end - ram_start);
	empty_ram(kept_end, used_end);
	empty_window(window_used_end);
}

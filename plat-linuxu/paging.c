// SPDX-License-Identifier: BSD-3-Clause
/*
 * The memory calls of a process that maps pages of its RAM for the program, in
 * images with disks.
 *
 * OPEN   Where a page may be shown, and none is, the file that RAM is is mapped
 *        from far behind its end: a touch is a fault, whatever the protection
 *        (SIGBUS; core says what the program gets). So the host's own calls
 *        work on all that is open, shown or not, and what is not shown is one
 *        mapping, for its offsets follow its addresses.
 * SHOWN  A page is a mapping of its own, unless its neighbours are neighbours
 *        in RAM too: those that core says are so are shown with it. When the
 *        host has no more mappings for us, all that are shown are taken away:
 *        who touches them shows them again.
 * SPARE  To take a page away may take a mapping more. So that it never fails,
 *        a few are kept, which are of no use but to be given back then.
 * LOCKS  As in a guest: one, for the table and what the host has of it.
 */
#include "plat-linuxu/paging.h"
#include "core/abi.h"
#include "core/lock.h"
#include "plat-linuxu/linuxu.h"

enum { MREMAP_MOVE_TO = MREMAP_MAYMOVE | MREMAP_FIXED };

/* Where in the file what is open is; SPARES pages, just below RAM. */
#define OPEN_OFFSET (1ul << 45)
enum { SPARES = 8 };
#define SPARE_START (EFT_LINUXU_RAM - 2 * SPARES * EFT_PAGE_SIZE)

static struct eft_lock tables = EFT_LOCK_INIT(EFT_RANK_TABLES);
static bool has_spare;

static long map(uintptr_t addr, size_t len, int prot, uint64_t offset)
{
	return eft_linux6(SYS_mmap, addr, len, prot,
			  MAP_SHARED | MAP_FIXED | MAP_NORESERVE,
			  eft_linuxu_ram_file, (long)offset);
}

static void *page_of(uint64_t entry)
{
	return (void *)(entry & ~EFT_PAGE_MASK);
}

/* Every other one is of another protection: none is joined. */
static void make_spare(void)
{
	for (unsigned i = 0; i < SPARES && !has_spare; i++)
		eft_linux6(SYS_mmap, SPARE_START + i * EFT_PAGE_SIZE,
			   EFT_PAGE_SIZE, i % 2 ? EFT_PROT_READ : EFT_PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED |
				   MAP_NORESERVE,
			   -1, 0);
	has_spare = true;
}

static void give_spare(void)
{
	eft_linux3(SYS_munmap, SPARE_START, SPARES * EFT_PAGE_SIZE, 0);
	has_spare = false;
}

/* Have [addr, addr+len) open; the host's error. */
static long open_range(uintptr_t addr, size_t len, int prot)
{
	long at = map(addr, len, prot, OPEN_OFFSET + addr);

	if (at == -ENOMEM && has_spare) {
		give_spare();
		at = map(addr, len, prot, OPEN_OFFSET + addr);
	}
	return at < 0 ? at : 0;
}

/* Take the entries of [addr, end) out; what they own is released. */
static void forget(uintptr_t addr, uintptr_t end)
{
	uintptr_t at = addr;

	while ((at = eft_linuxu_shown_next(at, end)) < end) {
		uint64_t entry = eft_linuxu_shown(at);

		eft_linuxu_shown_set(at, 0);
		if (entry & EFT_LINUXU_OWNED)
			eft_page_release(page_of(entry));
		at += EFT_PAGE_SIZE;
	}
	eft_linuxu_shown_prune(addr, end);
}

/*
 * Take one run of pages away that begins at (at), of one protection and not
 * owned: where it ends.
 */
static uintptr_t hide_run(uintptr_t at, uintptr_t end)
{
	uintptr_t start = at;
	int prot = (int)(eft_linuxu_shown(at) & EFT_LINUXU_PROT);
	uint64_t entry = eft_linuxu_shown(at);

	while (at < end && entry != 0 && !(entry & EFT_LINUXU_OWNED) &&
	       (int)(entry & EFT_LINUXU_PROT) == prot) {
		eft_linuxu_shown_set(at, 0);
		at += EFT_PAGE_SIZE;
		entry = eft_linuxu_shown(at);
	}
	if (open_range(start, at - start, prot) < 0 &&
	    eft_linux3(SYS_munmap, start, at - start, 0) < 0)
		eft_linuxu_give_up("munmap");
	return at;
}

static void hide_locked(uintptr_t addr, uintptr_t end)
{
	uintptr_t at = addr;

	while ((at = eft_linuxu_shown_next(at, end)) < end) {
		if (eft_linuxu_shown(at) & EFT_LINUXU_OWNED)
			at += EFT_PAGE_SIZE;
		else
			at = hide_run(at, end);
	}
	eft_linuxu_shown_prune(addr, end);
}

static void hide(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	eft_lock(&tables);
	hide_locked(addr, addr + len);
	eft_unlock(&tables);
}

/*
 * From (at) on, which may be written, as far as pages are shown of one
 * protection and not owned: have them fault at a write. Where this ends. It is
 * one call of the host's, for which it may have no mappings.
 */
static uintptr_t clean_run(uintptr_t at, uintptr_t end)
{
	uint64_t entry = eft_linuxu_shown(at);
	uintptr_t start = at, last = at;
	int prot = (int)(entry & EFT_LINUXU_PROT);

	while (at < end && entry != 0 && !(entry & EFT_LINUXU_OWNED) &&
	       (int)(entry & EFT_LINUXU_PROT) == prot) {
		if (!(entry & EFT_LINUXU_COPIED))
			last = at;
		eft_linuxu_shown_set(at, entry | EFT_LINUXU_COPIED);
		at += EFT_PAGE_SIZE;
		entry = eft_linuxu_shown(at);
	}
	last += EFT_PAGE_SIZE;
	if (prot & EFT_PROT_WRITE &&
	    eft_linux3(SYS_mprotect, start, last - start,
		       prot & ~EFT_PROT_WRITE) < 0)
		hide_locked(start, last);
	return at;
}

static void clean(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	uintptr_t at = addr, end = addr + len;

	eft_lock(&tables);
	while ((at = eft_linuxu_shown_next(at, end)) < end) {
		if (eft_linuxu_shown(at) &
		    (EFT_LINUXU_OWNED | EFT_LINUXU_COPIED))
			at += EFT_PAGE_SIZE;
		else
			at = clean_run(at, end);
	}
	eft_unlock(&tables);
}

/* Entries are of what is open, and of what was when it is mapped anew. */
int eft_linuxu_map_zero(struct eft_plat_space *space, uintptr_t addr,
			size_t len, int prot)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
	long at;

	eft_lock(&tables);
	if (prot & EFT_PROT_OPEN)
		at = open_range(addr, len, prot & ~EFT_PROT_OPEN);
	else
		at = eft_linux6(SYS_mmap, addr, len, prot, flags, -1, 0);
	if (at >= 0)
		forget(addr, addr + len);
	eft_unlock(&tables);
	return at < 0 ? (int)at : 0;
}

/* (count) pages, neighbours in RAM, of which (entry) is the first's. */
static long show(uintptr_t addr, uint64_t entry, unsigned count)
{
	int prot = (int)(entry & EFT_LINUXU_PROT);

	if (entry & EFT_LINUXU_COPIED)
		prot &= ~EFT_PROT_WRITE;
	return map(addr, count * EFT_PAGE_SIZE, prot,
		   (uintptr_t)page_of(entry) - EFT_LINUXU_RAM);
}

/* The same of one, which may be shown already, but for its first write. */
static long show_one(uintptr_t addr, uint64_t entry)
{
	if (eft_linuxu_shown(addr) != (entry | EFT_LINUXU_COPIED) ||
	    entry & EFT_LINUXU_COPIED)
		return show(addr, entry, 1);
	return eft_linux3(SYS_mprotect, addr, EFT_PAGE_SIZE,
			  (int)(entry & EFT_LINUXU_PROT));
}

static int map_page_locked(uintptr_t addr, uint64_t entry)
{
	long at = -ENOMEM;

	if (eft_linuxu_shown(addr) & EFT_LINUXU_OWNED)
		return -EEXIST;
	if (!eft_linuxu_shown_make(addr)) {
		eft_linuxu_shown_prune(addr, addr + EFT_PAGE_SIZE);
		return -ENOMEM;
	}
	if (eft_linuxu_shown_borders() < eft_linuxu_mappings_max)
		at = show_one(addr, entry);
	if (at == -ENOMEM) {
		hide_locked(0, SPARE_START);
		make_spare();
		at = eft_linuxu_shown_make(addr) ? show(addr, entry, 1)
						 : -ENOMEM;
	}
	if (at < 0) /* what was there may be gone, or not */
		hide_locked(addr, addr + EFT_PAGE_SIZE);
	else
		eft_linuxu_shown_set(addr, entry);
	return at < 0 ? (int)at : 0;
}

static uint64_t entry_of(const void *page, int prot, enum eft_hold hold)
{
	static const unsigned held[] = {
		[EFT_HOLD_SHARED] = 0,
		[EFT_HOLD_OWNED] = EFT_LINUXU_OWNED,
		[EFT_HOLD_COPIED] = EFT_LINUXU_COPIED,
	};

	eft_assert(((uintptr_t)page & EFT_PAGE_MASK) == 0);
	eft_assert((uintptr_t)page >= EFT_LINUXU_RAM);
	return (uintptr_t)page | (unsigned)prot | held[hold];
}

int eft_linuxu_map_page(struct eft_plat_space *space, uintptr_t addr,
			void *page, int prot, enum eft_hold hold)
{
	int error;

	eft_assert((addr & EFT_PAGE_MASK) == 0);
	eft_lock(&tables);
	error = map_page_locked(addr, entry_of(page, prot, hold));
	eft_unlock(&tables);
	return error;
}

/* How many of (count) pages in a row are not shown, from (addr) by (step)? */
static unsigned count_free(uintptr_t addr, unsigned count, size_t step)
{
	unsigned n = 0;

	while (n < count && eft_linuxu_shown(addr + (n + 1) * step) == 0)
		n++;
	return n;
}

/* All (count) of them, or none: what was there may be gone then, too. */
static bool map_run_locked(uintptr_t addr, uint64_t entry, unsigned count)
{
	size_t len = count * EFT_PAGE_SIZE;
	bool made = eft_linuxu_shown_make(addr) &&
		    eft_linuxu_shown_make(addr + len - EFT_PAGE_SIZE) &&
		    eft_linuxu_shown_borders() < eft_linuxu_mappings_max;

	/* They are in two tables at most: each is of 512 pages. */
	eft_assert(count <= 512);
	if (made && show(addr, entry, count) < 0) {
		open_range(addr, len, (int)(entry & EFT_LINUXU_PROT));
		made = false;
	}
	if (made)
		eft_linuxu_shown_fill(addr, entry, count);
	else
		eft_linuxu_shown_prune(addr, addr + len);
	return made;
}

/* Where there is a page already it may be the same, written for the first time. */
static int map_around(struct eft_plat_space *space, uintptr_t addr, void *page,
		      unsigned before, unsigned after, int prot,
		      enum eft_hold hold)
{
	uint64_t entry = entry_of(page, prot, hold);
	int error = 0;

	eft_lock(&tables);
	if (eft_linuxu_shown(addr) != 0)
		before = after = 0;
	before = count_free(addr, before, -EFT_PAGE_SIZE);
	after = count_free(addr, after, EFT_PAGE_SIZE);
	if (before + after == 0 ||
	    !map_run_locked(addr - before * EFT_PAGE_SIZE,
			    entry - before * EFT_PAGE_SIZE, before + after + 1))
		error = map_page_locked(addr, entry);
	eft_unlock(&tables);
	return error;
}

static bool is_ours(void)
{
	return eft_plat == &eft_linuxu_plat && eft_linuxu_ram_file >= 0;
}

const struct eft_paging *eft_plat_process_paging(void)
{
	static const struct eft_paging paging = {.hide = hide};

	return is_ours() ? &paging : NULL;
}

const struct eft_cached_paging *eft_plat_process_cached_paging(void)
{
	static const struct eft_cached_paging paging = {
		.clean = clean,
		.map_around = map_around,
		.prepare = eft_linuxu_prepare,
	};

	return is_ours() ? &paging : NULL;
}

/*
 * To unmap the middle of a mapping takes one more. Where pages are shown they
 * are not to stay, for they will be others'.
 */
static void unmap_shown(uintptr_t addr, size_t len)
{
	long error = eft_linux3(SYS_munmap, addr, len, 0);

	if (error == 0 || eft_linuxu_shown_next(addr, addr + len) == addr + len)
		return;
	hide_locked(0, SPARE_START);
	error = eft_linux3(SYS_munmap, addr, len, 0);
	if (error != 0 && has_spare) {
		give_spare();
		error = eft_linux3(SYS_munmap, addr, len, 0);
	}
	if (error != 0)
		eft_linuxu_give_up("munmap");
}

void eft_linuxu_unmap(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	eft_lock(&tables);
	unmap_shown(addr, len);
	forget(addr, addr + len);
	eft_unlock(&tables);
}

/* The pages that are not to be written are taken away, and shown again so. */
int eft_linuxu_protect(struct eft_plat_space *space, uintptr_t addr, size_t len,
		       int prot)
{
	uintptr_t at = addr, end = addr + len;
	long error;

	eft_lock(&tables);
	if (prot & EFT_PROT_WRITE)
		hide_locked(addr, end);
	error = eft_linux3(SYS_mprotect, addr, len, prot);
	while (error == 0 && (at = eft_linuxu_shown_next(at, end)) < end) {
		uint64_t entry = eft_linuxu_shown(at);

		eft_linuxu_shown_set(at, (entry & ~(uint64_t)EFT_LINUXU_PROT) |
						 (unsigned)prot);
		at += EFT_PAGE_SIZE;
	}
	eft_unlock(&tables);
	return (int)error;
}

/*
 * The host moves one mapping a call (mremap(2)): by halves, until it is one. Of
 * several Linux says -EFAULT, and valgrind -EINVAL.
 */
static long move_host(uintptr_t from, uintptr_t to, size_t len)
{
	long at = eft_linux6(SYS_mremap, from, len, len, MREMAP_MOVE_TO, to, 0);
	size_t half = eft_align_up(len / 2, EFT_PAGE_SIZE);

	if ((at != -EFAULT && at != -EINVAL) || len <= EFT_PAGE_SIZE)
		return at;
	at = move_host(from, to, half);
	if (at < 0)
		return at;
	at = move_host(from + half, to + half, len - half);
	if (at < 0)
		move_host(to, from, half);
	return at;
}

/* First all the tables, so that the rest cannot fail. */
static bool make_entries(uintptr_t from, uintptr_t to, size_t len)
{
	uintptr_t at = from, end = from + len;

	while ((at = eft_linuxu_shown_next(at, end)) < end) {
		if (!eft_linuxu_shown_make(at - from + to))
			return false;
		at += EFT_PAGE_SIZE;
	}
	return true;
}

static long move_locked(uintptr_t from, uintptr_t to, size_t len)
{
	uintptr_t at = from, end = from + len;
	long error = make_entries(from, to, len) ? 0 : -ENOMEM;

	if (error == 0)
		error = move_host(from, to, len);
	if (error < 0) {
		eft_linuxu_shown_prune(to, to + len);
		return -ENOMEM;
	}
	while ((at = eft_linuxu_shown_next(at, end)) < end) {
		uint64_t entry = eft_linuxu_shown(at);

		eft_linuxu_shown_set(at, 0);
		eft_linuxu_shown_set(at - from + to, entry);
		at += EFT_PAGE_SIZE;
	}
	eft_linuxu_shown_prune(from, end);
	return 0;
}

int eft_linuxu_move(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		    size_t len)
{
	long error;

	eft_assert(from + len <= to || to + len <= from);
	eft_lock(&tables);
	error = move_locked(from, to, len);
	eft_unlock(&tables);
	return (int)error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pages of RAM that a process's mappings show (plat-linuxu/paging.c and
 * pagetable.c), by calls of the host's, some of which fail. Whether something is
 * there is what the host says to one, so that no touch is a fault here.
 */
#include "core/abi.h"
#include "core/mem.h"
#include "core/user.h"
#include "plat-linuxu/linuxu.h"
#include "tests/unit/unit.h"

/* Where AddressSanitizer leaves room. */
#undef EFT_LINUXU_RAM
#define EFT_LINUXU_RAM 0x600000000000ul
#define WINDOW	       0x500000000000ul

static long host(long nr, long a, long b, long c, long d, long e, long f);

/* Pages that go back to core. */
static void release(void *page);
static void *table(void);

/* The fake platform has its own of these. */
const struct eft_paging *hostpages_paging(void);
const struct eft_cached_paging *hostpages_cached_paging(void);
int hostpages_share_ram(uintptr_t used_end, uintptr_t end);
void hostpages_call(const struct eft_trap *trap, void (*function)(void));

#define eft_linux3(nr, a, b, c)	       host(nr, a, b, c, 0, 0, 0)
#define eft_linux4(nr, a, b, c, d)     host(nr, a, b, c, d, 0, 0)
#define eft_linux6		       host
#define eft_page_release	       release
#define eft_page_for_tables	       table
#define eft_plat_process_paging	       hostpages_paging
#define eft_plat_process_cached_paging hostpages_cached_paging
#include "plat-linuxu/pagetable.c"
#include "plat-linuxu/paging.c"
#define eft_plat_process_share_ram hostpages_share_ram
#define eft_plat_process_call	   hostpages_call
#include "plat-linuxu/sharedram.c"
#undef eft_linux3
#undef eft_linux4
#undef eft_linux6

enum { PAGE = EFT_PAGE_SIZE, RAM_PAGES = 64 };
enum { R = EFT_PROT_READ, RW = EFT_PROT_READ | EFT_PROT_WRITE };

const struct eft_plat eft_linuxu_plat = {.name = "test"};

/* What sharedram.c has for others, and is not used here. */
void eft_linuxu_limit(int resource, uint64_t ret_limit[2])
{
	ret_limit[0] = ret_limit[1] = UINT64_MAX;
}

void eft_linuxu_note_given(void)
{
}

bool eft_linuxu_raise_limit(void)
{
	return false;
}

int eft_linuxu_open(int dir, const char *path, int flags, unsigned mode)
{
	return -ENOENT;
}

void eft_linuxu_find_xsave(const struct eft_context *c)
{
}

bool eft_linuxu_is_repeated(const uint8_t *instruction)
{
	return false;
}

static bool swaps;		    /* all is in the host's swap */
static unsigned maps, map_fails_at; /* the nth mmap(2); 0: none */
static bool protect_refused;	    /* every mprotect(2) is */
static unsigned unmaps_refused;	    /* so many munmap(2) are, from now on */
static unsigned released, tables_used, tables_left = 1000;

static long host(long nr, long a, long b, long c, long d, long e, long f)
{
	if (nr == SYS_mmap && ++maps == map_fails_at)
		return -ENOMEM;
	if (nr == SYS_mprotect && protect_refused)
		return -ENOMEM;
	if (nr == SYS_mincore && swaps) {
		memset((void *)c, 0, (size_t)b / PAGE);
		return 0;
	}
	if (nr == SYS_sysinfo && swaps) {
		((uint64_t *)a)[8] = 1;
		return 0;
	}
	if (nr == SYS_munmap && a >= (long)WINDOW && unmaps_refused > 0 &&
	    a < (long)EFT_LINUXU_RAM - 16 * PAGE) {
		unmaps_refused--;
		return -ENOMEM;
	}
	return eft_linux6(nr, a, b, c, d, e, f);
}

void eft_linuxu_give_up(const char *call)
{
	check(false);
	for (;;)
		;
}

static void release(void *page)
{
	if ((uintptr_t)page >= EFT_LINUXU_RAM &&
	    (uintptr_t)page < EFT_LINUXU_RAM + RAM_PAGES * PAGE) {
		released++;
		return;
	}
	tables_used--;
	eft_page_free(page);
}

static void *table(void)
{
	if (tables_used >= tables_left)
		return NULL;
	tables_used++;
	return eft_page_alloc_zeroed(0);
}

static char *ram(unsigned page)
{
	return (char *)EFT_LINUXU_RAM + (size_t)page * PAGE;
}

static uintptr_t at(unsigned page)
{
	return WINDOW + (size_t)page * PAGE;
}

/* Page n of RAM is full of 'a' + n. */
static void begin(void)
{
	fake_boot(&(struct fake_config){0});
	eft_linuxu_mappings_max = 1000;
	eft_linuxu_ram_file =
		(int)eft_linux3(SYS_memfd_create, (long)"ram", 0, 0);
	check(eft_linuxu_ram_file >= 0);
	check_eq(eft_linux3(SYS_ftruncate, eft_linuxu_ram_file,
			    RAM_PAGES * PAGE, 0),
		 0);
	check_eq(eft_linux6(SYS_mmap, EFT_LINUXU_RAM, RAM_PAGES * PAGE, RW,
			    MAP_SHARED | MAP_FIXED, eft_linuxu_ram_file, 0),
		 EFT_LINUXU_RAM);
	for (unsigned i = 0; i < RAM_PAGES; i++)
		memset(ram(i), 'a' + (int)i, PAGE);
	maps = 0;
}

/* What the host has in its swap is in use, too. */
Test(hostpages, copied_from_swap)
{
	char bytes[RAM_PAGES];
	int file = (int)eft_linux3(SYS_memfd_create, (long)"copy", 0, 0);

	begin();
	swaps = true;
	check_eq(copy(file, EFT_LINUXU_RAM + RAM_PAGES * PAGE), 0);
	for (unsigned i = 0; i < RAM_PAGES; i++) {
		check_eq(eft_linux4(SYS_pread64, file, (long)&bytes[i], 1,
				    i * PAGE + 5),
			 1);
		check_eq(bytes[i], (char)('a' + i));
	}
	eft_linux3(SYS_close, file, 0, 0);
}

/* What is there, as the host sees it; -1: nothing. */
static int peek(uintptr_t addr)
{
	char byte = 0;
	struct eft_iovec to = {eft_as_user(&byte), 1};
	struct eft_iovec from = {(void eft_user *)addr, 1};
	long n = eft_linux6(SYS_process_vm_readv,
			    eft_linux3(SYS_getpid, 0, 0, 0), (long)&to, 1,
			    (long)&from, 1, 0);

	return n == 1 ? (uint8_t)byte : -1;
}

/* Could (byte) be written there? */
static bool poke(uintptr_t addr, char byte)
{
	enum { SYS_process_vm_writev = 311 };
	struct eft_iovec from = {eft_as_user(&byte), 1};
	struct eft_iovec to = {(void eft_user *)addr, 1};

	return eft_linux6(SYS_process_vm_writev,
			  eft_linux3(SYS_getpid, 0, 0, 0), (long)&from, 1,
			  (long)&to, 1, 0) == 1;
}

static void open_pages(unsigned count, int prot)
{
	check_eq(eft_linuxu_map_zero(NULL, at(0), count * PAGE,
				     prot | EFT_PROT_OPEN),
		 0);
}

static int show_page(unsigned page, unsigned of_ram, int prot,
		     enum eft_hold hold)
{
	return eft_linuxu_map_page(NULL, at(page), ram(of_ram), prot, hold);
}

static void end(unsigned count)
{
	eft_linuxu_unmap(NULL, at(0), count * PAGE);
	check_eq(peek(at(0)), -1);
	check_eq(tables_used, 0);
	check_eq(eft_linuxu_shown_borders(), 0);
}

Test(hostpages, shown_and_hidden)
{
	begin();
	open_pages(4, RW);
	check_eq(peek(at(1)), -1);
	check_eq(show_page(1, 7, RW, EFT_HOLD_COPIED), 0);
	check_eq(peek(at(1)), 'a' + 7);
	check(!poke(at(1), 'x'));
	check_eq(show_page(1, 7, RW, EFT_HOLD_SHARED), 0);
	check(poke(at(1), 'x'));
	check_eq(*ram(7), 'x');
	check_eq(peek(at(0)), -1);
	check_eq(peek(at(2)), -1);
	hide(NULL, at(0), 4 * PAGE);
	check_eq(peek(at(1)), -1);
	check_eq(tables_used, 0);
	end(4);
}

Test(hostpages, owned_stay)
{
	begin();
	open_pages(4, RW);
	check_eq(show_page(0, 1, RW, EFT_HOLD_OWNED), 0);
	check_eq(show_page(0, 2, RW, EFT_HOLD_SHARED), -EEXIST);
	check_eq(show_page(1, 2, RW, EFT_HOLD_SHARED), 0);
	hide(NULL, at(0), 4 * PAGE);
	check_eq(peek(at(0)), 'a' + 1);
	check_eq(peek(at(1)), -1);
	check_eq(released, 0);
	open_pages(1, RW); /* a cut */
	check_eq(released, 1);
	check_eq(peek(at(0)), -1);
	check_eq(show_page(3, 3, RW, EFT_HOLD_OWNED), 0);
	end(4);
	check_eq(released, 2);
}

Test(hostpages, protection)
{
	begin();
	open_pages(4, R);
	check_eq(show_page(0, 1, R, EFT_HOLD_COPIED), 0);
	check_eq(show_page(1, 2, R, EFT_HOLD_OWNED), 0);
	check_eq(eft_linuxu_protect(NULL, at(0), 4 * PAGE, RW), 0);
	check_eq(peek(at(0)), -1); /* its next write is to be noticed */
	check(poke(at(1), 'o'));
	check_eq(show_page(0, 1, RW, EFT_HOLD_SHARED), 0);
	check_eq(eft_linuxu_protect(NULL, at(0), 4 * PAGE, R), 0);
	check_eq(peek(at(0)), 'b');
	check(!poke(at(0), 'x') && !poke(at(1), 'x'));
	check_eq(eft_linuxu_protect(NULL, at(0), 4 * PAGE, EFT_PROT_NONE), 0);
	check_eq(peek(at(0)), -1);
	check_eq(peek(at(1)), -1);
	check_eq(eft_linuxu_protect(NULL, at(0), 4 * PAGE, R), 0);
	check_eq(peek(at(1)), 'o');
	end(4);
	check_eq(released, 1);
}

Test(hostpages, moved)
{
	begin();
	open_pages(16, RW);
	check_eq(show_page(0, 9, RW, EFT_HOLD_SHARED), 0);
	check_eq(show_page(5, 3, RW, EFT_HOLD_OWNED), 0);
	check_eq(show_page(6, 4, RW, EFT_HOLD_COPIED), 0);
	check_eq(eft_linuxu_move(NULL, at(0), at(1000), 16 * PAGE), 0);
	check_eq(peek(at(0)), -1);
	check_eq(eft_linuxu_shown(at(5)), 0);
	check_eq(peek(at(1000)), 'a' + 9);
	check_eq(peek(at(1005)), 'a' + 3);
	check_eq(peek(at(1006)), 'a' + 4);
	check(!poke(at(1006), 'x'));
	check_eq(peek(at(1015)), -1);
	hide(NULL, at(1000), 16 * PAGE);
	check_eq(peek(at(1000)), -1);
	check_eq(peek(at(1005)), 'a' + 3);
	eft_linuxu_unmap(NULL, at(1000), 16 * PAGE);
	check_eq(released, 1);
	end(16);
}

/* A page that is written back is to fault at its next write, and stays. */
Test(hostpages, cleaned)
{
	begin();
	open_pages(8, RW);
	check_eq(show_page(0, 1, RW, EFT_HOLD_OWNED), 0);
	check_eq(show_page(1, 2, RW, EFT_HOLD_SHARED), 0);
	check_eq(show_page(2, 3, RW, EFT_HOLD_SHARED), 0);
	check_eq(show_page(3, 5, RW, EFT_HOLD_SHARED), 0);
	check_eq(show_page(4, 6, RW, EFT_HOLD_COPIED), 0);
	check_eq(show_page(6, 7, RW, EFT_HOLD_SHARED), 0);
	clean(NULL, at(0), 6 * PAGE);
	check(poke(at(0), 'o') && poke(at(6), 'x'));
	for (unsigned i = 1; i <= 4; i++)
		check(!poke(at(i), 'x'));
	check_eq(peek(at(1)), 'c');
	check_eq(peek(at(3)), 'f');
	check_eq(peek(at(4)), 'g');
	check_eq(show_page(1, 2, RW, EFT_HOLD_SHARED), 0);
	check(poke(at(1), 'x'));
	end(8);
	check_eq(released, 1);
}

/* Also where it was not to be written meanwhile. */
Test(hostpages, cleaned_while_read_only)
{
	begin();
	open_pages(2, RW);
	check_eq(show_page(0, 1, RW, EFT_HOLD_SHARED), 0);
	check_eq(eft_linuxu_protect(NULL, at(0), PAGE, R), 0);
	clean(NULL, at(0), 2 * PAGE);
	check_eq(peek(at(0)), 'b');
	check_eq(eft_linuxu_protect(NULL, at(0), PAGE, RW), 0);
	check(!poke(at(0), 'x'));
	end(2);
}

/* Nothing but the right to write changes; or all do, to make room. */
Test(hostpages, written_for_the_first_time)
{
	begin();
	open_pages(4, RW);
	check_eq(show_page(0, 1, RW, EFT_HOLD_COPIED), 0);
	check_eq(show_page(1, 2, RW, EFT_HOLD_COPIED), 0);
	maps = 0;
	check_eq(show_page(0, 1, RW, EFT_HOLD_SHARED), 0);
	check_eq(maps, 0);
	check(poke(at(0), 'x') && !poke(at(1), 'x'));
	check_eq(*ram(1), 'x');
	check_eq(show_page(1, 3, RW, EFT_HOLD_SHARED), 0); /* of another page */
	check_eq(peek(at(1)), 'd');
	clean(NULL, at(1), PAGE);
	protect_refused = true;
	check_eq(show_page(1, 3, RW, EFT_HOLD_SHARED), 0);
	protect_refused = false;
	check(poke(at(1), 'x'));
	check_eq(peek(at(0)), -1);
	end(4);
}

/* The host has no mapping left to split one by: it goes instead. */
Test(hostpages, cleaned_in_vain)
{
	begin();
	open_pages(4, RW);
	for (unsigned i = 0; i < 3; i++)
		check_eq(show_page(i, i, RW, EFT_HOLD_SHARED), 0);
	protect_refused = true;
	clean(NULL, at(1), PAGE);
	protect_refused = false;
	check_eq(peek(at(1)), -1);
	check(poke(at(0), 'x') && poke(at(2), 'x'));
	end(4);
}

static int show_around(unsigned page, unsigned of_ram, unsigned before,
		       unsigned after)
{
	return map_around(NULL, at(page), ram(of_ram), before, after, RW,
			  EFT_HOLD_COPIED);
}

/* What is shown already stays, and ends what is shown with it. */
Test(hostpages, shown_with_neighbours)
{
	begin();
	open_pages(16, RW);
	check_eq(show_page(2, 40, RW, EFT_HOLD_OWNED), 0);
	check_eq(show_page(9, 41, RW, EFT_HOLD_SHARED), 0);
	check_eq(show_around(5, 5, 5, 9), 0);
	check_eq(maps, 4);
	check_eq(peek(at(1)), -1);
	check_eq(peek(at(2)), 'a' + 40);
	for (unsigned i = 3; i <= 8; i++) {
		check_eq(peek(at(i)), 'a' + (int)i);
		check(!poke(at(i), 'x'));
	}
	check(poke(at(9), 'x'));
	check_eq(peek(at(10)), -1);
	check_eq(eft_linuxu_shown_borders(), 4);
	check_eq(map_around(NULL, at(5), ram(5), 5, 9, RW, EFT_HOLD_SHARED), 0);
	check(poke(at(5), 'x') && !poke(at(4), 'x') && !poke(at(6), 'x'));
	check_eq(show_around(2, 2, 2, 9), -EEXIST);
	hide(NULL, at(0), 16 * PAGE);
	check_eq(peek(at(3)), -1);
	end(16);
	check_eq(released, 1);
}

/* Only one can be: no memory for a table, or no mapping for all of them. */
Test(hostpages, shown_without_neighbours)
{
	unsigned last = 511; /* of a table */

	begin();
	open_pages(1024, RW);
	tables_left = 3;
	check_eq(show_around(last, 5, 2, 2), 0);
	check_eq(peek(at(last)), 'f');
	check_eq(peek(at(last - 1)), -1);
	tables_left = 1000;
	map_fails_at = maps + 1;
	check_eq(show_around(9, 9, 2, 2), 0);
	check_eq(peek(at(9)), 'j');
	check_eq(peek(at(8)), -1);
	check_eq(show_around(last + 3, 8, 2, 2), 0);
	check_eq(peek(at(last + 1)), 'g');
	check_eq(peek(at(last + 5)), 'k');
	eft_linuxu_mappings_max = 0;
	check_eq(show_around(4, 4, 2, 2), 0);
	check_eq(peek(at(4)), 'e');
	check_eq(peek(at(3)), -1);
	check_eq(peek(at(last)), -1);
	end(1024);
}

/* There are no more mappings: what is shown goes, and comes again. */
Test(hostpages, more_than_the_host_has)
{
	unsigned shown = 0;

	begin();
	eft_linuxu_mappings_max = 20;
	open_pages(RAM_PAGES, R);
	check_eq(show_page(0, 0, R, EFT_HOLD_OWNED), 0);
	for (unsigned i = 1; i < RAM_PAGES; i++) {
		check_eq(show_page(i, RAM_PAGES - i, R, EFT_HOLD_COPIED), 0);
		check_eq(peek(at(i)), 'a' + (int)(RAM_PAGES - i));
	}
	for (unsigned i = 1; i < RAM_PAGES; i++)
		shown += peek(at(i)) >= 0;
	check(shown > 0 && shown <= 20);
	check_eq(peek(at(0)), 'a');
	end(RAM_PAGES);
}

/* Neighbours in RAM are one mapping, and there may be any number. */
Test(hostpages, neighbours_are_joined)
{
	begin();
	eft_linuxu_mappings_max = 20;
	open_pages(RAM_PAGES, R);
	for (unsigned i = 0; i < RAM_PAGES; i++)
		check_eq(show_page(i, i, R, EFT_HOLD_COPIED), 0);
	for (unsigned i = 0; i < RAM_PAGES; i++)
		check_eq(peek(at(i)), 'a' + (int)i);
	check_eq(eft_linuxu_shown_borders(), 2);
	end(RAM_PAGES);
}

/* Each call that the host refuses, and each table that there is none for. */
Test(hostpages, refused)
{
	for (unsigned nth = 1; nth < 8; nth++) {
		begin();
		make_spare();
		open_pages(3, RW);
		check_eq(show_page(2, 5, RW, EFT_HOLD_SHARED), 0);
		maps = 0;
		map_fails_at = nth;
		check_eq(show_page(0, 1, RW, EFT_HOLD_SHARED), 0);
		hide(NULL, at(0), 3 * PAGE);
		check_eq(peek(at(0)), -1);
		check_eq(peek(at(2)), -1);
		map_fails_at = 0;
		end(3);
	}
}

/* What core takes for unmapped shows nothing, also if that takes mappings. */
Test(hostpages, unmapping_is_refused)
{
	for (unsigned refused = 1; refused <= 2; refused++) {
		begin();
		make_spare();
		open_pages(3, RW);
		check_eq(show_page(0, 4, RW, EFT_HOLD_SHARED), 0);
		check_eq(show_page(1, 5, RW, EFT_HOLD_OWNED), 0);
		check_eq(show_page(2, 6, RW, EFT_HOLD_SHARED), 0);
		unmaps_refused = refused;
		eft_linuxu_unmap(NULL, at(0), 2 * PAGE);
		check_eq(unmaps_refused, 0);
		check_eq(peek(at(0)), -1);
		check_eq(peek(at(1)), -1);
		check_eq(eft_linuxu_shown(at(1)), 0);
		end(3);
	}
}

Test(hostpages, no_memory_for_tables)
{
	begin();
	open_pages(3, RW);
	for (tables_left = 0; tables_left < 3; tables_left++) {
		check_eq(show_page(0, 1, RW, EFT_HOLD_OWNED), -ENOMEM);
		check_eq(peek(at(0)), -1);
		check_eq(tables_used, 0);
	}
	check_eq(show_page(0, 1, RW, EFT_HOLD_OWNED), 0);
	check_eq(eft_linuxu_move(NULL, at(0), at(1 << 20), 3 * PAGE), -ENOMEM);
	check_eq(peek(at(0)), 'b');
	check_eq(tables_used, 3);
	check_eq(released, 0);
	end(3);
}

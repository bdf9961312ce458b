// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mapped pages of the page cache where the platform pages other memory itself, as
 * a process with a disk does; and in a guest, where that is the same.
 */
#include "core/abi.h"
#include "core/cache.h"
#include "core/file.h"
#include "core/mem/range.h"
#include "core/pages.h"
#include "core/user.h"
#include "tests/unit/unit.h"

eft_needs(eft_fault_divert);
eft_needs(eft_fault_error);
eft_needs(eft_range_bring_in);
eft_needs(eft_range_map_file);

enum { PAGE = EFT_PAGE_SIZE, FILE_PAGES = 6, MAP_PAGES = FILE_PAGES + 1 };
enum { R = EFT_PROT_READ, RW = EFT_PROT_READ | EFT_PROT_WRITE };

static unsigned writes;
static char written[FILE_PAGES];

static int read_pages(struct eft_cached *cached, uint64_t index,
		      void *const page[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		memset(page[i], 'a' + (int)(index + i), PAGE);
	return 0;
}

static int write_runs(struct eft_cached *cached,
		      const struct eft_cached_run run[], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		writes++;
		for (unsigned n = 0; n < run[i].count; n++)
			written[run[i].index + n] = *(char *)run[i].page[n];
	}
	return 0;
}

static const struct eft_cached_source source = {
	.read = read_pages,
	.write = write_runs,
};

static struct eft_cached contents;

static struct eft_pages *file_contents(struct eft_file *file)
{
	return &contents.pages;
}

static void file_release(struct eft_file *file)
{
}

static const struct eft_file_ops file_ops = {
	.pages = file_contents,
	.release = file_release,
};

static struct eft_file file;

static volatile char *map(int prot, unsigned flags)
{
	intptr_t at = eft_range_map(0, MAP_PAGES * PAGE, prot, flags, &file, 0);

	check(at > 0);
	return (volatile char *)at;
}

/* Run function(arg) as in a process, or as in a guest. */
static enum fake_end run_with(void (*function)(void *), void *arg, bool process)
{
	struct fake_config config = {.paging = !process, .shows = process};

	fake_boot(&config);
	eft_cached_init(&contents, &source, FILE_PAGES * PAGE);
	eft_file_init(&file, &file_ops, O_RDWR);
	return fake_run(function, arg);
}

static enum fake_end run(void (*function)(void *), bool process)
{
	return run_with(function, NULL, process);
}

static void share(void *arg)
{
	volatile char *one = map(RW, EFT_RANGE_SHARED);
	volatile char *two = map(R, EFT_RANGE_SHARED);

	check_eq(one[2 * PAGE], 'c');
	check_eq(two[2 * PAGE], 'c');
	check_eq(fake_mapped_pages(), 2);
	one[2 * PAGE] = 'x';
	check_eq(two[2 * PAGE], 'x');
	check_eq(eft_cached_sync(&contents, 0, FILE_PAGES), 0);
	check_eq(written[2], 'x');
	check_eq(fake_mapped_pages(), 2);
	check_eq(one[2 * PAGE], 'x');
	one[2 * PAGE] = 'y'; /* it is noticed again */
	check_eq(eft_cached_sync(&contents, 0, FILE_PAGES), 0);
	check_eq(written[2], 'y');
	check_eq(writes, 2);
	check_eq(two[2 * PAGE], 'y');
	check_eq(eft_cached_sync(&contents, 0, FILE_PAGES), 0);
	check_eq(writes, 2);
}

Test(shown, shared_in_a_process)
{
	check_eq(run(share, true), FAKE_RETURNED);
}

Test(shown, shared_in_a_guest)
{
	check_eq(run(share, false), FAKE_RETURNED);
}

static void write_a_page(uint64_t index, char byte)
{
	int error = 0;

	check_eq(eft_cached_write(&contents, index * PAGE, eft_as_user(&byte),
				  1, &error),
		 1);
	check_eq(error, 0);
}

/*
 * A process shows what is in memory beside the page that is touched, as far as
 * it is as clean and as near.
 */
static void show_around(void *arg)
{
	bool process = *(bool *)arg;
	volatile char *clean = map(R, EFT_RANGE_SHARED);
	volatile char *own = map(R, 0);
	static char bytes[5 * PAGE];
	int error = 0;

	check_eq(eft_cached_read(&contents, 0, eft_as_user(bytes),
				 sizeof(bytes), &error),
		 sizeof(bytes));
	write_a_page(3, 'x');
	check_eq(clean[PAGE], 'b');
	check_eq(fake_mapped_pages(), process ? 3 : 1);
	check_eq(clean[3 * PAGE], 'x');
	check_eq(fake_mapped_pages(), process ? 4 : 2);
	check_eq(own[4 * PAGE], 'e');
	check_eq(fake_mapped_pages(), process ? 9 : 3);
	check_eq(clean[0] + clean[2 * PAGE], 'a' + 'c');
	check_eq(eft_range_unmap((uintptr_t)own, MAP_PAGES * PAGE), 0);
	own = map(R, 0);
	check_eq(eft_range_unmap((uintptr_t)own, PAGE), 0);
	check_eq(eft_range_unmap((uintptr_t)own + 3 * PAGE, 4 * PAGE), 0);
	check_eq(own[2 * PAGE], 'c'); /* not where it is not mapped */
	check_eq(fake_mapped_pages(), process ? 6 : 5);
}

Test(shown, around_in_a_process)
{
	bool process = true;

	check_eq(run_with(show_around, &process, true), FAKE_RETURNED);
}

Test(shown, one_by_one_in_a_guest)
{
	bool process = false;

	check_eq(run_with(show_around, &process, false), FAKE_RETURNED);
}

/* What was copied stays, whatever becomes of the page; a cut takes it. */
static void copy(void *arg)
{
	volatile char *own = map(RW, 0);

	own[PAGE] = 'z';
	own[3 * PAGE + 5] = 'z';
	check_eq(own[2 * PAGE], 'c');
	check_eq(fake_owned_pages(), 2);
	write_a_page(1, 'w');
	check_eq(eft_cached_sync(&contents, 0, FILE_PAGES), 0);
	while (eft_page_cache_reclaim(64) > 0)
		;
	check_eq(own[PAGE], 'z');
	check_eq(own[PAGE + 1], 'b');
	check_eq(own[3 * PAGE], 'd');
	check_eq(own[3 * PAGE + 5], 'z');
	check_eq(fake_owned_pages(), 2);
	while (eft_page_cache_reclaim(64) > 0)
		;
	eft_cached_resize(&contents, 2 * PAGE); /* page 3 is in no cache */
	check_eq(fake_owned_pages(), 1);
	check_eq(own[PAGE], 'z');
}

Test(shown, copied_in_a_process)
{
	check_eq(run(copy, true), FAKE_RETURNED);
}

Test(shown, copied_in_a_guest)
{
	check_eq(run(copy, false), FAKE_RETURNED);
}

static void change(void *arg)
{
	volatile char *at = map(RW, EFT_RANGE_SHARED), *own = map(RW, 0);
	uintptr_t shared = (uintptr_t)at, private = (uintptr_t)own;
	intptr_t to;

	at[0] = 'x';
	own[PAGE] = 'z';
	check_eq(eft_range_protect(shared, 2 * PAGE, R), 0);
	check_eq(eft_range_fault(shared, EFT_PROT_WRITE), EFT_FAULT_PROTECTION);
	check_eq(at[0], 'x');
	check_eq(eft_range_protect(shared, 2 * PAGE, RW), 0);
	at[PAGE] = 'y';
	check_eq(contents.dirty_pages, 2);
	to = eft_range_remap(private, MAP_PAGES * PAGE, (MAP_PAGES + 9) * PAGE,
			     MREMAP_MAYMOVE, 0);
	check(to > 0);
	own = (volatile char *)to;
	check_eq(own[PAGE] + own[0] + own[4 * PAGE], 'z' + 'x' + 'e');
	check_eq(eft_range_discard((uintptr_t)to, MAP_PAGES * PAGE), 0);
	check_eq(own[PAGE], 'y');
	check_eq(fake_owned_pages(), 0);
	check_eq(eft_range_unmap(shared, MAP_PAGES * PAGE), 0);
	check_eq(eft_range_unmap((uintptr_t)to, (MAP_PAGES + 9) * PAGE), 0);
	check_eq(fake_mapped_pages(), 0);
	check_eq(file.references, 1);
}

Test(shown, changed_in_a_process)
{
	check_eq(run(change, true), FAKE_RETURNED);
}

Test(shown, changed_in_a_guest)
{
	check_eq(run(change, false), FAKE_RETURNED);
}

static void touch_past_end(void *arg)
{
	(void)map(R, EFT_RANGE_SHARED)[FILE_PAGES * PAGE];
}

Test(shown, past_its_end)
{
	check_eq(run(touch_past_end, true), FAKE_CRASHED);
	check_eq(fake_status, SIGBUS);
}

/* What the host cannot use, and what it can. */
static void ask(void *arg)
{
	uintptr_t at = (uintptr_t)map(R, EFT_RANGE_SHARED);
	intptr_t other = eft_range_map(0, PAGE, RW, 0, NULL, 0);

	check(eft_range_is_shown(at, 1));
	check(eft_range_is_shown(at - 1, 2));
	check(eft_range_is_shown(at + MAP_PAGES * PAGE - 1, 1));
	check(!eft_range_is_shown(at + MAP_PAGES * PAGE, 1));
	check(!eft_range_is_shown((uintptr_t)other, PAGE));
	check(!eft_range_is_shown(0, 1));
}

Test(shown, is_told_from_others)
{
	check_eq(run(ask, true), FAKE_RETURNED);
}

/* A host that cannot map pages of RAM. */
Test(shown, not_where_ram_is_not_shared)
{
	fake_boot(&(struct fake_config){0});
	eft_cached_init(&contents, &source, FILE_PAGES * PAGE);
	eft_file_init(&file, &file_ops, O_RDWR);
	check_eq(eft_range_map(0, PAGE, R, EFT_RANGE_SHARED, &file, 0),
		 -ENODEV);
	check_eq(eft_range_map(0, PAGE, R, 0, &file, 0), -ENODEV);
	check_eq(file.references, 1);
}

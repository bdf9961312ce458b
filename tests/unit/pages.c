// SPDX-License-Identifier: BSD-3-Clause
/*
 * The contents of a file that move to the host when they are mapped, and are
 * the same there.
 */
#include "core/pages.h"
#include "core/mem.h"
#include "core/user.h"
#include "tests/unit/unit.h"

enum { PAGE = EFT_PAGE_SIZE, SIZE = 5 * PAGE + 100 };

static struct eft_pages contents;
static uintptr_t window;

static void boot(void)
{
	fake_has_host = true;
	fake_boot(NULL);
	window = fake_info.window_start;
	eft_lock_init(&contents.lock, EFT_RANK_FILE_PAGES);
}

static uint64_t free_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

static size_t put(uint64_t at, const char *text, size_t len, int *error)
{
	*error = 0;
	return eft_pages_write(&contents, at, eft_as_user(text), len, error);
}

static void must_put(uint64_t at, const char *text, size_t len)
{
	int error;

	check_eq(put(at, text, len, &error), len);
	check_eq(error, 0);
}

static char byte_at(uint64_t at)
{
	char byte = '?';
	int error = 0;

	check_eq(eft_pages_read(&contents, at, eft_as_user(&byte), 1, &error),
		 1);
	return byte;
}

static int map(bool shared)
{
	return eft_pages_map(&contents, window, 6 * PAGE, EFT_PROT_READ, shared,
			     0);
}

/* Borrowed bytes, written ones before them, and a hole. */
static void fill(void)
{
	static uint8_t borrowed[2 * PAGE];

	memset(borrowed, 'b', sizeof(borrowed));
	contents.borrowed = borrowed;
	contents.borrowed_bytes = contents.size = sizeof(borrowed);
	must_put(PAGE + 1, "write", 5);
	check_eq(eft_pages_resize(&contents, SIZE), 0);
	must_put(SIZE - 2, "en", 2);
}

static void check_filled(void)
{
	char buffer[PAGE];

	check_eq(contents.size, SIZE);
	check_eq(byte_at(0), 'b');
	check_eq(byte_at(PAGE), 'b');
	check_eq(byte_at(PAGE + 1), 'w');
	check_eq(byte_at(PAGE + 6), 'b');
	check_eq(byte_at(2 * PAGE), 0);
	check_eq(byte_at(SIZE - 1), 'n');
	check_eq(((const char *)eft_pages_peek(&contents, 1, buffer))[5], 'e');
}

Test(pages, move_to_the_host)
{
	uint64_t before;

	boot();
	fill();
	check_filled();
	before = free_pages();
	check_eq(map(true), 0);
	check(contents.on_host);
	check(free_pages() >= before + 2); /* and a chunk */
	check_filled();
	check_eq(((char *)window)[PAGE + 2], 'r');
	check_eq(map(false), 0); /* again: it stays where it is */
	check_filled();
	eft_pages_fini(&contents);
	check_eq(fake_host_open_handles(), 0);
}

Test(pages, on_the_host)
{
	int error;

	boot();
	fill();
	check_eq(map(true), 0);
	must_put(2 * PAGE, "x", 1);
	check_eq(byte_at(2 * PAGE), 'x');
	must_put(SIZE, "longer", 6);
	check_eq(contents.size, SIZE + 6);
	check_eq(eft_pages_resize(&contents, 10), 0);
	check_eq(eft_pages_resize(&contents, 20), 0);
	check_eq(contents.size, 20);
	check_eq(eft_pages_next(&contents, 0, true), 0);
	check_eq(eft_pages_next(&contents, 1, true), UINT64_MAX);
	check_eq(eft_pages_next(&contents, 3, false), 3);
	check_eq(eft_pages_used(&contents), 0);
	must_put(0, "all", 3);
	check_eq(eft_pages_resize(&contents, 3 * PAGE), 0);
	check_eq(eft_pages_used(&contents), 3);
	fake_fail(FAKE_HOST_ALLOCATE, 1, -ENOSPC);
	check_eq(eft_pages_allocate(&contents, 0, PAGE), -ENOSPC);
	check_eq(eft_pages_allocate(&contents, 0, PAGE), 0);
	fake_fail(FAKE_HOST_WRITE, 1, -ENOSPC);
	check_eq(put(0, "no", 2, &error), 0);
	check_eq(error, -ENOSPC);
	fake_fail(FAKE_HOST_WRITE, 1, -EFAULT);
	check_eq(put(0, "no", 2, &error), 0);
	check_eq(error, -EFAULT);
	check_eq(byte_at(0), 'a');
}

/* Whatever the host refuses: the contents are where they were, and whole. */
Test(pages, that_cannot_move)
{
	boot();
	fill();
	fake_fail(FAKE_HOST_MEMORY, 1, -EMFILE);
	check_eq(map(true), -EMFILE);
	for (unsigned n = 1; n <= 3; n++) {
		fake_fail(FAKE_HOST_WRITE, n, -ENOSPC);
		check_eq(map(true), -ENOMEM);
		check(!contents.on_host);
		check_eq(fake_host_open_handles(), 0);
		check_filled();
	}
	fake_fail(FAKE_HOST_MAP, 1, -ENOMEM);
	check_eq(map(true), -ENOMEM);
	check_filled();
}

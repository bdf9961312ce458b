// SPDX-License-Identifier: BSD-3-Clause
/*
 * Page faults: what eft_range_fault() answers, and pages of files.
 */
#include "core/file.h"
#include "core/mem/range.h"
#include "core/pages.h"
#include "tests/unit/unit.h"

eft_needs(eft_range_map_file);

enum { NONE = EFT_PROT_NONE, R = EFT_PROT_READ, W = EFT_PROT_WRITE };
enum { X = EFT_PROT_EXEC, RW = R | W, RX = R | X };

static uintptr_t at(unsigned page)
{
	return fake_info.window_start + page * EFT_PAGE_SIZE;
}

static void boot(bool paging)
{
	struct fake_config config = {.paging = paging};

	fake_boot(&config);
}

static uint64_t free_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

Test(fault, outcomes)
{
	uint64_t before;

	boot(true);
	before = free_pages();
	eft_range_map(at(2), EFT_PAGE_SIZE, RW, 0, NULL, 0);
	eft_range_map(at(3), EFT_PAGE_SIZE, R, 0, NULL, 0);
	eft_range_map(at(4), EFT_PAGE_SIZE, NONE, 0, NULL, 0);
	eft_range_map(at(6), EFT_PAGE_SIZE, NONE, EFT_RANGE_STACK, NULL, 0);
	check_eq(eft_range_fault(at(1), R), EFT_FAULT_UNMAPPED);
	check_eq(eft_range_fault(at(5) + 9, W), EFT_FAULT_UNMAPPED);
	check_eq(eft_range_fault(0, R), EFT_FAULT_UNMAPPED);
	check_eq(eft_range_fault(UINTPTR_MAX, R), EFT_FAULT_UNMAPPED);
	check_eq(eft_range_fault(at(2) + 17, W), EFT_FAULT_RESOLVED);
	check_eq(eft_range_fault(at(2), W), EFT_FAULT_RESOLVED); /* again */
	check_eq(eft_range_fault(at(2), X), EFT_FAULT_PROTECTION);
	check_eq(eft_range_fault(at(3), R), EFT_FAULT_RESOLVED);
	check_eq(eft_range_fault(at(3), W), EFT_FAULT_PROTECTION);
	check_eq(eft_range_fault(at(4), R), EFT_FAULT_PROTECTION);
	check_eq(eft_range_fault(at(6), W), EFT_FAULT_GUARD);
	check_eq(fake_owned_pages(), 2);
	eft_range_unmap(at(0), 16 * EFT_PAGE_SIZE);
	check_eq(free_pages(), before - 1); /* the heap keeps a slab */
}

/* What has faulted with interrupts off may have the lock of all ranges. */
Test(fault, with_interrupts_off)
{
	boot(true);
	eft_range_map(at(2), EFT_PAGE_SIZE, RW, 0, NULL, 0);
	eft_irq_off();
	eft_space()->lock.held = 1;
	check_eq(eft_range_fault(at(2), W), EFT_FAULT_BUSY);
	check_eq(eft_range_fault(at(2), W), EFT_FAULT_BUSY);
	eft_space()->lock.held = 0;
	check_eq(eft_range_fault(at(2), W), EFT_FAULT_RESOLVED);
	check_eq(eft_irq_depth(), 1);
	eft_irq_on();
}

extern char eft_image_start[];

Test(fault, in_the_image)
{
	boot(true);
	check_eq(eft_range_fault((uintptr_t)eft_image_start, W),
		 EFT_FAULT_PROTECTION);
}

Test(fault, no_memory)
{
	boot(true);
	eft_range_map(at(0), 2 * EFT_PAGE_SIZE, RW, 0, NULL, 0);
	eft_alloc_fail_after(0);
	check_eq(eft_range_fault(at(0), W), EFT_FAULT_NO_MEMORY);
	eft_alloc_fail_after(UINT64_MAX);
	fake_fail(FAKE_MAP_PAGE, 1, -ENOMEM);
	check_eq(eft_range_fault(at(0), W), EFT_FAULT_NO_MEMORY);
	check_eq(fake_owned_pages(), 0);
	check_eq(eft_range_fault(at(0), W), EFT_FAULT_RESOLVED);
}

/* Another CPU has brought the page in meanwhile: ours goes back. */
Test(fault, race)
{
	uint64_t before;

	boot(true);
	eft_range_map(at(0), 2 * EFT_PAGE_SIZE, RW, 0, NULL, 0);
	before = free_pages();
	for (int i = 0; i < 3; i++) {
		fake_fail(FAKE_MAP_PAGE, 1, -EEXIST);
		check_eq(eft_range_fault(at(0), W), EFT_FAULT_RESOLVED);
		check_eq(free_pages(), before);
	}
}

/* The host brings in a process's pages: another CPU mapped it, or it refused.
 */
Test(fault, process)
{
	boot(false);
	eft_range_map(at(0), EFT_PAGE_SIZE, RW, 0, NULL, 0);
	check_eq(eft_range_fault(at(0), W), EFT_FAULT_RESOLVED);
	fake_fail(FAKE_PROTECT, 1, -ENOMEM);
	check_eq(eft_range_fault(at(0), W), EFT_FAULT_NO_MEMORY);
}

static void write_to(void *addr)
{
	*(volatile char *)addr = 1;
}

Test(fault, report_of_write_to_read_only)
{
	boot(false);
	eft_range_map(at(0), EFT_PAGE_SIZE, R, 0, NULL, 0);
	check_eq(fake_run(write_to, (void *)at(0)), FAKE_CRASHED);
	check_eq(fake_status, SIGSEGV);
	check(strstr(fake_console, "segmentation fault: write to read-only "
				   "memory at 0x") != NULL);
	check(strstr(fake_console, "in thread 1 (test) of a program, a fake") !=
	      NULL);
	check(strstr(fake_console, "rip ") != NULL);
}

static void push_below(void *top)
{
	__asm__ volatile("mov %%rsp, %%rbx\n\t"
			 "mov %0, %%rsp\n\t"
			 "push %%rbx\n\t"
			 "mov %%rbx, %%rsp"
			 :
			 : "r"(top)
			 : "rbx", "memory");
}

Test(fault, report_of_guard)
{
	boot(true);
	eft_range_map(at(0), EFT_PAGE_SIZE, NONE, EFT_RANGE_STACK, NULL, 0);
	check_eq(fake_run(push_below, (void *)at(1)), FAKE_CRASHED);
	check(strstr(fake_console, "stack overflow") != NULL);
}

/* Of another's stack, or from below: no stack has grown there. */
Test(fault, report_of_guard_from_afar)
{
	boot(true);
	eft_range_map(at(0), EFT_PAGE_SIZE, NONE, EFT_RANGE_STACK, NULL, 0);
	check_eq(fake_run(write_to, (void *)at(0)), FAKE_CRASHED);
	check(strstr(fake_console, "write to protected memory at 0x") != NULL);
}

static void touch_all(void *arg)
{
	for (unsigned i = 0; i < 4096; i++)
		*(volatile char *)at(i) = 1;
}

Test(fault, out_of_memory_ends_with_137)
{
	boot(true);
	eft_range_map(at(0), 4096 * EFT_PAGE_SIZE, RW, EFT_RANGE_NORESERVE,
		      NULL, 0);
	check_eq(fake_run(touch_all, NULL), FAKE_EXITED);
	check_eq(fake_status, 137);
	check(strstr(fake_console, "out of memory") != NULL);
}

/*
 * A file of three pages and a half.
 */
enum { FILE_BYTES = 3 * 4096 + 2048 };

static struct eft_pages contents;
static unsigned released;

static struct eft_pages *file_contents(struct eft_file *file)
{
	return &contents;
}

static void file_release(struct eft_file *file)
{
	released++;
}

static const struct eft_file_ops file_ops = {
	.pages = file_contents,
	.release = file_release,
};

static struct eft_file file;

static int note(void *page, bool clean, void *arg)
{
	*(char **)arg = page;
	return 0;
}

/* The page of the file at (index). */
static char *file_page(uint64_t index)
{
	char *page = NULL;

	check_eq(eft_pages_with(&contents, index, false, note, &page), 0);
	return page;
}

static void make_file(void)
{
	eft_lock_init(&contents.lock, EFT_RANK_FILE_PAGES);
	check_eq(eft_pages_resize(&contents, FILE_BYTES), 0);
	for (unsigned i = 0; i < 4; i++)
		memset(file_page(i), 'a' + i, i < 3 ? 4096 : 2048);
	eft_file_init(&file, &file_ops, O_RDWR);
}

/* Shared pages are not there before they are touched, and are the file's. */
Test(filemap, shared)
{
	char *map;

	boot(true);
	map = (char *)at(8);
	make_file();
	check_eq(eft_range_map(at(8), 6 * EFT_PAGE_SIZE, RW, EFT_RANGE_SHARED,
			       &file, 0),
		 at(8));
	check_eq(file.references, 2);
	check_eq(fake_mapped_pages(), 0);
	check_eq(map[0], 'a');
	check_eq(map[3 * 4096], 'd');
	check_eq(map[3 * 4096 + 2048], 0);
	check_eq(fake_mapped_pages(), 2);
	map[1] = 'z';
	check_eq(file_page(0)[1], 'z'); /* one and the same page */
	file_page(2)[5] = 'y';
	check_eq(map[2 * 4096 + 5], 'y');
	check_eq(eft_range_fault(at(12), R), EFT_FAULT_PAST_END);
	check_eq(eft_range_unmap(at(9), EFT_PAGE_SIZE), 0); /* a split */
	check_eq(file.references, 3);
	check_eq(eft_range_unmap(at(8), 6 * EFT_PAGE_SIZE), 0);
	check_eq(file.references, 1);
	check_eq(released, 0);
	check_eq(file_page(0)[0], 'a'); /* the file's, not the mapping's */
	check_eq(fake_mapped_pages(), 0);
}

/* The backtrace asks for ranges, and must not wait for what is held here. */
static void panic_under_lock(void *arg)
{
	eft_lock(&eft_space()->lock);
	eft_panic("it was to be");
}

Test(fault, panic_under_the_lock_of_ranges)
{
	boot(false);
	check_eq(fake_run(panic_under_lock, NULL), FAKE_CRASHED);
	check(strstr(fake_console, "eft: it was to be\n"
				   "  in thread 1 (test) of a program, a fake\n"
				   "  #0") != NULL);
}

/* Neighbours of one file are one range only where their bytes follow. */
Test(filemap, neighbours)
{
	char *map;

	boot(true);
	make_file();
	map = (char *)at(8);
	for (unsigned i = 0; i < 4; i++)
		check_eq(eft_range_map(at(8 + i), EFT_PAGE_SIZE, R,
				       EFT_RANGE_SHARED, &file,
				       i / 2 * EFT_PAGE_SIZE),
			 at(8 + i));
	for (unsigned i = 0; i < 4; i++)
		check_eq(map[i * EFT_PAGE_SIZE], 'a' + i / 2);
	/* The first, the second with the third, the fourth, and ours. */
	check_eq(file.references, 4);
	check_eq(eft_range_unmap(at(8), 4 * EFT_PAGE_SIZE), 0);
	check_eq(file.references, 1);
}

/* Private pages are the file's until they are written. */
Test(filemap, private)
{
	uint64_t before;
	char *map;

	boot(true);
	map = (char *)at(8);
	make_file();
	check_eq(eft_range_map(at(8), 4 * EFT_PAGE_SIZE, RW, 0, &file, 4096),
		 at(8));
	check_eq(file.references, 2);
	before = free_pages();
	check_eq(map[0], 'b');
	check_eq(map[2 * 4096], 'd');
	check_eq(map[2 * 4096 + 2048], 0);
	check_eq(free_pages(), before);
	map[0] = 'z';
	check_eq(free_pages(), before - 1);
	check_eq(file_page(1)[0], 'b');
	file_page(1)[1] = 'y';
	check_eq(map[1], 'b');
	check_eq(eft_range_protect(at(9), EFT_PAGE_SIZE, R), 0); /* splits */
	check_eq(map[4096], 'c');
	check_eq(eft_range_protect(at(9), EFT_PAGE_SIZE, RW), 0);
	map[4096] = 'x'; /* what may be written now is copied all the same */
	check_eq(file_page(2)[0], 'c');
	check_eq(map[4097], 'c');
	check_eq(fake_owned_pages(), 2);
	check_eq(eft_range_discard(at(8), 2 * EFT_PAGE_SIZE), 0);
	check_eq(free_pages(), before);
	check_eq(map[0], 'b'); /* the file's again */
	check_eq(map[1], 'y');
	check_eq(map[4096], 'c');
	check_eq(eft_range_unmap(at(8), 4 * EFT_PAGE_SIZE), 0);
	check_eq(file.references, 1);
}

/* What is cut leaves all mappings, copies too, before its pages are freed. */
Test(filemap, cut)
{
	char *shared, *private;
	uint64_t before;

	boot(true);
	make_file();
	shared = (char *)at(8);
	private = (char *)at(20);
	eft_range_map(at(8), 4 * EFT_PAGE_SIZE, RW, EFT_RANGE_SHARED, &file, 0);
	eft_range_map(at(20), 3 * EFT_PAGE_SIZE, RW, 0, &file, 4096);
	shared[0] = shared[4096] = shared[2 * 4096] = 's';
	private[0] = private[4096] = 'p';
	check_eq(private[2 * 4096], 'd');
	check_eq(fake_mapped_pages(), 6);
	before = free_pages();
	check_eq(eft_pages_resize(&contents, 4096 + 100), 0);
	check_eq(fake_mapped_pages(), 3);
	check_eq(free_pages(), before + 3); /* two of the file's, a copy */
	check_eq(eft_range_fault(at(10), R), EFT_FAULT_PAST_END);
	check_eq(eft_range_fault(at(21), W), EFT_FAULT_PAST_END);
	check_eq(shared[4096 + 99], 'b');
	check_eq(shared[4096 + 100], 0);
	check_eq(private[0], 'p');
	check_eq(eft_pages_resize(&contents, FILE_BYTES), 0);
	check_eq(shared[2 * 4096], 0);
	check_eq(private[4096], 0);
	check_eq(eft_pages_resize(&contents, 0), 0);
	check_eq(fake_mapped_pages(), 0);
	for (unsigned i = 8; i < 12; i++)
		check_eq(eft_range_fault(at(i), W), EFT_FAULT_PAST_END);
}

/* A hole of a file of 1 TiB costs the pages that are touched. */
Test(filemap, sparse)
{
	const uint64_t size = 1ull << 40;
	uint64_t before;

	boot(true);
	make_file();
	check_eq(eft_pages_resize(&contents, size), 0);
	eft_range_map(at(0), EFT_PAGE_SIZE, R, 0, NULL, 0); /* heap's page */
	before = free_pages();
	check_eq(eft_range_map(at(8), 2 * EFT_PAGE_SIZE, RW, EFT_RANGE_SHARED,
			       &file, (off_t)(size - 2 * EFT_PAGE_SIZE)),
		 at(8));
	check_eq(free_pages(), before);
	*(char *)at(9) = 'e';
	check_eq(file_page(size / EFT_PAGE_SIZE - 1)[0], 'e');
	check_eq(eft_range_fault(at(9), W), EFT_FAULT_RESOLVED);
}

Test(filemap, past_end_is_sigbus)
{
	boot(true);
	make_file();
	eft_range_map(at(8), 6 * EFT_PAGE_SIZE, RW, EFT_RANGE_SHARED, &file, 0);
	check_eq(fake_run(write_to, (void *)at(13)), FAKE_CRASHED);
	check_eq(fake_status, SIGBUS);
	check(strstr(fake_console, "past the end of its file") != NULL);
}

Test(filemap, no_memory_leaves_nothing)
{
	uint64_t before;

	boot(true);
	make_file();
	check_eq(eft_pages_resize(&contents, 8 * EFT_PAGE_SIZE), 0);
	check_eq(eft_range_map(at(8), 8 * EFT_PAGE_SIZE, RW, 0, &file, 0),
		 at(8));
	before = free_pages();
	fake_fail(FAKE_MAP_PAGE, 1, -ENOMEM);
	check_eq(eft_range_fault(at(8), R), EFT_FAULT_NO_MEMORY);
	fake_fail(FAKE_MAP_PAGE, 1, -ENOMEM);
	check_eq(eft_range_fault(at(8), W), EFT_FAULT_NO_MEMORY);
	check_eq(free_pages(), before);
	check_eq(fake_mapped_pages(), 0);
	for (uint64_t n = 0; n < 2; n++) { /* the page of a hole; its copy */
		eft_alloc_fail_after(n);
		check_eq(eft_range_fault(at(15), W), EFT_FAULT_NO_MEMORY);
		eft_alloc_fail_after(UINT64_MAX);
	}
	check_eq(eft_range_unmap(at(8), 8 * EFT_PAGE_SIZE), 0);
	for (uint64_t n = 0; n < 1; n++) {
		eft_alloc_fail_after(n);
		check_eq(eft_range_map(at(8), EFT_PAGE_SIZE, RW,
				       EFT_RANGE_SHARED, &file, 0),
			 -ENOMEM);
		check_eq(file.references, 1);
		eft_alloc_fail_after(UINT64_MAX);
	}
}

Test(filemap, file_that_cannot_be_mapped)
{
	static const struct eft_file_ops none = {.release = file_release};

	boot(false);
	eft_file_init(&file, &none, O_RDONLY);
	check_eq(eft_range_map(0, EFT_PAGE_SIZE, R, 0, &file, 0), -ENODEV);
	check_eq(file.references, 1);
}

/* A program that grows and moves a shared mapping. */
Test(filemap, remap_shared)
{
	intptr_t moved;

	boot(true);
	make_file();
	eft_range_map(at(8), EFT_PAGE_SIZE, RW, EFT_RANGE_SHARED, &file, 4096);
	eft_range_map(at(9), EFT_PAGE_SIZE, R, 0, NULL, 0);
	moved = eft_range_remap(at(8), EFT_PAGE_SIZE, 2 * EFT_PAGE_SIZE,
				MREMAP_MAYMOVE, 0);
	check(moved > 0 && moved != (intptr_t)at(8));
	check_eq(((char *)moved)[0], 'b');
	check_eq(((char *)moved)[4096], 'c');
	check_eq(eft_range_fault(at(8), R), EFT_FAULT_UNMAPPED);
	eft_range_unmap(moved, 2 * EFT_PAGE_SIZE);
	check_eq(file.references, 1);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mapped pages that have to be read first: a fault that sleeps, and what may
 * happen meanwhile.
 */
#include "core/abi.h"
#include "core/cache.h"
#include "core/file.h"
#include "core/mem/flusher.h"
#include "core/mem/range.h"
#include "core/pages.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/user.h"
#include "tests/unit/unit.h"

eft_needs(eft_fault_divert);
eft_needs(eft_fault_error);
eft_needs(eft_flusher_put);
eft_needs(eft_range_bring_in);
eft_needs(eft_range_map_file);

enum { PAGE = EFT_PAGE_SIZE, FILE_PAGES = 6, MS = 1000000 };
enum { R = EFT_PROT_READ, RW = EFT_PROT_READ | EFT_PROT_WRITE };

static unsigned reads; /* that were begun */
static int read_error;
static void (*meanwhile)(void);

static int slow_read(struct eft_cached *cached, uint64_t index,
		     void *const page[], unsigned count)
{
	reads++;
	if (meanwhile != NULL)
		meanwhile();
	check_eq(eft_sleep(eft_now_ns() + MS), -ETIMEDOUT);
	if (read_error < 0)
		return read_error;
	for (unsigned i = 0; i < count; i++)
		memset(page[i], 'a' + (int)(index + i), PAGE);
	return 0;
}

static int no_write(struct eft_cached *cached,
		    const struct eft_cached_run run[], unsigned count)
{
	return 0;
}

static const struct eft_cached_source source = {
	.read = slow_read,
	.write = no_write,
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
static volatile char *map; /* FILE_PAGES and one */

static uint64_t free_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

static void boot(int prot, unsigned flags)
{
	struct fake_config config = {.paging = true};

	fake_boot(&config);
	eft_cached_init(&contents, &source, FILE_PAGES * PAGE);
	eft_file_init(&file, &file_ops, O_RDWR);
	map = (char *)eft_range_map(0, (FILE_PAGES + 1) * PAGE, prot, flags,
				    &file, 0);
	check((intptr_t)map > 0);
}

static void touch(void *arg)
{
	uint64_t before = eft_now_ns();

	check_eq(map[0], 'a');
	check_eq(map[3 * PAGE + 7], 'd');
	check_eq(eft_now_ns() - before, 2 * MS);
	check_eq(reads, 2);
	check_eq(map[1] + map[4 * PAGE - 1], 'a' + 'd');
	check_eq(reads, 2); /* they are there */
	check_eq(eft_irq_depth(), 0);
}

/* Registers, also the vectors', are what they were. */
static void keep_registers(void *arg)
{
	uint64_t a = 1, b = 2;
	double f = 3.5;
	char found;

	__asm__ volatile("movsd %3, %%xmm7\n\t"
			 "movb (%4), %2\n\t"
			 "movsd %%xmm7, %3"
			 : "+r"(a), "+r"(b), "=r"(found), "+m"(f)
			 : "r"(&map[PAGE])
			 : "xmm7", "memory");
	check_eq(a + b, 3);
	check(f == 3.5);
	check_eq(found, 'b');
}

Test(absent, read_when_it_is_touched)
{
	boot(R, EFT_RANGE_SHARED);
	check_eq(fake_run(touch, NULL), FAKE_RETURNED);
	check_eq(fake_run(keep_registers, NULL), FAKE_RETURNED);
}

static bool other_has_it;

static void touch_too(void *arg)
{
	check_eq(map[2 * PAGE], 'c');
	other_has_it = true;
}

static void touch_with_another(void *arg)
{
	eft_thread_create("other", touch_too, NULL, 5);
	check_eq(map[2 * PAGE], 'c');
	while (!other_has_it)
		eft_yield();
}

/* Both read it; one page stays. */
Test(absent, two_at_once)
{
	uint64_t before;

	boot(R, EFT_RANGE_SHARED);
	check_eq(eft_cached_bring_in(&contents, FILE_PAGES, false),
		 0); /* no read */
	before = free_pages();
	check_eq(fake_run(touch_with_another, NULL), FAKE_RETURNED);
	check_eq(reads, 2);
	check(before - free_pages() <= 1 + 3 * 32); /* and stacks of threads */
	check_eq(fake_mapped_pages(), 1);
}

static void write_privately(void *arg)
{
	map[0] = 'z';
	check_eq(map[0], 'z');
	check_eq(map[1], 'a');
	check_eq(reads, 1);
	check_eq(fake_owned_pages(), 1);
}

static int same(void *page, bool clean, void *arg)
{
	return ((char *)page)[0] == 'a' ? 0 : -EIO;
}

Test(absent, copied_when_it_is_written)
{
	boot(RW, 0);
	check_eq(fake_run(write_privately, NULL), FAKE_RETURNED);
	check_eq(eft_pages_with(&contents.pages, 0, false, same, NULL), 0);
	check_eq(eft_pages_with(&contents.pages, 1, false, same, NULL),
		 -EAGAIN);
	check_eq(eft_pages_with(&contents.pages, FILE_PAGES, false, same, NULL),
		 -ENXIO);
}

static void copy_from(void *arg)
{
	char buf[2];

	check_eq(eft_copy_in(buf, (const char eft_user *)&map[PAGE - 1], 2), 0);
	check_eq(buf[0], 'a');
	check_eq(buf[1], 'b');
}

Test(absent, for_a_call)
{
	boot(R, EFT_RANGE_SHARED);
	check_eq(fake_run(copy_from, NULL), FAKE_RETURNED);
	check_eq(reads, 2);
}

static void touch_first(void *arg)
{
	check_eq(map[0], 'a');
}

/* Once: it may be read later. */
Test(absent, that_cannot_be_read)
{
	boot(R, EFT_RANGE_SHARED);
	read_error = -EIO;
	check_eq(fake_run(touch_first, NULL), FAKE_CRASHED);
	check_eq(fake_status, SIGBUS);
	check_eq(reads, 1);
	check(strstr(fake_console, "or unreadable at 0x") != NULL);
	read_error = 0;
	check_eq(eft_range_fault((uintptr_t)map, R), EFT_FAULT_ABSENT);
}

Test(absent, that_there_is_no_memory_for)
{
	boot(R, EFT_RANGE_SHARED);
	read_error = -ENOMEM;
	check_eq(fake_run(touch_first, NULL), FAKE_EXITED);
	check_eq(fake_status, 137);
}

static void cut(void)
{
	eft_cached_resize(&contents, 0);
}

/* What is read is not there any more, and is not kept. */
Test(absent, cut_meanwhile)
{
	boot(R, EFT_RANGE_SHARED);
	meanwhile = cut;
	check_eq(fake_run(touch_first, NULL), FAKE_CRASHED);
	check_eq(fake_status, SIGBUS);
	check_eq(reads, 1);
	check(eft_treap_first(&contents.pages.chunks) == NULL);
}

static void unmap(void)
{
	check_eq(eft_range_unmap((uintptr_t)map, (FILE_PAGES + 1) * PAGE), 0);
}

Test(absent, unmapped_meanwhile)
{
	boot(R, EFT_RANGE_SHARED);
	meanwhile = unmap;
	check_eq(fake_run(touch_first, NULL), FAKE_CRASHED);
	check_eq(fake_status, SIGSEGV);
	check_eq(file.references, 1);
}

static struct eft_mutex before, after; /* what a file's end locks; a copy's */
static unsigned ends;

static void locking_release(struct eft_file *ended)
{
	eft_mutex_lock(&before);
	ends++;
	eft_mutex_unlock(&before);
}

static const struct eft_file_ops locking_ops = {
	.pages = file_contents,
	.release = locking_release,
};

static void replace_and_close(void)
{
	unmap();
	check_eq(eft_range_map((uintptr_t)map, PAGE, R, 0, NULL, 0), map);
	eft_file_put(&file);
}

/* With a file's mutex held: the last reference is put without it. */
static void copy_from_what_ends(void *arg)
{
	char byte;

	eft_mutex_lock(&after);
	check_eq(eft_copy_in(&byte, (const char eft_user *)map, 1), 0);
	check_eq(ends, 0);
	eft_mutex_unlock(&after);
	check_eq(eft_sleep(eft_now_ns() + 1000 * MS), -ETIMEDOUT);
	check_eq(ends, 1);
}

Test(absent, closed_meanwhile)
{
	boot(R, EFT_RANGE_SHARED);
	file.ops = &locking_ops;
	eft_mutex_init(&before, EFT_RANK_RENAME);
	eft_mutex_init(&after, EFT_RANK_NODE);
	meanwhile = replace_and_close;
	check_eq(fake_run(copy_from_what_ends, NULL), FAKE_RETURNED);
}

/* read() and write() wait for it too, and say why not. */
static void by_calls(void *arg)
{
	char buf[4] = "....";
	int error = 0;

	check_eq(eft_cached_read(&contents, PAGE + 1, eft_as_user(buf), 2,
				 &error),
		 2);
	check_eq(buf[0] + buf[1], 2 * 'b');
	check_eq(eft_cached_write(&contents, 2 * PAGE, eft_as_user("x"), 1,
				  &error),
		 1);
	check_eq(map[2 * PAGE], 'x');
	check_eq(map[2 * PAGE + 1], 'c');
	check_eq(reads, 2);
	read_error = -EIO;
	check_eq(eft_cached_read(&contents, 0, eft_as_user(buf), 2, &error), 0);
	check_eq(error, -EIO);
	error = 0;
	check_eq(eft_cached_write(&contents, 0, eft_as_user("x"), 1, &error),
		 0);
	check_eq(error, -EIO);
}

Test(absent, by_calls)
{
	boot(R, EFT_RANGE_SHARED);
	check_eq(fake_run(by_calls, NULL), FAKE_RETURNED);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The page cache, before a source that is an array, and whose calls the tests
 * count, delay and fail.
 */
#include "core/cache.h"
#include "core/abi.h"
#include "core/file.h"
#include "core/mem/cache.h"
#include "core/mem/range.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/user.h"
#include "tests/unit/unit.h"

eft_needs(eft_range_bring_in);
eft_needs(eft_range_map_file);

enum { PAGE = EFT_PAGE_SIZE, MS = 1000000 };
enum { RW = EFT_PROT_READ | EFT_PROT_WRITE };
enum { DISK_PAGES = 4096 };

static uint8_t disk[DISK_PAGES * PAGE];
static struct eft_cached file;

static unsigned reads, read_pages, writes, written_pages, calls_to_write;
static uint64_t bad_page = UINT64_MAX; /* that cannot be read */
static int write_error, reserve_error;
static long reserved;	  /* pages for which something is set aside */
static int held;	  /* hold() less let_go() */
static uint64_t takes_ns; /* a read or a write */
static void (*meanwhile)(void);

static void take_time(void)
{
	void (*function)(void) = meanwhile;

	meanwhile = NULL;
	if (function != NULL)
		function();
	if (takes_ns > 0)
		check_eq(eft_sleep(eft_now_ns() + takes_ns), -ETIMEDOUT);
}

static int source_read(struct eft_cached *cached, uint64_t index,
		       void *const page[], unsigned count)
{
	check(cached == &file && count > 0 && index + count <= DISK_PAGES);
	reads++;
	read_pages += count;
	for (unsigned i = 0; i < count; i++) {
		if (index + i == bad_page)
			return -EIO;
		memcpy(page[i], disk + (index + i) * PAGE, PAGE);
	}
	take_time();
	return 0;
}

static unsigned straight;	   /* calls of it */
static size_t straight_max = ~0ul; /* bytes that one can read */

static size_t source_read_out(struct eft_cached *cached, uint64_t offset,
			      char eft_user *buf, size_t len)
{
	size_t n;

	check(cached == &file && offset % PAGE == 0 && len % PAGE == 0);
	check(len > 0 && offset + len <= DISK_PAGES * PAGE);
	straight++;
	n = eft_copy_out_some(buf, disk + offset, eft_min(len, straight_max));
	take_time();
	return n;
}

static bool under_way[DISK_PAGES];

static void write_run(const struct eft_cached_run *run)
{
	writes++;
	written_pages += run->count;
	reserved -= run->reserved;
	check(reserved >= 0);
	for (unsigned i = 0; i < run->count; i++) {
		check(!under_way[run->index + i]);
		under_way[run->index + i] = true;
		if (write_error == 0)
			memcpy(disk + (run->index + i) * PAGE, run->page[i],
			       PAGE);
	}
}

static int source_write(struct eft_cached *cached,
			const struct eft_cached_run run[], unsigned count)
{
	check(count > 0 && count <= EFT_CACHED_RUNS);
	calls_to_write++;
	for (unsigned i = 0; i < count; i++) {
		check(i == 0 ||
		      run[i].index >= run[i - 1].index + run[i - 1].count);
		write_run(&run[i]);
	}
	take_time();
	for (unsigned i = 0; i < count; i++)
		memset(&under_way[run[i].index], false, run[i].count);
	return write_error;
}

/* Odd pages want something set aside. */
static int source_reserve(struct eft_cached *cached, uint64_t index)
{
	if (reserve_error < 0)
		return reserve_error;
	reserved += index % 2;
	return (int)(index % 2);
}

static void source_unreserve(struct eft_cached *cached, unsigned count)
{
	reserved -= count;
	check(reserved >= 0);
}

static void source_hold(struct eft_cached *cached)
{
	held++;
}

static void source_let_go(struct eft_cached *cached)
{
	held--;
}

static const struct eft_cached_source source = {
	.read = source_read,
	.read_out = source_read_out,
	.write = source_write,
	.reserve = source_reserve,
	.unreserve = source_unreserve,
	.hold = source_hold,
	.let_go = source_let_go,
};

static void boot(uint64_t size)
{
	struct fake_config config = {.paging = true};

	fake_boot(&config);
	for (unsigned i = 0; i < DISK_PAGES; i++)
		memset(disk + i * PAGE, 'a' + i % 26, PAGE);
	eft_cached_init(&file, &source, size);
}

static void run(void (*function)(void *))
{
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

static size_t read_some(uint64_t offset, void *buf, size_t len)
{
	int error = 0;
	size_t n = eft_cached_read(&file, offset, eft_as_user((char *)buf), len,
				   &error);

	check_eq(error, 0);
	return n;
}

static void write_some(uint64_t offset, const void *buf, size_t len)
{
	int error = 0;

	check_eq(eft_cached_write(&file, offset, eft_as_user((const char *)buf),
				  len, &error),
		 len);
	check_eq(error, 0);
}

static uint64_t free_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

static uint64_t dirty(void)
{
	struct eft_page_cache_stats stats;

	eft_page_cache_stats(&stats);
	return stats.dirty;
}

static void all_is_clean(void)
{
	check_eq(dirty(), 0);
	check_eq(held, 0);
	check_eq(reserved, 0);
}

static void read_on(void *arg)
{
	char byte;

	for (uint64_t i = 0; i < 256; i++) {
		check_eq(read_some(i * PAGE + 17, &byte, 1), 1);
		check_eq(byte, 'a' + i % 26);
	}
	/* 1, 2, 4, 8, 16 and the rest of the chunk, then chunks. */
	check_eq(read_pages, 256);
	check_eq(reads, 6 + 7);
	reads = read_pages = 0;
	for (uint64_t i = 300; i < 2000; i += 100)
		check_eq(read_some(i * PAGE, &byte, 1), 1);
	check_eq(reads, 17);
	check_eq(read_pages, 17); /* nothing was read on */
}

Test(cache, reads_ahead_of_who_reads_on)
{
	boot(DISK_PAGES * PAGE);
	run(read_on);
}

static char big[64 * PAGE];

static void read_at_once(void *arg)
{
	check_eq(read_some(PAGE / 2, big, sizeof(big)), sizeof(big));
	check_eq(memcmp(big, disk + PAGE / 2, sizeof(big)), 0);
	check_eq(reads, 3);
	check_eq(read_some(DISK_PAGES * PAGE - 3, big, 10), 3);
}

Test(cache, reads_what_is_asked_for)
{
	boot(DISK_PAGES * PAGE);
	run(read_at_once);
}

static void read_bad(void *arg)
{
	char byte;
	int error = 0;

	bad_page = 5;
	check_eq(eft_cached_read(&file, 3 * PAGE, eft_as_user(big), 4 * PAGE,
				 &error),
		 2 * PAGE);
	check_eq(error, -EIO);
	check_eq(read_some(6 * PAGE, &byte, 1), 1);
	bad_page = UINT64_MAX;
	check_eq(read_some(5 * PAGE, &byte, 1), 1);
	check_eq(byte, 'f');
}

Test(cache, one_bad_page)
{
	boot(DISK_PAGES * PAGE);
	run(read_bad);
}

static void write_and_sync(void *arg)
{
	memset(big, '!', sizeof(big));
	write_some(PAGE, big, 2 * PAGE); /* whole pages are not read */
	check_eq(reads, 0);
	write_some(10 * PAGE + 5, big, 10);
	check_eq(reads, 1);
	check_eq(dirty(), 3);
	check_eq(reserved, 1);
	check_eq(held, 1);
	check_eq(disk[PAGE], 'b');
	check_eq(eft_cached_sync(&file, 5, UINT64_MAX), 0);
	check_eq(disk[PAGE], 'b');
	check_eq(disk[10 * PAGE + 4], 'k');
	check_eq(disk[10 * PAGE + 14], '!');
	check_eq(disk[10 * PAGE + 15], 'k');
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[PAGE], '!');
	check_eq(writes, 2);
	check_eq(written_pages, 3);
	all_is_clean();
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(writes, 2);
}

Test(cache, writes_back_what_is_dirty)
{
	boot(DISK_PAGES * PAGE);
	run(write_and_sync);
}

enum { RUNS = EFT_CACHED_RUNS + 4 };

static void write_runs(void *arg)
{
	for (unsigned i = 0; i < RUNS; i++)
		write_some(i * 3 * PAGE, "run", 4);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(calls_to_write, 2);
	check_eq(writes, RUNS);
	check_eq(written_pages, RUNS);
	for (unsigned i = 0; i < RUNS; i++)
		check_eq(memcmp(disk + i * 3 * PAGE, "run", 4), 0);
	all_is_clean();
}

Test(cache, writes_back_several_runs_at_once)
{
	boot(DISK_PAGES * PAGE);
	run(write_runs);
}

static void write_past_the_end(void *arg)
{
	write_some(3 * PAGE + 10, "abc", 3);
	check_eq(file.pages.size, 3 * PAGE + 13);
	check_eq(reads, 0);
	write_some(100, "x", 1);
	check_eq(reads, 1);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[3 * PAGE + 9], 0);
	check_eq(memcmp(disk + 3 * PAGE + 10, "abc", 3), 0);
	check_eq(disk[3 * PAGE + 13], 0);
	check_eq(disk[100], 'x');
	all_is_clean();
}

Test(cache, grows)
{
	boot(2 * PAGE);
	run(write_past_the_end);
}

static void write_fails(void *arg)
{
	int error = 0;

	write_some(0, "x", 1);
	write_error = -EIO;
	eft_cached_write_back(&file);
	write_error = 0;
	all_is_clean();
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), -EIO); /* once */
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	reserve_error = -ENOSPC;
	check_eq(eft_cached_write(&file, 0, eft_as_user("y"), 1, &error), 0);
	check_eq(error, -ENOSPC);
	error = 0;
	check_eq(eft_cached_write(&file, 50 * PAGE, eft_as_user(big), 2 * PAGE,
				  &error),
		 0);
	check_eq(error, -ENOSPC);
	all_is_clean();
}

Test(cache, errors_are_told_once)
{
	boot(50 * PAGE);
	run(write_fails);
}

static void write_again(void)
{
	write_some(PAGE, "2", 1);
}

/* What is written while the page is being written is written once more. */
static void dirty_while_it_is_written(void *arg)
{
	write_some(PAGE, "1", 1);
	meanwhile = write_again;
	takes_ns = MS;
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[PAGE], '1');
	check_eq(dirty(), 1);
	check_eq(held, 1);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[PAGE], '2');
	all_is_clean();
}

Test(cache, dirty_while_it_is_written)
{
	boot(50 * PAGE);
	run(dirty_while_it_is_written);
}

static bool other_synced;

static void sync_too(void *arg)
{
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[PAGE], '1');
	other_synced = true;
}

/* One that is being written for somebody else is waited for. */
static void two_sync(void *arg)
{
	write_some(PAGE, "1", 1);
	takes_ns = MS;
	check(eft_thread_create("other", sync_too, NULL, 5) != NULL);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	while (!other_synced)
		eft_yield();
	check_eq(writes, 1);
	check(eft_now_ns() < 2 * MS);
}

Test(cache, two_wait_for_one_write)
{
	boot(50 * PAGE);
	run(two_sync);
}

/*
 * Cuts.
 */

static void cut_dirty(void *arg)
{
	memset(big, '!', sizeof(big));
	write_some(0, big, 40 * PAGE);
	check_eq(reserved, 20);
	eft_cached_resize(&file, 10 * PAGE + 1);
	check_eq(dirty(), 11);
	check_eq(reserved, 5);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[10 * PAGE], '!');
	check_eq(disk[10 * PAGE + 1], 0);
	check_eq(disk[11 * PAGE], 'l');
	all_is_clean();
	write_some(0, big, 3 * PAGE);
	eft_cached_drop(&file, 1, 2);
	check_eq(dirty(), 2);
	eft_cached_resize(&file, 0);
	all_is_clean();
}

Test(cache, cuts_what_is_dirty)
{
	boot(50 * PAGE);
	run(cut_dirty);
}

static void cut_meanwhile(void *arg)
{
	uint64_t before = eft_now_ns();

	eft_cached_resize(&file, 0);
	check_eq(eft_now_ns() - before, MS);
	other_synced = true;
}

/* What is being written is not freed. */
static void cut_what_is_written(void *arg)
{
	write_some(0, "x", 1);
	takes_ns = MS;
	check(eft_thread_create("other", cut_meanwhile, NULL, 5) != NULL);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[0], 'x');
	while (!other_synced)
		eft_yield();
	check(eft_treap_first(&file.pages.chunks) == NULL);
}

Test(cache, waits_before_it_cuts)
{
	boot(50 * PAGE);
	run(cut_what_is_written);
}

static void write_back(void)
{
	eft_cached_write_back(&file);
}

/* What is copied behind the end is there before the file is as long. */
static void append_what_is_written(void *arg)
{
	char bytes[8];

	write_some(0, "one", 3);
	fake_after_copy = write_back;
	write_some(3, "two", 3);
	check_eq(calls_to_write, 1);
	check_eq(read_some(0, bytes, 6), 6);
	check(memcmp(bytes, "onetwo", 6) == 0);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check(memcmp(disk, "onetwo", 7) == 0);
	all_is_clean();
}

Test(cache, appends_to_what_is_written)
{
	boot(0);
	run(append_what_is_written);
}

/* Who copies from a page sleeps at a fault of the program's memory. */
static void cut_what_is_read(void *arg)
{
	struct eft_chunk *chunk;
	uint64_t free;
	char *page;

	check_eq(eft_cached_bring_in(&file, 3, false), 0);
	free = free_pages();
	page = eft_cached_pin(&file, 3, &chunk);
	check_eq(page[0], 'd');
	check(eft_thread_create("other", cut_meanwhile, NULL, 5) != NULL);
	check_eq(eft_sleep(eft_now_ns() + MS), -ETIMEDOUT);
	check(!other_synced);
	check(free_pages() <= free);
	check_eq(page[0], 'd');
	eft_cached_unpin(&file, chunk);
	while (!other_synced)
		eft_yield();
	check(eft_treap_first(&file.pages.chunks) == NULL);
}

/* A page that somebody uses without a lock is not given back meanwhile. */
Test(cache, waits_for_who_reads_what_it_cuts)
{
	boot(50 * PAGE);
	run(cut_what_is_read);
}

/*
 * Memory.
 */

/* 16 MiB through a memory of 8. */
static void read_all(void *arg)
{
	char byte;

	for (uint64_t i = 0; i < DISK_PAGES; i++) {
		check_eq(read_some(i * PAGE + 1, &byte, 1), 1);
		check_eq(byte, 'a' + i % 26);
		check(free_pages() > 20);
	}
	check_eq(read_pages, DISK_PAGES);
}

Test(cache, larger_than_memory)
{
	boot(DISK_PAGES * PAGE);
	run(read_all);
}

static void write_all(void *arg)
{
	for (uint64_t i = 0; i < DISK_PAGES; i++) {
		memset(big, (int)(i % 251), PAGE);
		write_some(i * PAGE, big, PAGE);
		check(free_pages() > 20);
	}
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	for (uint64_t i = 0; i < DISK_PAGES; i++)
		check(disk[i * PAGE] == i % 251 &&
		      disk[i * PAGE + PAGE - 1] == i % 251);
	check_eq(reads, 0);
	all_is_clean();
}

Test(cache, writes_more_than_there_is_memory)
{
	boot(DISK_PAGES * PAGE);
	run(write_all);
}

static void keep_one(void *arg)
{
	void *page, *again;

	check_eq(eft_cached_keep(&file, 7, &page), 0);
	write_some(9 * PAGE, "x", 1);
	read_some(0, big, 40 * PAGE);
	check_eq(eft_page_cache_reclaim(1000), 63);
	check_eq(disk[9 * PAGE], 'x'); /* it had to go as well */
	check_eq(eft_cached_keep(&file, 7, &again), 0);
	check(page == again);
	check_eq(eft_cached_keep(&file, DISK_PAGES, &again), 0);
	check(again == NULL);
	all_is_clean();
}

Test(cache, reclaims_all_but_what_is_kept)
{
	boot(DISK_PAGES * PAGE);
	run(keep_one);
}

static void evict_and_change(void)
{
	write_some(3 * PAGE, "new", 3);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check(eft_page_cache_reclaim(100) > 0);
}

/* What was read before it was changed, and comes late, is not the contents. */
static void late_read(void *arg)
{
	char text[3];

	meanwhile = evict_and_change;
	check_eq(read_some(3 * PAGE, text, 3), 3);
	check_eq(memcmp(text, "new", 3), 0);
}

Test(cache, reads_that_come_late)
{
	boot(DISK_PAGES * PAGE);
	run(late_read);
}

static void check_big(unsigned pages)
{
	for (unsigned i = 0; i < pages; i++)
		check_eq(big[i * PAGE + 9], 'a' + i % 26);
}

static uint64_t pages_there(void)
{
	struct eft_page_cache_stats stats;

	eft_page_cache_stats(&stats);
	return stats.pages;
}

/* What is not there is read without a page, what is there is what counts. */
static void read_large(void *arg)
{
	file.reads_out = true;
	write_some(20 * PAGE, "new", 3);
	reads = 0;
	check_eq(read_some(0, big, 40 * PAGE), 40 * PAGE);
	check_eq(straight, 2);
	check_eq(reads, 0);
	check_eq(pages_there(), 1);
	check_eq(memcmp(&big[20 * PAGE], "new", 3), 0);
	check_big(40);
	check_eq(read_some(5, big, 33 * PAGE),
		 33 * PAGE); /* its first page is */
	check_eq(straight, 3);
	check_eq(big[20 * PAGE - 5], 'n');
	check_eq(read_some(64 * PAGE, big, 15 * PAGE), 15 * PAGE);
	check_eq(straight, 3); /* that is not much */
	check_eq(big[PAGE], 'a' + 65 % 26);
}

Test(cache, large_reads_go_straight)
{
	boot(DISK_PAGES * PAGE);
	run(read_large);
}

/* A part of it, as where there is an error: the rest is read in pages. */
static void read_large_in_parts(void *arg)
{
	int error = 0;

	file.reads_out = true;
	straight_max = 2 * PAGE + 7;
	check_eq(read_some(0, big, 40 * PAGE), 40 * PAGE);
	check_big(40);
	straight_max = 0;
	bad_page = 103;
	check_eq(eft_cached_read(&file, 100 * PAGE, eft_as_user(big), 40 * PAGE,
				 &error),
		 3 * PAGE);
	check_eq(error, -EIO);
}

Test(cache, large_reads_that_fail)
{
	boot(DISK_PAGES * PAGE);
	run(read_large_in_parts);
}

/* It was evicted, changed, and evicted again meanwhile. */
static void late_large_read(void *arg)
{
	file.reads_out = true;
	meanwhile = evict_and_change;
	check_eq(read_some(0, big, 32 * PAGE), 32 * PAGE);
	check_eq(memcmp(&big[3 * PAGE], "new", 3), 0);
	check_big(32);
}

Test(cache, large_reads_that_come_late)
{
	boot(DISK_PAGES * PAGE);
	run(late_large_read);
}

/* Who knew the end before a cut reads nothing of what is not the file's. */
static void read_large_past_the_end(void *arg)
{
	file.reads_out = true;
	eft_cached_resize(&file, 20 * PAGE);
	check_eq(read_some(0, big, 40 * PAGE), 20 * PAGE);
	check_eq(read_some(24 * PAGE, big, 40 * PAGE), 0);
	check_eq(straight, 1);
}

Test(cache, large_reads_past_the_end)
{
	boot(DISK_PAGES * PAGE);
	run(read_large_past_the_end);
}

static void cut_to_3000_pages(void)
{
	eft_cached_resize(&file, 3000 * PAGE);
}

/* There is no room for what is to be read, and while that is made a cut. */
static void read_what_is_cut(void *arg)
{
	struct eft_page_stats stats;
	char byte;

	write_some(0, "x", 1);
	eft_page_stats(&stats);
	while (free_pages() > stats.total / 16)
		check(eft_page_alloc(0) != NULL);
	meanwhile = cut_to_3000_pages;
	check_eq(read_some(3500 * PAGE, &byte, 1), 0);
	check(meanwhile == NULL);
	eft_cached_resize(&file, DISK_PAGES * PAGE);
	disk[3500 * PAGE] = 0;
	check_eq(read_some(3500 * PAGE, &byte, 1), 1);
	check_eq(byte, 0);
}

Test(cache, reads_what_is_cut_before_it_begins)
{
	boot(DISK_PAGES * PAGE);
	run(read_what_is_cut);
}

static char read_late;

static void read_while_closed(void *arg)
{
	check_eq(read_some(3 * PAGE, &read_late, 1), 1);
}

/* Between the cut and the source's own nobody reads what the source has yet. */
static void close_and_change(void *arg)
{
	char byte;

	check_eq(read_some(3 * PAGE, &byte, 1), 1);
	eft_cached_close(&file, 2, 5);
	check_eq(pages_there(), 0);
	reads = 0;
	check(eft_thread_create("other", read_while_closed, NULL, 5) != NULL);
	check_eq(eft_sleep(eft_now_ns() + MS), -ETIMEDOUT);
	check_eq(reads, 0);
	disk[3 * PAGE] = '!';
	eft_cached_open(&file);
	while (read_late == 0)
		eft_yield();
	check_eq(read_late, '!');
}

Test(cache, reads_nothing_of_what_is_closed)
{
	boot(50 * PAGE);
	run(close_and_change);
}

static void close_meanwhile(void)
{
	eft_cached_close(&file, 0, UINT64_MAX);
	disk[3 * PAGE] = '!';
	eft_cached_open(&file);
}

static void read_and_close(void *arg)
{
	char byte;

	meanwhile = close_meanwhile;
	check_eq(read_some(3 * PAGE, &byte, 1), 1);
	check_eq(byte, '!');
}

Test(cache, reads_again_what_was_closed)
{
	boot(50 * PAGE);
	run(read_and_close);
}

static void without_memory(void *arg)
{
	write_some(0, "x", 1); /* the flusher begins */
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	for (uint64_t n = 0;; n++) {
		int error = 0;
		size_t done;
		uint64_t before;

		eft_cached_resize(&file, 0);
		eft_cached_resize(&file, 8 * PAGE);
		before = free_pages();
		eft_alloc_fail_after(n);
		done = eft_cached_write(&file, PAGE + 1, eft_as_user(big),
					8 * PAGE, &error);
		if (error == 0)
			done = eft_cached_read(&file, 0, eft_as_user(big), 9,
					       &error);
		eft_alloc_fail_after(UINT64_MAX);
		if (error == 0)
			break;
		check_eq(error, -ENOMEM);
		check(done < 8 * PAGE);
		check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
		all_is_clean();
		eft_cached_resize(&file, 0);
		check(before - free_pages() <= 1); /* the heap's own */
		check(n < 100);
	}
}

Test(cache, without_memory)
{
	boot(8 * PAGE);
	run(without_memory);
}

/*
 * Mappings.
 */

static struct eft_pages *file_contents(struct eft_file *description)
{
	return &file.pages;
}

static void file_release(struct eft_file *description)
{
}

static const struct eft_file_ops file_ops = {
	.pages = file_contents,
	.release = file_release,
};

static struct eft_file description;
static volatile char *map;

static void map_file(unsigned flags)
{
	eft_file_init(&description, &file_ops, O_RDWR);
	map = (char *)eft_range_map(0, 64 * PAGE, RW, flags, &description, 0);
	check((intptr_t)map > 0);
}

static void write_by_mapping(void *arg)
{
	check_eq(map[PAGE], 'b');
	check_eq(dirty(), 0); /* it was only read */
	map[PAGE] = '1';
	map[PAGE + 1] = '2';
	check_eq(dirty(), 1);
	check_eq(reserved, 1);
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(memcmp(disk + PAGE, "12b", 3), 0);
	all_is_clean();
	check_eq(map[PAGE], '1');
	check_eq(dirty(), 0);
	map[PAGE] = '3'; /* is noticed */
	check_eq(dirty(), 1);
	write_some(PAGE + 1, "4", 1);
	check_eq(map[PAGE + 1], '4');
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(memcmp(disk + PAGE, "34b", 3), 0);
	all_is_clean();
}

Test(cache, mappings_share_the_pages)
{
	boot(50 * PAGE);
	map_file(EFT_RANGE_SHARED);
	run(write_by_mapping);
}

static void write_past_in_page(void *arg)
{
	map[10] = 'x';
	map[200] = 'y'; /* past the end: not the file's */
	check_eq(eft_cached_sync(&file, 0, UINT64_MAX), 0);
	check_eq(disk[10], 'x');
	check_eq(disk[200], 0);
}

Test(cache, what_a_mapping_writes_past_the_end)
{
	boot(100);
	map_file(EFT_RANGE_SHARED);
	run(write_past_in_page);
}

static void evict_mapped(void *arg)
{
	check_eq(map[3 * PAGE], 'd');
	check_eq(eft_page_cache_reclaim(10), 1);
	check_eq(fake_mapped_pages(), 0);
	check_eq(map[3 * PAGE], 'd');
	check_eq(reads, 2);
}

Test(cache, evicts_what_is_mapped)
{
	boot(50 * PAGE);
	map_file(EFT_RANGE_SHARED);
	run(evict_mapped);
}

static void write_without_room(void *arg)
{
	check_eq(map[PAGE], 'b');
	reserve_error = -ENOSPC;
	map[PAGE] = '1';
}

Test(cache, mapping_without_room)
{
	boot(50 * PAGE);
	map_file(EFT_RANGE_SHARED);
	check_eq(fake_run(write_without_room, NULL), FAKE_CRASHED);
	check_eq(fake_status, SIGBUS);
	check_eq(disk[PAGE], 'b');
}

static void write_private(void *arg)
{
	map[PAGE] = '1';
	check_eq(map[PAGE + 1], 'b');
	check_eq(dirty(), 0);
	write_some(PAGE + 1, "2", 1);
	check_eq(map[PAGE + 1], 'b'); /* it has its own */
}

Test(cache, private_mappings)
{
	boot(50 * PAGE);
	map_file(0);
	run(write_private);
}

/*
 * The flusher.
 */

static unsigned commits;

static void commit(struct eft_flusher *flusher)
{
	commits++;
}

static struct eft_flusher flusher = {.commit = commit};

static void wait_for_flusher(void *arg)
{
	eft_flusher_add(&flusher);
	write_some(0, "x", 1);
	check_eq(eft_sleep(eft_now_ns() + 4000ul * MS), -ETIMEDOUT);
	check_eq(writes, 0);
	check_eq(eft_sleep(eft_now_ns() + 3000ul * MS), -ETIMEDOUT);
	check_eq(writes, 1);
	check_eq(disk[0], 'x');
	check(commits > 0);
	all_is_clean();
	commits = 0;
	check_eq(eft_sleep(eft_now_ns() + 60000ul * MS), -ETIMEDOUT);
	check_eq(commits, 0); /* it sleeps */
	write_some(0, "y", 1);
	eft_page_cache_sync();
	check_eq(disk[0], 'y');
	check_eq(commits, 1);
	check_eq(eft_sleep(eft_now_ns() + 60000ul * MS), -ETIMEDOUT);
	eft_flusher_remove(&flusher);
}

Test(cache, flushes_after_a_while)
{
	boot(50 * PAGE);
	run(wait_for_flusher);
}

static void use_and_forget(void *arg)
{
	uint64_t before = free_pages();

	read_some(0, big, 20 * PAGE);
	write_some(0, big, 5 * PAGE);
	eft_cached_fini(&file);
	check(before - free_pages() <= 8); /* the flusher's stack, the heap's */
	all_is_clean();
	check_eq(writes, 0);
}

Test(cache, forgets_all)
{
	boot(50 * PAGE);
	run(use_and_forget);
}

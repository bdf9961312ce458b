// SPDX-License-Identifier: BSD-3-Clause
/*
 * The journal of ext4, but for power cuts (jbd_power.c) and what Linux makes of
 * it (jbd_linux.c).
 */
#include "tests/unit/jbd.h"

enum { V2 = EFT_JBD2_INCOMPAT_CSUM_V2, V3 = EFT_JBD2_INCOMPAT_CSUM_V3 };

static struct volume one;

/* Change (count) places from (place) on to (byte), in one handle. */
static int change_many(struct volume *v, unsigned place, unsigned count,
		       uint8_t byte)
{
	struct eft_ext4_handle handle;
	struct eft_ext4_buffer *buffer;
	int error = eft_ext4_begin(&v->fs, count, &handle);

	if (error != 0)
		return error;
	for (unsigned i = 0; i < count && error == 0; i++) {
		error = eft_ext4_buffer_read(&v->fs, PLACE + place + i,
					     &buffer);
		if (error != 0)
			break;
		eft_ext4_change(&handle, buffer);
		memset(buffer->data, byte, v->fs.block_bytes);
		eft_ext4_buffer_put(buffer);
	}
	eft_ext4_end(&handle);
	return error;
}

static void change(struct volume *v, unsigned place, uint8_t byte)
{
	check_eq(change_many(v, place, 1, byte), 0);
}

static int try_revoke(struct volume *v, unsigned place)
{
	struct eft_ext4_handle handle;
	int error = eft_ext4_begin(&v->fs, 1, &handle);

	if (error != 0)
		return error;
	eft_ext4_revoke(&handle, PLACE + place);
	eft_ext4_end(&handle);
	return 0;
}

static void revoke(struct volume *v, unsigned place)
{
	check_eq(try_revoke(v, place), 0);
}

static void commit(struct volume *v)
{
	check_eq(eft_ext4_commit(&v->fs), 0);
}

/* What is on the disk at (place), all of it. */
static int at(struct volume *v, unsigned place)
{
	uint32_t bytes = v->fs.block_bytes;
	const uint8_t *data = v->disk.data + (uint64_t)(PLACE + place) * bytes;

	for (uint32_t i = 1; i < bytes; i++)
		check_eq(data[i], data[0]);
	return data[0];
}

/* What a buffer has of (place). */
static int seen(struct volume *v, unsigned place)
{
	struct eft_ext4_buffer *buffer;
	int byte;

	check_eq(eft_ext4_buffer_read(&v->fs, PLACE + place, &buffer), 0);
	byte = buffer->data[0];
	eft_ext4_buffer_put(buffer);
	return byte;
}

/* The power fails, and comes again. What is in memory is never written. */
static void crash(struct volume *v)
{
	v->fs.aborted = "the power fails";
	check_eq(unmount(v), -EROFS);
}

static void remount_after_crash(struct volume *v)
{
	crash(v);
	mount(v);
}

static struct eft_jbd2_super *log_super(struct volume *v)
{
	return (void *)(v->disk.data + 100 * v->fs.block_bytes);
}

static uint32_t super_start(struct volume *v)
{
	return eft_get_be32(log_super(v)->start);
}

static bool log_has(uint32_t incompat)
{
	return eft_get_be32(log_super(&one)->incompat) & incompat;
}

/*
 * Commits.
 */
static void lasts(void)
{
	const struct everything before = count_everything();

	mount(&one);
	change(&one, 0, 1);
	change(&one, 1, 2);
	check_eq(at(&one, 0), 0);
	commit(&one);
	check_eq(at(&one, 0), 0); /* it is in the log only */
	change(&one, 1, 3);
	change(&one, 2, 4);
	remount_after_crash(&one);
	check_eq(at(&one, 0), 1);
	check_eq(at(&one, 1), 2);
	check_eq(at(&one, 2), 0);
	check_eq(seen(&one, 1), 2);
	check_eq(super_start(&one), 0);

	/* What is unmounted is in place, and the log is empty. */
	change(&one, 2, 5);
	check_eq(unmount(&one), 0);
	check_eq(at(&one, 2), 5);
	check_eq(super_start(&one), 0);
	check_everything("mounts", &before);
}

/*
 * In each kind of log.
 */
static const struct kind {
	uint32_t block_bytes, incompat;
	bool has_checksums; /* so has the file system */
} kinds[] = {
	{1024, 0, false},
	{2048, V2, false},
	{1024, V2 | EFT_JBD2_INCOMPAT_64BIT, false},
	{1024, EFT_JBD2_INCOMPAT_64BIT, false},
	{4096, 0, true},
	{1024, V3 | EFT_JBD2_INCOMPAT_64BIT, false},
};

static void do_each_kind(void *arg)
{
	void (*function)(void) = arg;

	for (unsigned i = 0; i < eft_array_size(kinds); i++) {
		format(&one, kinds[i].block_bytes, kinds[i].incompat);
		one.fs.has_checksums = kinds[i].has_checksums;
		function();
		check(!one.fs.has_checksums || log_has(V3));
		fake_disk_fini(&one.disk);
	}
}

static void run_each_kind(void (*function)(void))
{
	run(do_each_kind, (void *)function);
}

Test(jbd, lasts)
{
	run_each_kind(lasts);
}

/* A block that begins as one of the log's does. */
static void escapes(void)
{
	struct eft_ext4_handle handle;
	struct eft_ext4_buffer *buffer;

	mount(&one);
	check_eq(eft_ext4_begin(&one.fs, 1, &handle), 0);
	check_eq(eft_ext4_buffer_zero(&one.fs, PLACE, &buffer), 0);
	eft_ext4_change(&handle, buffer);
	eft_put_be32(buffer->data, (uint32_t)EFT_JBD2_MAGIC);
	eft_put_be32(buffer->data + 4, EFT_JBD2_COMMIT);
	eft_put_be32(buffer->data + 8, 0xfffffffe);
	eft_ext4_buffer_put(buffer);
	eft_ext4_end(&handle);
	commit(&one);
	for (unsigned i = 0; i < LOG_BLOCKS; i++) {
		const uint8_t *block =
			one.disk.data + (100 + i) * one.fs.block_bytes;

		if (i < 24 && eft_get_be32(block + 4) == EFT_JBD2_COMMIT &&
		    eft_get_be32(block) == (uint32_t)EFT_JBD2_MAGIC)
			check(i == 3); /* the superblock, a descriptor, it */
	}
	remount_after_crash(&one);
	check_eq(eft_get_be32(one.disk.data + PLACE * one.fs.block_bytes),
		 (uint32_t)EFT_JBD2_MAGIC);
	check_eq(unmount(&one), 0);
}

Test(jbd, escapes)
{
	run_each_kind(escapes);
}

/* What was freed, and is somebody's data by now, is not overwritten. */
static void revokes(void)
{
	uint8_t *data = one.disk.data + PLACE * one.fs.block_bytes;

	mount(&one);
	change(&one, 0, 1);
	change(&one, 1, 1);
	commit(&one);
	revoke(&one, 0);
	revoke(&one, 1);
	revoke(&one, 7); /* that is not in memory */
	change(&one, 1, 2);
	commit(&one);
	memset(data, 9, one.fs.block_bytes); /* data, written in place */
	remount_after_crash(&one);
	check_eq(at(&one, 0), 9);
	check_eq(at(&one, 1), 2); /* it was used again */

	/* It is metadata again, in a later transaction. */
	change(&one, 0, 3);
	commit(&one);
	revoke(&one, 0);
	commit(&one);
	change(&one, 0, 4);
	commit(&one);
	remount_after_crash(&one);
	check_eq(at(&one, 0), 4);

	/* Nor is it when the freed block is written in place later. */
	change(&one, 0, 5);
	commit(&one);
	revoke(&one, 0);
	commit(&one);
	memset(data, 9, one.fs.block_bytes);
	check_eq(unmount(&one), 0);
	check_eq(at(&one, 0), 9);
}

Test(jbd, revokes)
{
	run_each_kind(revokes);
}

/* The log of many transactions, which is not as long as they are. */
static void comes_around(void)
{
	mount(&one);
	for (unsigned i = 0; i < 200; i++) {
		check_eq(change_many(&one, i % 20, 1 + i % 4, i), 0);
		if (i % 3 == 0)
			commit(&one);
		if (i % 31 == 0) {
			commit(&one);
			remount_after_crash(&one);
			check_eq(at(&one, i % 20), i);
		}
		check_eq(seen(&one, i % 20), i);
	}
	check_eq(unmount(&one), 0);
	check_eq(at(&one, 199 % 20), 199);
}

Test(jbd, comes_around)
{
	run_each_kind(comes_around);
}

static struct volume two;

/*
 * Place 0 is in the oldest transaction of the log, and changed again when it is
 * to be written in place.
 */
static void change_at_checkpoint(struct eft_ext4_hook *hook, int error)
{
	const struct eft_ext4_log *log = &one.fs.journal->log;

	if (log->room < (log->blocks - log->first) / 2)
		change(&one, 0, 2);
}

static void live_log(void *arg)
{
	struct eft_ext4_hook hook = {.committed = change_at_checkpoint};
	struct eft_ext4_handle handle;

	mount(&one);
	change(&one, 0, 1);
	commit(&one);
	for (unsigned i = 0; i < 60; i++) {
		change(&one, 1 + i % 20, i);
		check_eq(eft_ext4_begin(&one.fs, 0, &handle), 0);
		eft_ext4_on_commit(&handle, &hook);
		eft_ext4_end(&handle);
		commit(&one);
		memcpy(two.disk.data, one.disk.data, one.disk.block.bytes);
		mount(&two);
		check_eq(at(&two, 1 + i % 20), i);
		check(at(&two, 0) == 1 || at(&two, 0) == 2);
		check_eq(unmount(&two), 0);
	}
	check_eq(unmount(&one), 0);
	check_eq(at(&one, 0), 2);
}

Test(jbd, live_log)
{
	format(&one, 1024, 0);
	format(&two, 1024, 0);
	run(live_log, NULL);
}

/* Several descriptors and blocks of revokes. */
static void large(void *arg)
{
	static const struct eft_ext4_run log[] = {{1000, 1500}};
	struct eft_jbd2_super super;
	struct eft_ext4_handle handle;

	fake_disk_fini(&one.disk);
	fake_disk_init(&one.disk, 3000 * 1024);
	one.fs.disk = &one.disk.disk;
	one.fs.blocks = 3000;
	one.fs.has_checksums = arg != NULL;
	make_super(&super, 1024, 1500, 0);
	put_block(&one.disk, 1024, 1000, &super, sizeof(super));
	check_eq(try_mount_at(&one, log, 1), 0);
	check_eq(one.fs.journal->blocks_max, 127); /* as memory is small */
	check_eq(change_many(&one, 0, 127, 1), 0);
	commit(&one);
	check_eq(change_many(&one, 0, 10, 2), 0);
	check_eq(change_many(&one, 0, 128, 1), -ENOSPC);
	check_eq(change_many(&one, 10, 127, 3), 0); /* another transaction */
	commit(&one);
	check_eq(eft_ext4_begin(&one.fs, 127, &handle), 0);
	for (unsigned i = 0; i < 127; i++)
		eft_ext4_revoke(&handle, PLACE + i);
	eft_ext4_end(&handle);
	commit(&one);
	crash(&one);
	one.fs.aborted = NULL;
	memset(one.disk.data + PLACE * 1024, 7, 127 * 1024);
	check_eq(try_mount_at(&one, log, 1), 0);
	for (unsigned i = 0; i < 138; i++)
		check_eq(at(&one, i), i < 127 ? 7 : i < 137 ? 3 : 0);
	check_eq(unmount(&one), 0);
}

Test(jbd, large)
{
	format(&one, 1024, 0);
	run(large, NULL);
}

Test(jbd, large_with_checksums)
{
	format(&one, 1024, 0);
	run(large, &one);
}

/*
 * Threads.
 */
static unsigned running, hooks_called;
static int hook_error;

static void add_and_commit(void *arg)
{
	check_eq(change_many(&one, (uintptr_t)arg, 2, 1), 0);
	commit(&one);
	running--;
}

static void wait_for_all(void)
{
	while (running > 0) {
		eft_sleep(fake_now + 1000);
	}
}

/* Who comes while a commit is under way shares the next one. */
static void commits_of_groups(void *arg)
{
	one.disk.delay_ns = 1000;
	mount(&one);
	change(&one, 0, 1);
	commit(&one);
	fake_disk_begin(&one.disk);
	for (running = 0; running < 6; running++)
		check(eft_thread_create("c", add_and_commit,
					(void *)(uintptr_t)(running * 2),
					4) != NULL);
	wait_for_all();
	check(one.disk.count[EFT_BLOCK_FLUSH] <= 4);
	check_eq(unmount(&one), 0);
	for (unsigned i = 0; i < 12; i++)
		check_eq(at(&one, i), 1);
}

Test(jbd, commits_of_groups)
{
	format(&one, 4096, 0);
	run(commits_of_groups, NULL);
}

/* What lies together is put in place by one request, and in its order. */
static void puts_runs_in_place(void *arg)
{
	mount(&one);
	for (unsigned i = 12; i-- > 0;)
		change(&one, i * 5 % 12, 9);
	change(&one, 14, 9);
	commit(&one);
	fake_disk_begin(&one.disk);
	check_eq(eft_ext4_journal_empty(&one.fs), 0);
	/* Two runs, and the journal's superblock, which says so in steps. */
	check(one.disk.count[EFT_BLOCK_WRITE] <= 2 + 3);
	check_eq(unmount(&one), 0);
	for (unsigned i = 0; i < 12; i++)
		check_eq(at(&one, i), 9);
	check_eq(at(&one, 14), 9);
}

Test(jbd, in_place_in_runs)
{
	format(&one, 1024, 0);
	run(puts_runs_in_place, NULL);
}

static void read_it(void *arg)
{
	check_eq(seen(&one, 0), 77);
	running--;
}

static void one_read(void *arg)
{
	memset(one.disk.data + PLACE * 1024, 77, 1024);
	one.disk.delay_ns = 1000;
	mount(&one);
	fake_disk_begin(&one.disk);
	for (running = 0; running < 4; running++)
		check(eft_thread_create("r", read_it, NULL, 4) != NULL);
	wait_for_all();
	check_eq(one.disk.count[EFT_BLOCK_READ], 1);
	check_eq(unmount(&one), 0);
}

Test(jbd, one_read_of_many)
{
	format(&one, 1024, 0);
	run(one_read, NULL);
}

static void note(struct eft_ext4_hook *hook, int error)
{
	hooks_called++;
	hook_error = error;
}

static void add_hook(struct eft_ext4_hook *hook, unsigned blocks)
{
	struct eft_ext4_handle handle;

	hook->committed = note;
	check_eq(eft_ext4_begin(&one.fs, blocks, &handle), 0);
	eft_ext4_on_commit(&handle, hook);
	eft_ext4_end(&handle);
}

static void hooks(void *arg)
{
	struct eft_ext4_hook a, b;

	mount(&one);
	add_hook(&a, 0);
	commit(&one); /* of nothing */
	check_eq(hooks_called, 1);
	add_hook(&a, 0);
	add_hook(&b, 1);
	change(&one, 0, 1);
	check_eq(hooks_called, 1);
	commit(&one);
	check_eq(hooks_called, 3);
	check_eq(hook_error, 0);
	add_hook(&a, 1);
	change(&one, 0, 1);
	one.disk.fail[EFT_BLOCK_WRITE] = one.disk.count[EFT_BLOCK_WRITE] + 1;
	check_eq(eft_ext4_commit(&one.fs), -EIO);
	check_eq(hooks_called, 4);
	check_eq(hook_error, -EIO);
	check_eq(unmount(&one), -EROFS);
}

Test(jbd, hooks)
{
	format(&one, 1024, 0);
	run(hooks, NULL);
}

/*
 * Without a log; read-only.
 */
static void no_log(void *arg)
{
	const struct everything before = count_everything();

	check_eq(try_mount_at(&one, NULL, 0), 0);
	check_eq(change_many(&one, 0, 24, 1), 0);
	check_eq(at(&one, 0), 0);
	commit(&one);
	for (unsigned i = 0; i < 24; i++)
		check_eq(at(&one, i), 1);
	check(one.disk.count[EFT_BLOCK_FLUSH] > 0);
	change(&one, 1, 2);
	revoke(&one, 1);
	change(&one, 2, 3);
	check_eq(unmount(&one), 0);
	check_eq(at(&one, 1), 1);
	check_eq(at(&one, 2), 3);
	check_everything("a mount without a log", &before);
}

Test(jbd, no_log)
{
	format(&one, 4096, 0);
	run(no_log, NULL);
}

static void read_only(void *arg)
{
	mount(&one);
	change(&one, 0, 1);
	commit(&one);
	crash(&one);
	one.fs.read_only = one.disk.disk.read_only = true;
	check_eq(try_mount(&one), -EROFS);
	check(strstr(fake_console, "the disk is read-only") != NULL);
	check_eq(at(&one, 0), 0);
	one.disk.disk.read_only = false;
	mount(&one);
	check_eq(at(&one, 0), 1);
	check_eq(change_many(&one, 0, 1, 2), -EROFS);
	commit(&one);
	check_eq(unmount(&one), 0);
}

Test(jbd, read_only)
{
	format(&one, 1024, 0);
	run(read_only, NULL);
}

/*
 * Errors.
 */

/* Something of all that is done. Returns the first error. */
static int do_all(struct volume *v)
{
	int error = 0;

	for (unsigned i = 0; i < 24 && error == 0; i++) {
		error = change_many(v, i % 8, 3, 10 + i);
		if (error == 0 && i % 2 == 0)
			error = eft_ext4_commit(&v->fs);
		if (error == 0 && i == 12)
			error = try_revoke(v, 20);
	}
	return error;
}

/* The request number (nth) of (operation) fails, and all after it do. */
static bool fail_at(enum eft_block_operation operation, uint64_t nth)
{
	const struct everything before = count_everything();
	int error, end;

	memset(one.disk.data + PLACE * one.fs.block_bytes, 0,
	       24 * one.fs.block_bytes);
	fake_disk_begin(&one.disk);
	one.disk.fail[operation] = nth;
	one.disk.fail_more = UINT64_MAX - nth;
	fake_console_clear();
	mount(&one);
	error = do_all(&one);
	if (error != 0) {
		check(error == -EIO || error == -EROFS);
		check_eq(change_many(&one, 0, 1, 1), -EROFS);
		check_eq(eft_ext4_commit(&one.fs), -EROFS);
		check(strstr(fake_console, "read-only from now on") != NULL);
	}
	end = unmount(&one);
	check(end == 0 || end == -EIO || end == -EROFS);
	check(error == 0 || end == -EROFS);
	one.disk.fail[operation] = 0;
	mount(&one);
	check_eq(unmount(&one), 0);
	check_everything("errors", &before);
	return end != 0;
}

static void errors(void *arg)
{
	uint64_t writes = 0, flushes = 0;

	while (fail_at(EFT_BLOCK_WRITE, ++writes))
		;
	while (fail_at(EFT_BLOCK_FLUSH, ++flushes))
		;
	check(writes > 30);
	check(flushes > 30);
}

Test(jbd, errors_of_writes)
{
	format(&one, 1024, V3);
	run(errors, NULL);
}

static void read_errors(void *arg)
{
	struct eft_ext4_buffer *buffer;

	mount(&one);
	one.disk.fail[EFT_BLOCK_READ] = one.disk.count[EFT_BLOCK_READ] + 1;
	check_eq(eft_ext4_buffer_read(&one.fs, PLACE, &buffer), -EIO);
	check_eq(eft_ext4_buffer_read(&one.fs, PLACE, &buffer), 0);
	eft_ext4_buffer_put(buffer);
	check_eq(eft_ext4_buffer_read(&one.fs, BLOCKS, &buffer), -EUCLEAN);
	check_eq(eft_ext4_buffer_zero(&one.fs, BLOCKS, &buffer), -EUCLEAN);
	check_eq(eft_ext4_buffers_reclaim(&one.fs, 9), 1);
	check_eq(unmount(&one), 0);

	/* Of each block of the log, when it is recovered. */
	for (uint64_t nth = 1; nth < 3; nth++) {
		mount(&one);
		change(&one, 0, nth);
		commit(&one);
		crash(&one);
		one.disk.fail[EFT_BLOCK_READ] =
			one.disk.count[EFT_BLOCK_READ] + nth;
		check_eq(try_mount(&one), -EIO);
		check_eq(try_mount(&one), 0);
		check_eq(at(&one, 0), nth);
		check_eq(unmount(&one), 0);
	}
}

Test(jbd, errors_of_reads)
{
	format(&one, 1024, 0);
	run(read_errors, NULL);
}

/* Each allocation fails, with all after it; then again in recovery. */
static int with_memory(uint64_t allocations)
{
	int error;

	eft_alloc_fail_after(allocations);
	error = try_mount(&one);
	if (error == 0) {
		error = do_all(&one);
		check(error == 0 || error == -ENOMEM);
		crash(&one);
	}
	eft_alloc_fail_after(UINT64_MAX);
	return error;
}

static void no_memory(void *arg)
{
	const struct everything before = count_everything();
	unsigned mounted = 0;
	uint64_t n = 0;

	for (int error = -ENOMEM; error != 0; n++) {
		error = with_memory(n);
		check(error == 0 || error == -ENOMEM);
		check_everything("no memory", &before);
	}
	check(n > 50);
	for (n = 0; mounted == 0; n++) {
		eft_alloc_fail_after(n);
		if (try_mount(&one) == 0) {
			crash(&one);
			mounted++;
		}
		eft_alloc_fail_after(UINT64_MAX);
		check_everything("no memory to recover", &before);
	}
	check(n > 5);
	check_eq(at(&one, 0), 10 + 16);
}

Test(jbd, no_memory)
{
	format(&one, 1024, V3);
	run(no_memory, NULL);
}

/* Buffers that nobody needs go, for others or for themselves. */
static void reclaim(void *arg)
{
	const struct everything before = count_everything();
	struct eft_ext4_buffer *buffer;
	void *all = NULL, **page;

	check_eq(try_mount_at(&one, NULL, 0), 0);
	for (uint64_t i = 0; i < BLOCKS; i++) {
		check_eq(eft_ext4_buffer_read(&one.fs, i, &buffer), 0);
		eft_ext4_buffer_put(buffer);
	}
	check_eq(one.fs.buffers->unused_count, one.fs.buffers->unused_max);
	while ((page = eft_page_alloc(0)) != NULL) {
		*page = all;
		all = page;
	}
	check_eq(eft_ext4_buffer_read(&one.fs, 0, &buffer), 0);
	check_eq(one.fs.buffers->unused_count, one.fs.buffers->unused_max - 1);
	eft_ext4_buffer_put(buffer);
	while ((page = all) != NULL) {
		all = *page;
		eft_page_free(page);
	}
	check_eq(eft_ext4_buffers_reclaim(&one.fs, 3), 3);
	check_eq(unmount(&one), 0);
	check_everything("reclaiming", &before);
}

/* Four small blocks have one page, which goes with the last of them. */
static void share_pages(void *arg)
{
	const struct everything before = count_everything();
	struct eft_ext4_buffer *buffer[9];
	struct eft_page_stats first, now;

	check_eq(try_mount_at(&one, NULL, 0), 0);
	eft_page_stats(&first);
	for (uint64_t i = 0; i < 9; i++) {
		check_eq(eft_ext4_buffer_read(&one.fs, i, &buffer[i]), 0);
		memset(buffer[i]->data, (int)i, 1024);
	}
	eft_page_stats(&now);
	check_eq(first.free - now.free, 3);
	for (unsigned i = 0; i < 9; i++) {
		check_eq(buffer[i]->data[0], i);
		check_eq(buffer[i]->data[1023], i);
		if (i != 5)
			eft_ext4_buffer_put(buffer[i]);
	}
	check_eq(eft_ext4_buffers_reclaim(&one.fs, 9), 8);
	eft_page_stats(&now);
	check_eq(first.free - now.free, 1);
	eft_ext4_buffer_put(buffer[5]);
	check_eq(unmount(&one), 0);
	check_everything("sharing pages", &before);
}

Test(jbd, share_pages)
{
	format(&one, 1024, 0);
	run(share_pages, NULL);
}

Test(jbd, reclaim)
{
	format(&one, 4096, 0);
	run(reclaim, NULL);
}

/* A commit needs no memory: whoever frees some has to wait for one. */
static void commit_without_memory(void *arg)
{
	mount(&one);
	check_eq(change_many(&one, 0, 16, 1), 0);
	eft_alloc_fail_after(0);
	commit(&one);
	eft_alloc_fail_after(UINT64_MAX);
	remount_after_crash(&one);
	for (unsigned i = 0; i < 16; i++)
		check_eq(at(&one, i), 1);
	check_eq(unmount(&one), 0);
}

Test(jbd, commit_without_memory)
{
	format(&one, 4096, V3);
	run(commit_without_memory, NULL);
}

/*
 * Logs that lie.
 */
struct refused {
	unsigned offset;
	uint32_t value;
	int error;
	const char *why;
};

static void check_refused(void *arg)
{
	static const struct refused all[] = {
		{0, 1, -EUCLEAN, "has no superblock"},
		{4, 3, -EINVAL, "of version 1"},
		{4, 5, -EUCLEAN, "has no superblock"},
		{12, 4096, -EUCLEAN, "of another size"},
		{16, LOG_BLOCKS + 1, -EUCLEAN, "longer than its file"},
		{16, 16, -EUCLEAN, "too short"},
		{20, 0, -EUCLEAN, "longer than its file"},
		{20, LOG_BLOCKS, -EUCLEAN, "longer than its file"},
		{28, LOG_BLOCKS, -EUCLEAN, "outside of itself"},
		{40, 64, -EINVAL, "not known"},
		{44, 1, -EINVAL, "not known"},
		{40, V2 | V3, -EUCLEAN, "two kinds"},
		{40, V3, -EUCLEAN, "wrong checksum"},
	};
	uint8_t *super = one.disk.data + 100 * 1024, copy[1024];

	memcpy(copy, super, 1024);
	for (unsigned i = 0; i < eft_array_size(all); i++) {
		memcpy(super, copy, 1024);
		eft_put_be32(super + all[i].offset, all[i].value);
		fake_console_clear();
		check_eq(try_mount(&one), all[i].error);
		check(strstr(fake_console, all[i].why) != NULL);
	}
	/* Fast and asynchronous commits matter if there are some. */
	for (unsigned dirty = 0; dirty < 2; dirty++) {
		for (uint32_t feature = 4; feature <= 32; feature += 28) {
			memcpy(super, copy, 1024);
			eft_put_be32(super + 40, feature);
			eft_put_be32(super + 28, dirty);
			fake_console_clear();
			check_eq(try_mount(&one), dirty ? -EINVAL : 0);
			if (dirty == 0)
				check_eq(unmount(&one), 0);
			else
				check(strstr(fake_console, "_commit") != NULL);
		}
	}
}

Test(jbd, refused)
{
	format(&one, 1024, 0);
	run(check_refused, NULL);
}

static uint8_t *log_block(unsigned index)
{
	unsigned i = 0;

	for (; index >= runs[i].count; i++)
		index -= runs[i].count;
	return one.disk.data + (runs[i].first + index) * one.fs.block_bytes;
}

/* Is all as after some of five transactions, of which the nth changes n to n+2? */
static bool is_after_some(void)
{
	for (int done = 0; done <= 5; done++) {
		bool same = true;

		for (int i = 1; i <= 7; i++) {
			int last = (int)eft_min(i, done);

			same &= at(&one, i) == (last >= i - 2 ? last : 0);
		}
		if (same)
			return true;
	}
	return false;
}

/* The log says that its commits were asynchronous. */
static void set_async(void)
{
	struct eft_jbd2_super *super = log_super(&one);

	super->incompat[3] |= EFT_JBD2_INCOMPAT_ASYNC_COMMIT;
	eft_put_be32(super->checksum, 0);
	eft_put_be32(super->checksum, eft_crc32c(~0u, super, sizeof(*super)));
}

/*
 * One bit of the log is another. With checksums: it is said to be damaged, or
 * (in a commit block, or if commits were asynchronous) it has its end there.
 */
static void flipped_bits(void *async)
{
	bool checks = one.fs.has_checksums;
	uint8_t *copy = malloc(one.disk.block.bytes);
	unsigned damaged = 0, ended = 0;

	mount(&one);
	for (unsigned i = 1; i <= 5; i++) {
		check_eq(change_many(&one, i, 3, i), 0);
		if (i == 3)
			revoke(&one, 0);
		commit(&one);
	}
	crash(&one);
	if (async != NULL)
		set_async();
	memcpy(copy, one.disk.data, one.disk.block.bytes);
	for (unsigned i = 0; i < 3000; i++) {
		unsigned bit = (unsigned)unit_random(1024 * 8);
		unsigned index = 1 + (unsigned)unit_random(26);
		int error;

		memcpy(one.disk.data, copy, one.disk.block.bytes);
		if (unit_random(4) == 0)
			bit %= 64 * 8; /* tags */
		log_block(index)[bit / 8] ^= 1 << bit % 8;
		error = try_mount(&one);
		check(error == 0 || error == -EUCLEAN);
		damaged += error != 0;
		if (error == 0)
			check_eq(unmount(&one), 0);
		if (checks && error == 0) {
			check(is_after_some());
			ended += at(&one, 7) != 5;
		}
		/* Nothing else is touched. */
		check_eq(memcmp(one.disk.data, copy, 50 * 1024), 0);
	}
	check(!checks || (async == NULL ? damaged > 2000 : damaged == 0));
	check(!checks || (async == NULL ? ended > 100 : ended == 3000));
	free(copy);
}

Test(jbd, flipped_bits)
{
	format(&one, 1024, 0);
	run(flipped_bits, NULL);
}

Test(jbd, flipped_bits_with_checksums)
{
	format(&one, 1024, 0);
	one.fs.has_checksums = true;
	run(flipped_bits, NULL);
}

Test(jbd, flipped_bits_of_asynchronous_commits)
{
	format(&one, 1024, 0);
	one.fs.has_checksums = true;
	run(flipped_bits, &one);
}

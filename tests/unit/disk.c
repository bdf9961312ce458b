// SPDX-License-Identifier: BSD-3-Clause
/*
 * Partition tables, true and false; and requests, which a disk takes in its own
 * portions.
 */
#include "tests/fake/disk.h"
#include "core/abi.h"
#include "core/block/partition.h"
#include "core/time.h"
#include "tests/unit/unit.h"

enum { SECTOR = 512, SECTORS = 4096, MAX = 15 };
enum { ENTRIES = 128, ENTRY_BYTES = 128, TABLE_SECTORS = 32 };

static struct fake_disk disk;
static struct eft_partition found[MAX];

static void boot(void)
{
	struct fake_config config = {.paging = true};

	fake_boot(&config);
	fake_disk_init(&disk, SECTORS * SECTOR);
}

static void run(void (*function)(void *))
{
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

static uint8_t *sector(uint64_t number)
{
	return disk.data + number * SECTOR;
}

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0) {
		*at++ = (uint8_t)value;
		value >>= 8;
	}
}

static void put_mbr(uint64_t at, unsigned i, uint8_t type, uint32_t start,
		    uint32_t sectors)
{
	uint8_t *entry = sector(at) + 446 + 16 * i;

	put(sector(at) + 510, 0xaa55, 2);
	entry[4] = type;
	put(entry + 8, start, 4);
	put(entry + 12, sectors, 4);
}

static unsigned table(void)
{
	return eft_partition_table(&disk.disk, found, MAX);
}

static void is(unsigned i, unsigned number, uint64_t start, uint64_t sectors)
{
	check_eq(found[i].number, number);
	check_eq(found[i].start, start * SECTOR);
	check_eq(found[i].bytes, sectors * SECTOR);
}

static void no_table(void *arg)
{
	check_eq(table(), 0); /* zeroes */
	put_mbr(0, 0, 0x83, 64, 100);
	sector(0)[510] = 0; /* no signature */
	check_eq(table(), 0);
	put_mbr(0, 0, 0x83, 64, 100);
	sector(0)[446] = 'F'; /* a boot sector's code */
	check_eq(table(), 0);
	sector(0)[446] = 0x80;
	check_eq(table(), 1);
	disk.fail[EFT_BLOCK_READ] = disk.count[EFT_BLOCK_READ] + 1;
	check_eq(table(), 0);
}

Test(disk, no_partition_table)
{
	boot();
	run(no_table);
}

static void mbr(void *arg)
{
	put_mbr(0, 0, 0x83, 64, 100);
	put_mbr(0, 2, 0x0f, 1000, 500);
	put_mbr(0, 3, 0x07, 4000, 96);
	put_mbr(1000, 0, 0x83, 8, 40);
	put_mbr(1000, 1, 0x05, 100, 50);
	put_mbr(1100, 0, 0x82, 8, 42);
	check_eq(table(), 4);
	is(0, 1, 64, 100);
	is(1, 4, 4000, 96);
	is(2, 5, 1008, 40);
	is(3, 6, 1108, 42);
}

Test(disk, partitions_of_an_mbr)
{
	boot();
	run(mbr);
}

static void mbr_false(void *arg)
{
	put_mbr(0, 0, 0x83, 4000, 97); /* one sector too long */
	put_mbr(0, 1, 0x83, 5000, 1);
	put_mbr(0, 2, 0x83, 0, 10);
	put_mbr(0, 3, 0x05, 1000, 500);
	put_mbr(1000, 0, 0x83, 8, 40);
	put_mbr(1000, 1, 0x05, 100, 50);
	put_mbr(1100, 0, 0x83, 8, 42);
	put_mbr(1100, 1, 0x05, 100, 50); /* itself */
	check(table() > 0);		 /* and it ends */
	is(0, 5, 1008, 40);
}

/* Those that are not within the disk are left out; chains end. */
Test(disk, partitions_that_lie)
{
	boot();
	run(mbr_false);
}

static uint32_t crc32(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void put_gpt_entry(uint8_t *entries, unsigned i, uint64_t first,
			  uint64_t last)
{
	uint8_t *entry = entries + i * ENTRY_BYTES;

	memset(entry, 0x11, 16);
	put(entry + 32, first, 8);
	put(entry + 40, last, 8);
}

/* A header at (at), of the entries at (entries). */
static void put_gpt(uint64_t at, uint64_t entries)
{
	uint8_t *header = sector(at);

	memset(header, 0, SECTOR);
	memcpy(header, "EFI PART", 8);
	put(header + 8, 0x10000, 4);
	put(header + 12, 92, 4);
	put(header + 24, at, 8);
	put(header + 72, entries, 8);
	put(header + 80, ENTRIES, 4);
	put(header + 84, ENTRY_BYTES, 4);
	put(header + 88, crc32(sector(entries), ENTRIES * ENTRY_BYTES), 4);
	put(header + 16, crc32(header, 92), 4);
}

static void make_gpt(void)
{
	uint64_t second = SECTORS - 1 - TABLE_SECTORS;

	put_mbr(0, 0, 0xee, 1, SECTORS - 1);
	put_gpt_entry(sector(2), 0, 64, 163);
	put_gpt_entry(sector(2), 5, 2048, 2048);
	put_gpt_entry(sector(2), 127, 3000, 9000); /* not within it */
	memcpy(sector(second), sector(2), TABLE_SECTORS * SECTOR);
	put_gpt(1, 2);
	put_gpt(SECTORS - 1, second);
}

static void is_gpt(void)
{
	check_eq(table(), 2);
	is(0, 1, 64, 100);
	is(1, 6, 2048, 1);
}

static void gpt(void *arg)
{
	make_gpt();
	is_gpt();
	sector(1)[40]++; /* the header's sum */
	is_gpt();
	make_gpt();
	sector(2)[60]++; /* the entries' */
	is_gpt();
	sector(SECTORS - 1)[0] = 'e';
	check_eq(table(), 0);
}

/* If the first is damaged, the second is read. */
Test(disk, partitions_of_a_gpt)
{
	boot();
	run(gpt);
}

static void gpt_false(void *arg)
{
	static const struct {
		unsigned at, bytes;
		uint64_t value;
	} lies[] = {
		{12, 4, 4096},	     {12, 4, 10},	  {72, 8, SECTORS},
		{72, 8, UINT64_MAX}, {80, 4, UINT32_MAX}, {84, 4, 0},
		{84, 4, UINT32_MAX}, {84, 4, 96},
	};

	for (size_t i = 0; i < eft_array_size(lies); i++) {
		make_gpt();
		sector(SECTORS - 1)[0] = 'e';
		put(sector(1) + lies[i].at, lies[i].value, lies[i].bytes);
		put(sector(1) + 16, 0, 4);
		put(sector(1) + 16, crc32(sector(1), 92), 4);
		check_eq(table(), 0);
	}
}

/* Whose sums are right. */
Test(disk, headers_that_lie)
{
	boot();
	run(gpt_false);
}

/*
 * Requests.
 */
static void portions(void *arg)
{
	char *from = eft_page_alloc(3), *to = eft_page_alloc(3);
	struct eft_block_part part[2] = {{from, 3 * 4096}, {from + 16384, 512}};
	uint64_t writes = disk.count[EFT_BLOCK_WRITE];
	struct eft_io io;

	disk.block.part_bytes_max = 1024;
	disk.block.parts_max = 3;
	for (unsigned i = 0; i < 8 * 4096; i++)
		from[i] = (char)(i * 7 >> 3);
	eft_io_begin(&io);
	eft_io_add(&io, &disk.disk, EFT_BLOCK_WRITE, 1024, part, 2);
	check_eq(eft_io_wait(&io), 0);
	check_eq(disk.count[EFT_BLOCK_WRITE] - writes, 5); /* of 3072 bytes */
	check_eq(memcmp(disk.data + 1024, from, 3 * 4096), 0);
	check_eq(memcmp(disk.data + 1024 + 3 * 4096, from + 16384, 512), 0);
	check_eq(eft_disk_read(&disk.disk, 1024, to, 3 * 4096), 0);
	check_eq(memcmp(from, to, 3 * 4096), 0);
	eft_page_free(from);
	eft_page_free(to);
}

Test(disk, requests_in_portions)
{
	boot();
	run(portions);
	disk.delay_ns = 1000000;
	disk.depth = 2; /* so that there is no room at times */
	run(portions);
	check_eq(eft_io_pending(), 0);
}

static void errors(void *arg)
{
	char *page = eft_page_alloc(0);
	struct eft_disk *all = &disk.disk;

	check_eq(eft_disk_read(all, SECTORS * SECTOR, page, 512), -EINVAL);
	check_eq(eft_disk_read(all, SECTORS * SECTOR - 512, page, 1024),
		 -EINVAL);
	check_eq(eft_disk_read(all, UINT64_MAX - 511, page, 512), -EINVAL);
	check_eq(eft_disk_read(all, 100, page, 512), -EINVAL);
	check_eq(eft_disk_read(all, 0, page, 100), -EINVAL);
	disk.fail[EFT_BLOCK_FLUSH] = disk.count[EFT_BLOCK_FLUSH] + 1;
	check_eq(eft_disk_flush(all), -EIO);
	check_eq(eft_disk_flush(all), 0);
	disk.fail[EFT_BLOCK_WRITE] = disk.count[EFT_BLOCK_WRITE] + 1;
	disk.fail_by = -EDQUOT; /* its host's */
	check_eq(eft_disk_write(all, 0, page, 512), -EDQUOT);
	disk.fail_by = 0;
	all->read_only = true;
	check_eq(eft_disk_write(all, 0, page, 512), -EROFS);
	check_eq(eft_disk_read(all, 0, page, 512), 0);
	all->read_only = false;
	eft_page_free(page);
}

Test(disk, errors_of_requests)
{
	boot();
	run(errors);
}

static void without_memory(void *arg)
{
	char *page = eft_page_alloc(0);

	memset(page, 'x', 4096);
	eft_alloc_fail_after(0);
	check_eq(eft_disk_write(&disk.disk, 4096, page, 4096), 0);
	check_eq(eft_disk_flush(&disk.disk), 0);
	eft_alloc_fail_after(UINT64_MAX);
	check_eq(memcmp(disk.data + 4096, page, 4096), 0);
	eft_page_free(page);
}

/* What is written back to free memory needs none. */
Test(disk, requests_without_memory)
{
	boot();
	run(without_memory);
	disk.delay_ns = 1000000;
	run(without_memory);
}

/*
 * What /proc/diskstats tells.
 */
static size_t read_half(struct eft_block *block, uint64_t at,
			void eft_user *buf, size_t len)
{
	check_eq(at, 1024);
	return len / 2;
}

static void counted(void *arg)
{
	struct eft_disk part = disk.disk;
	struct eft_disk_counts all, of_part;
	char *page = eft_page_alloc(0);

	part.whole = &disk.disk;
	part.start = 8 * SECTOR;
	part.bytes -= part.start;
	check_eq(eft_disk_read(&disk.disk, 0, page, 4096), 0);
	check_eq(eft_disk_read(&part, 0, page, 512), 0);
	check_eq(eft_disk_write(&part, 512, page, 1024), 0);
	check_eq(eft_disk_flush(&part), 0);
	disk.fail[EFT_BLOCK_WRITE] = disk.count[EFT_BLOCK_WRITE] + 1;
	check_eq(eft_disk_write(&part, 0, page, 512), -EIO); /* as Linux */
	check_eq(eft_disk_write(&part, 100, page, 512), -EINVAL);
	eft_disk_counts(&disk.disk, eft_now_ns(), &all);
	eft_disk_counts(&part, eft_now_ns(), &of_part);
	check_eq(all.of[EFT_BLOCK_READ].requests, 2);
	check_eq(all.of[EFT_BLOCK_READ].sectors, 9);
	check_eq(all.of[EFT_BLOCK_WRITE].requests, 2);
	check_eq(all.of[EFT_BLOCK_WRITE].sectors, 3);
	check_eq(all.of[EFT_BLOCK_FLUSH].requests, 1);
	check_eq(all.pending, 0);
	check_eq(of_part.of[EFT_BLOCK_READ].sectors, 1);
	check_eq(of_part.of[EFT_BLOCK_WRITE].sectors, 3);
	check_eq(of_part.of[EFT_BLOCK_FLUSH].requests, 0);
	check(all.busy_ns >= of_part.busy_ns);
	check(all.busy_ns <= all.of[EFT_BLOCK_READ].ns +
				     all.of[EFT_BLOCK_WRITE].ns +
				     all.of[EFT_BLOCK_FLUSH].ns);
	check((all.busy_ns > 0) == (disk.delay_ns > 0));
	disk.disk.block->read_out = read_half;
	check_eq(eft_disk_read_out(&disk.disk, 1024, page, 2048), 1024);
	eft_disk_counts(&disk.disk, eft_now_ns(), &all);
	check_eq(all.of[EFT_BLOCK_READ].requests, 3);
	check_eq(all.of[EFT_BLOCK_READ].sectors, 11);
	check_eq(all.pending, 0);
	eft_page_free(page);
}

Test(disk, counts)
{
	boot();
	disk.delay_ns = 1000000;
	run(counted);
}

static void overlapping(void *arg)
{
	struct eft_disk_counts counts;
	char *page = eft_page_alloc(0);
	struct eft_io io;

	eft_io_begin(&io);
	for (unsigned i = 0; i < 4; i++)
		eft_io_add_one(&io, &disk.disk, EFT_BLOCK_WRITE, i * 4096, page,
			       4096);
	eft_disk_counts(&disk.disk, eft_now_ns(), &counts);
	check_eq(counts.pending, 4);
	check_eq(eft_io_wait(&io), 0);
	eft_disk_counts(&disk.disk, eft_now_ns(), &counts);
	check_eq(counts.pending, 0);
	check_eq(counts.of[EFT_BLOCK_WRITE].requests, 4);
	check(counts.busy_ns > 0);
	check(counts.busy_ns < counts.of[EFT_BLOCK_WRITE].ns);
	eft_page_free(page);
}

/* Time is spent once, though four requests take it. */
Test(disk, counts_at_a_time)
{
	boot();
	disk.delay_ns = 1000000000;
	run(overlapping);
}

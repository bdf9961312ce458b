// SPDX-License-Identifier: BSD-3-Clause
/*
 * Partition tables (core/block/partition.c): the input says what an MBR, the
 * chain of logical partitions behind it, or a GPT has, with right sums unless it
 * wants them wrong. Whatever is there, a partition is within the disk.
 */
#include "core/block/partition.h"
#include "fuzz/fuzz.h"
#include "tests/fake/disk.h"

enum { SECTOR = 512, SECTORS = 128, ENTRIES_MAX = 16, MAX = 15 };

static struct fake_disk disk;

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	fake_disk_init(&disk, SECTORS * SECTOR);
	fake_disk_begin(&disk);
}

static void put32(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void put64(uint8_t *at, uint64_t value)
{
	put32(at, value);
	put32(at + 4, value >> 32);
}

/* A number of sectors: small, or anything. */
static uint64_t any_sectors(void)
{
	return fuzz_below(8) == 7 ? fuzz_u64() : fuzz_below(SECTORS + 8);
}

/* UEFI, 5.2.1. */
static void make_mbr(uint8_t *sector)
{
	static const uint8_t types[] = {0, 0x83, 0x05, 0x0f, 0x85, 0xee, 1};

	for (uint8_t *at = sector + 446; at < sector + 510; at += 16) {
		if (!fuzz_more())
			break;
		at[0] = fuzz_below(8) == 7 ? fuzz_u8() : 0;
		at[4] = types[fuzz_below(sizeof(types))];
		put32(at + 8, any_sectors());
		put32(at + 12, any_sectors());
	}
	sector[510] = 0x55;
	sector[511] = fuzz_below(16) == 15 ? fuzz_u8() : 0xaa;
}

static uint32_t crc32(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;

	while (len-- > 0) {
		crc ^= *data++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* UEFI, tables 5-5 and 5-6. */
static void make_gpt(uint64_t header_at, uint64_t entries_at)
{
	uint8_t *header = disk.data + header_at * SECTOR;
	uint8_t *entries = disk.data + entries_at * SECTOR;
	static const uint32_t sizes[] = {128, 256, 512, 0, 64, 4096};
	uint32_t count = fuzz_below(ENTRIES_MAX + 1);
	uint32_t bytes = sizes[fuzz_below(16) < 14 ? 0 : fuzz_below(6)];
	uint32_t size = fuzz_below(8) == 7 ? fuzz_below(1024) : 92;

	for (uint32_t i = 0; i < ENTRIES_MAX; i++) {
		entries[i * 128] = fuzz_u8();
		put64(entries + i * 128 + 32, any_sectors());
		put64(entries + i * 128 + 40, any_sectors());
	}
	memcpy(header, "EFI PART", 8);
	put32(header + 12, size);
	put64(header + 24, fuzz_below(16) == 15 ? any_sectors() : header_at);
	put64(header + 72, fuzz_below(16) == 15 ? any_sectors() : entries_at);
	put32(header + 80, fuzz_below(16) == 15 ? fuzz_u64() : count);
	put32(header + 84, bytes);
	if (count * bytes <= ENTRIES_MAX * 128 && fuzz_below(16) != 15)
		put32(header + 88, crc32(entries, count * bytes));
	if (size <= SECTOR && fuzz_below(16) != 15)
		put32(header + 16, crc32(header, size));
}

static void check_all(void)
{
	struct eft_partition found[MAX];
	unsigned count = eft_partition_table(&disk.disk, found, MAX);

	fuzz_check(count <= MAX);
	for (unsigned i = 0; i < count; i++) {
		uint64_t start = found[i].start, bytes = found[i].bytes;

		fuzz_check(start >= SECTOR && start % SECTOR == 0);
		fuzz_check(bytes > 0 && bytes % SECTOR == 0);
		fuzz_check(start < disk.block.bytes &&
			   bytes <= disk.block.bytes - start);
		fuzz_check(found[i].number > 0);
	}
}

void fuzz_one(void)
{
	memset(disk.data, 0, SECTORS * SECTOR);
	if (fuzz_below(2) == 0) {
		make_mbr(disk.data);
		while (fuzz_more())
			make_mbr(disk.data + fuzz_below(SECTORS) * SECTOR);
	} else {
		disk.data[446 + 4] = 0xee;
		disk.data[510] = 0x55;
		disk.data[511] = 0xaa;
		make_gpt(1, 2);
		make_gpt(SECTORS - 1, SECTORS - 8);
		while (fuzz_more())
			disk.data[fuzz_below(SECTORS * SECTOR)] = fuzz_u8();
	}
	check_all();
	fuzz_check_left();
	fake_disk_begin(&disk); /* which forgets what was done */
}

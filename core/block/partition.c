// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a disk's first sectors say of its partitions. Nothing of it is
 * believed: ranges are checked, chains are short, sums are compared.
 */
#include "core/block/partition.h"
#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"

enum { /* MBR: UEFI §5.2.1 */
       MBR_TABLE = 446,
       MBR_ENTRY = 16,
       MBR_ENTRIES = 4,
       MBR_SIGNATURE = 510,
       TYPE = 4,
       START = 8,
       LENGTH = 12,
       TYPE_GPT = 0xee,
};

enum { /* GPT header: UEFI table 5-5 */
       HEADER_BYTES = 92,
       H_SIZE = 12,
       H_CRC = 16,
       H_MY_LBA = 24,
       H_ENTRIES = 72,
       H_COUNT = 80,
       H_ENTRY_BYTES = 84,
       H_ENTRIES_CRC = 88,
};

enum { /* GPT entry: UEFI table 5-6 */
       E_FIRST = 32,
       E_LAST = 40,
       ENTRY_BYTES = 128,
       ENTRIES_MAX = 1024,
};

enum { LOGICALS_FROM = 5, CHAIN_MAX = 64 };

/* A table that is being read. */
struct table {
	struct eft_disk *disk;
	uint64_t sectors;
	struct eft_partition *partitions;
	unsigned count, max;
	uint8_t *page;
};

static uint32_t get32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static bool read_sector(const struct table *table, uint64_t sector)
{
	uint32_t bytes = table->disk->block->sector_bytes;

	return sector < table->sectors &&
	       eft_disk_read(table->disk, sector * bytes, table->page, bytes) ==
		       0;
}

static void add(struct table *table, unsigned number, uint64_t start,
		uint64_t sectors)
{
	uint32_t bytes = table->disk->block->sector_bytes;

	if (start == 0 || sectors == 0 || start >= table->sectors ||
	    sectors > table->sectors - start) {
		eft_log(EFT_LOG_WARN, "%s: partition %u is not within it",
			table->disk->name, number);
		return;
	}
	if (table->count < table->max)
		table->partitions[table->count++] = (struct eft_partition){
			number, start * bytes, sectors * bytes};
}

/*
 * CRC-32 as in IEEE 802.3, bit by bit: a table would be larger than what it
 * helps with. (crc) is 0 at the beginning.
 */
static uint32_t crc32(uint32_t crc, const uint8_t *data, size_t len)
{
	crc = ~crc;
	while (len-- > 0) {
		crc ^= *data++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
	}
	return ~crc;
}

/* Of a GPT's header, what is needed of it. */
struct gpt {
	uint64_t entries; /* their first sector */
	uint32_t count, entry_bytes, crc;
};

static bool read_header(const struct table *table, uint64_t sector,
			struct gpt *ret_gpt)
{
	uint8_t *header = table->page;
	uint32_t size, crc;

	if (!read_sector(table, sector) || memcmp(header, "EFI PART", 8) != 0 ||
	    get64(header + H_MY_LBA) != sector)
		return false;
	size = get32(header + H_SIZE);
	crc = get32(header + H_CRC);
	memset(header + H_CRC, 0, sizeof(crc));
	if (size < HEADER_BYTES || size > table->disk->block->sector_bytes ||
	    crc32(0, header, size) != crc)
		return false;
	*ret_gpt = (struct gpt){
		.entries = get64(header + H_ENTRIES),
		.count = get32(header + H_COUNT),
		.entry_bytes = get32(header + H_ENTRY_BYTES),
		.crc = get32(header + H_ENTRIES_CRC),
	};
	return ret_gpt->count <= ENTRIES_MAX &&
	       ret_gpt->entry_bytes >= ENTRY_BYTES &&
	       table->disk->block->sector_bytes % ret_gpt->entry_bytes == 0;
}

static void add_entry(struct table *table, unsigned number,
		      const uint8_t *entry)
{
	static const uint8_t unused[16];
	uint64_t first_sector = get64(entry + E_FIRST);

	if (memcmp(entry, unused, sizeof(unused)) != 0)
		add(table, number, first_sector,
		    get64(entry + E_LAST) - first_sector + 1);
}

/* All entries, sector by sector: their sum; (adds): and put them down. */
static bool read_entries(struct table *table, const struct gpt *gpt, bool adds,
			 uint32_t *ret_crc)
{
	unsigned in_sector =
		table->disk->block->sector_bytes / gpt->entry_bytes;

	*ret_crc = 0;
	for (uint32_t i = 0; i < gpt->count; i++) {
		const uint8_t *entry =
			table->page + i % in_sector * gpt->entry_bytes;

		if (i % in_sector == 0 &&
		    !read_sector(table, gpt->entries + i / in_sector))
			return false;
		*ret_crc = crc32(*ret_crc, entry, gpt->entry_bytes);
		if (adds)
			add_entry(table, i + 1, entry);
	}
	return true;
}

/* The table whose header is at (sector). */
static bool read_gpt(struct table *table, uint64_t sector)
{
	struct gpt gpt;
	uint32_t crc;

	return read_header(table, sector, &gpt) &&
	       read_entries(table, &gpt, false, &crc) && crc == gpt.crc &&
	       read_entries(table, &gpt, true, &crc);
}

static bool is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

/* Is the sector in the page one that could be an MBR? */
static bool is_mbr(const uint8_t *sector)
{
	if (sector[MBR_SIGNATURE] != 0x55 || sector[MBR_SIGNATURE + 1] != 0xaa)
		return false;
	for (unsigned i = 0; i < MBR_ENTRIES; i++) {
		uint8_t status = sector[MBR_TABLE + i * MBR_ENTRY];

		if (status != 0 && status != 0x80) /* a file system's code */
			return false;
	}
	return true;
}

/*
 * Logical partitions: a chain of tables, each with one of them, from the
 * extended partition's first sector on, and the place of the next.
 */
static void read_chain(struct table *table, uint64_t extended)
{
	uint64_t at = extended;

	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		const uint8_t *entry = table->page + MBR_TABLE;
		const uint8_t *next = entry + MBR_ENTRY;

		if (!read_sector(table, at) || !is_mbr(table->page))
			return;
		if (entry[TYPE] != 0)
			add(table, LOGICALS_FROM + i, at + get32(entry + START),
			    get32(entry + LENGTH));
		if (!is_extended(next[TYPE]) || get32(next + START) == 0)
			return;
		at = extended + get32(next + START);
	}
}

static void read_mbr(struct table *table)
{
	uint64_t extended = 0;

	for (unsigned i = 0; i < MBR_ENTRIES; i++) {
		const uint8_t *entry = table->page + MBR_TABLE + i * MBR_ENTRY;

		if (entry[TYPE] == 0)
			continue;
		if (is_extended(entry[TYPE]))
			extended = get32(entry + START);
		else
			add(table, i + 1, get32(entry + START),
			    get32(entry + LENGTH));
	}
	if (extended != 0)
		read_chain(table, extended);
}

static bool is_protective(const uint8_t *sector)
{
	for (unsigned i = 0; i < MBR_ENTRIES; i++) {
		if (sector[MBR_TABLE + i * MBR_ENTRY + TYPE] == TYPE_GPT)
			return true;
	}
	return false;
}

static void read_table(struct table *table)
{
	if (!read_sector(table, 0) || !is_mbr(table->page))
		return;
	if (!is_protective(table->page)) {
		read_mbr(table);
		return;
	}
	if (read_gpt(table, 1))
		return;
	table->count = 0;
	eft_log(EFT_LOG_WARN, "%s: its GPT is damaged: trying the second",
		table->disk->name);
	if (!read_gpt(table, table->sectors - 1)) {
		table->count = 0;
		eft_log(EFT_LOG_ERROR, "%s: its second GPT is damaged as well",
			table->disk->name);
	}
}

unsigned eft_partition_table(struct eft_disk *disk,
			     struct eft_partition *ret_partitions, unsigned max)
{
	struct table table = {
		.disk = disk,
		.sectors = disk->bytes / disk->block->sector_bytes,
		.partitions = ret_partitions,
		.max = max,
		.page = eft_page_alloc(0),
	};

	if (table.page == NULL)
		return 0;
	read_table(&table);
	eft_page_free(table.page);
	return table.count;
}

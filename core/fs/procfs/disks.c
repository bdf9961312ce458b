// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/diskstats and /proc/partitions, in images with disks. Formats: Linux,
 * Documentation/admin-guide/iostats.rst; block/genhd.c.
 */
#include "core/block/disk.h"
#include "core/fs/procfs/proc.h"
#include "core/time.h"
#include "core/vfs/root.h"

enum { NS_PER_MS = 1000000, SECTOR_BYTES = 512 };

static unsigned major_of(const struct eft_disk *disk)
{
	return (unsigned)(disk->rdev >> 8) & 0xfff;
}

static unsigned minor_of(const struct eft_disk *disk)
{
	return ((unsigned)disk->rdev & 0xff) |
	       ((unsigned)(disk->rdev >> 12) & ~0xffu);
}

/* Nothing is merged here: a request is what the disk is given. */
static void put_count(struct eft_text *text, const struct eft_disk_count *count)
{
	eft_text_printf(text, " %lu 0 %lu %lu", count->requests, count->sectors,
			count->ns / NS_PER_MS);
}

static void put_disk(struct eft_text *text, const struct eft_disk *disk)
{
	struct eft_disk_counts counts;
	uint64_t all_ns = 0;

	eft_disk_counts(disk, eft_now_ns(), &counts);
	for (size_t i = 0; i < eft_array_size(counts.of); i++)
		all_ns += counts.of[i].ns;
	eft_text_printf(text, "%4u %7u %s", major_of(disk), minor_of(disk),
			disk->name);
	put_count(text, &counts.of[EFT_BLOCK_READ]);
	put_count(text, &counts.of[EFT_BLOCK_WRITE]);
	eft_text_printf(text, " %u %lu %lu", counts.pending,
			counts.busy_ns / NS_PER_MS, all_ns / NS_PER_MS);
	put_count(text, &counts.of[EFT_BLOCK_DISCARD]);
	eft_text_printf(text, " %lu %lu\n", counts.of[EFT_BLOCK_FLUSH].requests,
			counts.of[EFT_BLOCK_FLUSH].ns / NS_PER_MS);
}

static void generate_diskstats(struct eft_text *text)
{
	struct eft_disk *disk = NULL;

	while ((disk = eft_disk_next(disk)) != NULL)
		put_disk(text, disk);
}

/* In blocks of 1,024 bytes. Disks of no size are left out. */
static void generate_partitions(struct eft_text *text)
{
	struct eft_disk *disk = eft_disk_next(NULL);

	if (disk != NULL)
		eft_text_printf(text, "major minor  #blocks  name\n\n");
	for (; disk != NULL; disk = eft_disk_next(disk)) {
		if (disk->bytes >= SECTOR_BYTES)
			eft_text_printf(text, "%4u  %7u %10lu %s\n",
					major_of(disk), minor_of(disk),
					disk->bytes / 1024, disk->name);
	}
}

static const struct eft_proc_entry entries[] = {
	{"diskstats", generate_diskstats, NULL},
	{"partitions", generate_partitions, NULL},
};

int eft_proc_disks_init(void)
{
	return eft_proc_add("", entries, eft_array_size(entries));
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The list of disks and partitions.
 *
 * LOCKS  One mutex, while they are looked for. The list does not change
 *        afterwards.
 */
#include "core/block/disk.h"
#include "core/abi.h"
#include "core/block/partition.h"
#include "core/log.h"
#include "core/mem.h"

/*
 * Numbers and names are those of Linux's virtio disks, whatever drives them: a
 * major number of those for local use, 16 minors a disk.
 */
enum { MAJOR = 254, MINORS = 16, DISKS_MAX = 26 };

static struct eft_mutex mutex = EFT_MUTEX_INIT(mutex, EFT_RANK_DISKS);
static struct eft_disk *first; /* atomic */
static bool looked;	       /* atomic */

/* As Linux encodes it: 12 bits of major number are among those of the minor. */
static uint64_t device_number(unsigned number, unsigned partition)
{
	unsigned minor = number * MINORS + partition;

	return (minor & 0xff) | MAJOR << 8 | (minor & ~0xffu) << 12;
}

static struct eft_disk *add(struct eft_disk ***end, struct eft_block *block,
			    unsigned number, unsigned partition)
{
	struct eft_disk *disk = eft_alloc(sizeof(*disk));

	if (disk == NULL)
		return NULL;
	disk->block = block;
	disk->bytes = block->bytes;
	disk->read_only = block->read_only;
	disk->rdev = device_number(number, partition);
	eft_snprintf(disk->name, sizeof(disk->name), "vd%c", 'a' + number);
	if (partition != 0)
		eft_snprintf(disk->name + 3, sizeof(disk->name) - 3, "%u",
			     partition);
	**end = disk;
	*end = &disk->next;
	return disk;
}

/* What cannot be read has no partitions: who reads it will be told. */
static void add_partitions(struct eft_disk ***end, struct eft_disk *disk,
			   unsigned number)
{
	struct eft_partition partition[MINORS - 1];
	unsigned count =
		eft_partition_table(disk, partition, eft_array_size(partition));

	for (unsigned i = 0; i < count; i++) {
		struct eft_disk *part =
			add(end, disk->block, number, partition[i].number);

		if (part == NULL)
			return;
		part->whole = disk;
		part->start = partition[i].start;
		part->bytes = partition[i].bytes;
	}
}

static void look(void)
{
	struct eft_disk *found = NULL, **end = &found, *disk;
	struct eft_block *block = NULL;

	for (unsigned n = 0; n < DISKS_MAX; n++) {
		block = eft_block_next(block);
		if (block == NULL || (disk = add(&end, block, n, 0)) == NULL)
			break;
		add_partitions(&end, disk, n);
		eft_log(EFT_LOG_INFO, "%s: %s, %lu bytes%s", disk->name,
			block->device.name, disk->bytes,
			disk->read_only ? ", read-only" : "");
	}
	first = found;
}

struct eft_disk *eft_disk_next(struct eft_disk *disk)
{
	if (disk != NULL)
		return disk->next;
	if (!__atomic_load_n(&looked, __ATOMIC_ACQUIRE)) {
		eft_mutex_lock(&mutex);
		if (!looked)
			look();
		__atomic_store_n(&looked, true, __ATOMIC_RELEASE);
		eft_mutex_unlock(&mutex);
	}
	return first;
}

/* The disk, of partitions none, with the number (text) after "disk"; -1. */
static int number_of(const char *text)
{
	int number = -1;

	if (!eft_starts_with(text, "disk"))
		return -1;
	for (text += 4; *text >= '0' && *text <= '9' && number < DISKS_MAX;
	     text++)
		number = (number < 0 ? 0 : number) * 10 + (*text - '0');
	return *text == '\0' ? number : -1;
}

struct eft_disk *eft_disk_find(const char *name)
{
	struct eft_disk *disk = NULL;
	int number = number_of(name);

	if (eft_starts_with(name, "/dev/"))
		name += 5;
	while ((disk = eft_disk_next(disk)) != NULL) {
		if (eft_strcmp(disk->name, name) == 0 ||
		    (number >= 0 &&
		     disk->rdev == device_number((unsigned)number, 0)))
			break;
	}
	return disk;
}

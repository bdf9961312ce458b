// SPDX-License-Identifier: BSD-3-Clause
/*
 * What disks were asked for, as Linux counts it (Documentation/admin-guide/
 * iostats.rst), for /proc/diskstats.
 *
 * LOCKS  None: each number is added to at once, and those of one moment may not
 *        fit together. Two requests that begin or end at once may have the time
 *        between them counted once or not at all.
 */
#include "core/abi.h"
#include "core/block/disk.h"
#include "core/log.h"

enum { SECTOR_BYTES = 512 };

static void add(uint64_t *to, uint64_t more)
{
	__atomic_fetch_add(to, more, __ATOMIC_RELAXED);
}

static uint64_t read(const uint64_t *from)
{
	return __atomic_load_n(from, __ATOMIC_RELAXED);
}

/* Time goes on: the disk (was) busy up to (now_ns). */
static void pass(struct eft_disk_counts *counts, bool was, uint64_t now_ns)
{
	uint64_t since = __atomic_exchange_n(&counts->busy_since_ns, now_ns,
					     __ATOMIC_RELAXED);

	if (was && since < now_ns)
		add(&counts->busy_ns, now_ns - since);
}

void eft_disk_count_begin(struct eft_disk *disk, uint64_t now_ns)
{
	for (; disk != NULL; disk = disk->whole) {
		struct eft_disk_counts *counts = &disk->counts;
		uint32_t before = __atomic_fetch_add(&counts->pending, 1,
						     __ATOMIC_RELAXED);

		pass(counts, before > 0, now_ns);
	}
}

/* Linux counts flushes of the whole disk alone. */
static bool is_counted(const struct eft_disk *disk,
		       enum eft_block_operation operation)
{
	return operation != EFT_BLOCK_FLUSH || disk->whole == NULL;
}

void eft_disk_count_end(struct eft_disk *disk,
			enum eft_block_operation operation, uint64_t bytes,
			uint64_t begun_ns, uint64_t now_ns)
{
	if (operation == EFT_BLOCK_ZERO)
		operation = EFT_BLOCK_WRITE;
	for (; disk != NULL; disk = disk->whole) {
		struct eft_disk_counts *counts = &disk->counts;
		struct eft_disk_count *count = &counts->of[operation];
		uint32_t before = __atomic_fetch_sub(&counts->pending, 1,
						     __ATOMIC_RELAXED);

		eft_assert(before > 0);
		pass(counts, true, now_ns);
		if (!is_counted(disk, operation))
			continue;
		add(&count->requests, 1);
		add(&count->sectors, bytes / SECTOR_BYTES);
		add(&count->ns, now_ns - eft_min(now_ns, begun_ns));
	}
}

void eft_disk_counts(const struct eft_disk *disk, uint64_t now_ns,
		     struct eft_disk_counts *ret)
{
	const struct eft_disk_counts *counts = &disk->counts;
	uint64_t since = read(&counts->busy_since_ns);

	for (size_t i = 0; i < eft_array_size(counts->of); i++)
		ret->of[i] = (struct eft_disk_count){
			read(&counts->of[i].requests),
			read(&counts->of[i].sectors),
			read(&counts->of[i].ns),
		};
	ret->pending = __atomic_load_n(&counts->pending, __ATOMIC_RELAXED);
	ret->busy_since_ns = since;
	ret->busy_ns = read(&counts->busy_ns);
	if (ret->pending > 0 && since < now_ns)
		ret->busy_ns += now_ns - since;
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Partition tables: GPT (UEFI specification 2.10 §5) and MBR.
 */
#include "core/block/disk.h"

struct eft_partition {
	unsigned number;       /* from 1 on, as Linux has it */
	uint64_t start, bytes; /* within the disk */
};

/*
 * Read the table of (disk), a whole one: up to (max) partitions, in the order
 * of their numbers. Those that are not within it are left out, and the log
 * says so.
 *
 * Returns  how many; 0: there is no table, or it cannot be read
 * Context  thread
 */
unsigned eft_partition_table(struct eft_disk *disk,
			     struct eft_partition *ret_partitions,
			     unsigned max);

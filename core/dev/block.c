// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/block.h"
#include "core/abi.h"

static void (*const finders[])(struct eft_device_class *class) = {
	eft_plat_guest_find_block,
	eft_host_find_block,
	NULL,
};

static struct eft_device_class disks = {
	.name = "block",
	.finders = finders,
};

struct eft_block *eft_block_next(struct eft_block *block)
{
	return (struct eft_block *)eft_device_next(
		&disks, block ? &block->device : NULL);
}

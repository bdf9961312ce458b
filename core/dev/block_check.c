// SPDX-License-Identifier: BSD-3-Clause
#include "core/abi.h"
#include "core/dev/block.h"

static bool is_range(const struct eft_block *block,
		     const struct eft_block_request *r)
{
	uint64_t mask = block->sector_bytes - 1;

	return r->len > 0 && ((r->at | r->len) & mask) == 0 &&
	       r->at <= block->bytes && r->len <= block->bytes - r->at;
}

static bool has_parts(const struct eft_block *block,
		      const struct eft_block_request *r)
{
	uint64_t total = 0;

	if (r->count > block->parts_max)
		return false;
	for (unsigned i = 0; i < r->count; i++) {
		if (r->parts[i].len == 0 ||
		    r->parts[i].len > block->part_bytes_max)
			return false;
		total += r->parts[i].len;
	}
	return total == r->len;
}

static int check_whole(const struct eft_block *block,
		       const struct eft_block_request *r, uint64_t max)
{
	if (max == 0)
		return -EOPNOTSUPP;
	if (!is_range(block, r) || r->len > max || r->count != 0)
		return -EINVAL;
	return block->read_only ? -EROFS : 0;
}

int eft_block_check(const struct eft_block *block,
		    const struct eft_block_request *r)
{
	switch (r->operation) {
	case EFT_BLOCK_FLUSH:
		return r->len == 0 && r->count == 0 ? 0 : -EINVAL;
	case EFT_BLOCK_DISCARD:
		return check_whole(block, r, block->discard_max);
	case EFT_BLOCK_ZERO:
		return check_whole(block, r, block->zero_max);
	case EFT_BLOCK_READ:
	case EFT_BLOCK_WRITE:
		if (!is_range(block, r) || !has_parts(block, r))
			return -EINVAL;
		return r->operation == EFT_BLOCK_WRITE && block->read_only
			       ? -EROFS
			       : 0;
	}
	return -EINVAL;
}

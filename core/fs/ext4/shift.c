// SPDX-License-Identifier: BSD-3-Clause
/*
 * A file's blocks, moved within it: for fallocate(2) that takes a range out, or
 * makes room for one.
 *
 * HOW    One extent after the other, each by an operation: those that go down
 *        from the first on, those that go up from the last on, so that there is a
 *        hole where each goes. What a mapping has written there meanwhile is
 *        freed: nobody may know where it was meant to be.
 * LIMITS After a power cut some are moved and others are not, as with Linux's.
 */
#include "core/fs/ext4/meta.h"

int eft_ext4_remove_blocks(struct eft_ext4_inode *inode, uint32_t block,
			   uint32_t count)
{
	bool more = count > 0;
	int error = 0;

	while (more && error == 0) {
		struct eft_ext4_op op;

		error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);
		if (error != 0)
			return error;
		eft_mutex_lock(&inode->map);
		error = eft_ext4_map_remove(&op, inode, block, count, &more);
		error = eft_ext4_op_end(&op, error);
		eft_mutex_unlock(&inode->map);
	}
	return error;
}

/* -EAGAIN: there is something at (to), or (map) is not there any more. */
static int move_once(struct eft_ext4_inode *inode,
		     const struct eft_ext4_map *map, uint32_t to)
{
	struct eft_ext4_op op;
	int error = eft_ext4_op_begin(inode->fs, EFT_EXT4_HANDLE_BLOCKS, &op);

	if (error != 0)
		return error;
	op.promised = true;
	eft_mutex_lock(&inode->map);
	error = eft_ext4_map_move(&op, inode, map, to);
	error = eft_ext4_op_end(&op, error);
	eft_mutex_unlock(&inode->map);
	return error;
}

/* Free what is at [to, to+count), but not what (map) itself has there. */
static int make_hole(struct eft_ext4_inode *inode,
		     const struct eft_ext4_map *map, uint32_t to)
{
	uint32_t from = to, end = to + map->count;

	if (to < map->block)
		end = (uint32_t)eft_min(end, map->block);
	else
		from = (uint32_t)eft_max(from, map->block + map->count);
	return eft_ext4_remove_blocks(inode, from, end - from);
}

/* The next extent from *at on that is there; *at is behind it then. */
static int next_extent(struct eft_ext4_inode *inode, uint32_t *at,
		       struct eft_ext4_map *ret_map)
{
	do {
		int error = eft_ext4_look(inode, *at, UINT32_MAX, ret_map);

		if (error != 0)
			return error;
		*at = ret_map->block + ret_map->count;
	} while (ret_map->state == EFT_EXT4_HOLE && *at < UINT32_MAX);
	return 0;
}

static int shift_down(struct eft_ext4_inode *inode, uint32_t first,
		      uint32_t count)
{
	uint32_t at = first;
	int error = 0;

	while (at < UINT32_MAX && error == 0) {
		struct eft_ext4_map map;

		error = next_extent(inode, &at, &map);
		if (error != 0 || map.state == EFT_EXT4_HOLE)
			break;
		error = move_once(inode, &map, map.block - count);
		if (error == -EAGAIN) {
			error = make_hole(inode, &map, map.block - count);
			at = map.block; /* and look again */
		}
	}
	return error;
}

/* The last extent that begins before (end), and what of it is before that. */
static int last_extent(struct eft_ext4_inode *inode, uint32_t end,
		       struct eft_ext4_map *ret_map)
{
	int error;

	eft_mutex_lock(&inode->map);
	error = eft_ext4_map_before(inode, end, ret_map);
	eft_mutex_unlock(&inode->map);
	return error;
}

static int shift_up(struct eft_ext4_inode *inode, uint32_t first,
		    uint32_t count)
{
	uint32_t end = UINT32_MAX;
	int error = 0;

	while (end > first && error == 0) {
		struct eft_ext4_map map;
		uint32_t past;

		error = last_extent(inode, end, &map);
		if (error != 0 || map.block + map.count <= first)
			break;
		if (map.count > UINT32_MAX - count - map.block)
			return -EINVAL; /* past the end of files */
		past = first - eft_min(first, map.block);
		map.block += past;
		map.first += past;
		map.count -= past;
		error = move_once(inode, &map, map.block + count);
		if (error == 0)
			end = map.block;
		else if (error == -EAGAIN)
			error = make_hole(inode, &map, map.block + count);
	}
	return error;
}

int eft_ext4_shift(struct eft_ext4_inode *inode, uint32_t first, uint32_t count,
		   bool up)
{
	int error = 0;

	if (up)
		return shift_up(inode, first, count);
	eft_assert(first >= count);
	error = eft_ext4_remove_blocks(inode, first - count, count);
	return error == 0 ? shift_down(inode, first, count) : error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Inodes' numbers: allocated, freed.
 *
 * Files are near their directory. Directories of the root are spread over the
 * groups, where there is most room and few others (after G. Orlov), and those
 * below them are near their parent, as long as that has room.
 */
#include "core/fs/ext4/meta.h"
#include "core/random.h"

static uint32_t group_of(const struct eft_ext4 *fs, uint32_t number)
{
	return (number - 1) / fs->inodes_per_group;
}

/* The groups from (start) on, around: the first with free inodes and blocks. */
static uint32_t find_from(const struct eft_ext4 *fs, uint32_t start,
			  uint32_t blocks)
{
	uint32_t group = start, some = UINT32_MAX;

	for (uint32_t i = 0; i < fs->groups; i++) {
		if (eft_ext4_free_inodes_in(fs, group) > 0) {
			if (eft_ext4_free_blocks_in(fs, group) >= blocks)
				return group;
			if (some == UINT32_MAX)
				some = group;
		}
		group = group + 1 < fs->groups ? group + 1 : 0;
	}
	return some;
}

/* A group of more than the average's room, with the fewest directories. */
static uint32_t find_spread(const struct eft_ext4 *fs)
{
	uint64_t blocks = fs->free_blocks / fs->groups;
	uint32_t inodes = fs->free_inodes / fs->groups;
	uint32_t best = UINT32_MAX, dirs = UINT32_MAX, group;

	eft_random(&group, sizeof(group));
	group %= fs->groups;
	for (uint32_t i = 0; i < fs->groups; i++) {
		if (eft_ext4_free_inodes_in(fs, group) >= eft_max(inodes, 1) &&
		    eft_ext4_free_blocks_in(fs, group) >= blocks &&
		    eft_ext4_dirs_in(fs, group) < dirs) {
			best = group;
			dirs = eft_ext4_dirs_in(fs, group);
		}
		group = group + 1 < fs->groups ? group + 1 : 0;
	}
	return best;
}

static uint32_t find_group(const struct eft_ext4 *fs,
			   const struct eft_ext4_inode *parent, bool is_dir)
{
	uint32_t number = (uint32_t)parent->node.ino, found = UINT32_MAX;
	uint32_t blocks = 1;

	if (is_dir) {
		if (number == EFT_EXT4_ROOT_INODE ||
		    (eft_get32(eft_ext4_raw(parent)->flags) & EFT_EXT4_TOP_DIR))
			found = find_spread(fs);
		blocks = (uint32_t)(fs->free_blocks / fs->groups / 2);
	}
	return found != UINT32_MAX
		       ? found
		       : find_from(fs, group_of(fs, number), blocks);
}

static int find_bit(struct eft_ext4 *fs, uint32_t group, const uint8_t *bits,
		    uint32_t *ret_bit)
{
	uint32_t at = group == 0 ? fs->first_inode - 1 : 0;

	while (at < fs->inodes_per_group && eft_ext4_bit(bits, at))
		at += eft_ext4_used_from(bits, at);
	if (at >= fs->inodes_per_group)
		return eft_ext4_corrupt(fs, "a group has no inodes free");
	*ret_bit = at;
	return 0;
}

int eft_ext4_inode_alloc(struct eft_ext4_op *op,
			 const struct eft_ext4_inode *parent, bool is_dir,
			 uint32_t *ret_number)
{
	struct eft_ext4 *fs = op->fs;
	uint32_t group = find_group(fs, parent, is_dir), at = 0;
	struct eft_ext4_buffer *buffer;
	int error;

	if (group == UINT32_MAX)
		return -ENOSPC;
	error = eft_ext4_bitmap(fs, group, EFT_EXT4_INODE_BITMAP, &buffer);
	if (error != 0)
		return error;
	error = find_bit(fs, group, buffer->data, &at);
	if (error == 0)
		error = eft_ext4_bitmap_set(op, group, EFT_EXT4_INODE_BITMAP,
					    buffer, at, 1, true);
	eft_ext4_buffer_put(buffer);
	if (error == 0)
		error = eft_ext4_use_table(op, group, at);
	if (error == 0 && is_dir)
		error = eft_ext4_count_dir(op, group, 1);
	if (error == 0)
		*ret_number = group * fs->inodes_per_group + at + 1;
	return error;
}

int eft_ext4_inode_free(struct eft_ext4_op *op, uint32_t number, bool is_dir)
{
	struct eft_ext4 *fs = op->fs;
	uint32_t group = group_of(fs, number);
	struct eft_ext4_buffer *buffer;
	int error = eft_ext4_bitmap(fs, group, EFT_EXT4_INODE_BITMAP, &buffer);

	if (error != 0)
		return error;
	error = eft_ext4_bitmap_set(op, group, EFT_EXT4_INODE_BITMAP, buffer,
				    (number - 1) % fs->inodes_per_group, 1,
				    false);
	eft_ext4_buffer_put(buffer);
	if (error == 0 && is_dir)
		error = eft_ext4_count_dir(op, group, -1);
	return error;
}

int eft_ext4_inode_is_alone(struct eft_ext4 *fs, uint32_t number,
			    bool *ret_alone)
{
	uint32_t at = (number - 1) % fs->inodes_per_group;
	uint32_t first = at - at % (fs->block_bytes / fs->inode_bytes),
		 used = 0;
	struct eft_ext4_buffer *buffer;
	int error = eft_ext4_bitmap(fs, group_of(fs, number),
				    EFT_EXT4_INODE_BITMAP, &buffer);

	if (error != 0)
		return error;
	for (uint32_t i = 0; i < fs->block_bytes / fs->inode_bytes; i++)
		used += eft_ext4_bit(buffer->data, first + i);
	eft_ext4_buffer_put(buffer);
	*ret_alone = used == 1;
	return 0;
}

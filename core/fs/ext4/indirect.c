// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files that have lists of blocks instead of extents, as ext2 and ext3 made
 * them: they can be read. Linux, Documentation/filesystems/ext4/ifork.rst.
 */
#include "core/fs/ext4/meta.h"

enum { DIRECT = 12, LEVELS = 3 };

/* The entry (at) of the list in (block); 0: that is a hole. */
static int read_entry(struct eft_ext4 *fs, uint32_t block, uint32_t at,
		      uint32_t *ret_entry)
{
	struct eft_ext4_buffer *buffer;
	struct eft_le32 entry;
	int error;

	*ret_entry = 0;
	if (block == 0)
		return 0;
	if (!eft_ext4_blocks_are_data(fs, block, 1))
		return eft_ext4_corrupt(fs, "a block list is outside");
	error = eft_ext4_buffer_read(fs, block, &buffer);
	if (error != 0)
		return error;
	memcpy(&entry, buffer->data + at * sizeof(entry), sizeof(entry));
	eft_ext4_buffer_put(buffer);
	*ret_entry = eft_get32(entry);
	return 0;
}

/* The disk's block; 0: a hole. */
static int find(struct eft_ext4_inode *inode, uint64_t block,
		uint32_t *ret_found)
{
	unsigned shift = inode->fs->block_shift - 2; /* of entries in a list */
	struct eft_le32 list[DIRECT + LEVELS];
	unsigned level = 0;
	int error = 0;

	memcpy(list, eft_ext4_raw(inode)->block, sizeof(list));
	if (block < DIRECT) {
		*ret_found = eft_get32(list[block]);
		return 0;
	}
	block -= DIRECT;
	while (level < LEVELS && block >> shift * (level + 1) > 0)
		block -= UINT64_C(1) << shift * ++level;
	if (level == LEVELS)
		return -EFBIG;
	*ret_found = eft_get32(list[DIRECT + level]);
	for (level++; level-- > 0 && error == 0;) {
		uint32_t at = (uint32_t)(block >> shift * level) &
			      ((1u << shift) - 1);

		error = read_entry(inode->fs, *ret_found, at, ret_found);
	}
	return error;
}

int eft_ext4_indirect_map(struct eft_ext4_inode *inode, uint32_t block,
			  struct eft_ext4_map *ret_map)
{
	uint32_t found = 0;
	int error = find(inode, block, &found);

	if (error != 0 && error != -EFBIG)
		return error;
	if (found != 0 && !eft_ext4_blocks_are_data(inode->fs, found, 1))
		return eft_ext4_corrupt(inode->fs, "a file is outside");
	*ret_map = (struct eft_ext4_map){
		.block = block,
		.count = 1,
		.first = found,
		.state = found != 0 ? EFT_EXT4_WRITTEN : EFT_EXT4_HOLE,
	};
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Blocks of extended attributes, which several inodes may share: Linux counts
 * how many. Linux, Documentation/filesystems/ext4: attributes.rst.
 */
#include "core/fs/ext4/meta.h"
#include "core/lib/crc32c.h"

/* fs/ext4/xattr.h: EXT4_XATTR_REFCOUNT_MAX */
enum { REFERENCES_MAX = 1024 };

/* Of the block's number and all of it, with the checksum itself as zeroes. */
static uint32_t checksum(const struct eft_ext4 *fs, uint64_t block,
			 const struct eft_ext4_xattr_header *header)
{
	struct eft_le32 number[2] = {eft_le32(block), eft_le32(block >> 32)};
	const struct eft_le32 zero = {{0}};
	const uint8_t *bytes = (const void *)header;
	uint32_t at = offsetof(struct eft_ext4_xattr_header, checksum);
	uint32_t sum = eft_crc32c(fs->checksum_seed, number, sizeof(number));

	sum = eft_crc32c(sum, bytes, at);
	sum = eft_crc32c(sum, &zero, sizeof(zero));
	at += sizeof(zero);
	return eft_crc32c(sum, bytes + at, fs->block_bytes - at);
}

void eft_ext4_xattrs_seal(struct eft_ext4_buffer *buffer)
{
	struct eft_ext4_xattr_header *header = (void *)buffer->data;

	if (buffer->fs->has_checksums)
		header->checksum = eft_le32(
			checksum(buffer->fs, buffer->node.key, header));
}

static int check(struct eft_ext4_buffer *buffer)
{
	const struct eft_ext4_xattr_header *header = (void *)buffer->data;
	struct eft_ext4 *fs = buffer->fs;
	uint32_t references = eft_get32(header->references);

	if (eft_ext4_is_checked(buffer, EFT_EXT4_XATTRS))
		return 0;
	if (eft_get32(header->magic) != EFT_EXT4_XATTR_MAGIC ||
	    eft_get32(header->blocks) != 1 || references == 0 ||
	    references > REFERENCES_MAX)
		return eft_ext4_corrupt(fs, "attributes are none");
	if (fs->has_checksums && eft_get32(header->checksum) !=
					 checksum(fs, buffer->node.key, header))
		return eft_ext4_corrupt(fs, "attributes have a wrong checksum");
	return eft_ext4_set_checked(buffer, EFT_EXT4_XATTRS);
}

int eft_ext4_xattrs_read(struct eft_ext4_inode *inode,
			 struct eft_ext4_buffer **ret_buffer)
{
	uint64_t block = eft_ext4_inode_xattr(inode);
	struct eft_ext4_buffer *buffer;
	int error;

	if (!eft_ext4_blocks_are_data(inode->fs, block, 1))
		return eft_ext4_corrupt(inode->fs, "attributes are outside");
	error = eft_ext4_buffer_read(inode->fs, block, &buffer);
	if (error != 0)
		return error;
	error = check(buffer);
	if (error != 0)
		eft_ext4_buffer_put(buffer);
	else
		*ret_buffer = buffer;
	return error;
}

int eft_ext4_xattrs_point(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			  uint64_t block)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);

	if (raw == NULL)
		return -ENOMEM;
	raw->xattr_lo = eft_le32(block);
	if (op->fs->incompat & EFT_EXT4_INCOMPAT_64BIT)
		raw->xattr_hi = eft_le16(block >> 32);
	return 0;
}

/* One of the inodes that share it has it no more. */
static int count_less(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		      struct eft_ext4_buffer *buffer)
{
	struct eft_ext4_xattr_header *header =
		eft_ext4_edit(op, buffer, 0, sizeof(*header));

	if (header == NULL)
		return -ENOMEM;
	header->references = eft_le32(eft_get32(header->references) - 1);
	eft_ext4_xattrs_seal(buffer);
	return eft_ext4_inode_count_blocks(op, inode, -1);
}

int eft_ext4_xattrs_drop(struct eft_ext4_op *op, struct eft_ext4_inode *inode)
{
	uint64_t block = eft_ext4_inode_xattr(inode);
	const struct eft_ext4_xattr_header *header;
	struct eft_ext4_buffer *buffer;
	int error;

	if (block == 0)
		return 0;
	error = eft_ext4_xattrs_read(inode, &buffer);
	if (error != 0)
		return error;
	header = (const void *)buffer->data;
	error = eft_get32(header->references) > 1
			? count_less(op, inode, buffer)
			: eft_ext4_free_blocks(op, inode, block, 1, true);
	eft_ext4_buffer_put(buffer);
	return error == 0 ? eft_ext4_xattrs_point(op, inode, 0) : error;
}

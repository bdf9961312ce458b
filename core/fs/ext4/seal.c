// SPDX-License-Identifier: BSD-3-Clause
/*
 * Checksums of metadata: worked out once for each commit, and not at each change.
 *
 * WHAT   A block that is in the log, or in place, has checksums that are right.
 *        In memory only these bytes of it may be old ones.
 * HOW    Who changes a block says what it is, and which of its checksums are to
 *        be worked out (a table's block has one of each inode). A commit does
 *        that while nobody changes anything. Bitmaps have theirs in descriptors,
 *        which are changed with them.
 * LIMITS Nodes of extents, and blocks of attributes, are sealed where they are
 *        changed, which is seldom.
 */
#include "core/fs/ext4/journal.h"
#include "core/fs/ext4/meta.h"

void eft_ext4_unseal(struct eft_ext4_buffer *buffer, enum eft_ext4_kind kind,
		     uint32_t from, unsigned bit)
{
	buffer->checked = (uint8_t)kind;
	buffer->seal_from = from;
	__atomic_store_n(&buffer->unsealed, buffer->unsealed | 1u << bit,
			 __ATOMIC_RELAXED);
}

static void seal_kind(struct eft_ext4_buffer *buffer, unsigned kind)
{
	switch (kind) {
	case EFT_EXT4_INODES:
		eft_ext4_inodes_seal(buffer);
		break;
	case EFT_EXT4_DIR_LEAF:
		eft_ext4_leaf_seal(buffer);
		break;
	case EFT_EXT4_DIR_INDEX:
	case EFT_EXT4_DIR_ROOT:
		eft_ext4_htree_seal(buffer, kind == EFT_EXT4_DIR_ROOT);
		break;
	}
}

void eft_ext4_seal(struct eft_ext4_buffer *buffer)
{
	struct eft_ext4 *fs = buffer->fs;

	if (buffer->unsealed == 0)
		return;
	if (buffer->checked == EFT_EXT4_DESCS)
		eft_ext4_descs_seal(fs, buffer->seal_from);
	else if (buffer->checked == EFT_EXT4_SUPER)
		eft_ext4_super_seal(fs);
	else if (fs->has_checksums)
		seal_kind(buffer, buffer->checked);
	/* Who finds that it is sealed finds the checksums too. */
	__atomic_store_n(&buffer->unsealed, 0, __ATOMIC_RELEASE);
}

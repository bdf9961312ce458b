// SPDX-License-Identifier: BSD-3-Clause
/*
 * Orphans: inodes without a name that somebody has open, and those that are
 * being truncated, in several operations. If the power goes, the next mount
 * removes and truncates them. Linux, Documentation/filesystems/ext4/orphan.rst:
 * each has the number of the next one as its time of deletion; the superblock
 * has the first.
 */
#include "core/fs/ext4/meta.h"

enum { TRUNCATE_BLOCKS = EFT_EXT4_HANDLE_BLOCKS }; /* one operation's */

static struct eft_ext4_inode *by_link(struct eft_list *link)
{
	return eft_container_of(link, struct eft_ext4_inode, orphan);
}

static int set_next(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		    uint32_t next)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);

	if (raw == NULL)
		return -ENOMEM;
	raw->dtime = eft_le32(next);
	return 0;
}

static int set_first(struct eft_ext4_op *op, uint32_t first)
{
	struct eft_ext4 *fs = op->fs;
	struct eft_le32 *last = eft_ext4_edit(
		op, fs->super,
		fs->super_offset + offsetof(struct eft_ext4_super, last_orphan),
		sizeof(*last));

	if (last == NULL)
		return -ENOMEM;
	eft_ext4_unseal(fs->super, EFT_EXT4_SUPER, 0, 0);
	*last = eft_le32(first);
	return 0;
}

int eft_ext4_orphan_add(struct eft_ext4_op *op, struct eft_ext4_inode *inode)
{
	uint32_t first = eft_get32(eft_ext4_super(op->fs)->last_orphan);
	int error;

	if (!eft_list_empty(&inode->orphan))
		return 0; /* it was truncated, and is to be removed now */
	eft_assert(op->orphan_added == NULL);
	error = set_next(op, inode, first);
	if (error == 0)
		error = set_first(op, (uint32_t)inode->node.ino);
	op->orphan_added = inode;
	return error;
}

int eft_ext4_orphan_remove(struct eft_ext4_op *op, struct eft_ext4_inode *inode)
{
	struct eft_list *before = inode->orphan.prev;
	uint32_t next = eft_get32(eft_ext4_raw(inode)->dtime);
	int error;

	eft_assert(!eft_list_empty(&inode->orphan));
	if (before == &op->fs->orphans)
		error = set_first(op, next);
	else
		error = set_next(op, by_link(before), next);
	if (error == 0)
		error = set_next(op, inode, 0);
	op->orphan_removed = inode;
	return error;
}

int eft_ext4_truncate(struct eft_ext4_inode *inode, uint64_t size)
{
	struct eft_ext4 *fs = inode->fs;
	uint32_t from =
		(uint32_t)((size + fs->block_bytes - 1) >> fs->block_shift);
	struct eft_ext4_op op;
	bool more = eft_ext4_has_blocks(inode);
	int error = 0;

	while (more && error == 0) {
		error = eft_ext4_op_begin(fs, TRUNCATE_BLOCKS, &op);
		if (error != 0)
			return error;
		eft_mutex_lock(&inode->map);
		error = eft_ext4_map_remove(&op, inode, from, UINT32_MAX - from,
					    &more);
		error = eft_ext4_op_end(&op, error);
		eft_mutex_unlock(&inode->map);
	}
	return error;
}

/* It has no blocks any more: free the inode itself. */
static int free_itself(struct eft_ext4_op *op, struct eft_ext4_inode *inode)
{
	struct eft_ext4_raw_inode *raw;
	int error = eft_ext4_xattrs_drop(op, inode);

	if (error == 0)
		error = eft_ext4_orphan_remove(op, inode);
	if (error == 0)
		error = eft_ext4_inode_free(op, (uint32_t)inode->node.ino,
					    eft_node_is(&inode->node, S_IFDIR));
	if (error != 0)
		return error;
	raw = eft_ext4_inode_edit(op, inode);
	if (raw == NULL)
		return -ENOMEM;
	eft_ext4_raw_set_size(raw, 0);
	raw->dtime = eft_le32((uint64_t)eft_node_now().sec);
	return 0;
}

int eft_ext4_inode_remove(struct eft_ext4_inode *inode)
{
	struct eft_ext4_op op;
	int error = eft_ext4_truncate(inode, 0);

	if (error == 0)
		error = eft_ext4_op_begin(inode->fs, TRUNCATE_BLOCKS, &op);
	if (error != 0)
		return error;
	return eft_ext4_op_end(&op, free_itself(&op, inode));
}

/* The next file that has no name, of those that are in memory. */
static struct eft_ext4_inode *next_unnamed(struct eft_ext4 *fs)
{
	struct eft_ext4_inode *found = NULL;
	struct eft_list *link;

	eft_mutex_lock(&fs->changes);
	for (link = fs->orphans.next; link != &fs->orphans && found == NULL;
	     link = link->next) {
		if (eft_get16(eft_ext4_raw(by_link(link))->links) == 0)
			found = by_link(link);
	}
	eft_mutex_unlock(&fs->changes);
	return found;
}

void eft_ext4_orphans_end(struct eft_ext4 *fs)
{
	struct eft_ext4_inode *inode;

	while ((inode = next_unnamed(fs)) != NULL) {
		if (eft_ext4_inode_remove(inode) != 0)
			return;
	}
}

/*
 * At mount.
 */

/* Clear what is past (size) in its last block: a file may grow again. */
static int clear_end(struct eft_ext4_inode *inode, uint64_t size)
{
	struct eft_ext4 *fs = inode->fs;
	uint32_t used = (uint32_t)(size % fs->block_bytes);
	struct eft_ext4_map map;
	uint8_t *data;
	uint64_t at;
	int error;

	if (used == 0)
		return 0;
	error = eft_ext4_map(inode, (uint32_t)(size >> fs->block_shift), &map);
	if (error != 0 || map.state != EFT_EXT4_WRITTEN)
		return error;
	data = eft_page_alloc(0);
	if (data == NULL)
		return -ENOMEM;
	at = map.first << fs->block_shift;
	error = eft_disk_read(fs->disk, at, data, fs->block_bytes);
	memset(data + used, 0, fs->block_bytes - used);
	if (error == 0)
		error = eft_disk_write(fs->disk, at, data, fs->block_bytes);
	eft_page_free(data);
	return error;
}

static int end_truncate(struct eft_ext4_inode *inode)
{
	uint64_t size = eft_ext4_inode_size(inode);
	struct eft_ext4_op op;
	int error = eft_ext4_truncate(inode, size);

	if (error == 0)
		error = clear_end(inode, size);
	if (error == 0)
		error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);
	if (error != 0)
		return error;
	return eft_ext4_op_end(&op, eft_ext4_orphan_remove(&op, inode));
}

static int clean(struct eft_ext4 *fs, uint32_t number)
{
	struct eft_ext4_inode *inode;
	bool unnamed;
	int error;

	if (number < fs->first_inode)
		return eft_ext4_corrupt(fs, "an orphan is none");
	error = eft_ext4_inode_get(fs, number, &inode);
	if (error != 0)
		return error;
	eft_list_insert(&fs->orphans, &inode->orphan);
	unnamed = eft_get16(eft_ext4_raw(inode)->links) == 0;
	if (!unnamed)
		error = end_truncate(inode);
	eft_node_put(&inode->node); /* which removes it, if it has no name */
	if (error == 0 && eft_get32(eft_ext4_super(fs)->last_orphan) == number)
		error = -EUCLEAN;
	return error;
}

void eft_ext4_orphans_clean(struct eft_ext4 *fs)
{
	uint32_t count = 0, number;

	while ((number = eft_get32(eft_ext4_super(fs)->last_orphan)) != 0) {
		int error =
			++count <= fs->inodes ? clean(fs, number) : -EUCLEAN;

		if (error != 0) {
			eft_log(EFT_LOG_ERROR,
				"ext4: orphans are left, from inode %u on",
				number);
			return;
		}
	}
	if (count > 0)
		eft_log(EFT_LOG_INFO, "ext4: %u orphans were cleaned up",
			count);
}

/*
 * At the end: what memory or an error of the disk was in the way of. Nobody
 * counts these any more.
 */
void eft_ext4_orphans_retry(struct eft_ext4 *fs)
{
	int error = 0;

	while (error == 0 && !eft_list_empty(&fs->orphans)) {
		struct eft_ext4_inode *inode = by_link(fs->orphans.next);

		if (eft_get16(eft_ext4_raw(inode)->links) == 0)
			error = eft_ext4_inode_remove(inode);
		else
			error = end_truncate(inode);
		if (error == 0)
			eft_ext4_inode_discard(inode);
	}
}

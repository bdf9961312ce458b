// SPDX-License-Identifier: BSD-3-Clause
/*
 * Inodes in memory: one node for each number.
 *
 * A node stays as long as somebody counts it. The last who does releases it,
 * and removes the file if it has no name any more; whoever comes for the same
 * number meanwhile gets a new one.
 */
#include "core/fs/ext4/meta.h"

/* More links than a directory counts on the disk. */
enum { MANY_LINKS = 1 << 30 };

static const struct eft_node_type *type_of(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return &eft_ext4_dir_type;
	case S_IFREG:
		return &eft_ext4_regular_type;
	case S_IFLNK:
		return &eft_ext4_link_type;
	default:
		return &eft_ext4_special_type;
	}
}

struct eft_ext4_inode *eft_ext4_inode_new(struct eft_ext4 *fs, uint32_t mode)
{
	struct eft_ext4_inode *inode = eft_alloc(sizeof(*inode));

	if (inode == NULL)
		return NULL;
	if ((mode & S_IFMT) == S_IFDIR)
		eft_dir_init(&inode->dir, &eft_ext4_dir_type, mode);
	else
		eft_node_init(&inode->node, type_of(mode), mode);
	if ((mode & S_IFMT) == S_IFREG) {
		eft_cached_init(&inode->cached, &eft_ext4_source, 0);
		inode->cached.reads_out = fs->disk->block->read_out != NULL;
	}
	inode->node.dev = fs->dev;
	inode->fs = fs;
	eft_mutex_init(&inode->map, EFT_RANK_EXT4_MAP);
	eft_list_init(&inode->orphan);
	return inode;
}

static void insert_locked(struct eft_ext4_inode *inode, uint32_t number)
{
	inode->node.ino = number;
	eft_treap_insert(&inode->fs->inodes_by_number, &inode->by_number,
			 number);
	inode->in_table = true;
}

static void remove_locked(struct eft_ext4_inode *inode)
{
	if (inode->in_table)
		eft_treap_remove(&inode->fs->inodes_by_number,
				 &inode->by_number);
	inode->in_table = false;
}

static void remove_from_table(struct eft_ext4_inode *inode)
{
	eft_mutex_lock(&inode->fs->inodes_lock);
	remove_locked(inode);
	eft_mutex_unlock(&inode->fs->inodes_lock);
}

int eft_ext4_inode_place_new(struct eft_ext4_op *op,
			     struct eft_ext4_inode *inode, uint32_t number)
{
	struct eft_ext4 *fs = op->fs;
	uint64_t block;
	bool there = eft_ext4_inode_place(fs, number, &block, &inode->offset);
	bool alone;
	int error = eft_ext4_inode_is_alone(fs, number, &alone);

	eft_assert(there);
	if (error == 0)
		error = eft_ext4_buffer_get(fs, block, alone, &inode->buffer);
	if (error != 0)
		return error;
	eft_mutex_lock(&fs->inodes_lock);
	insert_locked(inode, number);
	eft_mutex_unlock(&fs->inodes_lock);
	return 0;
}

static void free_inode(struct eft_ext4_inode *inode)
{
	if (eft_node_is(&inode->node, S_IFREG))
		eft_cached_fini(&inode->cached);
	eft_ext4_buffer_put(inode->buffer);
	eft_node_put(inode->special);
	eft_free(inode->target);
	eft_free(inode);
}

void eft_ext4_inode_discard(struct eft_ext4_inode *inode)
{
	remove_from_table(inode);
	free_inode(inode);
}

void eft_ext4_inode_release(struct eft_node *node)
{
	struct eft_ext4_inode *inode = eft_ext4_inode(node);

	if (eft_get16(eft_ext4_raw(inode)->links) > 0)
		eft_ext4_save_times(inode);
	remove_from_table(inode);
	/* What cannot be removed now is an orphan of the next mount. */
	if (!eft_list_empty(&inode->orphan) &&
	    (eft_get16(eft_ext4_raw(inode)->links) > 0 ||
	     eft_ext4_inode_remove(inode) != 0))
		return;
	free_inode(inode);
}

void eft_ext4_inodes_close(struct eft_ext4 *fs)
{
	while (!eft_list_empty(&fs->orphans)) {
		struct eft_ext4_inode *inode = eft_container_of(
			fs->orphans.next, struct eft_ext4_inode, orphan);

		eft_list_remove(&inode->orphan);
		free_inode(inode);
	}
}

static uint64_t get_device(const struct eft_ext4_raw_inode *raw)
{
	struct eft_le32 numbers[2];

	memcpy(numbers, raw->block, sizeof(numbers));
	return eft_get32(numbers[0]) != 0 ? eft_get32(numbers[0])
					  : eft_get32(numbers[1]);
}

static void fill_node(struct eft_ext4_inode *inode)
{
	const struct eft_ext4_raw_inode *raw = eft_ext4_raw(inode);
	struct eft_node *node = &inode->node;

	node->nlink = eft_get16(raw->links);
	if (node->nlink == 1 && eft_node_is(node, S_IFDIR))
		node->nlink = MANY_LINKS;
	node->uid = eft_get16_16(raw->uid_lo, raw->uid_hi);
	node->gid = eft_get16_16(raw->gid_lo, raw->gid_hi);
	eft_ext4_raw_get_times(inode, &node->atime, &node->mtime, &node->ctime);
	if (eft_node_is(node, S_IFCHR) || eft_node_is(node, S_IFBLK))
		node->rdev = get_device(raw);
}

static int read_locked(struct eft_ext4 *fs, uint32_t number,
		       struct eft_ext4_inode **ret_inode)
{
	const struct eft_ext4_raw_inode *raw;
	struct eft_ext4_buffer *buffer;
	struct eft_ext4_inode *inode;
	uint64_t block;
	uint32_t offset;
	int error;

	if (!eft_ext4_inode_place(fs, number, &block, &offset))
		return eft_ext4_corrupt(fs, "there is no inode of a number");
	error = eft_ext4_buffer_read(fs, block, &buffer);
	if (error != 0)
		return error;
	raw = (const void *)(buffer->data + offset);
	inode = eft_ext4_inode_new(fs, eft_get16(raw->mode));
	if (inode == NULL) {
		eft_ext4_buffer_put(buffer);
		return -ENOMEM;
	}
	inode->node.ino = number;
	inode->buffer = buffer;
	inode->offset = offset;
	error = eft_ext4_inode_check(inode);
	if (error != 0) {
		free_inode(inode);
		return error;
	}
	fill_node(inode);
	if (eft_node_is(&inode->node, S_IFREG))
		eft_pages_set_size(&inode->cached.pages,
				   eft_ext4_inode_size(inode));
	insert_locked(inode, number);
	*ret_inode = inode;
	return 0;
}

int eft_ext4_inode_get(struct eft_ext4 *fs, uint32_t number,
		       struct eft_ext4_inode **ret_inode)
{
	struct eft_treap_node *at;
	int error = 0;

	eft_mutex_lock(&fs->inodes_lock);
	at = eft_treap_at_or_after(&fs->inodes_by_number, number);
	if (at != NULL && at->key == number) {
		struct eft_ext4_inode *inode =
			eft_container_of(at, struct eft_ext4_inode, by_number);

		if (eft_node_get_unless_released(&inode->node)) {
			*ret_inode = inode;
			goto out;
		}
		remove_locked(inode);
	}
	error = read_locked(fs, number, ret_inode);
out:
	eft_mutex_unlock(&fs->inodes_lock);
	return error;
}

/* The node of (number) or of the next one, counted; NULL: there is none. */
static struct eft_ext4_inode *get_next(struct eft_ext4 *fs, uint64_t number)
{
	struct eft_ext4_inode *inode = NULL;
	struct eft_treap_node *at;

	eft_mutex_lock(&fs->inodes_lock);
	while (inode == NULL &&
	       (at = eft_treap_at_or_after(&fs->inodes_by_number, number))) {
		inode = eft_container_of(at, struct eft_ext4_inode, by_number);
		number = at->key + 1;
		if (!eft_node_get_unless_released(&inode->node))
			inode = NULL;
	}
	eft_mutex_unlock(&fs->inodes_lock);
	return inode;
}

/* Write back what is dirty; what cannot be written is lost. */
static void end_contents(struct eft_ext4_inode *inode)
{
	int error = eft_cached_sync(&inode->cached, 0, UINT64_MAX);

	if (error != 0)
		eft_log(EFT_LOG_ERROR, "ext4: contents of inode %lu are lost",
			inode->node.ino);
	eft_cached_drop(&inode->cached, 0, UINT64_MAX);
}

void eft_ext4_inodes_end(struct eft_ext4 *fs)
{
	struct eft_ext4_inode *inode;
	uint64_t number = 0;

	while ((inode = get_next(fs, number)) != NULL) {
		number = inode->node.ino + 1;
		if (eft_node_is(&inode->node, S_IFREG))
			end_contents(inode);
		eft_node_put(&inode->node);
	}
}

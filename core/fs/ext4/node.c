// SPDX-License-Identifier: BSD-3-Clause
/*
 * Nodes of ext4, as the VFS sees them: what is no regular file.
 */
#include "core/fs/ext4/meta.h"

static int ext4_stat(struct eft_node *node, struct eft_stat *st)
{
	struct eft_ext4_inode *inode = eft_ext4_inode(node);

	st->nlink = eft_get16(eft_ext4_raw(inode)->links);
	st->size = (int64_t)eft_ext4_inode_size(inode);
	st->blocks = (int64_t)eft_ext4_inode_blocks(inode);
	st->blksize = inode->fs->block_bytes;
	if (eft_node_is(node, S_IFREG))
		st->size = (int64_t)inode->cached.pages.size;
	return 0;
}

/*
 * Directories.
 */
static int dir_sync(struct eft_file *file, bool data_only)
{
	return eft_ext4_sync(
		eft_ext4_inode(eft_node_file(file)->place.node)->fs);
}

static void dir_release(struct eft_node *node)
{
	struct eft_ext4 *fs = eft_ext4_inode(node)->fs;
	bool last = fs->mounted && node->ino == EFT_EXT4_ROOT_INODE;

	eft_ext4_inode_release(node);
	if (last) {
		eft_flusher_remove(&fs->flusher);
		eft_ext4_close(fs);
	}
}

static const struct eft_file_ops dir_ops = {
	EFT_NODE_FILE_ATTRIBUTES,	  .sync = dir_sync,
	.getdents = eft_ext4_getdents,	  .seek = eft_file_seek_position,
	.release = eft_node_file_release,
};

const struct eft_node_type eft_ext4_dir_type = {
	.file_ops = &dir_ops,
	.names = &eft_ext4_names,
	.stat = ext4_stat,
	.release = dir_release,
};

/*
 * Symbolic links. The text of a short one is in the inode.
 */
static int read_target(struct eft_ext4_inode *inode, char *text, size_t len)
{
	struct eft_ext4_buffer *buffer;
	struct eft_ext4_map map;
	int error;

	if (!eft_ext4_has_map(inode)) {
		memcpy(text, eft_ext4_raw(inode)->block, len);
		return 0;
	}
	error = eft_ext4_map(inode, 0, &map);
	if (error == 0 && map.state != EFT_EXT4_WRITTEN)
		error = eft_ext4_corrupt(inode->fs, "a link has no text");
	if (error == 0)
		error = eft_ext4_buffer_read(inode->fs, map.first, &buffer);
	if (error != 0)
		return error;
	memcpy(text, buffer->data, len);
	eft_ext4_buffer_put(buffer);
	return 0;
}

/* Several may ask for it at a time: one of their copies stays. */
static int link_target(struct eft_node *node, char buf[EFT_TARGET_BYTES],
		       const char **ret_target)
{
	struct eft_ext4_inode *inode = eft_ext4_inode(node);
	char *target = __atomic_load_n(&inode->target, __ATOMIC_ACQUIRE);
	size_t len = (size_t)eft_ext4_inode_size(inode);
	char *copy;
	int error;

	if (target == NULL) {
		copy = eft_alloc(len + 1);
		if (copy == NULL)
			return -ENOMEM;
		error = read_target(inode, copy, len);
		if (error != 0) {
			eft_free(copy);
			return error;
		}
		if (__atomic_compare_exchange_n(&inode->target, &target, copy,
						false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			target = copy;
		else
			eft_free(copy);
	}
	*ret_target = target;
	return 0;
}

const struct eft_node_type eft_ext4_link_type = {
	.names = &eft_ext4_names,
	.stat = ext4_stat,
	.target = link_target,
	.release = eft_ext4_inode_release,
};

/* A device, FIFO or socket. */
static int special_open(const struct eft_place *place, int flags,
			struct eft_file **ret_file)
{
	struct eft_node **special = &eft_ext4_inode(place->node)->special;

	return eft_special_open(place, special, 0, flags, ret_file);
}

const struct eft_node_type eft_ext4_special_type = {
	.names = &eft_ext4_names,
	.open = special_open,
	.stat = ext4_stat,
	.release = eft_ext4_inode_release,
};

const struct eft_node_type eft_ext4_regular_type = {
	.file_ops = &eft_ext4_file_ops,
	.names = &eft_ext4_names,
	.stat = ext4_stat,
	.set_size = eft_ext4_set_size,
	.release = eft_ext4_inode_release,
};

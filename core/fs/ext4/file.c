// SPDX-License-Identifier: BSD-3-Clause
/*
 * Regular files: their descriptions' operations.
 *
 * LOCKS  The node's mutex is held over a whole read or write, and so over copies
 *        to and from the program's memory, as in ramfs. It is held over a change
 *        of the size too, and over fallocate(2): nobody writes meanwhile but
 *        mappings, whose pages are cut first.
 */
#include "core/abi.h"
#include "core/fd/iov.h"
#include "core/fs/ext4/meta.h"

enum { RUN_MAX = 32768 }; /* blocks that are allocated at once */

static struct eft_ext4_inode *inode_of(struct eft_file *file)
{
	return eft_ext4_inode(eft_node_file(file)->place.node);
}

/* The largest that a file may be: its blocks have numbers of 32 bits. */
static int64_t size_max(const struct eft_ext4_inode *inode)
{
	const struct eft_ext4 *fs = inode->fs;
	uint64_t blocks = UINT32_MAX;

	if (!eft_ext4_has_extents(inode))
		blocks = eft_min(blocks, eft_ext4_indirect_max(fs));
	return (int64_t)(blocks << fs->block_shift);
}

static void note_times(struct eft_ext4_inode *inode)
{
	__atomic_store_n(&inode->times_changed, true, __ATOMIC_RELEASE);
}

static void modified_locked(struct eft_ext4_inode *inode)
{
	eft_node_modified_locked(&inode->node);
	note_times(inode);
}

static void accessed(struct eft_file *file)
{
	struct eft_ext4_inode *inode = inode_of(file);

	if (inode->fs->read_only)
		return;
	eft_mutex_lock(&inode->node.lock);
	if (eft_node_file_accessed_locked(eft_node_file(file)))
		note_times(inode);
	eft_mutex_unlock(&inode->node.lock);
}

/*
 * At *at, which moves. Several read at a time, while another writes: as with
 * Linux, of a write that is under way they may see a part.
 */
/*
 * O_DIRECT moves whole sectors, to and from memory as aligned as they are
 * (Linux block/blk-settings.c: dma_alignment). They go by the page cache all the
 * same, so that it and mappings agree; fsync() is what makes them last.
 */
static bool is_aligned(struct eft_file *file, const struct eft_iovec *iov,
		       int count, off_t at)
{
	uint64_t mask = inode_of(file)->fs->disk->block->sector_bytes - 1;
	uint64_t bits = (uint64_t)at;

	if (!(file->flags & O_DIRECT))
		return true;
	for (int i = 0; i < count; i++)
		bits |= (uintptr_t)iov[i].base | iov[i].len;
	return (bits & mask) == 0;
}

/* At the end there is nothing to align (Linux fs/iomap/direct-io.c). */
static bool is_at_end(const struct eft_ext4_inode *inode, off_t at)
{
	return (uint64_t)at >= inode->cached.pages.size;
}

static ssize_t read_at(struct eft_file *file, const struct eft_iovec *iov,
		       int count, off_t *at)
{
	struct eft_ext4_inode *inode = inode_of(file);
	ssize_t n;

	if (!eft_iov_fits(iov, count, *at) ||
	    (!is_aligned(file, iov, count, *at) && !is_at_end(inode, *at)))
		return -EINVAL;
	n = eft_cached_read_iov(&inode->cached, iov, count, at);
	accessed(file);
	return n;
}

/* Node locked. */
static ssize_t write_locked(struct eft_ext4_inode *inode,
			    const struct eft_iovec *iov, int count, off_t *at)
{
	off_t from = *at, max = size_max(inode);
	int error = 0;

	for (int i = 0; i < count && error == 0; i++) {
		size_t len = iov[i].len;

		if (len == 0)
			continue;
		if (*at >= max) {
			error = -EFBIG;
			break;
		}
		len = eft_min(len, (uint64_t)(max - *at));
		*at += (off_t)eft_cached_write(&inode->cached, (uint64_t)*at,
					       iov[i].base, len, &error);
		if (error == 0 && len < iov[i].len)
			error = -EFBIG;
	}
	if (*at > from)
		modified_locked(inode);
	return *at > from ? *at - from : error;
}

static ssize_t write_at(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t *at)
{
	struct eft_ext4_inode *inode = inode_of(file);
	ssize_t n = -EINVAL;

	eft_mutex_lock(&inode->node.lock);
	if (file->flags & O_APPEND)
		*at = (off_t)inode->cached.pages.size;
	if (eft_iov_fits(iov, count, *at) && is_aligned(file, iov, count, *at))
		n = write_locked(inode, iov, count, at);
	eft_mutex_unlock(&inode->node.lock);
	return n;
}

static ssize_t file_read(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	return eft_file_transfer(file, iov, count, at, read_at);
}

static int file_sync(struct eft_file *file, bool data_only)
{
	struct eft_ext4_inode *inode = inode_of(file);
	int error = eft_cached_sync(&inode->cached, 0, UINT64_MAX);

	if (error == 0 && !data_only)
		error = eft_ext4_save_times(inode);
	return error != 0 ? error : eft_ext4_sync(inode->fs);
}

static ssize_t file_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	ssize_t n = eft_file_transfer(file, iov, count, at, write_at);
	int error = 0;

	if (n > 0 && file->flags & (O_SYNC | O_DSYNC))
		error = file_sync(file, (file->flags & O_SYNC) != O_SYNC);
	return error != 0 ? error : n;
}

/*
 * Sizes.
 */

/*
 * The last page is dirty before it is cut within a block: what lies behind the
 * end on the disk is to be zeroes.
 */
static int prepare_cut(struct eft_ext4_inode *inode, uint64_t size)
{
	struct eft_ext4_map map;
	int error;

	if ((size & EFT_PAGE_MASK) == 0)
		return 0;
	error = eft_ext4_look(inode, (uint32_t)(size >> inode->fs->block_shift),
			      1, &map);
	if (error != 0 || map.state != EFT_EXT4_WRITTEN)
		return error;
	return eft_cached_bring_in(&inode->cached, size / EFT_PAGE_SIZE, true);
}

/* In one operation: the size, and if it becomes less a place among orphans. */
static int put_size(struct eft_ext4_inode *inode, uint64_t size, bool shrinks)
{
	struct eft_ext4_op op;
	int error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);

	if (error != 0)
		return error;
	if (shrinks)
		error = eft_ext4_orphan_add(&op, inode);
	if (error == 0)
		error = eft_ext4_inode_put_contents(&op, inode, size);
	return eft_ext4_op_end(&op, error);
}

static int end_orphan(struct eft_ext4_inode *inode)
{
	struct eft_ext4_op op;
	int error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);

	if (error != 0)
		return error;
	return eft_ext4_op_end(&op, eft_ext4_orphan_remove(&op, inode));
}

/*
 * A write of the last page that has begun before the cut has blocks behind the
 * end as well, which are freed.
 */
static void settle_last(struct eft_ext4_inode *inode, uint64_t size)
{
	uint64_t last = size / EFT_PAGE_SIZE;

	if (size & EFT_PAGE_MASK && inode->fs->block_bytes < EFT_PAGE_SIZE)
		eft_cached_settle(&inode->cached, last, last + 1);
}

static int shrink(struct eft_ext4_inode *inode, uint64_t size)
{
	bool named = eft_get16(eft_ext4_raw(inode)->links) > 0;
	int error = prepare_cut(inode, size);

	if (error != 0)
		return error;
	eft_cached_resize(&inode->cached, size);
	settle_last(inode, size);
	modified_locked(inode);
	error = put_size(inode, size, true);
	if (error == 0)
		error = eft_ext4_truncate(inode, size);
	if (error == 0 && named)
		error = end_orphan(inode);
	return error;
}

static int set_size_locked(struct eft_ext4_inode *inode, uint64_t size)
{
	int error;

	if (inode->fs->read_only)
		return -EROFS;
	if (size < inode->cached.pages.size)
		return shrink(inode, size);
	if (size == inode->cached.pages.size) {
		modified_locked(inode);
		/* Blocks may lie past it: they are given back. */
		return size == 0 ? shrink(inode, 0) : 0;
	}
	error = put_size(inode, size, false);
	if (error != 0)
		return error;
	eft_cached_resize(&inode->cached, size);
	modified_locked(inode);
	return 0;
}

int eft_ext4_set_size(struct eft_node *node, off_t size)
{
	struct eft_ext4_inode *inode = eft_ext4_inode(node);
	int error;

	if (size < 0)
		return -EINVAL;
	if (size > size_max(inode))
		return -EFBIG;
	eft_mutex_lock(&node->lock);
	error = set_size_locked(inode, (uint64_t)size);
	eft_mutex_unlock(&node->lock);
	return error;
}

static int file_set_size(struct eft_file *file, off_t size)
{
	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	return eft_ext4_set_size(eft_node_file(file)->place.node, size);
}

/*
 * fallocate(2)
 */

/* Put (map), blocks that were taken, into the file: they read as zeroes. */
static int add_unwritten(struct eft_ext4_inode *inode, struct eft_ext4_map *map)
{
	struct eft_ext4_op op;
	int error;

	map->state = EFT_EXT4_UNWRITTEN;
	error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);
	if (error != 0)
		return error;
	op.promised = true;
	eft_mutex_lock(&inode->map);
	error = eft_ext4_fill_hole(&op, inode, map);
	error = eft_ext4_op_end(&op, error);
	eft_mutex_unlock(&inode->map);
	return error;
}

/* Blocks that others were promised are not taken. */
static int allocate(struct eft_ext4_inode *inode, struct eft_ext4_map *map)
{
	struct eft_ext4 *fs = inode->fs;
	uint32_t promised = map->count = eft_min(map->count, RUN_MAX);
	int error = eft_ext4_promise(fs, promised);

	if (error != 0)
		return error;
	error = eft_ext4_take_for(inode, map);
	if (error == 0) {
		error = add_unwritten(inode, map);
		eft_ext4_untake_blocks(fs, map->first, map->count);
	}
	eft_ext4_unreserve(fs, promised);
	return error;
}

/* Write-back may fill a hole at the same moment: then it is looked at again. */
static int fill_holes(struct eft_ext4_inode *inode, uint32_t block,
		      uint32_t end)
{
	int error = 0;

	while (block < end && (error == 0 || error == -EAGAIN)) {
		struct eft_ext4_map map;

		error = eft_ext4_look(inode, block, end - block, &map);
		if (error == 0 && map.state == EFT_EXT4_HOLE)
			error = allocate(inode, &map);
		if (error == 0)
			block += map.count;
	}
	return error;
}

/* Zeroes at [at, end), within one page. */
static int clear_part(struct eft_ext4_inode *inode, uint64_t at, uint64_t end)
{
	static const char zeroes[EFT_PAGE_SIZE];
	int error = 0;

	end = eft_min(end, inode->cached.pages.size);
	if (at < end)
		eft_cached_write(&inode->cached, at,
				 eft_as_user((char *)zeroes), end - at, &error);
	return error;
}

/* [at, end) reads as zeroes; whole pages of it lose their blocks. */
static int punch(struct eft_ext4_inode *inode, uint64_t at, uint64_t end)
{
	unsigned shift = inode->fs->block_shift;
	uint64_t first = eft_align_up(at, EFT_PAGE_SIZE);
	uint64_t last = eft_align_down(end, EFT_PAGE_SIZE);
	int error;

	if (first > last) /* within one page */
		return clear_part(inode, at, end);
	error = clear_part(inode, at, first);
	if (error == 0)
		error = clear_part(inode, last, end);
	if (error != 0 || first == last)
		return error;
	eft_cached_close(&inode->cached, first / EFT_PAGE_SIZE,
			 last / EFT_PAGE_SIZE);
	error = eft_ext4_remove_blocks(inode, (uint32_t)(first >> shift),
				       (uint32_t)((last - first) >> shift));
	eft_cached_open(&inode->cached);
	return error;
}

static int allocate_locked(struct eft_ext4_inode *inode, int mode, uint64_t at,
			   uint64_t end)
{
	unsigned shift = inode->fs->block_shift;
	uint64_t mask = inode->fs->block_bytes - 1;
	int error = 0;

	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		error = punch(inode, at, end);
	if (error == 0 && !(mode & FALLOC_FL_PUNCH_HOLE))
		error = fill_holes(inode, (uint32_t)(at >> shift),
				   (uint32_t)((end + mask) >> shift));
	if (error == 0 && !(mode & FALLOC_FL_KEEP_SIZE) &&
	    end > inode->cached.pages.size)
		error = set_size_locked(inode, end);
	modified_locked(inode);
	return error;
}

/* How many bytes there are from then on: 0 or an error, of Linux's. */
static int shifted_size(const struct eft_ext4_inode *inode, bool up,
			uint64_t at, uint64_t len, uint64_t *ret_size)
{
	uint64_t size = inode->cached.pages.size;
	uint64_t mask = inode->fs->block_bytes - 1;

	if ((at | len) & mask)
		return -EINVAL;
	if (up && len > (uint64_t)size_max(inode) - size)
		return -EFBIG;
	if (up ? at >= size : at + len >= size)
		return -EINVAL;
	*ret_size = up ? size + len : size - len;
	return 0;
}

/*
 * Take [at, at+len) out of the file, or (up) make room for it. On the disk the
 * size is never less than where blocks are.
 */
static int shift_locked(struct eft_ext4_inode *inode, bool up, uint64_t at,
			uint64_t len)
{
	unsigned shift = inode->fs->block_shift;
	uint64_t page = at / EFT_PAGE_SIZE, size;
	int error = shifted_size(inode, up, at, len, &size);

	if (error == 0)
		error = eft_cached_sync(&inode->cached, page, UINT64_MAX);
	if (error == 0 && up)
		error = put_size(inode, size, false);
	if (error != 0)
		return error;
	eft_cached_close(&inode->cached, page, UINT64_MAX);
	error = eft_ext4_shift(inode, (uint32_t)((up ? at : at + len) >> shift),
			       (uint32_t)(len >> shift), up);
	if (up || error == 0)
		eft_cached_resize(&inode->cached, size);
	eft_cached_open(&inode->cached);
	modified_locked(inode);
	return error == 0 && !up ? put_size(inode, size, false) : error;
}

static bool is_known(int mode)
{
	switch (mode & ~FALLOC_FL_KEEP_SIZE) {
	case 0:
	case FALLOC_FL_ZERO_RANGE:
		return true;
	case FALLOC_FL_PUNCH_HOLE:
		return mode & FALLOC_FL_KEEP_SIZE;
	case FALLOC_FL_COLLAPSE_RANGE:
	case FALLOC_FL_INSERT_RANGE:
		return !(mode & FALLOC_FL_KEEP_SIZE);
	}
	return false;
}

static int file_allocate(struct eft_file *file, int mode, off_t offset,
			 off_t len)
{
	struct eft_ext4_inode *inode = inode_of(file);
	off_t end;
	int error;

	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (!is_known(mode) ||
	    (!eft_ext4_has_extents(inode) && !(mode & FALLOC_FL_PUNCH_HOLE)))
		return -EOPNOTSUPP;
	if (__builtin_add_overflow(offset, len, &end) || end > size_max(inode))
		return -EFBIG;
	if (inode->fs->read_only)
		return -EROFS;
	eft_mutex_lock(&inode->node.lock);
	if (mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE))
		error = shift_locked(inode, mode & FALLOC_FL_INSERT_RANGE,
				     (uint64_t)offset, (uint64_t)len);
	else
		error = allocate_locked(inode, mode, (uint64_t)offset,
					(uint64_t)end);
	eft_mutex_unlock(&inode->node.lock);
	return error;
}

/*
 * Where contents (data), or a hole, begin at or after (at). What is unwritten
 * is a hole; what is dirty is written first.
 */
static off_t seek_contents(struct eft_ext4_inode *inode, uint64_t at, bool data)
{
	uint64_t size = inode->cached.pages.size;
	unsigned shift = inode->fs->block_shift;

	if (at >= size)
		return -ENXIO;
	eft_cached_write_back(&inode->cached);
	for (uint64_t block = at >> shift; block << shift < size;) {
		struct eft_ext4_map map;
		int error;

		error = eft_ext4_look(inode, (uint32_t)block, UINT32_MAX, &map);
		if (error != 0)
			return error;
		if ((map.state == EFT_EXT4_WRITTEN) == data)
			return (off_t)eft_max(at, block << shift);
		block += map.count;
	}
	return data ? -ENXIO : (off_t)size;
}

static off_t find_offset(struct eft_file *file, off_t offset, int whence)
{
	struct eft_ext4_inode *inode = inode_of(file);

	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return offset < 0 ? -ENXIO
				  : seek_contents(inode, (uint64_t)offset,
						  whence == SEEK_DATA);
	offset = eft_file_offset(file, offset, whence,
				 (off_t)inode->cached.pages.size);
	return offset > size_max(inode) ? -EINVAL : offset;
}

static off_t file_seek(struct eft_file *file, off_t offset, int whence)
{
	struct eft_node *node = eft_node_file(file)->place.node;

	eft_mutex_lock(&file->lock);
	eft_mutex_lock(&node->lock);
	offset = find_offset(file, offset, whence);
	eft_mutex_unlock(&node->lock);
	if (offset >= 0)
		file->position = offset;
	eft_mutex_unlock(&file->lock);
	return offset;
}

static struct eft_pages *file_pages(struct eft_file *file)
{
	return &inode_of(file)->cached.pages;
}

/* Nobody notes what a mapping writes: whoever syncs one may have written. */
static int file_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			 int flags)
{
	struct eft_ext4_inode *inode = inode_of(file);

	if ((file->flags & O_ACCMODE) != O_RDWR)
		return 0;
	eft_mutex_lock(&inode->node.lock);
	modified_locked(inode);
	eft_mutex_unlock(&inode->node.lock);
	return flags & MS_SYNC ? file_sync(file, true) : 0;
}

const struct eft_file_ops eft_ext4_file_ops = {
	EFT_NODE_FILE_ATTRIBUTES,  .release = eft_node_file_release,
	.read = file_read,	   .write = file_write,
	.seek = file_seek,	   .sync = file_sync,
	.set_size = file_set_size, .allocate = file_allocate,
	.sync_map = file_sync_map, .pages = file_pages,
};

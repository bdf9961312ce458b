// SPDX-License-Identifier: BSD-3-Clause
/*
 * Contents of regular files, between the page cache and the disk.
 *
 * LATE   A page that becomes dirty over a hole has blocks reserved. Write-back
 *        takes free ones, writes the data into them, and then in one operation
 *        marks them used, puts them into the file, and makes the size on the
 *        disk that of what was written. So what the journal commits never shows
 *        what was in these blocks before.
 * LOCKS  A file's map mutex is held for a look, and for an operation that
 *        changes extents, and not while data go to and from the disk: pages
 *        that are being written are not cut (core/mem/cache_cut.c), so their
 *        blocks are not freed; what was read too late is not put into the cache.
 *        fallocate(2) closes that while it frees or moves blocks within the end.
 *        fallocate(2) may fill a hole meanwhile: write-back looks again.
 */
#include "core/abi.h"
#include "core/fs/ext4/meta.h"
#include "core/user.h"

enum { PARTS = 33 }; /* of a run of pages, which may begin within one */

static struct eft_ext4_inode *inode_of(struct eft_cached *cached)
{
	return eft_container_of(cached, struct eft_ext4_inode, cached);
}

/* Blocks of a page. */
static uint32_t page_blocks(const struct eft_ext4 *fs)
{
	return EFT_PAGE_SIZE >> fs->block_shift;
}

/* Pages in a row, of which the first has the file's block (block). */
struct span {
	struct eft_ext4 *fs;
	void *const *page;
	uint32_t block;
};

/* Have (count) blocks of (span) read or written: from (block) on, at (first). */
static void add_io(struct eft_io *io, const struct span *span,
		   enum eft_block_operation operation, uint32_t block,
		   uint32_t count, uint64_t first)
{
	unsigned shift = span->fs->block_shift, n = 0;
	uint64_t at = (uint64_t)(block - span->block) << shift;
	uint64_t left = (uint64_t)count << shift;
	struct eft_block_part part[PARTS];

	for (; left > 0; n++) {
		size_t in_page = at & EFT_PAGE_MASK;

		eft_assert(n < PARTS);
		part[n].data = (char *)span->page[at / EFT_PAGE_SIZE] + in_page;
		part[n].len = (uint32_t)eft_min(left, EFT_PAGE_SIZE - in_page);
		at += part[n].len;
		left -= part[n].len;
	}
	eft_io_add(io, span->fs->disk, operation, first << shift, part, n);
}

static void clear_blocks(const struct span *span, uint32_t block,
			 uint32_t count)
{
	unsigned shift = span->fs->block_shift;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t at = (uint64_t)(block + i - span->block) << shift;

		memset((char *)span->page[at / EFT_PAGE_SIZE] +
			       (at & EFT_PAGE_MASK),
		       0, span->fs->block_bytes);
	}
}

int eft_ext4_look(struct eft_ext4_inode *inode, uint32_t block, uint32_t max,
		  struct eft_ext4_map *ret_map)
{
	int error;

	eft_mutex_lock(&inode->map);
	error = eft_ext4_map(inode, block, ret_map);
	eft_mutex_unlock(&inode->map);
	ret_map->block = block;
	ret_map->count = eft_min(ret_map->count, max);
	return error;
}

static int read_pages(struct eft_cached *cached, uint64_t index,
		      void *const page[], unsigned count)
{
	struct eft_ext4_inode *inode = inode_of(cached);
	uint32_t per_page = page_blocks(inode->fs);
	uint32_t block = (uint32_t)(index * per_page);
	uint32_t left = count * per_page;
	const struct span span = {inode->fs, page, block};
	struct eft_ext4_map map;
	struct eft_io io;
	int error = 0, io_error;

	eft_io_begin(&io);
	while (left > 0 && error == 0) {
		error = eft_ext4_look(inode, block, left, &map);
		if (error != 0)
			break;
		if (map.state == EFT_EXT4_WRITTEN)
			add_io(&io, &span, EFT_BLOCK_READ, block, map.count,
			       map.first);
		else
			clear_blocks(&span, block, map.count);
		block += map.count;
		left -= map.count;
	}
	io_error = eft_io_wait(&io);
	return error != 0 ? error : io_error;
}

/* Blocks in whole, of which (offset) is the first's. */
static size_t read_out(struct eft_cached *cached, uint64_t offset,
		       char eft_user *buf, size_t len)
{
	struct eft_ext4_inode *inode = inode_of(cached);
	unsigned shift = inode->fs->block_shift;
	size_t done = 0, n, wanted;
	struct eft_ext4_map map;

	do {
		if (eft_ext4_look(inode, (uint32_t)((offset + done) >> shift),
				  (uint32_t)((len - done) >> shift), &map) != 0)
			break;
		wanted = (size_t)map.count << shift;
		n = map.state == EFT_EXT4_WRITTEN
			    ? eft_disk_read_out(inode->fs->disk,
						map.first << shift, buf + done,
						wanted)
			    : eft_clear_some(buf + done, wanted);
		done += n;
	} while (n == wanted && done < len);
	return done;
}

/*
 * Write-back.
 */
static int write_blocks(const struct span *span, uint32_t block, uint32_t count,
			uint64_t first)
{
	struct eft_io io;

	eft_io_begin(&io);
	add_io(&io, span, EFT_BLOCK_WRITE, block, count, first);
	return eft_io_wait(&io);
}

/* Written data reach to (block) now. */
static int note_size(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		     uint32_t block)
{
	uint64_t size = eft_min(inode->cached.pages.size,
				(uint64_t)block << op->fs->block_shift);

	return eft_ext4_inode_put_contents(
		op, inode, eft_max(size, eft_ext4_inode_size(inode)));
}

int eft_ext4_fill_hole(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		       const struct eft_ext4_map *map)
{
	struct eft_ext4_map now;
	int error = eft_ext4_map(inode, map->block, &now);

	if (error == 0 &&
	    (now.state != EFT_EXT4_HOLE || now.count < map->count))
		error = -EAGAIN;
	if (error == 0)
		error = eft_ext4_use_blocks(op, inode, map->first, map->count);
	if (error == 0)
		error = eft_ext4_map_insert(op, inode, map);
	return error;
}

/* Change extents, by one operation, of what was written at (map). */
static int note_written(struct eft_ext4_inode *inode,
			const struct eft_ext4_map *map, bool was_hole)
{
	struct eft_ext4_op op;
	int error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);

	if (error != 0)
		return error;
	op.promised = true;
	eft_mutex_lock(&inode->map);
	error = was_hole ? eft_ext4_fill_hole(&op, inode, map)
			 : eft_ext4_map_convert(&op, inode, map->block,
						map->count);
	if (error == 0)
		error = note_size(&op, inode, map->block + map->count);
	error = eft_ext4_op_end(&op, error);
	eft_mutex_unlock(&inode->map);
	return error;
}

int eft_ext4_take_for(struct eft_ext4_inode *inode, struct eft_ext4_map *map)
{
	uint64_t goal;
	int error;

	eft_mutex_lock(&inode->map);
	goal = eft_ext4_goal(inode, map->block);
	eft_mutex_unlock(&inode->map);
	error = eft_ext4_take_blocks(inode->fs, goal, map->count, &map->first,
				     &map->count);
	/* What was freed can be taken when that has been committed. */
	if (error == -ENOSPC && eft_ext4_commit(inode->fs) == 0)
		error = eft_ext4_take_blocks(inode->fs, goal, map->count,
					     &map->first, &map->count);
	return error;
}

static int write_into_hole(struct eft_ext4_inode *inode,
			   const struct span *span, struct eft_ext4_map *map)
{
	int error = eft_ext4_take_for(inode, map);

	if (error != 0)
		return error;
	map->state = EFT_EXT4_WRITTEN;
	error = write_blocks(span, map->block, map->count, map->first);
	if (error == 0)
		error = note_written(inode, map, true);
	eft_ext4_untake_blocks(inode->fs, map->first, map->count);
	return error;
}

/* Write the first of (left) blocks at *block, as many as lie in one run. */
static int write_some(struct eft_ext4_inode *inode, const struct span *span,
		      uint32_t *block, uint32_t left)
{
	struct eft_ext4_map map;
	int error = eft_ext4_look(inode, *block, left, &map);

	if (error != 0)
		return error;
	if (map.state == EFT_EXT4_HOLE) {
		error = write_into_hole(inode, span, &map);
	} else {
		error = write_blocks(span, *block, map.count, map.first);
		if (error == 0 && map.state == EFT_EXT4_UNWRITTEN)
			error = note_written(inode, &map, false);
	}
	if (error == -EAGAIN)
		return 0; /* and look again */
	*block += map.count;
	return error;
}

/* All is written up to (end), and perhaps in blocks that were there before. */
static int grow(struct eft_ext4_inode *inode, uint32_t end)
{
	struct eft_ext4_op op;
	int error;

	if (eft_ext4_inode_size(inode) >=
	    eft_min(inode->cached.pages.size,
		    (uint64_t)end << inode->fs->block_shift))
		return 0;
	error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);
	if (error != 0)
		return error;
	return eft_ext4_op_end(&op, note_size(&op, inode, end));
}

/* A run's blocks from (next) to (end) are still to be written. */
struct writing {
	struct span span;
	uint32_t next, end;
	int error;
};

static struct writing begin_run(struct eft_ext4_inode *inode,
				const struct eft_cached_run *run)
{
	struct eft_ext4 *fs = inode->fs;
	uint32_t per_page = page_blocks(fs);
	uint32_t block = (uint32_t)(run->index * per_page);
	uint64_t size = eft_pages_size(&inode->cached.pages);

	return (struct writing){
		.span = {fs, run->page, block},
		.next = block,
		.end = (uint32_t)eft_min((run->index + run->count) * per_page,
					 (size + fs->block_bytes - 1) >>
						 fs->block_shift),
	};
}

/* Have the disk write what comes first and has written blocks already. */
static void overwrite(struct eft_ext4_inode *inode, struct writing *w,
		      struct eft_io *io)
{
	struct eft_ext4_map map;

	while (w->next < w->end) {
		w->error =
			eft_ext4_look(inode, w->next, w->end - w->next, &map);
		if (w->error != 0 || map.state != EFT_EXT4_WRITTEN)
			return;
		add_io(io, &w->span, EFT_BLOCK_WRITE, w->next, map.count,
		       map.first);
		w->next += map.count;
	}
}

/* Write the rest, whose blocks have to be found, or noted as written. */
static int finish(struct eft_ext4_inode *inode, struct writing *w)
{
	while (w->next < w->end && w->error == 0)
		w->error =
			write_some(inode, &w->span, &w->next, w->end - w->next);
	if (w->error == 0)
		w->error = grow(inode, w->end);
	return w->error;
}

/* A run that cannot be written does not keep others from being written. */
static int write_runs(struct eft_cached *cached,
		      const struct eft_cached_run run[], unsigned count)
{
	struct eft_ext4_inode *inode = inode_of(cached);
	struct writing writing[EFT_CACHED_RUNS];
	uint64_t reserved = 0;
	struct eft_io io;
	int error;

	eft_assert(count <= EFT_CACHED_RUNS);
	eft_io_begin(&io);
	for (unsigned i = 0; i < count; i++) {
		writing[i] = begin_run(inode, &run[i]);
		overwrite(inode, &writing[i], &io);
		reserved += run[i].reserved;
	}
	error = eft_io_wait(&io);
	for (unsigned i = 0; i < count; i++) {
		int run_error = finish(inode, &writing[i]);

		error = error != 0 ? error : run_error;
	}
	if (reserved > 0)
		eft_ext4_unreserve(inode->fs,
				   reserved * page_blocks(inode->fs));
	return error;
}

/* Is every block of the page there? */
static int has_blocks(struct eft_ext4_inode *inode, uint64_t index,
		      bool *ret_has)
{
	uint32_t left = page_blocks(inode->fs);
	uint32_t block = (uint32_t)(index * left);
	struct eft_ext4_map map;
	int error = 0;

	*ret_has = true;
	while (left > 0 && *ret_has && error == 0) {
		error = eft_ext4_look(inode, block, left, &map);
		*ret_has = error == 0 && map.state != EFT_EXT4_HOLE;
		block += map.count;
		left -= map.count;
	}
	return error;
}

int eft_ext4_promise(struct eft_ext4 *fs, uint64_t count)
{
	int error = eft_ext4_reserve(fs, count);

	if (error == -ENOSPC && eft_ext4_commit(fs) == 0)
		error = eft_ext4_reserve(fs, count);
	return error;
}

static int reserve(struct eft_cached *cached, uint64_t index)
{
	struct eft_ext4_inode *inode = inode_of(cached);
	struct eft_ext4 *fs = inode->fs;
	bool has;
	int error;

	if (fs->read_only || __atomic_load_n(&fs->aborted, __ATOMIC_ACQUIRE))
		return -EROFS;
	error = has_blocks(inode, index, &has);
	if (error != 0 || has)
		return error;
	error = eft_ext4_promise(fs, page_blocks(fs));
	return error != 0 ? error : 1;
}

static void unreserve(struct eft_cached *cached, unsigned count)
{
	struct eft_ext4 *fs = inode_of(cached)->fs;

	eft_ext4_unreserve(fs, (uint64_t)count * page_blocks(fs));
}

static void hold(struct eft_cached *cached)
{
	eft_node_get(&inode_of(cached)->node);
}

/* What was written has been so for a while, and so have its times. */
static void let_go(struct eft_cached *cached)
{
	eft_ext4_save_times(inode_of(cached));
	eft_node_put(&inode_of(cached)->node);
}

int eft_ext4_save_times(struct eft_ext4_inode *inode)
{
	struct eft_ext4_op op;
	int error;

	if (!__atomic_load_n(&inode->times_changed, __ATOMIC_ACQUIRE) ||
	    inode->fs->read_only)
		return 0;
	error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);
	if (error != 0)
		return error;
	return eft_ext4_op_end(
		&op, eft_ext4_inode_put_contents(&op, inode,
						 eft_ext4_inode_size(inode)));
}

const struct eft_cached_source eft_ext4_source = {
	.read = read_pages,
	.read_out = read_out,
	.write = write_runs,
	.reserve = reserve,
	.unreserve = unreserve,
	.hold = hold,
	.let_go = let_go,
};

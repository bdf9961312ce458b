// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extents: from a file's blocks to the disk's. Linux,
 * Documentation/filesystems/ext4/ifork.rst.
 *
 * WHAT   A tree of nodes. The root is in the inode and has 4 entries, each other
 *        node is a block. A leaf's entries are runs of blocks, an index's are
 *        nodes below, each with the first block of the file that is there.
 * HOW    A walk goes from the root to the leaf of a block, and notes the nodes
 *        on the way. Whoever finds no room for an entry makes some at one level
 *        (a node is split, or the tree grows by a root), and walks again, until
 *        there is room in the leaf.
 * LOCKS  See meta.h.
 * LIMITS A tree does not become lower until it is empty, as Linux's.
 */
#include "core/fs/ext4/meta.h"
#include "core/lib/crc32c.h"

struct level {
	struct eft_ext4_buffer *buffer; /* counted, but for the root's */
	uint32_t offset;		/* of the header in there */
	uint32_t bytes;			/* from there on */
	int at; /* the entry that leads to the block, or is before it; or -1 */
};

struct path {
	struct eft_ext4_inode *inode;
	unsigned depth; /* the leaf's level */
	unsigned counted;
	struct level levels[EFT_EXT4_EXTENT_DEPTH_MAX + 1];
};

/* Entries of both kinds are of one size, and begin with the file's block. */
enum {
	ENTRY_BYTES = sizeof(struct eft_ext4_extent),
	HEADER_BYTES = sizeof(struct eft_ext4_extent_header),
	ROOT_AT = offsetof(struct eft_ext4_raw_inode, block),
};

/*
 * What one more removed extent may change at most, at each level and beside; and
 * how many blocks of it are metadata at a time, of each of which the journal is
 * told.
 */
enum { CHANGES_A_LEVEL = 5, CHANGES_BESIDE = 8, METADATA_RUN = 16 };

static struct eft_ext4_extent_header *header_of(const struct level *level)
{
	return (void *)(level->buffer->data + level->offset);
}

static bool is_root(const struct level *level)
{
	return level->bytes == EFT_EXT4_INODE_BLOCK_BYTES;
}

static struct eft_ext4_extent *extent_of(const struct level *level, int at)
{
	return (struct eft_ext4_extent *)(header_of(level) + 1) + at;
}

static struct eft_ext4_extent_index *index_of(const struct level *level, int at)
{
	return (struct eft_ext4_extent_index *)(header_of(level) + 1) + at;
}

static int entries_of(const struct level *level)
{
	return eft_get16(header_of(level)->entries);
}

static bool is_full(const struct level *level)
{
	return entries_of(level) >= eft_get16(header_of(level)->max);
}

static uint32_t key_of(const struct level *level, int at)
{
	return eft_get32(extent_of(level, at)->block);
}

static uint64_t child_of(const struct level *level, int at)
{
	const struct eft_ext4_extent_index *index = index_of(level, at);

	return eft_get32_16(index->child_lo, index->child_hi);
}

static uint64_t start_of(const struct eft_ext4_extent *extent)
{
	return eft_get32_16(extent->start_lo, extent->start_hi);
}

static bool is_unwritten(const struct eft_ext4_extent *extent)
{
	return eft_get16(extent->len) > EFT_EXT4_EXTENT_LEN_MAX;
}

static uint32_t len_of(const struct eft_ext4_extent *extent)
{
	return eft_get16(extent->len) -
	       (is_unwritten(extent) ? EFT_EXT4_EXTENT_LEN_MAX : 0);
}

static void set_extent(struct eft_ext4_extent *extent, uint32_t block,
		       uint64_t start, uint32_t len, bool unwritten)
{
	eft_assert(len > 0 && len + unwritten <= EFT_EXT4_EXTENT_LEN_MAX);
	*extent = (struct eft_ext4_extent){
		.block = eft_le32(block),
		.len = eft_le16(len +
				(unwritten ? EFT_EXT4_EXTENT_LEN_MAX : 0)),
		.start_hi = eft_le16(start >> 32),
		.start_lo = eft_le32(start),
	};
}

static void set_index(struct eft_ext4_extent_index *index, uint32_t block,
		      uint64_t child)
{
	*index = (struct eft_ext4_extent_index){
		.block = eft_le32(block),
		.child_lo = eft_le32(child),
		.child_hi = eft_le16(child >> 32),
	};
}

static void init_header(struct eft_ext4_extent_header *header, unsigned depth,
			unsigned entries, unsigned max)
{
	*header = (struct eft_ext4_extent_header){
		.magic = eft_le16(EFT_EXT4_EXTENT_MAGIC),
		.entries = eft_le16(entries),
		.max = eft_le16(max),
		.depth = eft_le16(depth),
	};
}

void eft_ext4_extents_init(struct eft_ext4_raw_inode *raw)
{
	init_header((void *)raw->block, 0, 0, EFT_EXT4_EXTENT_ROOT_MAX);
}

static uint32_t entries_in(const struct eft_ext4 *fs)
{
	return (fs->block_bytes - HEADER_BYTES) / ENTRY_BYTES;
}

/*
 * Checks of what was read.
 */
static const char *check_extents(const struct eft_ext4 *fs,
				 const struct level *level)
{
	uint64_t next = 0;

	for (int i = 0; i < entries_of(level); i++) {
		const struct eft_ext4_extent *extent = extent_of(level, i);
		uint32_t block = eft_get32(extent->block);

		if (len_of(extent) == 0 || block < next)
			return "extents are in disorder";
		next = (uint64_t)block + len_of(extent);
		if (next > UINT32_MAX)
			return "an extent is past the end of files";
		if (!eft_ext4_blocks_are_data(fs, start_of(extent),
					      len_of(extent)))
			return "an extent is outside of the disk";
	}
	return NULL;
}

static const char *check_indexes(const struct eft_ext4 *fs,
				 const struct level *level)
{
	if (entries_of(level) == 0)
		return "an extent index is empty";
	for (int i = 0; i < entries_of(level); i++) {
		if (i > 0 && key_of(level, i) <= key_of(level, i - 1))
			return "extent indexes are in disorder";
		if (!eft_ext4_blocks_are_data(fs, child_of(level, i), 1))
			return "an extent index leads out of the disk";
	}
	return NULL;
}

static uint32_t node_checksum(const struct eft_ext4_inode *inode,
			      const struct level *level, uint32_t *ret_at)
{
	*ret_at = HEADER_BYTES +
		  eft_get16(header_of(level)->max) * (uint32_t)ENTRY_BYTES;
	return eft_crc32c(inode->checksum_seed, header_of(level), *ret_at);
}

static const char *check_header(const struct eft_ext4_inode *inode,
				const struct level *level, unsigned depth)
{
	const struct eft_ext4_extent_header *header = header_of(level);
	uint32_t max = (level->bytes - HEADER_BYTES) / ENTRY_BYTES, at, sum;
	struct eft_le32 said;

	if (eft_get16(header->magic) != EFT_EXT4_EXTENT_MAGIC ||
	    eft_get16(header->depth) != depth || eft_get16(header->max) == 0 ||
	    eft_get16(header->max) > max ||
	    eft_get16(header->entries) > eft_get16(header->max))
		return "an extent node is none";
	if (!inode->fs->has_checksums || is_root(level))
		return NULL;
	if (eft_get16(header->max) != max)
		return "an extent node has no place for its checksum";
	sum = node_checksum(inode, level, &at);
	memcpy(&said, (const uint8_t *)header + at, sizeof(said));
	return sum == eft_get32(said) ? NULL
				      : "an extent node has a wrong checksum";
}

static bool is_checked(const struct eft_ext4_inode *inode,
		       const struct level *level, enum eft_ext4_kind kind)
{
	return is_root(level)
		       ? __atomic_load_n(&inode->root_checked, __ATOMIC_RELAXED)
		       : eft_ext4_is_checked(level->buffer, kind);
}

static int set_checked(struct eft_ext4_inode *inode, const struct level *level,
		       enum eft_ext4_kind kind)
{
	if (!is_root(level))
		return eft_ext4_set_checked(level->buffer, kind);
	__atomic_store_n(&inode->root_checked, true, __ATOMIC_RELAXED);
	return 0;
}

static int check_node(struct eft_ext4_inode *inode, const struct level *level,
		      unsigned depth)
{
	enum eft_ext4_kind kind = EFT_EXT4_EXTENT_NODE + depth;
	const char *why;

	if (is_checked(inode, level, kind))
		return 0;
	why = check_header(inode, level, depth);
	if (why == NULL)
		why = depth == 0 ? check_extents(inode->fs, level)
				 : check_indexes(inode->fs, level);
	if (why != NULL)
		return eft_ext4_corrupt(inode->fs, why);
	return set_checked(inode, level, kind);
}

/*
 * Walks.
 */
static void end_walk(struct path *path)
{
	for (unsigned i = 1; i <= path->counted; i++)
		eft_ext4_buffer_put(path->levels[i].buffer);
}

/* The last entry at or before (block), -1: none. */
static int find_entry(const struct level *level, uint32_t block)
{
	int low = 0, high = entries_of(level);

	while (low < high) {
		int middle = (low + high) / 2;

		if (key_of(level, middle) <= block)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

static int go_down(struct path *path, unsigned to)
{
	struct eft_ext4 *fs = path->inode->fs;
	struct level *above = &path->levels[to - 1], *level = &path->levels[to];
	int error = eft_ext4_buffer_read(fs, child_of(above, above->at),
					 &level->buffer);

	if (error != 0)
		return error;
	path->counted = to;
	level->offset = 0;
	level->bytes = fs->block_bytes;
	return check_node(path->inode, level, path->depth - to);
}

/* From the root to the leaf of (block); ended by end_walk(), after success. */
static int walk(struct eft_ext4_inode *inode, uint32_t block, struct path *path)
{
	struct level *root = &path->levels[0];
	int error;

	path->inode = inode;
	path->counted = 0;
	root->buffer = inode->buffer;
	root->offset = inode->offset + ROOT_AT;
	root->bytes = EFT_EXT4_INODE_BLOCK_BYTES;
	path->depth = eft_get16(header_of(root)->depth);
	if (path->depth > EFT_EXT4_EXTENT_DEPTH_MAX)
		return eft_ext4_corrupt(inode->fs, "extents are too deep");
	error = check_node(inode, root, path->depth);
	for (unsigned i = 0; error == 0; i++) {
		struct level *level = &path->levels[i];

		level->at = find_entry(level, block);
		if (i == path->depth)
			break;
		if (level->at < 0)
			level->at = 0;
		error = go_down(path, i + 1);
	}
	if (error != 0)
		end_walk(path);
	return error;
}

/* The file's first block after the entry that was found. */
static uint32_t next_key(const struct path *path)
{
	for (unsigned i = path->depth + 1; i-- > 0;) {
		const struct level *level = &path->levels[i];

		if (level->at + 1 < entries_of(level))
			return key_of(level, level->at + 1);
	}
	return UINT32_MAX;
}

bool eft_ext4_has_map(const struct eft_ext4_inode *inode)
{
	if (eft_node_is(&inode->node, S_IFLNK))
		return eft_ext4_has_extents(inode) ||
		       eft_ext4_inode_size(inode) >= EFT_EXT4_INODE_BLOCK_BYTES;
	return eft_node_is(&inode->node, S_IFREG) ||
	       eft_node_is(&inode->node, S_IFDIR);
}

/* The root of extents that has no entries has no blocks. */
bool eft_ext4_has_blocks(const struct eft_ext4_inode *inode)
{
	const struct eft_ext4_extent_header *root =
		(const void *)eft_ext4_raw(inode)->block;

	return eft_ext4_has_map(inode) &&
	       (!eft_ext4_has_extents(inode) || eft_get16(root->entries) > 0);
}

int eft_ext4_map(struct eft_ext4_inode *inode, uint32_t block,
		 struct eft_ext4_map *ret_map)
{
	const struct level *leaf;
	struct path path;
	uint32_t next;
	int error;

	if (!eft_ext4_has_extents(inode))
		return eft_ext4_indirect_map(inode, block, ret_map);
	error = walk(inode, block, &path);
	if (error != 0)
		return error;
	leaf = &path.levels[path.depth];
	next = next_key(&path);
	*ret_map = (struct eft_ext4_map){
		.block = block,
		.count = next > block ? next - block : 1,
		.state = EFT_EXT4_HOLE,
	};
	if (leaf->at >= 0) {
		const struct eft_ext4_extent *extent =
			extent_of(leaf, leaf->at);
		uint32_t past = block - eft_get32(extent->block);

		if (past < len_of(extent)) {
			ret_map->count = len_of(extent) - past;
			ret_map->first = start_of(extent) + past;
			ret_map->state = is_unwritten(extent)
						 ? EFT_EXT4_UNWRITTEN
						 : EFT_EXT4_WRITTEN;
		}
	}
	end_walk(&path);
	return 0;
}

uint64_t eft_ext4_goal(struct eft_ext4_inode *inode, uint32_t block)
{
	struct eft_ext4 *fs = inode->fs;
	uint64_t goal = fs->first_data_block + (inode->node.ino - 1) /
						       fs->inodes_per_group *
						       fs->blocks_per_group;
	const struct level *leaf;
	struct path path;

	if (!eft_ext4_has_extents(inode))
		return eft_max(goal, eft_ext4_indirect_goal(inode, block));
	if (walk(inode, block, &path) != 0)
		return goal;
	leaf = &path.levels[path.depth];
	if (leaf->at >= 0) {
		const struct eft_ext4_extent *before =
			extent_of(leaf, leaf->at);

		goal = start_of(before) + (block - eft_get32(before->block));
	}
	end_walk(&path);
	return goal;
}

/*
 * Changes of nodes: begun for the header and the entries [from, to), then
 * sealed.
 */
static int edit_node(struct eft_ext4_op *op, const struct path *path,
		     const struct level *level, int from, int to)
{
	uint32_t max = eft_get16(header_of(level)->max);

	eft_assert(from >= 0 && from <= to && to <= (int)max);
	if (is_root(level))
		return eft_ext4_inode_edit(op, path->inode) != NULL ? 0
								    : -ENOMEM;
	if (eft_ext4_edit(op, level->buffer, 0, HEADER_BYTES) == NULL ||
	    eft_ext4_edit(op, level->buffer,
			  HEADER_BYTES + (size_t)from * ENTRY_BYTES,
			  (size_t)(to - from) * ENTRY_BYTES) == NULL)
		return -ENOMEM;
	if (op->fs->has_checksums &&
	    eft_ext4_edit(op, level->buffer,
			  HEADER_BYTES + (size_t)max * ENTRY_BYTES,
			  sizeof(struct eft_le32)) == NULL)
		return -ENOMEM;
	return 0;
}

/* The root's checksum is its inode's. */
static void seal_node(const struct path *path, const struct level *level)
{
	struct eft_le32 sum;
	uint32_t at;

	if (!is_root(level) && path->inode->fs->has_checksums) {
		sum = eft_le32(node_checksum(path->inode, level, &at));
		memcpy((uint8_t *)header_of(level) + at, &sum, sizeof(sum));
	}
}

/* Have a gap at entry (at) of a node with room. */
static int open_gap(struct eft_ext4_op *op, const struct path *path,
		    const struct level *level, int at)
{
	int entries = entries_of(level);
	int error = edit_node(op, path, level, at, entries + 1);

	eft_assert(error != 0 || !is_full(level));
	if (error != 0)
		return error;
	memmove(extent_of(level, at + 1), extent_of(level, at),
		(size_t)(entries - at) * ENTRY_BYTES);
	header_of(level)->entries = eft_le16((unsigned)entries + 1);
	return 0;
}

static int close_gap(struct eft_ext4_op *op, const struct path *path,
		     const struct level *level, int at)
{
	int entries = entries_of(level);
	int error = edit_node(op, path, level, at, entries);

	if (error != 0)
		return error;
	memmove(extent_of(level, at), extent_of(level, at + 1),
		(size_t)(entries - at - 1) * ENTRY_BYTES);
	header_of(level)->entries = eft_le16((unsigned)entries - 1);
	seal_node(path, level);
	return 0;
}

/* The first entry of (path)'s node (at) has another block: so have those above. */
static int follow_key(struct eft_ext4_op *op, const struct path *path,
		      unsigned at)
{
	struct eft_le32 key = extent_of(&path->levels[at], 0)->block;

	while (at-- > 0) {
		const struct level *level = &path->levels[at];
		int error =
			edit_node(op, path, level, level->at, level->at + 1);

		if (error != 0)
			return error;
		index_of(level, level->at)->block = key;
		seal_node(path, level);
		if (level->at > 0)
			break;
	}
	return 0;
}

/*
 * Room.
 */

/* A new node of (path), a block near the leaf's, at (level). */
static int new_node(struct eft_ext4_op *op, const struct path *path,
		    struct level *level, uint64_t *ret_block)
{
	int error = eft_ext4_alloc_block(
		op, path->inode, eft_ext4_goal(path->inode, 0), ret_block);

	level->offset = 0;
	level->bytes = op->fs->block_bytes;
	return error != 0 ? error
			  : eft_ext4_fresh(op, *ret_block, &level->buffer);
}

/* All of the root goes into a node below it. */
static int grow(struct eft_ext4_op *op, const struct path *path)
{
	const struct level *root = &path->levels[0];
	int entries = entries_of(root);
	struct level level;
	uint64_t block;
	int error;

	if (path->depth >= EFT_EXT4_EXTENT_DEPTH_MAX)
		return -EFBIG;
	error = new_node(op, path, &level, &block);
	if (error != 0)
		return error;
	init_header(header_of(&level), path->depth, (unsigned)entries,
		    entries_in(op->fs));
	memcpy(extent_of(&level, 0), extent_of(root, 0),
	       (size_t)entries * ENTRY_BYTES);
	seal_node(path, &level);
	error = edit_node(op, path, root, 0, entries);
	if (error == 0) {
		init_header(header_of(root), path->depth + 1, 1,
			    EFT_EXT4_EXTENT_ROOT_MAX);
		set_index(index_of(root, 0), key_of(&level, 0), block);
		seal_node(path, root);
	}
	eft_ext4_buffer_put(level.buffer);
	return error;
}

/*
 * Split the full node at (at), below one with room. Who appends leaves it as
 * full as it is, but for one entry.
 */
static int split(struct eft_ext4_op *op, const struct path *path, unsigned at)
{
	const struct level *level = &path->levels[at], *above = level - 1;
	int entries = entries_of(level);
	int from = level->at + 1 >= entries ? entries - 1 : entries / 2;
	struct level fresh;
	uint64_t block;
	int error = new_node(op, path, &fresh, &block);

	if (error != 0)
		return error;
	init_header(header_of(&fresh), path->depth - at,
		    (unsigned)(entries - from), entries_in(op->fs));
	memcpy(extent_of(&fresh, 0), extent_of(level, from),
	       (size_t)(entries - from) * ENTRY_BYTES);
	seal_node(path, &fresh);
	error = edit_node(op, path, level, from, from);
	if (error == 0) {
		header_of(level)->entries = eft_le16((unsigned)from);
		seal_node(path, level);
		error = open_gap(op, path, above, above->at + 1);
	}
	if (error == 0) {
		set_index(index_of(above, above->at + 1), key_of(&fresh, 0),
			  block);
		seal_node(path, above);
	}
	eft_ext4_buffer_put(fresh.buffer);
	return error;
}

/* One step towards room in the leaf, which has none. */
static int make_room(struct eft_ext4_op *op, const struct path *path)
{
	unsigned full = path->depth;

	while (full > 0 && is_full(&path->levels[full - 1]))
		full--;
	return full == 0 ? grow(op, path) : split(op, path, full);
}

/*
 * Insertion.
 */
static uint32_t len_max(bool unwritten)
{
	return EFT_EXT4_EXTENT_LEN_MAX - unwritten;
}

/* Do (a) and (b) make one extent? */
static bool are_one(const struct eft_ext4_extent *a,
		    const struct eft_ext4_extent *b)
{
	uint32_t len = len_of(a);

	return is_unwritten(a) == is_unwritten(b) &&
	       len + len_of(b) <= len_max(is_unwritten(a)) &&
	       eft_get32(a->block) + len == eft_get32(b->block) &&
	       start_of(a) + len == start_of(b);
}

/* Make one of the extents (at) and (at) + 1, if they are. */
static int join(struct eft_ext4_op *op, const struct path *path,
		const struct level *leaf, int at)
{
	struct eft_ext4_extent *a, *b;
	int error;

	if (at < 0 || at + 1 >= entries_of(leaf))
		return 0;
	a = extent_of(leaf, at);
	b = extent_of(leaf, at + 1);
	if (!are_one(a, b))
		return 0;
	error = edit_node(op, path, leaf, at, at + 1);
	if (error != 0)
		return error;
	set_extent(a, eft_get32(a->block), start_of(a), len_of(a) + len_of(b),
		   is_unwritten(a));
	return close_gap(op, path, leaf, at + 1);
}

/* Put (extent) into the leaf, which has room, or make a neighbour longer. */
static int put_extent(struct eft_ext4_op *op, const struct path *path,
		      const struct eft_ext4_extent *extent)
{
	const struct level *leaf = &path->levels[path->depth];
	int at = leaf->at + 1;
	int error = open_gap(op, path, leaf, at);

	if (error != 0)
		return error;
	*extent_of(leaf, at) = *extent;
	seal_node(path, leaf);
	if (at == 0)
		error = follow_key(op, path, path->depth);
	if (error == 0)
		error = join(op, path, leaf, at);
	return error == 0 ? join(op, path, leaf, at - 1) : error;
}

/* A neighbour that (extent) makes longer needs no room for it. */
static bool extends_before(const struct path *path,
			   const struct eft_ext4_extent *extent)
{
	const struct level *leaf = &path->levels[path->depth];

	return leaf->at >= 0 && are_one(extent_of(leaf, leaf->at), extent);
}

static int extend_before(struct eft_ext4_op *op, const struct path *path,
			 const struct eft_ext4_extent *extent)
{
	const struct level *leaf = &path->levels[path->depth];
	struct eft_ext4_extent *before = extent_of(leaf, leaf->at);
	int error = edit_node(op, path, leaf, leaf->at, leaf->at + 1);

	if (error != 0)
		return error;
	set_extent(before, eft_get32(before->block), start_of(before),
		   len_of(before) + len_of(extent), is_unwritten(before));
	seal_node(path, leaf);
	return join(op, path, leaf, leaf->at);
}

static int insert(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		  const struct eft_ext4_extent *extent)
{
	bool done = false;
	int error = 0;

	while (!done && error == 0) {
		struct path path;

		error = walk(inode, eft_get32(extent->block), &path);
		if (error != 0)
			return error;
		done = true;
		if (extends_before(&path, extent)) {
			error = extend_before(op, &path, extent);
		} else if (!is_full(&path.levels[path.depth])) {
			error = put_extent(op, &path, extent);
		} else {
			error = make_room(op, &path);
			done = false;
		}
		end_walk(&path);
	}
	return error;
}

/* The same of a run of any length. */
static int insert_all(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		      const struct eft_ext4_map *map)
{
	bool unwritten = map->state == EFT_EXT4_UNWRITTEN;
	int error = 0;

	for (uint32_t done = 0; done < map->count && error == 0;) {
		uint32_t len = (uint32_t)eft_min(map->count - done,
						 len_max(unwritten));
		struct eft_ext4_extent extent;

		set_extent(&extent, map->block + done, map->first + done, len,
			   unwritten);
		error = insert(op, inode, &extent);
		done += len;
	}
	return error;
}

int eft_ext4_map_insert(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			const struct eft_ext4_map *map)
{
	eft_assert(map->state != EFT_EXT4_HOLE && map->count > 0);
	return eft_ext4_has_extents(inode)
		       ? insert_all(op, inode, map)
		       : eft_ext4_indirect_insert(op, inode, map);
}

/*
 * Removal.
 */

/* The node at (at) is empty: remove it, and those above that become so. */
static int remove_nodes(struct eft_ext4_op *op, const struct path *path,
			unsigned at)
{
	int error = 0;

	for (; at > 0 && error == 0; at--) {
		const struct level *above = &path->levels[at - 1];
		uint64_t block = child_of(above, above->at);

		error = close_gap(op, path, above, above->at);
		if (error == 0)
			error = eft_ext4_free_blocks(op, path->inode, block, 1,
						     true);
		if (error == 0 && entries_of(above) > 0)
			return above->at == 0 ? follow_key(op, path, at - 1)
					      : 0;
	}
	if (error == 0) {
		const struct level *root = &path->levels[0];

		error = edit_node(op, path, root, 0, 0);
		if (error != 0)
			return error;
		init_header(header_of(root), 0, 0, EFT_EXT4_EXTENT_ROOT_MAX);
		seal_node(path, root);
	}
	return error;
}

static int remove_extent(struct eft_ext4_op *op, const struct path *path)
{
	const struct level *leaf = &path->levels[path->depth];
	int error = close_gap(op, path, leaf, leaf->at);

	if (error != 0)
		return error;
	if (entries_of(leaf) == 0)
		return remove_nodes(op, path, path->depth);
	return leaf->at == 0 ? follow_key(op, path, path->depth) : 0;
}

/* The extent becomes (len) blocks from its block (from) on. */
static int keep_part(struct eft_ext4_op *op, const struct path *path,
		     uint32_t from, uint32_t len)
{
	const struct level *leaf = &path->levels[path->depth];
	struct eft_ext4_extent *extent = extent_of(leaf, leaf->at);
	int error = edit_node(op, path, leaf, leaf->at, leaf->at + 1);

	if (error != 0)
		return error;
	set_extent(extent, eft_get32(extent->block) + from,
		   start_of(extent) + from, len, is_unwritten(extent));
	seal_node(path, leaf);
	return from > 0 && leaf->at == 0 ? follow_key(op, path, path->depth)
					 : 0;
}

/* Take the blocks [from, to), counted from its first, out of the extent. */
static int cut(struct eft_ext4_op *op, const struct path *path, uint32_t from,
	       uint32_t to)
{
	const struct level *leaf = &path->levels[path->depth];
	struct eft_ext4_extent extent = *extent_of(leaf, leaf->at), tail;
	uint32_t len = len_of(&extent);
	int error;

	if (from == 0 && to == len)
		return remove_extent(op, path);
	if (from == 0)
		return keep_part(op, path, to, len - to);
	error = keep_part(op, path, 0, from);
	if (error != 0 || to == len)
		return error;
	set_extent(&tail, eft_get32(extent.block) + to, start_of(&extent) + to,
		   len - to, is_unwritten(&extent));
	return insert(op, path->inode, &tail);
}

/*
 * Take what the last extent before (end) has from (from) on out of it, and free
 * it unless it is to be kept. *ret_done: there is none.
 */
static int remove_last(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		       uint32_t from, uint32_t end, bool keep, bool *ret_done)
{
	struct eft_ext4_extent extent = {.len = eft_le16(0)};
	const struct level *leaf;
	struct path path;
	bool metadata = !eft_node_is(&inode->node, S_IFREG);
	uint32_t start = end, stop = end;
	int error = walk(inode, end - 1, &path);

	if (error != 0)
		return error;
	leaf = &path.levels[path.depth];
	if (leaf->at >= 0) {
		extent = *extent_of(leaf, leaf->at);
		start = (uint32_t)eft_max(eft_get32(extent.block), from);
		stop = (uint32_t)eft_min(
			eft_get32(extent.block) + len_of(&extent), end);
	}
	*ret_done = stop <= start;
	if (metadata && !*ret_done)
		start = (uint32_t)eft_max(start,
					  stop - eft_min(stop, METADATA_RUN));
	if (!*ret_done) {
		uint32_t first = start - eft_get32(extent.block);

		error = cut(op, &path, first, first + stop - start);
		if (error == 0 && !keep)
			error = eft_ext4_free_blocks(op, inode,
						     start_of(&extent) + first,
						     stop - start, metadata);
	}
	end_walk(&path);
	return error;
}

int eft_ext4_map_remove(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			uint32_t block, uint32_t count, bool *ret_more)
{
	unsigned need =
		CHANGES_BESIDE + CHANGES_A_LEVEL * EFT_EXT4_EXTENT_DEPTH_MAX;
	bool done = count == 0;
	int error = 0;

	eft_assert(block + count >= block);
	if (!eft_ext4_has_extents(inode))
		return eft_ext4_indirect_remove(op, inode, block, count,
						ret_more);
	do {
		if (!done)
			error = remove_last(op, inode, block, block + count,
					    false, &done);
	} while (!done && error == 0 && eft_ext4_op_left(op) > need);
	if (error == 0)
		*ret_more = !done;
	return error;
}

int eft_ext4_map_before(struct eft_ext4_inode *inode, uint32_t end,
			struct eft_ext4_map *ret_map)
{
	const struct level *leaf;
	struct path path;
	int error = walk(inode, end - 1, &path);

	if (error != 0)
		return error;
	*ret_map = (struct eft_ext4_map){.state = EFT_EXT4_HOLE};
	leaf = &path.levels[path.depth];
	if (leaf->at >= 0) {
		const struct eft_ext4_extent *extent =
			extent_of(leaf, leaf->at);
		uint32_t block = eft_get32(extent->block);

		*ret_map = (struct eft_ext4_map){
			.block = block,
			.count = (uint32_t)eft_min(len_of(extent), end - block),
			.first = start_of(extent),
			.state = is_unwritten(extent) ? EFT_EXT4_UNWRITTEN
						      : EFT_EXT4_WRITTEN,
		};
	}
	end_walk(&path);
	return 0;
}

/* Is there exactly (map), within one extent? */
static int check_there(struct eft_ext4_inode *inode,
		       const struct eft_ext4_map *map)
{
	struct eft_ext4_map now;
	int error = eft_ext4_map(inode, map->block, &now);

	if (error == 0 && (now.state != map->state || now.count < map->count ||
			   now.first != map->first))
		error = -EAGAIN;
	return error;
}

int eft_ext4_map_move(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		      const struct eft_ext4_map *map, uint32_t to)
{
	struct eft_ext4_map there, moved = *map;
	bool done;
	int error = check_there(inode, map);

	eft_assert(map->state != EFT_EXT4_HOLE);
	if (error == 0)
		error = remove_last(op, inode, map->block,
				    map->block + map->count, true, &done);
	if (error == 0)
		error = eft_ext4_map(inode, to, &there);
	if (error == 0 &&
	    (there.state != EFT_EXT4_HOLE || there.count < map->count))
		error = -EAGAIN;
	moved.block = to;
	return error == 0 ? insert_all(op, inode, &moved) : error;
}

int eft_ext4_map_convert(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 uint32_t block, uint32_t count)
{
	struct eft_ext4_map map;
	bool done;
	int error = eft_ext4_map(inode, block, &map);

	if (error != 0)
		return error;
	eft_assert(map.state == EFT_EXT4_UNWRITTEN && map.count >= count);
	map.count = count;
	map.state = EFT_EXT4_WRITTEN;
	error = remove_last(op, inode, block, block + count, true, &done);
	if (error == 0)
		error = insert_all(op, inode, &map);
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files that have lists of blocks instead of extents, as ext2 and ext3 made
 * them. Linux, Documentation/filesystems/ext4/ifork.rst.
 *
 * WHAT   The inode has 12 blocks of the file, then a list of blocks, a list of
 *        lists, and a list of lists of lists. A list is a block of numbers; 0: a
 *        hole.
 * HOW    A place is an entry, in the inode or in a list, and how many follow it
 *        there. Removal goes from the end downwards; a list goes with its last
 *        entry.
 * LIMITS There is no mark of what is unwritten.
 */
#include "core/fs/ext4/meta.h"

enum { DIRECT = 12, LEVELS = 3, ENTRY_BYTES = sizeof(struct eft_le32) };

/*
 * What one more freed run may change at most: its bitmap and descriptor, the
 * lists above, and what the end of these changes. And how many blocks of it are
 * metadata at a time, of each of which the journal is told.
 */
enum { CHANGES_OF_RUN = 4 + LEVELS * 4, METADATA_RUN = 16 };

struct place {
	struct eft_ext4_buffer *buffer; /* counted; NULL: the inode itself */
	uint32_t at;
	uint32_t room; /* entries from (at) on that follow each other */
};

static unsigned list_shift(const struct eft_ext4 *fs)
{
	return fs->block_shift - 2;
}

uint64_t eft_ext4_indirect_max(const struct eft_ext4 *fs)
{
	unsigned shift = list_shift(fs);

	return DIRECT + (UINT64_C(1) << shift) + (UINT64_C(1) << 2 * shift) +
	       (UINT64_C(1) << 3 * shift);
}

static uint32_t entry_of(const struct eft_ext4_inode *inode,
			 const struct eft_ext4_buffer *list, uint32_t at)
{
	const uint8_t *entries =
		list != NULL ? list->data : eft_ext4_raw(inode)->block;
	struct eft_le32 entry;

	memcpy(&entry, entries + at * ENTRY_BYTES, sizeof(entry));
	return eft_get32(entry);
}

/* Have the (count) entries from (at) on be (first) and so on; 0: all holes. */
static int set_entries(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		       struct eft_ext4_buffer *list, uint32_t at,
		       uint32_t count, uint64_t first)
{
	size_t bytes = (size_t)count * ENTRY_BYTES;
	uint8_t *to;

	if (list == NULL) {
		struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);

		to = raw != NULL ? raw->block + at * ENTRY_BYTES : NULL;
	} else {
		to = eft_ext4_edit(op, list, at * ENTRY_BYTES, bytes);
	}
	if (to == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		struct eft_le32 entry = eft_le32(first > 0 ? first + i : 0);

		memcpy(to + i * ENTRY_BYTES, &entry, sizeof(entry));
	}
	return 0;
}

/* The list in (block), counted. */
static int read_list(struct eft_ext4 *fs, uint32_t block,
		     struct eft_ext4_buffer **ret_list)
{
	int error;

	if (!eft_ext4_blocks_are_data(fs, block, 1))
		return eft_ext4_corrupt(fs, "a block list is outside");
	error = eft_ext4_buffer_read(fs, block, ret_list);
	if (error != 0 || eft_ext4_is_checked(*ret_list, EFT_EXT4_LIST))
		return error;
	error = eft_ext4_set_checked(*ret_list, EFT_EXT4_LIST);
	if (error != 0)
		eft_ext4_buffer_put(*ret_list);
	return error;
}

/* An empty list at the entry (at) of (above). */
static int make_list(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		     struct eft_ext4_buffer *above, uint32_t at,
		     uint32_t *ret_block)
{
	struct eft_ext4_buffer *list;
	uint64_t block;
	int error = eft_ext4_alloc_block(op, inode, eft_ext4_goal(inode, 0),
					 &block);

	if (error == 0 && block > UINT32_MAX)
		error = -ENOSPC;
	if (error == 0)
		error = eft_ext4_fresh(op, block, &list);
	if (error != 0)
		return error;
	eft_ext4_buffer_put(list);
	*ret_block = (uint32_t)block;
	return set_entries(op, inode, above, at, 1, block);
}

/* In which of the inode's lists of lists *block is; it is counted from there. */
static unsigned level_of(const struct eft_ext4 *fs, uint64_t *block)
{
	unsigned shift = list_shift(fs), level = 0;

	*block -= DIRECT;
	while (level < LEVELS && *block >> shift * (level + 1) > 0)
		*block -= UINT64_C(1) << shift * ++level;
	return level;
}

/*
 * Where (block)'s entry is; (op): it is to be there. The caller puts the place's
 * buffer, after success. Without (op) there may be none: then (missing) blocks
 * from there on are a hole, and not 0.
 */
static int find_place(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		      uint64_t block, struct place *ret_place,
		      uint64_t *ret_missing)
{
	unsigned shift = list_shift(inode->fs), level;
	struct eft_ext4_buffer *list = NULL;
	uint32_t at, mask = (1u << shift) - 1;
	int error = 0;

	*ret_missing = 0;
	if (block < DIRECT) {
		*ret_place = (struct place){NULL, (uint32_t)block,
					    DIRECT - (uint32_t)block};
		return 0;
	}
	level = level_of(inode->fs, &block);
	if (level == LEVELS)
		return -EFBIG;
	at = DIRECT + level;
	for (level++; level-- > 0;) {
		uint32_t next = entry_of(inode, list, at);
		struct eft_ext4_buffer *below = NULL;

		if (next == 0 && op == NULL)
			*ret_missing =
				(UINT64_C(1) << shift * (level + 1)) -
				(block &
				 ((UINT64_C(1) << shift * (level + 1)) - 1));
		else if (next == 0)
			error = make_list(op, inode, list, at, &next);
		if (error == 0 && *ret_missing == 0)
			error = read_list(inode->fs, next, &below);
		eft_ext4_buffer_put(list);
		if (error != 0 || *ret_missing > 0)
			return error;
		list = below;
		at = (uint32_t)(block >> shift * level) & mask;
	}
	*ret_place = (struct place){list, at, mask + 1 - at};
	return 0;
}

/* How many entries from the first one on follow it on the disk, or are holes. */
static uint32_t run_at(const struct eft_ext4_inode *inode,
		       const struct place *place)
{
	uint32_t first = entry_of(inode, place->buffer, place->at), count = 1;

	while (count < place->room &&
	       entry_of(inode, place->buffer, place->at + count) ==
		       (first != 0 ? first + count : 0))
		count++;
	return count;
}

int eft_ext4_indirect_map(struct eft_ext4_inode *inode, uint32_t block,
			  struct eft_ext4_map *ret_map)
{
	struct place place;
	uint64_t missing;
	uint32_t found;
	int error = find_place(NULL, inode, block, &place, &missing);

	if (error == -EFBIG) {
		missing = UINT32_MAX;
		error = 0;
	}
	if (error != 0)
		return error;
	*ret_map = (struct eft_ext4_map){
		.block = block,
		.count = (uint32_t)eft_min(missing, UINT32_MAX - block),
		.state = EFT_EXT4_HOLE,
	};
	if (missing > 0)
		return 0;
	found = entry_of(inode, place.buffer, place.at);
	ret_map->count = run_at(inode, &place);
	eft_ext4_buffer_put(place.buffer);
	if (found == 0)
		return 0;
	ret_map->first = found;
	ret_map->state = EFT_EXT4_WRITTEN;
	if (!eft_ext4_blocks_are_data(inode->fs, found, ret_map->count))
		return eft_ext4_corrupt(inode->fs, "a file is outside");
	return 0;
}

int eft_ext4_indirect_insert(struct eft_ext4_op *op,
			     struct eft_ext4_inode *inode,
			     const struct eft_ext4_map *map)
{
	int error = 0;

	if (map->state != EFT_EXT4_WRITTEN)
		return -EOPNOTSUPP;
	if (map->first + map->count - 1 > UINT32_MAX)
		return -ENOSPC; /* a number of 32 bits */
	for (uint32_t done = 0; done < map->count && error == 0;) {
		struct place place;
		uint64_t missing;
		uint32_t count;

		error = find_place(op, inode, (uint64_t)map->block + done,
				   &place, &missing);
		if (error != 0)
			break;
		count = eft_min(place.room, map->count - done);
		error = set_entries(op, inode, place.buffer, place.at, count,
				    map->first + done);
		eft_ext4_buffer_put(place.buffer);
		done += count;
	}
	return error;
}

uint64_t eft_ext4_indirect_goal(struct eft_ext4_inode *inode, uint32_t block)
{
	struct eft_ext4_map map;

	if (block == 0 || eft_ext4_indirect_map(inode, block - 1, &map) != 0 ||
	    map.state != EFT_EXT4_WRITTEN)
		return 0;
	return map.first + 1;
}

/*
 * Removal.
 */
struct removal {
	struct eft_ext4_op *op;
	struct eft_ext4_inode *inode;
	uint64_t from, end; /* blocks of the file */
	bool more;	    /* another operation has to go on */
};

/* The start of the run of entries that ends before (end), of (from) at least. */
static uint32_t run_before(const struct removal *removal,
			   const struct eft_ext4_buffer *list, uint32_t from,
			   uint32_t end)
{
	uint32_t first = end - 1;
	bool metadata = !eft_node_is(&removal->inode->node, S_IFREG);

	if (metadata)
		from = eft_max(from, end - eft_min(end, METADATA_RUN));
	while (first > from &&
	       (uint64_t)entry_of(removal->inode, list, first - 1) + 1 ==
		       entry_of(removal->inode, list, first) &&
	       entry_of(removal->inode, list, first - 1) != 0)
		first--;
	return first;
}

/* Free what the entries [from, end) lead to: blocks of the file. */
static int remove_data(struct removal *removal, struct eft_ext4_buffer *list,
		       uint32_t from, uint32_t end)
{
	struct eft_ext4_inode *inode = removal->inode;
	bool metadata = !eft_node_is(&inode->node, S_IFREG);
	int error = 0;

	while (end > from && error == 0) {
		uint32_t first = end - 1;
		uint32_t block = entry_of(inode, list, first);

		if (block != 0 &&
		    eft_ext4_op_left(removal->op) <
			    CHANGES_OF_RUN + (metadata ? METADATA_RUN : 0)) {
			removal->more = true;
			break;
		}
		if (block != 0) {
			first = run_before(removal, list, from, end);
			error = eft_ext4_free_blocks(
				removal->op, inode,
				entry_of(inode, list, first), end - first,
				metadata);
			if (error == 0)
				error = set_entries(removal->op, inode, list,
						    first, end - first, 0);
		}
		end = first;
	}
	return error;
}

static bool is_empty(const struct eft_ext4_buffer *list)
{
	for (uint32_t i = 0; i < list->fs->block_bytes; i++) {
		if (list->data[i] != 0)
			return false;
	}
	return true;
}

/*
 * The same of the list at the entry (at) of (above), whose own entries are lists
 * of (level) levels, and of the list itself if it is empty then. (base): the
 * first block of the file that is in there.
 */
static int remove_list(struct removal *removal, struct eft_ext4_buffer *above,
		       uint32_t at, unsigned level, uint64_t base)
{
	struct eft_ext4_inode *inode = removal->inode;
	unsigned shift = list_shift(inode->fs) * level; /* of an entry */
	uint64_t span = UINT64_C(1) << (shift + list_shift(inode->fs));
	uint64_t from = eft_max(removal->from, base) - base;
	uint64_t end = eft_min(removal->end, base + span);
	uint32_t block = entry_of(inode, above, at), entry;
	struct eft_ext4_buffer *list;
	int error;

	if (block == 0 || end <= base + from)
		return 0;
	end -= base;
	error = read_list(inode->fs, block, &list);
	if (error != 0)
		return error;
	entry = (uint32_t)((end - 1) >> shift) + 1;
	if (level == 0)
		error = remove_data(removal, list, (uint32_t)from, entry);
	while (level > 0 && entry-- > from >> shift && error == 0 &&
	       !removal->more)
		error = remove_list(removal, list, entry, level - 1,
				    base + ((uint64_t)entry << shift));
	if (error == 0 && !removal->more && is_empty(list)) {
		error = set_entries(removal->op, inode, above, at, 1, 0);
		if (error == 0)
			error = eft_ext4_free_blocks(removal->op, inode, block,
						     1, true);
		/* What comes next may need as much again. */
		removal->more = eft_ext4_op_left(removal->op) < CHANGES_OF_RUN;
	}
	eft_ext4_buffer_put(list);
	return error;
}

int eft_ext4_indirect_remove(struct eft_ext4_op *op,
			     struct eft_ext4_inode *inode, uint32_t block,
			     uint32_t count, bool *ret_more)
{
	struct removal removal = {
		.op = op,
		.inode = inode,
		.from = block,
		.end = (uint64_t)block + count,
	};
	unsigned shift = list_shift(inode->fs);
	uint64_t base = eft_ext4_indirect_max(inode->fs);
	int error = 0;

	for (unsigned level = LEVELS;
	     level-- > 0 && error == 0 && !removal.more;) {
		base -= UINT64_C(1) << shift * (level + 1);
		error = remove_list(&removal, NULL, DIRECT + level, level,
				    base);
	}
	if (error == 0 && !removal.more && block < DIRECT)
		error = remove_data(&removal, NULL, block,
				    (uint32_t)eft_min(removal.end, DIRECT));
	if (error == 0)
		*ret_more = removal.more;
	return error;
}

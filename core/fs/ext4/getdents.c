// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading directories.
 *
 * A description's position is the hash of the next name, as Linux's, because
 * entries that stay move to other blocks when leaves are split: who stops and
 * goes on meets each of them once. Names of one hash, all 63 bits of it, are
 * given out together; a reader with too little room for them loses some.
 * A directory of one block without an index is read in that order too, as it may
 * get one. Larger ones without never move an entry, and their positions are
 * offsets.
 * 0 and 1 are `.` and `..`.
 */
#include "core/fs/ext4/meta.h"

enum { FIRST = 2 }; /* of all others */
static const uint64_t END = INT64_MAX;

struct item {
	uint64_t position;
	uint32_t inode;
	uint8_t type, len;
	const char *name; /* in a copy */
};

/* Entries of some leaves, by their positions. */
struct items {
	struct item *items;
	uint32_t count, room;
	struct copy {
		struct copy *next;
		uint8_t data[];
	} * copies;
	struct eft_ext4_inode *dir;
	uint64_t from; /* positions before it do not matter */
};

static void drop_items(struct items *items)
{
	struct copy *copy;

	while ((copy = items->copies) != NULL) {
		items->copies = copy->next;
		eft_free(copy);
	}
	eft_free(items->items);
	items->items = NULL;
}

/* directory.rst: file types; of stat's. */
static uint8_t dirent_type(uint8_t type)
{
	static const uint8_t types[] = {0, 8, 4, 2, 6, 1, 12, 10};

	return type < sizeof(types) ? types[type] : 0;
}

static bool is_dots(const struct eft_ext4_dirent *entry)
{
	return entry->name_len <= 2 &&
	       memcmp(entry->name, "..", entry->name_len) == 0;
}

static int add_item(struct items *items, uint64_t position,
		    const struct eft_ext4_dirent *entry)
{
	uint32_t i = items->count;

	if (i == items->room) {
		uint32_t room = eft_max(2 * items->room, 64);
		struct item *more =
			eft_realloc(items->items, room * sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		items->items = more;
		items->room = room;
	}
	items->count++;
	for (; i > 0 && items->items[i - 1].position > position; i--)
		items->items[i] = items->items[i - 1];
	items->items[i] = (struct item){
		.position = position,
		.inode = eft_get32(entry->inode),
		.type = dirent_type(entry->type),
		.len = entry->name_len,
		.name = entry->name,
	};
	return 0;
}

static uint64_t position_of(const struct items *items, unsigned version,
			    const struct eft_ext4_dirent *entry)
{
	struct eft_ext4_name name = {entry->name, entry->name_len};
	struct eft_ext4_hash hash =
		eft_ext4_hash(items->dir->fs, version, name);

	return eft_max((uint64_t)(hash.major >> 1) << 32 | hash.minor, FIRST);
}

static int add_leaf(struct eft_ext4_buffer *leaf, unsigned version, void *arg)
{
	struct items *items = arg;
	const struct eft_ext4 *fs = items->dir->fs;
	struct copy *copy = eft_alloc(sizeof(*copy) + fs->block_bytes);
	uint32_t end = eft_ext4_leaf_bytes(fs);
	int error = 0;

	if (copy == NULL)
		return -ENOMEM;
	copy->next = items->copies;
	items->copies = copy;
	memcpy(copy->data, leaf->data, fs->block_bytes);
	for (uint32_t at = 0; at < end && error == 0;) {
		const struct eft_ext4_dirent *entry =
			eft_ext4_dirent(copy->data, at);

		if (eft_get32(entry->inode) != 0 && !is_dots(entry)) {
			uint64_t position = position_of(items, version, entry);

			if (position >= items->from)
				error = add_item(items, position, entry);
		}
		at += eft_get16(entry->rec_len);
	}
	return error;
}

/* The entries at (position) or soon after; *ret_next: where others may be. */
static int read_hashed(struct eft_ext4_inode *dir, struct items *items,
		       uint64_t position, uint64_t *ret_next)
{
	uint32_t next;
	int error;

	if (!eft_ext4_dir_is_indexed(dir)) {
		struct eft_ext4_buffer *leaf;

		*ret_next = END;
		error = eft_ext4_dir_block(dir, 0, EFT_EXT4_DIR_LEAF, &leaf);
		if (error != 0)
			return error;
		error = add_leaf(leaf, eft_ext4_super(dir->fs)->hash_version,
				 items);
		eft_ext4_buffer_put(leaf);
		return error;
	}
	error = eft_ext4_htree_leaves(dir, (uint32_t)(position >> 32) << 1,
				      add_leaf, items, &next);
	*ret_next = next == UINT32_MAX ? END : (uint64_t)(next >> 1) << 32;
	return error;
}

/* The same where positions are offsets, of the block that (position) is in. */
static int read_linear(struct eft_ext4_inode *dir, struct items *items,
		       uint64_t position, uint64_t *ret_next)
{
	const struct eft_ext4 *fs = dir->fs;
	uint32_t block = (uint32_t)(position >> fs->block_shift);
	uint64_t start = (uint64_t)block << fs->block_shift;
	struct eft_ext4_buffer *leaf;
	struct copy *copy;
	int error;

	*ret_next = END;
	if (position >= eft_ext4_inode_size(dir))
		return 0;
	error = eft_ext4_dir_block(dir, block, EFT_EXT4_DIR_LEAF, &leaf);
	if (error != 0)
		return error;
	copy = eft_alloc(sizeof(*copy) + fs->block_bytes);
	if (copy != NULL) {
		memcpy(copy->data, leaf->data, fs->block_bytes);
		copy->next = items->copies;
		items->copies = copy;
	}
	eft_ext4_buffer_put(leaf);
	for (uint32_t at = 0;
	     copy != NULL && error == 0 && at < eft_ext4_leaf_bytes(fs);) {
		const struct eft_ext4_dirent *entry =
			eft_ext4_dirent(copy->data, at);

		if (eft_get32(entry->inode) != 0 && !is_dots(entry) &&
		    start + at >= items->from)
			error = add_item(items, start + at, entry);
		at += eft_get16(entry->rec_len);
	}
	*ret_next = start + fs->block_bytes;
	return copy != NULL ? error : -ENOMEM;
}

static bool is_hashed(const struct eft_ext4_inode *dir)
{
	return (dir->fs->compat & EFT_EXT4_COMPAT_DIR_INDEX) &&
	       (eft_ext4_dir_is_indexed(dir) || eft_ext4_dir_blocks(dir) == 1);
}

struct reader {
	struct eft_ext4_inode *dir;
	char eft_user *buf;
	size_t size, done;
	uint64_t position; /* of the next entry */
};

static int put(struct reader *reader, const struct item *item, uint64_t next)
{
	struct eft_dirent entry = {
		.ino = item->inode,
		.off = (int64_t)next,
		.type = item->type,
	};
	ssize_t n = eft_dirent_put(reader->buf + reader->done,
				   reader->size - reader->done, &entry,
				   item->name, item->len);

	if (n < 0)
		return (int)n;
	reader->done += (size_t)n;
	return 0;
}

/* Put all of one position, or, if some have been put before, none. */
static int put_same(struct reader *reader, const struct item *item,
		    uint32_t count)
{
	size_t before = reader->done;
	int error = 0;

	for (uint32_t i = 0; i < count && error == 0; i++)
		error = put(reader, &item[i],
			    item->position + (i + 1 == count));
	if (error != 0 && before > 0)
		reader->done = before;
	if (error == 0 || (before == 0 && reader->done > 0))
		reader->position = item->position + 1;
	return error;
}

static int put_dots(struct reader *reader)
{
	int error = 0;

	while (reader->position < FIRST && error == 0) {
		struct item item = {
			.inode = (uint32_t)reader->dir->node.ino,
			.type = dirent_type(2),
			.len = (uint8_t)(reader->position + 1),
			.name = "..",
		};

		if (reader->position == 1)
			error = eft_ext4_dir_parent(reader->dir, &item.inode);
		if (error == 0)
			error = put(reader, &item, reader->position + 1);
		if (error == 0)
			reader->position++;
	}
	return error;
}

/* Put what one or some leaves have. */
static int put_some(struct reader *reader)
{
	struct items items = {.dir = reader->dir, .from = reader->position};
	uint64_t next;
	uint32_t i = 0, same;
	int error = is_hashed(reader->dir)
			    ? read_hashed(reader->dir, &items, reader->position,
					  &next)
			    : read_linear(reader->dir, &items, reader->position,
					  &next);

	for (; i < items.count && error == 0; i += same) {
		for (same = 1;
		     i + same < items.count &&
		     items.items[i + same].position == items.items[i].position;)
			same++;
		error = put_same(reader, &items.items[i], same);
	}
	if (error == 0 && next <= items.from)
		error = eft_ext4_corrupt(reader->dir->fs,
					 "an index is in disorder");
	if (error == 0)
		reader->position = eft_max(next, reader->position);
	drop_items(&items);
	return error;
}

static int read_all(struct reader *reader)
{
	int error = eft_dir_removed_locked(&reader->dir->dir)
			    ? -ENOENT
			    : put_dots(reader);

	while (error == 0 && reader->position < END)
		error = put_some(reader);
	return error;
}

ssize_t eft_ext4_getdents(struct eft_file *file, void eft_user *buf,
			  size_t size)
{
	struct eft_ext4_inode *dir =
		eft_ext4_inode(eft_node_file(file)->place.node);
	struct reader reader = {.dir = dir, .buf = buf, .size = size};
	int error;

	eft_mutex_lock(&file->lock);
	eft_mutex_lock(&dir->dir.lock);
	reader.position = (uint64_t)file->position;
	error = read_all(&reader);
	eft_mutex_unlock(&dir->dir.lock);
	file->position = (off_t)reader.position;
	eft_mutex_unlock(&file->lock);
	return reader.done > 0 || error == 0 ? (ssize_t)reader.done : error;
}

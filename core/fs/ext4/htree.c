// SPDX-License-Identifier: BSD-3-Clause
/*
 * Directories with an index: a tree, by the hashes of the names. Linux,
 * Documentation/filesystems/ext4/directory.rst.
 *
 * WHAT   The root is the directory's first block, after `.` and `..`; below it
 *        is a level of nodes, or two or three; below these are the leaves, of
 *        unordered entries. An entry of the index has the least hash that is in
 *        the block which it leads to; one with its lowest bit set says that the
 *        block before has names of that hash too.
 * HOW    As with extents: who finds no room in a leaf makes some at one level
 *        (a leaf or a node is split, or the tree grows by a root), and looks
 *        again.
 */
#include "core/fs/ext4/meta.h"
#include "core/lib/crc32c.h"

enum { LEVELS_MAX = 3, DOT_BYTES = 12, ROOT_ENTRIES_AT = 32 };

struct level {
	struct eft_ext4_buffer *buffer;
	struct eft_ext4_dx_entry *entries;
	uint32_t at; /* the entry that was followed */
};

struct path {
	unsigned count; /* of levels */
	unsigned version;
	struct level levels[LEVELS_MAX];
};

static struct eft_ext4_dx_info *info_of(const uint8_t *data)
{
	return (void *)(data + EFT_EXT4_DX_ROOT_AT);
}

static struct eft_ext4_dx_entry *entries_of(const uint8_t *data, bool root)
{
	return (void *)(data + (root ? ROOT_ENTRIES_AT : EFT_EXT4_DX_NODE_AT));
}

static uint32_t count_of(const struct level *level)
{
	return eft_get16(level->entries[0].count);
}

static bool is_full(const struct level *level)
{
	return count_of(level) >= eft_get16(level->entries[0].limit);
}

static uint32_t hash_of(const struct level *level, uint32_t at)
{
	return at > 0 ? eft_get32(level->entries[at].hash) : 0;
}

static uint32_t limit_of(const struct eft_ext4 *fs, bool root)
{
	uint32_t bytes = fs->block_bytes -
			 (root ? ROOT_ENTRIES_AT : EFT_EXT4_DX_NODE_AT);

	if (fs->has_checksums)
		bytes -= sizeof(struct eft_ext4_dx_tail);
	return bytes / sizeof(struct eft_ext4_dx_entry);
}

static unsigned levels_max(const struct eft_ext4 *fs)
{
	return fs->incompat & EFT_EXT4_INCOMPAT_LARGEDIR ? LEVELS_MAX
							 : LEVELS_MAX - 1;
}

/*
 * Checksums: of all up to the entries that are there, and of the tail, which is
 * after those that there is room for.
 */
static struct eft_ext4_dx_tail *tail_of(const uint8_t *data, bool root)
{
	struct eft_ext4_dx_entry *entries = entries_of(data, root);

	return (void *)(entries + eft_get16(entries[0].limit));
}

static uint32_t checksum(uint32_t seed, const uint8_t *data, bool root)
{
	const struct eft_ext4_dx_entry *entries = entries_of(data, root);
	const struct eft_le32 zero = {{0}};
	size_t len = (size_t)((const uint8_t *)(entries +
						eft_get16(entries[0].count)) -
			      data);
	uint32_t sum = eft_crc32c(seed, data, len);

	sum = eft_crc32c(sum, &tail_of(data, root)->reserved, sizeof(zero));
	return eft_crc32c(sum, &zero, sizeof(zero));
}

/* Is there the right number of places, and are no more entries? */
static bool is_in_bounds(const struct eft_ext4 *fs, const uint8_t *data,
			 bool root)
{
	const struct eft_ext4_dx_entry *entries = entries_of(data, root);

	return eft_get16(entries[0].limit) == limit_of(fs, root) &&
	       eft_get16(entries[0].count) > 0 &&
	       eft_get16(entries[0].count) <= limit_of(fs, root);
}

/* A disk that has one block as two things may have it be none by now. */
void eft_ext4_htree_seal(struct eft_ext4_buffer *buffer, bool root)
{
	if (!is_in_bounds(buffer->fs, buffer->data, root))
		return;
	tail_of(buffer->data, root)->checksum =
		eft_le32(checksum(buffer->seal_from, buffer->data, root));
}

void eft_ext4_htree_unseal(const struct eft_ext4_inode *dir,
			   struct eft_ext4_buffer *buffer, bool root)
{
	eft_ext4_unseal(buffer, root ? EFT_EXT4_DIR_ROOT : EFT_EXT4_DIR_INDEX,
			dir->checksum_seed, 0);
}

static const char *check_root(const struct eft_ext4 *fs, const uint8_t *data)
{
	const struct eft_ext4_dx_info *info = info_of(data);
	const struct eft_ext4_dirent *dot = eft_ext4_dirent(data, 0),
				     *up = eft_ext4_dirent(data, DOT_BYTES);

	if (eft_get16(dot->rec_len) != DOT_BYTES ||
	    eft_get16(up->rec_len) != fs->block_bytes - DOT_BYTES ||
	    up->name_len != 2)
		return "an index has no parent";
	if (!eft_ext4_hash_is_known(info->hash_version) ||
	    info->info_bytes != sizeof(*info) ||
	    info->levels >= levels_max(fs) || (info->flags & 1))
		return "an index is of an unknown kind";
	return NULL;
}

const char *eft_ext4_htree_check(const struct eft_ext4_inode *dir,
				 const uint8_t *data, bool root)
{
	const struct eft_ext4 *fs = dir->fs;
	const char *why = root ? check_root(fs, data) : NULL;

	if (why != NULL)
		return why;
	if (!is_in_bounds(fs, data, root))
		return "an index's node is none";
	if (fs->has_checksums &&
	    eft_get32(tail_of(data, root)->checksum) !=
		    checksum(dir->checksum_seed, data, root))
		return "an index has a wrong checksum";
	return NULL;
}

/*
 * Walks.
 */
static void end_walk(struct path *path)
{
	while (path->count > 0)
		eft_ext4_buffer_put(path->levels[--path->count].buffer);
}

/* Add the level of (block), at its last entry for (hash) or less. */
static int go_down(struct eft_ext4_inode *dir, uint32_t block, uint32_t hash,
		   struct path *path)
{
	bool root = path->count == 0;
	struct level *level = &path->levels[path->count];
	uint32_t low = 1, high;
	int error = eft_ext4_dir_block(
		dir, block, root ? EFT_EXT4_DIR_ROOT : EFT_EXT4_DIR_INDEX,
		&level->buffer);

	if (error != 0)
		return error;
	path->count++;
	level->entries = entries_of(level->buffer->data, root);
	high = count_of(level);
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (hash_of(level, middle) <= hash)
			low = middle + 1;
		else
			high = middle;
	}
	level->at = low - 1;
	return 0;
}

static uint32_t block_at(const struct level *level)
{
	return eft_get32(level->entries[level->at].block);
}

/* To the index entry of the first leaf that may have (hash). */
static int walk(struct eft_ext4_inode *dir, uint32_t hash, struct path *path)
{
	unsigned levels = 1;
	int error;

	path->count = 0;
	error = go_down(dir, 0, hash, path);
	if (error != 0)
		return error;
	levels += info_of(path->levels[0].buffer->data)->levels;
	path->version = info_of(path->levels[0].buffer->data)->hash_version;
	while (path->count < levels && error == 0)
		error = go_down(dir, block_at(&path->levels[path->count - 1]),
				hash, path);
	if (error != 0)
		end_walk(path);
	return error;
}

static struct level *last_level(struct path *path)
{
	return &path->levels[path->count - 1];
}

/* The hash that the leaf after this one begins with; false: this is the last. */
static bool next_hash(const struct path *path, uint32_t *ret_hash)
{
	for (unsigned i = path->count; i-- > 0;) {
		const struct level *level = &path->levels[i];

		if (level->at + 1 < count_of(level)) {
			*ret_hash = hash_of(level, level->at + 1);
			return true;
		}
	}
	return false;
}

/* Go on to the leaf after this one, which there is. */
static int go_on(struct eft_ext4_inode *dir, struct path *path)
{
	unsigned levels = path->count;
	int error = 0;

	while (last_level(path)->at + 1 >= count_of(last_level(path)))
		eft_ext4_buffer_put(path->levels[--path->count].buffer);
	last_level(path)->at++;
	while (path->count < levels && error == 0)
		error = go_down(dir, block_at(last_level(path)), 0, path);
	return error;
}

static int leaf_of(struct eft_ext4_inode *dir, struct path *path,
		   struct eft_ext4_buffer **ret_leaf)
{
	return eft_ext4_dir_block(dir, block_at(last_level(path)),
				  EFT_EXT4_DIR_LEAF, ret_leaf);
}

int eft_ext4_htree_leaves(struct eft_ext4_inode *dir, uint32_t major,
			  eft_ext4_use_leaf *use, void *arg, uint32_t *ret_next)
{
	struct eft_ext4_buffer *leaf;
	struct path path;
	uint32_t next = UINT32_MAX, steps = eft_ext4_dir_blocks(dir);
	int error = walk(dir, major, &path);

	if (error != 0)
		return error;
	for (;;) {
		error = leaf_of(dir, &path, &leaf);
		if (error != 0)
			break;
		error = use(leaf, path.version, arg);
		if (error <= 0)
			eft_ext4_buffer_put(leaf);
		if (error != 0)
			break;
		next = UINT32_MAX;
		if (!next_hash(&path, &next) || !(next & 1))
			break;
		if (steps-- == 0)
			error = eft_ext4_corrupt(dir->fs, "an index is a ring");
		else
			error = go_on(dir, &path);
		if (error != 0)
			break;
	}
	end_walk(&path);
	*ret_next = next;
	return error;
}

/* A name that is looked for in one leaf after the other. */
struct search {
	const struct eft_ext4 *fs;
	struct eft_ext4_name name;
	struct eft_ext4_entry *entry;
};

enum { FOUND = 1 };

static int search_leaf(struct eft_ext4_buffer *leaf, unsigned version,
		       void *arg)
{
	struct search *search = arg;

	if (!eft_ext4_leaf_find(search->fs, leaf->data, search->name,
				&search->entry->at))
		return 0;
	search->entry->buffer = leaf;
	return FOUND;
}

/* The version that the index has, from its root. */
static int version_of(struct eft_ext4_inode *dir, unsigned *ret_version)
{
	struct eft_ext4_buffer *buffer;
	int error;

	if (dir->hash_version == 0) {
		error = eft_ext4_dir_block(dir, 0, EFT_EXT4_DIR_ROOT, &buffer);
		if (error != 0)
			return error;
		dir->hash_version = info_of(buffer->data)->hash_version + 1;
		eft_ext4_buffer_put(buffer);
	}
	*ret_version = dir->hash_version - 1u;
	return 0;
}

int eft_ext4_htree_find(struct eft_ext4_inode *dir, struct eft_ext4_name name,
			struct eft_ext4_entry *ret_entry)
{
	struct search search = {dir->fs, name, ret_entry};
	unsigned version;
	uint32_t next;
	int error = version_of(dir, &version);

	if (error == 0)
		error = eft_ext4_htree_leaves(
			dir, eft_ext4_hash(dir->fs, version, name).major,
			search_leaf, &search, &next);
	if (error == FOUND)
		return 0;
	return error == 0 ? -ENOENT : error;
}

/*
 * Leaves that are written anew.
 */
struct item {
	uint32_t hash, at; /* where it is in the copy */
};

/* The entries of a leaf, to be distributed. */
struct content {
	struct item *items;
	uint32_t count;
	uint8_t *copy;
};

static const struct eft_ext4_dirent *dirent_of(const struct content *content,
					       uint32_t i)
{
	return eft_ext4_dirent(content->copy, content->items[i].at);
}

static void add_item(struct content *content, uint32_t hash, uint32_t at)
{
	uint32_t i = content->count++;

	for (; i > 0 && content->items[i - 1].hash > hash; i--)
		content->items[i] = content->items[i - 1];
	content->items[i] = (struct item){hash, at};
}

/* What a leaf has from (from) on, in the order of the hashes. */
static int copy_leaf(const struct eft_ext4 *fs, unsigned version,
		     const uint8_t *data, uint32_t from,
		     struct content *ret_content)
{
	size_t items = fs->block_bytes / DOT_BYTES * sizeof(struct item);
	uint8_t *memory = eft_alloc(fs->block_bytes + items);
	struct content content = {.copy = memory};

	if (memory == NULL)
		return -ENOMEM;
	content.items = (struct item *)(memory + fs->block_bytes);
	memcpy(memory, data, fs->block_bytes);
	while (from < eft_ext4_leaf_bytes(fs)) {
		const struct eft_ext4_dirent *entry =
			eft_ext4_dirent(content.copy, from);
		struct eft_ext4_name name = {entry->name, entry->name_len};

		if (eft_get32(entry->inode) != 0)
			add_item(&content,
				 eft_ext4_hash(fs, version, name).major, from);
		from += eft_get16(entry->rec_len);
	}
	*ret_content = content;
	return 0;
}

/* Make a leaf of the items [from, to). */
static void write_leaf(const struct eft_ext4_inode *dir,
		       struct eft_ext4_buffer *leaf,
		       const struct content *content, uint32_t from,
		       uint32_t to)
{
	uint32_t at = 0, end = eft_ext4_leaf_bytes(dir->fs);
	uint8_t *data = leaf->data;

	eft_ext4_leaf_init(dir->fs, data);
	for (uint32_t i = from; i < to; i++) {
		const struct eft_ext4_dirent *entry = dirent_of(content, i);
		uint32_t bytes = eft_ext4_dirent_bytes(entry->name_len);
		struct eft_ext4_dirent *copy = (void *)(data + at);

		memcpy(copy, entry, EFT_EXT4_DIRENT_HEADER + entry->name_len);
		copy->rec_len = eft_le16(i + 1 < to ? bytes : end - at);
		at += bytes;
	}
	eft_ext4_leaf_unseal(dir, leaf);
}

/* Where the second half of the bytes begins. */
static uint32_t find_middle(const struct content *content)
{
	uint32_t all = 0, before = 0, i = 0;

	for (uint32_t n = 0; n < content->count; n++)
		all += eft_ext4_dirent_bytes(dirent_of(content, n)->name_len);
	while (i + 1 < content->count && (i == 0 || before < all / 2))
		before += eft_ext4_dirent_bytes(
			dirent_of(content, i++)->name_len);
	return i;
}

/*
 * Room.
 */

/* Have an entry behind the one that was followed, at a level with room. */
static int insert(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		  const struct path *path, unsigned at, uint32_t hash,
		  uint32_t block)
{
	const struct level *level = &path->levels[at];
	struct eft_ext4_dx_entry *entry = &level->entries[level->at + 1];
	uint32_t count = count_of(level);

	if (eft_ext4_edit(op, level->buffer, 0, op->fs->block_bytes) == NULL)
		return -ENOMEM;
	eft_assert(!is_full(level));
	memmove(entry + 1, entry, (count - level->at - 1) * sizeof(*entry));
	entry->hash = eft_le32(hash);
	entry->block = eft_le32(block);
	level->entries[0].count = eft_le16(count + 1);
	eft_ext4_htree_unseal(dir, level->buffer, at == 0);
	return 0;
}

static int split_leaf(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      struct path *path, struct eft_ext4_buffer *leaf)
{
	struct eft_ext4_buffer *fresh;
	struct content content;
	uint32_t block, middle, hash;
	int error = copy_leaf(op->fs, path->version, leaf->data, 0, &content);

	if (error != 0)
		return error;
	middle = find_middle(&content);
	if (content.count < 2)
		error = eft_ext4_corrupt(op->fs, "a leaf has no room for two");
	else if (eft_ext4_edit(op, leaf, 0, op->fs->block_bytes) == NULL)
		error = -ENOMEM;
	else
		error = eft_ext4_dir_grow(op, dir, &block, &fresh);
	if (error == 0) {
		write_leaf(dir, leaf, &content, 0, middle);
		write_leaf(dir, fresh, &content, middle, content.count);
		hash = content.items[middle].hash;
		hash |= content.items[middle - 1].hash == hash;
		error = insert(op, dir, path, path->count - 1, hash, block);
		eft_ext4_buffer_put(fresh);
	}
	eft_free(content.copy);
	return error;
}

/* A node of the entries [from, count) of (level). */
static void write_node(const struct eft_ext4_inode *dir,
		       struct eft_ext4_buffer *node, const struct level *level,
		       uint32_t from)
{
	struct eft_ext4_dx_entry *entries = entries_of(node->data, false);
	uint32_t count = count_of(level) - from;

	((struct eft_ext4_dirent *)node->data)->rec_len =
		eft_le16(dir->fs->block_bytes);
	memcpy(entries, level->entries + from, count * sizeof(*entries));
	entries[0].limit = eft_le16(limit_of(dir->fs, false));
	entries[0].count = eft_le16(count);
	eft_ext4_htree_unseal(dir, node, false);
}

/* Split the full node at (at), below one with room. */
static int split_node(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      const struct path *path, unsigned at)
{
	const struct level *level = &path->levels[at];
	uint32_t middle = count_of(level) / 2, hash = hash_of(level, middle);
	struct eft_ext4_buffer *fresh;
	uint32_t block;
	int error;

	if (eft_ext4_edit(op, level->buffer, 0, op->fs->block_bytes) == NULL)
		return -ENOMEM;
	error = eft_ext4_dir_grow(op, dir, &block, &fresh);
	if (error != 0)
		return error;
	write_node(dir, fresh, level, middle);
	level->entries[0].count = eft_le16(middle);
	eft_ext4_htree_unseal(dir, level->buffer, false);
	error = insert(op, dir, path, at - 1, hash, block);
	eft_ext4_buffer_put(fresh);
	return error;
}

/* All of the root goes into a node below it. */
static int grow(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		const struct path *path)
{
	const struct level *root = &path->levels[0];
	struct eft_ext4_buffer *fresh;
	uint32_t block;
	int error;

	if (path->count >= levels_max(op->fs))
		return -ENOSPC;
	if (eft_ext4_edit(op, root->buffer, 0, op->fs->block_bytes) == NULL)
		return -ENOMEM;
	error = eft_ext4_dir_grow(op, dir, &block, &fresh);
	if (error != 0)
		return error;
	write_node(dir, fresh, root, 0);
	root->entries[0].count = eft_le16(1);
	root->entries[0].block = eft_le32(block);
	info_of(root->buffer->data)->levels++;
	eft_ext4_htree_unseal(dir, root->buffer, true);
	eft_ext4_buffer_put(fresh);
	return 0;
}

/* One step towards room in the leaf, which has none. */
static int make_room(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		     struct path *path, struct eft_ext4_buffer *leaf)
{
	unsigned full = path->count;

	while (full > 0 && is_full(&path->levels[full - 1]))
		full--;
	if (full == path->count)
		return split_leaf(op, dir, path, leaf);
	return full == 0 ? grow(op, dir, path)
			 : split_node(op, dir, path, full);
}

int eft_ext4_htree_add(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		       struct eft_ext4_name name, uint32_t number, uint8_t type)
{
	uint32_t hash;
	unsigned version = 0;
	bool done = false;
	int error = version_of(dir, &version);

	hash = eft_ext4_hash(op->fs, version, name).major;
	while (!done && error == 0) {
		struct eft_ext4_buffer *leaf;
		struct path path;

		error = walk(dir, hash, &path);
		if (error != 0)
			return error;
		error = leaf_of(dir, &path, &leaf);
		if (error == 0) {
			error = eft_ext4_leaf_add(op, dir, leaf, name, number,
						  type);
			done = error != -ENOSPC;
			if (!done)
				error = make_room(op, dir, &path, leaf);
			eft_ext4_buffer_put(leaf);
		}
		end_walk(&path);
	}
	return error;
}

/*
 * The first block becomes a root with one leaf, which has the names.
 */
static void write_root(const struct eft_ext4_inode *dir,
		       struct eft_ext4_buffer *root, uint32_t leaf)
{
	const struct eft_ext4 *fs = dir->fs;
	uint8_t *data = root->data;
	struct eft_ext4_dirent *up = (void *)(data + DOT_BYTES);
	struct eft_ext4_dx_entry *entries = entries_of(data, true);

	memset(data + EFT_EXT4_DX_ROOT_AT, 0,
	       fs->block_bytes - EFT_EXT4_DX_ROOT_AT);
	up->rec_len = eft_le16(fs->block_bytes - DOT_BYTES);
	*info_of(data) = (struct eft_ext4_dx_info){
		.hash_version = eft_ext4_super(fs)->hash_version,
		.info_bytes = sizeof(struct eft_ext4_dx_info),
	};
	entries[0].limit = eft_le16(limit_of(fs, true));
	entries[0].count = eft_le16(1);
	entries[0].block = eft_le32(leaf);
	eft_ext4_htree_unseal(dir, root, true);
}

static int move_names(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      struct eft_ext4_buffer *root)
{
	const struct eft_ext4_dirent *up =
		eft_ext4_dirent(root->data, DOT_BYTES);
	struct eft_ext4_raw_inode *raw;
	struct eft_ext4_buffer *leaf;
	struct content content;
	uint32_t block;
	int error = copy_leaf(op->fs, eft_ext4_super(op->fs)->hash_version,
			      root->data, DOT_BYTES + eft_get16(up->rec_len),
			      &content);

	if (error != 0)
		return error;
	raw = eft_ext4_inode_edit(op, dir);
	if (raw == NULL ||
	    eft_ext4_edit(op, root, 0, op->fs->block_bytes) == NULL)
		error = -ENOMEM;
	else
		error = eft_ext4_dir_grow(op, dir, &block, &leaf);
	if (error == 0) {
		write_leaf(dir, leaf, &content, 0, content.count);
		eft_ext4_buffer_put(leaf);
		write_root(dir, root, block);
		raw->flags = eft_le32(eft_get32(raw->flags) | EFT_EXT4_INDEXED);
	}
	eft_free(content.copy);
	return error;
}

int eft_ext4_htree_init(struct eft_ext4_op *op, struct eft_ext4_inode *dir)
{
	struct eft_ext4_buffer *root;
	uint32_t parent;
	int error = eft_ext4_dir_parent(dir, &parent); /* and so its place */

	if (error == 0)
		error = eft_ext4_dir_block(dir, 0, EFT_EXT4_DIR_LEAF, &root);
	if (error != 0)
		return error;
	error = move_names(op, dir, root);
	eft_ext4_buffer_put(root);
	return error;
}

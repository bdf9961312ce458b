// SPDX-License-Identifier: BSD-3-Clause
/*
 * Directories: their blocks, and entries in them. Linux,
 * Documentation/filesystems/ext4/directory.rst.
 *
 * Entries fill a leaf, each with the room up to the next one. One that is removed
 * gives its room to the one before, or, as the first, has no inode; a new one is
 * put where there is room enough. Without an index all leaves are looked
 * through; with one (htree.c) that of the name's hash.
 */
#include "core/fs/ext4/meta.h"
#include "core/lib/crc32c.h"

enum { DOT_BYTES = 12 }; /* what the entry `.` takes, in the first block */

static struct eft_ext4_dirent *writable(struct eft_ext4_buffer *buffer,
					uint32_t at)
{
	return (void *)(buffer->data + at);
}

uint32_t eft_ext4_leaf_bytes(const struct eft_ext4 *fs)
{
	return fs->block_bytes - (fs->has_checksums ? EFT_EXT4_TAIL_BYTES : 0);
}

static uint32_t rec_len(const struct eft_ext4_dirent *entry)
{
	return eft_get16(entry->rec_len);
}

/* What (entry) takes of its room. */
eft_inline uint32_t used_bytes(const struct eft_ext4_dirent *entry)
{
	return eft_get32(entry->inode) != 0
		       ? eft_ext4_dirent_bytes(entry->name_len)
		       : 0;
}

bool eft_ext4_dirent_is(const struct eft_ext4_dirent *entry,
			struct eft_ext4_name name)
{
	return eft_get32(entry->inode) != 0 && entry->name_len == name.len &&
	       memcmp(entry->name, name.text, name.len) == 0;
}

/*
 * Leaves: their checks, and tails.
 */
static struct eft_ext4_dir_tail *tail_of(const struct eft_ext4 *fs,
					 const uint8_t *data)
{
	return (void *)(data + eft_ext4_leaf_bytes(fs));
}

static uint32_t leaf_checksum(const struct eft_ext4 *fs, uint32_t seed,
			      const uint8_t *data)
{
	return eft_crc32c(seed, data, eft_ext4_leaf_bytes(fs));
}

void eft_ext4_leaf_seal(struct eft_ext4_buffer *buffer)
{
	tail_of(buffer->fs, buffer->data)->checksum = eft_le32(
		leaf_checksum(buffer->fs, buffer->seal_from, buffer->data));
}

void eft_ext4_leaf_unseal(const struct eft_ext4_inode *dir,
			  struct eft_ext4_buffer *buffer)
{
	eft_ext4_unseal(buffer, EFT_EXT4_DIR_LEAF, dir->checksum_seed, 0);
}

static void init_tail(const struct eft_ext4 *fs, uint8_t *data)
{
	if (fs->has_checksums)
		*tail_of(fs, data) = (struct eft_ext4_dir_tail){
			.rec_len = eft_le16(EFT_EXT4_TAIL_BYTES),
			.type = EFT_EXT4_TAIL_TYPE,
		};
}

void eft_ext4_leaf_init(const struct eft_ext4 *fs, uint8_t *data)
{
	memset(data, 0, fs->block_bytes);
	*(struct eft_ext4_dirent *)data = (struct eft_ext4_dirent){
		.rec_len = eft_le16(eft_ext4_leaf_bytes(fs)),
	};
	init_tail(fs, data);
}

static const char *check_tail(const struct eft_ext4_inode *dir,
			      const uint8_t *data)
{
	const struct eft_ext4_dir_tail *tail = tail_of(dir->fs, data);

	if (eft_get32(tail->zero) != 0 || tail->zero_len != 0 ||
	    eft_get16(tail->rec_len) != EFT_EXT4_TAIL_BYTES ||
	    tail->type != EFT_EXT4_TAIL_TYPE)
		return "a directory's block has no checksum";
	return eft_get32(tail->checksum) ==
			       leaf_checksum(dir->fs, dir->checksum_seed, data)
		       ? NULL
		       : "a directory's block has a wrong checksum";
}

static const char *check_leaf(const struct eft_ext4_inode *dir,
			      const uint8_t *data)
{
	uint32_t end = eft_ext4_leaf_bytes(dir->fs), at = 0;

	while (at < end) {
		const struct eft_ext4_dirent *entry = eft_ext4_dirent(data, at);
		uint32_t len;

		if (end - at < DOT_BYTES)
			return "a directory's entry is too short";
		len = rec_len(entry);
		if (len < DOT_BYTES || len % 4 != 0 || len > end - at ||
		    len < used_bytes(entry) ||
		    eft_get32(entry->inode) > dir->fs->inodes ||
		    (eft_get32(entry->inode) != 0 && entry->name_len == 0))
			return "a directory's entry is none";
		at += len;
	}
	return dir->fs->has_checksums ? check_tail(dir, data) : NULL;
}

/* Does the first entry say that all of the block is something else? */
static bool is_index(const struct eft_ext4 *fs, const uint8_t *data)
{
	const struct eft_ext4_dirent *entry = eft_ext4_dirent(data, 0);

	return eft_get32(entry->inode) == 0 &&
	       rec_len(entry) == fs->block_bytes;
}

static int check_block(struct eft_ext4_inode *dir, enum eft_ext4_kind kind,
		       struct eft_ext4_buffer *buffer)
{
	const char *why;

	if (eft_ext4_is_checked(buffer, kind))
		return 0;
	if (kind == EFT_EXT4_DIR_LEAF)
		why = check_leaf(dir, buffer->data);
	else
		why = eft_ext4_htree_check(dir, buffer->data,
					   kind == EFT_EXT4_DIR_ROOT);
	return why != NULL ? eft_ext4_corrupt(dir->fs, why)
			   : eft_ext4_set_checked(buffer, kind);
}

uint32_t eft_ext4_dir_blocks(const struct eft_ext4_inode *dir)
{
	return (uint32_t)(eft_ext4_inode_size(dir) >> dir->fs->block_shift);
}

static int map_block(struct eft_ext4_inode *dir, uint32_t block,
		     struct eft_ext4_map *ret_map)
{
	int error = eft_ext4_map(dir, block, ret_map);

	if (error == 0 && ret_map->state != EFT_EXT4_WRITTEN)
		error = eft_ext4_corrupt(dir->fs, "a directory has a hole");
	return error;
}

/*
 * Have the run that has (block) be known. Blocks that the directory has stay
 * where they are; when it grows, what was known of those behind is not true.
 * With the directory's mutex.
 */
static int know_block(struct eft_ext4_inode *dir, uint32_t block)
{
	struct eft_ext4_map map;
	int error;

	if (block - dir->known_block < dir->known_count)
		return 0;
	error = map_block(dir, block, &map);
	if (error != 0)
		return error;
	dir->known_block = block;
	dir->known_count = map.count;
	dir->known_first = map.first;
	return 0;
}

/* Read it, whatever it is. */
static int read_block(struct eft_ext4_inode *dir, uint32_t block,
		      struct eft_ext4_buffer **ret_buffer)
{
	int error;

	if (block >= eft_ext4_dir_blocks(dir))
		return eft_ext4_corrupt(dir->fs, "a directory is too short");
	error = know_block(dir, block);
	if (error != 0)
		return error;
	return eft_ext4_buffer_read(
		dir->fs, dir->known_first + (block - dir->known_block),
		ret_buffer);
}

static int check_or_put(struct eft_ext4_inode *dir, enum eft_ext4_kind kind,
			struct eft_ext4_buffer *buffer,
			struct eft_ext4_buffer **ret_buffer)
{
	int error = check_block(dir, kind, buffer);

	if (error == 0)
		*ret_buffer = buffer;
	else
		eft_ext4_buffer_put(buffer);
	return error;
}

int eft_ext4_dir_block(struct eft_ext4_inode *dir, uint32_t block,
		       enum eft_ext4_kind kind,
		       struct eft_ext4_buffer **ret_buffer)
{
	struct eft_ext4_buffer *buffer;
	int error = read_block(dir, block, &buffer);

	return error == 0 ? check_or_put(dir, kind, buffer, ret_buffer) : error;
}

int eft_ext4_dir_grow(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      uint32_t *ret_block, struct eft_ext4_buffer **ret_buffer)
{
	struct eft_ext4 *fs = op->fs;
	uint64_t size = eft_ext4_inode_size(dir);
	struct eft_ext4_map map = {
		.block = (uint32_t)(size >> fs->block_shift),
		.count = 1,
		.state = EFT_EXT4_WRITTEN,
	};
	struct eft_ext4_buffer *buffer;
	struct eft_ext4_raw_inode *raw;
	int error;

	if (size + fs->block_bytes > INT32_MAX) /* as Linux's */
		return -ENOSPC;
	dir->known_count = 0;
	error = eft_ext4_alloc_block(op, dir, eft_ext4_goal(dir, map.block),
				     &map.first);
	if (error == 0)
		error = eft_ext4_fresh(op, map.first, &buffer);
	if (error != 0)
		return error;
	error = eft_ext4_map_insert(op, dir, &map);
	raw = error == 0 ? eft_ext4_inode_edit(op, dir) : NULL;
	if (raw == NULL) {
		eft_ext4_buffer_put(buffer);
		return error != 0 ? error : -ENOMEM;
	}
	eft_ext4_raw_set_size(raw, size + fs->block_bytes);
	*ret_block = map.block;
	*ret_buffer = buffer;
	return 0;
}

/*
 * Entries in a leaf.
 */
bool eft_ext4_leaf_find(const struct eft_ext4 *fs, const uint8_t *data,
			struct eft_ext4_name name, uint32_t *ret_at)
{
	uint32_t end = eft_ext4_leaf_bytes(fs);

	for (uint32_t at = 0; at < end;) {
		const struct eft_ext4_dirent *entry = eft_ext4_dirent(data, at);

		if (entry->name_len == name.len &&
		    eft_ext4_dirent_is(entry, name)) {
			*ret_at = at;
			return true;
		}
		at += rec_len(entry);
	}
	return false;
}

/* The entry behind which, or in whose place, there are (need) bytes. */
static bool find_room(const struct eft_ext4 *fs, const uint8_t *data,
		      uint32_t need, uint32_t *ret_at)
{
	uint32_t end = eft_ext4_leaf_bytes(fs), len;

	for (uint32_t at = 0; at < end; at += len) {
		const struct eft_ext4_dirent *entry = eft_ext4_dirent(data, at);

		len = rec_len(entry);
		if (len - used_bytes(entry) >= need) {
			*ret_at = at;
			return true;
		}
	}
	return false;
}

int eft_ext4_leaf_add(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      struct eft_ext4_buffer *buffer, struct eft_ext4_name name,
		      uint32_t number, uint8_t type)
{
	uint32_t need = eft_ext4_dirent_bytes(name.len), at, used, room;
	struct eft_ext4_dirent *entry;

	if (!find_room(op->fs, buffer->data, need, &at))
		return -ENOSPC;
	entry = writable(buffer, at);
	used = used_bytes(entry);
	room = rec_len(entry) - used;
	if (eft_ext4_edit(op, buffer, at, used + need) == NULL)
		return -ENOMEM;
	eft_ext4_leaf_unseal(dir, buffer);
	if (used > 0)
		entry->rec_len = eft_le16(used);
	entry = writable(buffer, at + used);
	memset(entry, 0, need);
	entry->inode = eft_le32(number);
	entry->rec_len = eft_le16(room);
	entry->name_len = (uint8_t)name.len;
	entry->type = type;
	memcpy(entry->name, name.text, name.len);
	return 0;
}

static int leaf_remove(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		       const struct eft_ext4_entry *place)
{
	const uint8_t *data = place->buffer->data;
	uint32_t before = 0,
		 removed = rec_len(eft_ext4_dirent(data, place->at));

	while (before < place->at &&
	       before + rec_len(eft_ext4_dirent(data, before)) < place->at)
		before += rec_len(eft_ext4_dirent(data, before));
	if (eft_ext4_edit(op, place->buffer, before, EFT_EXT4_DIRENT_HEADER) ==
	    NULL)
		return -ENOMEM;
	eft_ext4_leaf_unseal(dir, place->buffer);
	if (before == place->at)
		writable(place->buffer, before)->inode = eft_le32(0);
	else
		writable(place->buffer, before)->rec_len = eft_le16(
			rec_len(eft_ext4_dirent(data, before)) + removed);
	return 0;
}

/*
 * Entries in a directory.
 */
static int find_linear(struct eft_ext4_inode *dir, struct eft_ext4_name name,
		       struct eft_ext4_entry *ret_entry)
{
	uint32_t blocks = eft_ext4_dir_blocks(dir);

	for (uint32_t i = 0; i < blocks; i++) {
		int error = eft_ext4_dir_block(dir, i, EFT_EXT4_DIR_LEAF,
					       &ret_entry->buffer);

		if (error != 0)
			return error;
		if (eft_ext4_leaf_find(dir->fs, ret_entry->buffer->data, name,
				       &ret_entry->at))
			return 0;
		eft_ext4_buffer_put(ret_entry->buffer);
	}
	return -ENOENT;
}

static int find(struct eft_ext4_inode *dir, struct eft_ext4_name name,
		struct eft_ext4_entry *ret_entry)
{
	return eft_ext4_dir_is_indexed(dir)
		       ? eft_ext4_htree_find(dir, name, ret_entry)
		       : find_linear(dir, name, ret_entry);
}

int eft_ext4_dir_find(struct eft_ext4_inode *dir, struct eft_ext4_name name,
		      uint32_t *ret_number)
{
	struct eft_ext4_entry entry;
	int error = find(dir, name, &entry);

	if (error != 0)
		return error;
	*ret_number =
		eft_get32(eft_ext4_dirent(entry.buffer->data, entry.at)->inode);
	eft_ext4_buffer_put(entry.buffer);
	return 0;
}

/* directory.rst: the file types of entries. */
static uint8_t type_of(const struct eft_ext4 *fs, uint32_t mode)
{
	if (!(fs->incompat & EFT_EXT4_INCOMPAT_FILETYPE))
		return 0;
	switch (mode & S_IFMT) {
	case S_IFREG:
		return 1;
	case S_IFDIR:
		return 2;
	case S_IFCHR:
		return 3;
	case S_IFBLK:
		return 4;
	case S_IFIFO:
		return 5;
	case S_IFSOCK:
		return 6;
	default:
		return 7; /* a symbolic link */
	}
}

static int add_linear(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      struct eft_ext4_name name, uint32_t number, uint8_t type)
{
	uint32_t blocks = eft_ext4_dir_blocks(dir), block;
	struct eft_ext4_buffer *buffer;
	int error = -ENOSPC;

	for (uint32_t i = 0; i < blocks && error == -ENOSPC; i++) {
		error = eft_ext4_dir_block(dir, i, EFT_EXT4_DIR_LEAF, &buffer);
		if (error != 0)
			return error;
		error = eft_ext4_leaf_add(op, dir, buffer, name, number, type);
		eft_ext4_buffer_put(buffer);
	}
	if (error != -ENOSPC)
		return error;
	if (blocks == 1 && (op->fs->compat & EFT_EXT4_COMPAT_DIR_INDEX)) {
		error = eft_ext4_htree_init(op, dir);
		return error != 0 ? error
				  : eft_ext4_htree_add(op, dir, name, number,
						       type);
	}
	error = eft_ext4_dir_grow(op, dir, &block, &buffer);
	if (error != 0)
		return error;
	eft_ext4_leaf_init(op->fs, buffer->data);
	error = eft_ext4_leaf_add(op, dir, buffer, name, number, type);
	eft_ext4_buffer_put(buffer);
	return error;
}

int eft_ext4_dir_add(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		     struct eft_ext4_name name, uint32_t number, uint32_t mode)
{
	uint8_t type = type_of(op->fs, mode);

	return eft_ext4_dir_is_indexed(dir)
		       ? eft_ext4_htree_add(op, dir, name, number, type)
		       : add_linear(op, dir, name, number, type);
}

int eft_ext4_dir_remove(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
			struct eft_ext4_name name)
{
	struct eft_ext4_entry entry;
	int error = find(dir, name, &entry);

	if (error == 0) {
		error = leaf_remove(op, dir, &entry);
		eft_ext4_buffer_put(entry.buffer);
	}
	return error;
}

int eft_ext4_dir_replace(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
			 struct eft_ext4_name name, uint32_t number,
			 uint32_t mode)
{
	struct eft_ext4_entry place;
	struct eft_ext4_dirent *entry;
	int error = find(dir, name, &place);

	if (error != 0)
		return error;
	entry = eft_ext4_edit(op, place.buffer, place.at,
			      EFT_EXT4_DIRENT_HEADER);
	if (entry == NULL) {
		error = -ENOMEM;
	} else {
		eft_ext4_leaf_unseal(dir, place.buffer);
		entry->inode = eft_le32(number);
		entry->type = type_of(op->fs, mode);
	}
	eft_ext4_buffer_put(place.buffer);
	return error;
}

/*
 * `.` and `..`, which are the first two entries of the first block.
 */
static void set_dot(uint8_t *data, uint32_t at, uint32_t number, uint32_t room,
		    size_t dots, uint8_t type)
{
	struct eft_ext4_dirent *entry = (void *)(data + at);

	*entry = (struct eft_ext4_dirent){
		.inode = eft_le32(number),
		.rec_len = eft_le16(room),
		.name_len = (uint8_t)dots,
		.type = type,
	};
	memcpy(entry->name, "..", dots);
}

int eft_ext4_dir_init(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      uint32_t parent)
{
	uint8_t type = type_of(op->fs, S_IFDIR);
	struct eft_ext4_buffer *buffer;
	uint32_t block;
	int error = eft_ext4_dir_grow(op, dir, &block, &buffer);

	if (error != 0)
		return error;
	set_dot(buffer->data, 0, (uint32_t)dir->node.ino, DOT_BYTES, 1, type);
	set_dot(buffer->data, DOT_BYTES, parent,
		eft_ext4_leaf_bytes(op->fs) - DOT_BYTES, 2, type);
	init_tail(op->fs, buffer->data);
	eft_ext4_leaf_unseal(dir, buffer);
	eft_ext4_buffer_put(buffer);
	return 0;
}

/* A directory that is moved is not locked: others may know its blocks. */
static int first_block(struct eft_ext4_inode *dir,
		       struct eft_ext4_buffer **ret_buffer)
{
	static const struct eft_ext4_name up = {"..", 2};
	struct eft_ext4_buffer *buffer;
	struct eft_ext4_map map;
	int error = map_block(dir, 0, &map);

	if (error == 0)
		error = eft_ext4_buffer_read(dir->fs, map.first, &buffer);
	if (error == 0)
		error = check_or_put(dir,
				     eft_ext4_dir_is_indexed(dir)
					     ? EFT_EXT4_DIR_ROOT
					     : EFT_EXT4_DIR_LEAF,
				     buffer, &buffer);
	if (error != 0)
		return error;
	if (rec_len(eft_ext4_dirent(buffer->data, 0)) != DOT_BYTES ||
	    !eft_ext4_dirent_is(eft_ext4_dirent(buffer->data, DOT_BYTES), up)) {
		eft_ext4_buffer_put(buffer);
		return eft_ext4_corrupt(dir->fs, "a directory has no parent");
	}
	*ret_buffer = buffer;
	return 0;
}

int eft_ext4_dir_parent(struct eft_ext4_inode *dir, uint32_t *ret_number)
{
	struct eft_ext4_buffer *buffer;
	int error = first_block(dir, &buffer);

	if (error != 0)
		return error;
	*ret_number =
		eft_get32(eft_ext4_dirent(buffer->data, DOT_BYTES)->inode);
	eft_ext4_buffer_put(buffer);
	return 0;
}

int eft_ext4_dir_set_parent(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
			    uint32_t number)
{
	struct eft_ext4_buffer *buffer;
	int error = first_block(dir, &buffer);

	if (error != 0)
		return error;
	if (eft_ext4_edit(op, buffer, 0, op->fs->block_bytes) == NULL) {
		error = -ENOMEM;
	} else {
		writable(buffer, DOT_BYTES)->inode = eft_le32(number);
		if (eft_ext4_dir_is_indexed(dir))
			eft_ext4_htree_unseal(dir, buffer, true);
		else
			eft_ext4_leaf_unseal(dir, buffer);
	}
	eft_ext4_buffer_put(buffer);
	return error;
}

static bool is_dots(const struct eft_ext4_dirent *entry)
{
	return entry->name_len <= 2 &&
	       memcmp(entry->name, "..", entry->name_len) == 0;
}

static bool leaf_is_empty(const struct eft_ext4 *fs, const uint8_t *data)
{
	uint32_t end = eft_ext4_leaf_bytes(fs);

	for (uint32_t at = 0; at < end;
	     at += rec_len(eft_ext4_dirent(data, at))) {
		const struct eft_ext4_dirent *entry = eft_ext4_dirent(data, at);

		if (eft_get32(entry->inode) != 0 && !is_dots(entry))
			return false;
	}
	return true;
}

int eft_ext4_dir_check_empty(struct eft_ext4_inode *dir)
{
	bool indexed = eft_ext4_dir_is_indexed(dir);
	uint32_t blocks = eft_ext4_dir_blocks(dir);
	struct eft_ext4_buffer *buffer;
	int error = 0;

	/* The first block of an index has `.` and `..`, and no more. */
	for (uint32_t i = indexed; i < blocks && error == 0; i++) {
		error = read_block(dir, i, &buffer);
		if (error != 0)
			return error;
		if (!indexed || !is_index(dir->fs, buffer->data)) {
			error = check_block(dir, EFT_EXT4_DIR_LEAF, buffer);
			if (error == 0 && !leaf_is_empty(dir->fs, buffer->data))
				error = -ENOTEMPTY;
		}
		eft_ext4_buffer_put(buffer);
	}
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes. Linux, Documentation/filesystems/ext4: attributes.rst.
 *
 * WHAT   An inode has them behind its own fields, where there is room, and in
 *        one block. In both entries come first, and values are at the end. A
 *        block's are in order, as Linux looks for them by that.
 * HOW    What is there is copied, checked, and looked at in the copy: two inodes
 *        may share a block, of which a disk may say that only one has it. What
 *        is to be there is made anew, in memory, and then put in place by one
 *        operation. A block that is shared is not changed: the inode gets one
 *        of its own.
 * LIMITS Values in inodes of their own (ea_inode) are a feature with which a
 *        file system is not mounted.
 */
#include "core/xattr.h"
#include "core/fs/ext4/meta.h"
#include "core/lib.h"

enum {
	ENTRY_BYTES = sizeof(struct eft_ext4_xattr_entry),
	HEADER_BYTES = sizeof(struct eft_ext4_xattr_header),
	MAGIC_BYTES = sizeof(struct eft_le32), /* an inode's header */
	END_BYTES = 4,			       /* zeroes, after the last */
	ALIGNMENT = 4,
	/* fs/ext4/xattr.h */
	HASH_SHIFT_NAME = 5,
	HASH_SHIFT_VALUE = 16,
	HASH_SHIFT_BLOCK = 16,
};

struct eft_ext4_xattr_prefix {
	uint8_t index;
	const char *text;
};

/* Those that a program may name; the index of a name on the disk. */
static const struct eft_ext4_xattr_prefix prefixes[] = {
	{1, "user."},
	{4, "trusted."},
	{6, "security."},
};

/* A copy of what has attributes. */
struct area {
	uint8_t *bytes; /* of the heap; NULL: there is no such area */
	uint32_t size;
	uint32_t first; /* where its entries begin, */
	uint32_t base;	/* and from where the places of values are counted */
	bool is_block;
};

struct name {
	uint8_t index;
	uint8_t len;
	const char *text;
};

static uint32_t pad(uint32_t bytes)
{
	return (uint32_t)eft_align_up(bytes, ALIGNMENT);
}

static const struct eft_ext4_xattr_entry *entry_at(const struct area *area,
						   uint32_t at)
{
	return (const void *)(area->bytes + at);
}

static bool is_end(const struct area *area, uint32_t at)
{
	static const uint8_t zeroes[END_BYTES];

	return memcmp(area->bytes + at, zeroes, END_BYTES) == 0;
}

static uint32_t next_of(const struct area *area, uint32_t at)
{
	return at + pad(ENTRY_BYTES + entry_at(area, at)->name_len);
}

static const uint8_t *value_of(const struct area *area,
			       const struct eft_ext4_xattr_entry *entry)
{
	return area->bytes + area->base + eft_get16(entry->value_at);
}

static bool value_is_right(const struct area *area,
			   const struct eft_ext4_xattr_entry *entry,
			   uint32_t end)
{
	uint32_t at = area->base + eft_get16(entry->value_at);
	uint32_t bytes = eft_get32(entry->value_bytes);

	if (eft_get32(entry->value_inode) != 0)
		return false;
	return bytes == 0 ||
	       (at >= end && at <= area->size && bytes <= area->size - at &&
		pad(bytes) <= area->size - at);
}

/* Are all entries, and their values, within the area? */
static bool is_right(const struct area *area)
{
	uint32_t end = area->first;

	while (end + END_BYTES <= area->size && !is_end(area, end)) {
		if (end + ENTRY_BYTES > area->size)
			return false;
		end = next_of(area, end);
	}
	if (end + END_BYTES > area->size)
		return false;
	for (uint32_t at = area->first; at < end; at = next_of(area, at)) {
		if (!value_is_right(area, entry_at(area, at), end + END_BYTES))
			return false;
	}
	return true;
}

/* An inode's own area: where it is; false: there is none. */
static bool find_body(const struct eft_ext4_inode *inode, uint32_t *ret_at,
		      uint32_t *ret_size)
{
	uint32_t bytes = inode->fs->inode_bytes, extra;

	if (bytes <= EFT_EXT4_OLD_INODE_BYTES)
		return false;
	extra = eft_get16(eft_ext4_raw(inode)->extra_isize);
	if (extra == 0 ||
	    EFT_EXT4_OLD_INODE_BYTES + extra + MAGIC_BYTES + END_BYTES > bytes)
		return false;
	*ret_at = EFT_EXT4_OLD_INODE_BYTES + extra;
	*ret_size = bytes - *ret_at;
	return true;
}

static bool has_magic(const struct area *area)
{
	struct eft_le32 magic;

	memcpy(&magic, area->bytes, sizeof(magic));
	return eft_get32(magic) == EFT_EXT4_XATTR_MAGIC;
}

static int copy_body(const struct eft_ext4_inode *inode, struct area *area)
{
	uint32_t at, size;

	*area = (struct area){.bytes = NULL};
	if (!find_body(inode, &at, &size))
		return 0;
	*area = (struct area){
		.bytes = eft_alloc(size),
		.size = size,
		.first = MAGIC_BYTES,
		.base = MAGIC_BYTES,
	};
	if (area->bytes == NULL)
		return -ENOMEM;
	memcpy(area->bytes, (const uint8_t *)eft_ext4_raw(inode) + at, size);
	if (!has_magic(area))
		memset(area->bytes, 0, size);
	return 0;
}

/* The block's, or what a block would have that is not there yet. */
static int copy_block(struct eft_ext4_inode *inode, struct area *area)
{
	struct eft_ext4_buffer *buffer;
	int error;

	*area = (struct area){
		.bytes = eft_alloc(inode->fs->block_bytes),
		.size = inode->fs->block_bytes,
		.first = HEADER_BYTES,
		.is_block = true,
	};
	if (area->bytes == NULL)
		return -ENOMEM;
	if (eft_ext4_inode_xattr(inode) == 0)
		return 0;
	error = eft_ext4_xattrs_read(inode, &buffer);
	if (error != 0)
		return error;
	memcpy(area->bytes, buffer->data, area->size);
	eft_ext4_buffer_put(buffer);
	return 0;
}

/* Both of (inode)'s, the block's second; freed by free_areas() in any case. */
static int copy_areas(struct eft_ext4_inode *inode, struct area areas[2])
{
	int error = copy_body(inode, &areas[0]);

	areas[1] = (struct area){.bytes = NULL};
	if (error == 0)
		error = copy_block(inode, &areas[1]);
	for (unsigned i = 0; i < 2 && error == 0; i++) {
		if (areas[i].bytes != NULL && !is_right(&areas[i]))
			error = eft_ext4_corrupt(inode->fs,
						 "attributes are in disorder");
	}
	return error;
}

static void free_areas(struct area areas[2])
{
	eft_free(areas[0].bytes);
	eft_free(areas[1].bytes);
}

/* By index, then length, then text: the order in a block. */
static int compare(const struct name *name,
		   const struct eft_ext4_xattr_entry *entry)
{
	int order = name->index - entry->index;

	if (order == 0)
		order = name->len - entry->name_len;
	return order != 0 ? order : memcmp(name->text, entry->name, name->len);
}

static const struct eft_ext4_xattr_entry *find(const struct area *area,
					       const struct name *name)
{
	if (area->bytes == NULL)
		return NULL;
	for (uint32_t at = area->first; !is_end(area, at);
	     at = next_of(area, at)) {
		if (compare(name, entry_at(area, at)) == 0)
			return entry_at(area, at);
	}
	return NULL;
}

/* (text) has one of the prefixes: core/vfs/xattr.c has looked. */
static struct name name_of(const char *text)
{
	const struct eft_ext4_xattr_prefix *prefix = prefixes;
	size_t len;

	while (!eft_starts_with(text, prefix->text)) {
		prefix++;
		eft_assert(prefix < prefixes + eft_array_size(prefixes));
	}
	text += eft_strlen(prefix->text);
	len = eft_strlen(text);
	eft_assert(len > 0 && len <= UINT8_MAX);
	return (struct name){prefix->index, (uint8_t)len, text};
}

static ssize_t ext4_get(struct eft_node *node, const char *text, void *value,
			size_t size)
{
	const struct eft_ext4_xattr_entry *entry = NULL;
	const struct name name = name_of(text);
	struct area areas[2];
	ssize_t result = copy_areas(eft_ext4_inode(node), areas);

	for (unsigned i = 0; i < 2 && result == 0 && entry == NULL; i++) {
		entry = find(&areas[i], &name);
		if (entry != NULL)
			result = eft_xattr_give(value, size,
						value_of(&areas[i], entry),
						eft_get32(entry->value_bytes));
	}
	free_areas(areas);
	return result == 0 && entry == NULL ? -ENODATA : result;
}

static int list_area(const struct area *area, char *names, size_t size,
		     size_t *used)
{
	int error = 0;

	if (area->bytes == NULL)
		return 0;
	for (uint32_t at = area->first; !is_end(area, at) && error == 0;
	     at = next_of(area, at)) {
		const struct eft_ext4_xattr_entry *entry = entry_at(area, at);

		for (size_t i = 0; i < eft_array_size(prefixes); i++) {
			if (prefixes[i].index == entry->index)
				error = eft_xattr_add_name(
					names, size, used, prefixes[i].text,
					entry->name, entry->name_len);
		}
	}
	return error;
}

static ssize_t ext4_list(struct eft_node *node, char *names, size_t size)
{
	struct area areas[2];
	size_t used = 0;
	int error = copy_areas(eft_ext4_inode(node), areas);

	for (unsigned i = 0; i < 2 && error == 0; i++)
		error = list_area(&areas[i], names, size, &used);
	free_areas(areas);
	return error == 0 ? (ssize_t)used : error;
}

/*
 * Making areas anew.
 */
struct making {
	struct area *to; /* zeroes, but for its header */
	uint32_t at;	 /* the next entry; */
	uint32_t values; /* the last value is at, or behind, this */
};

static uint32_t rotate(uint32_t hash, unsigned by)
{
	return hash << by | hash >> (32 - by);
}

/* fs/ext4/xattr.c: ext4_xattr_hash_entry() */
static uint32_t hash_entry(const struct name *name, const uint8_t *value,
			   uint32_t bytes)
{
	uint32_t hash = 0;

	for (unsigned i = 0; i < name->len; i++)
		hash = rotate(hash, HASH_SHIFT_NAME) ^ (uint8_t)name->text[i];
	for (uint32_t i = 0; i < pad(bytes); i += sizeof(struct eft_le32)) {
		struct eft_le32 word;

		memcpy(&word, value + i, sizeof(word));
		hash = rotate(hash, HASH_SHIFT_VALUE) ^ eft_get32(word);
	}
	return hash;
}

/* Add an entry; its hash, if that is not NULL, is kept. */
static int add(struct making *making, const struct name *name,
	       const void *value, size_t bytes, const struct eft_le32 *hash)
{
	struct area *to = making->to;
	struct eft_ext4_xattr_entry *entry = (void *)(to->bytes + making->at);
	uint32_t entry_bytes = pad(ENTRY_BYTES + name->len);

	eft_assert(making->at <= making->values);
	if (bytes > to->size ||
	    making->values - making->at < entry_bytes + END_BYTES + pad(bytes))
		return -ENOSPC;
	*entry = (struct eft_ext4_xattr_entry){
		.name_len = name->len,
		.index = name->index,
		.value_bytes = eft_le32(bytes),
	};
	memcpy(entry->name, name->text, name->len);
	making->at += entry_bytes;
	making->values -= pad((uint32_t)bytes);
	if (bytes > 0) {
		memcpy(to->bytes + making->values, value, bytes);
		entry->value_at = eft_le16(making->values - to->base);
	}
	if (hash != NULL)
		entry->hash = *hash;
	else if (to->is_block)
		entry->hash = eft_le32(
			hash_entry(name, to->bytes + making->values, bytes));
	return 0;
}

/* The same of (entry), as it is in (from). */
static int add_old(struct making *making, const struct area *from,
		   const struct eft_ext4_xattr_entry *entry)
{
	const struct name name = {entry->index, entry->name_len, entry->name};

	return add(making, &name, value_of(from, entry),
		   eft_get32(entry->value_bytes), &entry->hash);
}

/* All of (from) but (name), and that with (value), unless it is NULL. */
static int add_all(struct making *making, const struct area *from,
		   const struct name *name, const void *value, size_t size)
{
	bool done = value == NULL;
	int error = 0;

	for (uint32_t at = from->first; !is_end(from, at) && error == 0;
	     at = next_of(from, at)) {
		const struct eft_ext4_xattr_entry *entry = entry_at(from, at);
		int order = compare(name, entry);

		if (!done && order <= 0) {
			error = add(making, name, value, size, NULL);
			done = true;
		}
		if (order != 0 && error == 0)
			error = add_old(making, from, entry);
	}
	if (!done && error == 0)
		error = add(making, name, value, size, NULL);
	return error;
}

/*
 * The area that is to replace (from). -ENOSPC; its memory is freed by the
 * caller, after success only.
 */
static int make(const struct area *from, const struct name *name,
		const void *value, size_t size, struct area *ret_area)
{
	struct area to = *from;
	struct making making = {&to, from->first, 0};
	int error;

	if (from->bytes == NULL)
		return -ENOSPC;
	making.values =
		from->base +
		(uint32_t)eft_align_down(from->size - from->base, ALIGNMENT);
	to.bytes = eft_alloc(from->size);
	if (to.bytes == NULL)
		return -ENOMEM;
	memcpy(to.bytes, from->bytes, from->first);
	error = add_all(&making, from, name, value, size);
	if (error != 0)
		eft_free(to.bytes);
	else
		*ret_area = to;
	return error;
}

/* What is to be: areas that stay as they are have no bytes. */
static int make_both(const struct area old[2], const struct name *name,
		     const void *value, size_t size, struct area new[2])
{
	bool has[2] = {find(&old[0], name) != NULL,
		       find(&old[1], name) != NULL};
	int error = 0, in = 0;

	new[0] = new[1] = (struct area){.bytes = NULL};
	if (value != NULL) {
		error = make(&old[0], name, value, size, &new[0]);
		if (error == -ENOSPC) {
			in = 1;
			error = make(&old[1], name, value, size, &new[1]);
		}
	}
	for (int i = 0; i < 2 && error == 0; i++) {
		if (has[i] && (value == NULL || i != in))
			error = make(&old[i], name, NULL, 0, &new[i]);
	}
	return error;
}

/*
 * Putting them in place.
 */
static int put_body(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		    const struct area *area)
{
	struct eft_le32 magic =
		eft_le32(is_end(area, area->first) ? 0 : EFT_EXT4_XATTR_MAGIC);
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	uint32_t at, size;

	if (raw == NULL)
		return -ENOMEM;
	if (find_body(inode, &at, &size)) {
		eft_assert(size == area->size);
		memcpy((uint8_t *)raw + at, area->bytes, size);
		memcpy((uint8_t *)raw + at, &magic, sizeof(magic));
	}
	return 0;
}

/* The hash of all, by which Linux finds equal blocks; 0: it does not. */
static uint32_t hash_block(const struct area *area)
{
	uint32_t hash = 0;

	for (uint32_t at = area->first; !is_end(area, at);
	     at = next_of(area, at)) {
		uint32_t one = eft_get32(entry_at(area, at)->hash);

		if (one == 0)
			return 0;
		hash = rotate(hash, HASH_SHIFT_BLOCK) ^ one;
	}
	return hash;
}

static void fill_block(struct eft_ext4_buffer *buffer, const struct area *area)
{
	struct eft_ext4_xattr_header *header = (void *)buffer->data;

	memcpy(buffer->data, area->bytes, area->size);
	*header = (struct eft_ext4_xattr_header){
		.magic = eft_le32(EFT_EXT4_XATTR_MAGIC),
		.references = eft_le32(1),
		.blocks = eft_le32(1),
		.hash = eft_le32(hash_block(area)),
	};
	eft_ext4_xattrs_seal(buffer);
}

/* The first block of attributes: the superblock says that there are some. */
static int note_feature(struct eft_ext4_op *op)
{
	struct eft_ext4_super *super;

	if (op->fs->compat & EFT_EXT4_COMPAT_EXT_ATTR)
		return 0;
	super = eft_ext4_super_edit(op);
	if (super == NULL)
		return -ENOMEM;
	super->compat =
		eft_le32(eft_get32(super->compat) | EFT_EXT4_COMPAT_EXT_ATTR);
	return 0;
}

/* A block of its own, instead of one that it shares or none. */
static int put_new_block(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 const struct area *area)
{
	struct eft_ext4_buffer *buffer;
	uint64_t block;
	int error = note_feature(op);

	if (error == 0)
		error = eft_ext4_alloc_block(op, inode, eft_ext4_goal(inode, 0),
					     &block);
	if (error == 0)
		error = eft_ext4_fresh(op, block, &buffer);
	if (error != 0)
		return error;
	fill_block(buffer, area);
	eft_ext4_buffer_put(buffer);
	error = eft_ext4_xattrs_drop(op, inode);
	return error == 0 ? eft_ext4_xattrs_point(op, inode, block) : error;
}

static int put_block(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		     const struct area *area)
{
	const struct eft_ext4_xattr_header *header;
	struct eft_ext4_buffer *buffer;
	int error;

	if (is_end(area, area->first))
		return eft_ext4_xattrs_drop(op, inode);
	if (eft_ext4_inode_xattr(inode) == 0)
		return put_new_block(op, inode, area);
	error = eft_ext4_xattrs_read(inode, &buffer);
	if (error != 0)
		return error;
	header = (const void *)buffer->data;
	if (eft_get32(header->references) > 1)
		error = put_new_block(op, inode, area);
	else if (eft_ext4_edit(op, buffer, 0, area->size) == NULL)
		error = -ENOMEM;
	else
		fill_block(buffer, area);
	eft_ext4_buffer_put(buffer);
	return error;
}

static int put_both(struct eft_ext4_inode *inode, const struct area areas[2])
{
	struct eft_ext4_op op;
	int error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);

	if (error != 0)
		return error;
	if (areas[0].bytes != NULL)
		error = put_body(&op, inode, &areas[0]);
	if (error == 0 && areas[1].bytes != NULL)
		error = put_block(&op, inode, &areas[1]);
	if (error == 0)
		error = eft_ext4_inode_touch(&op, inode, EFT_EXT4_CTIME);
	error = eft_ext4_op_end(&op, error);
	/* Another value for who mounts it, and for those that come next. */
	if (error == 0 && areas[1].bytes != NULL)
		inode->fs->compat |= EFT_EXT4_COMPAT_EXT_ATTR;
	return error;
}

static int check_set(const struct eft_ext4_inode *inode, bool found, int flags)
{
	if (eft_get32(eft_ext4_raw(inode)->flags) &
	    (EFT_EXT4_IMMUTABLE | EFT_EXT4_APPEND))
		return -EPERM;
	if (found && (flags & EFT_XATTR_CREATE))
		return -EEXIST;
	return !found && (flags & EFT_XATTR_REPLACE) ? -ENODATA : 0;
}

static int ext4_set(struct eft_node *node, const char *text, const void *value,
		    size_t size, int flags)
{
	struct eft_ext4_inode *inode = eft_ext4_inode(node);
	const struct name name = name_of(text);
	struct area old[2], new[2] = {{.bytes = NULL}, {.bytes = NULL}};
	unsigned tries = 0;
	int error = copy_areas(inode, old);

	if (error == 0)
		error = check_set(inode,
				  find(&old[0], &name) != NULL ||
					  find(&old[1], &name) != NULL,
				  flags);
	if (error == 0)
		error = make_both(old, &name, value, size, new);
	if (error == 0) {
		do
			error = put_both(inode, new);
		while (eft_ext4_try_again(inode->fs, error, &tries));
	}
	free_areas(new);
	free_areas(old);
	return error;
}

const struct eft_xattr_ops eft_ext4_xattrs = {
	.get = ext4_get,
	.set = ext4_set,
	.list = ext4_list,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Block groups: descriptors, and bitmaps with their checksums. Linux,
 * Documentation/filesystems/ext4: group_descr.rst, bitmaps.rst, checksums.rst.
 *
 * All descriptors stay in memory. A group that is not initialised has no bitmap
 * on the disk: what it would be is worked out whenever it is asked for, until it
 * is changed and so becomes real.
 */
#include "core/fs/ext4/meta.h"
#include "core/lib/crc32c.h"

/* Bits of fs->checked: what its bitmaps, and it, were checked to be. */
enum {
	CHECKED_BLOCKS = 1,
	CHECKED_INODES = 2,
	UNSEALED = 4,	     /* the descriptor; (seal.c) */
	UNSEALED_BLOCKS = 8, /* what it says of the bitmaps */
	UNSEALED_INODES = 16,
};

static uint32_t descs_per_block(const struct eft_ext4 *fs)
{
	return fs->block_bytes / fs->desc_bytes;
}

static bool has_hi(const struct eft_ext4 *fs)
{
	return fs->desc_bytes >= sizeof(struct eft_ext4_desc);
}

static struct eft_ext4_buffer *desc_buffer(const struct eft_ext4 *fs,
					   uint32_t group)
{
	eft_assert(group < fs->groups);
	return fs->descs[group / descs_per_block(fs)];
}

static uint32_t desc_offset(const struct eft_ext4 *fs, uint32_t group)
{
	return group % descs_per_block(fs) * fs->desc_bytes;
}

const struct eft_ext4_desc *eft_ext4_desc(const struct eft_ext4 *fs,
					  uint32_t group)
{
	return (const void *)(desc_buffer(fs, group)->data +
			      desc_offset(fs, group));
}

struct eft_ext4_desc *eft_ext4_desc_edit(struct eft_ext4_op *op, uint32_t group)
{
	struct eft_ext4_buffer *buffer = desc_buffer(op->fs, group);
	uint32_t offset = desc_offset(op->fs, group);
	struct eft_ext4_desc *desc =
		eft_ext4_edit(op, buffer, offset, op->fs->desc_bytes);

	if (desc == NULL)
		return NULL;
	op->fs->checked[group] |= UNSEALED;
	eft_ext4_unseal(buffer, EFT_EXT4_DESCS,
			group - offset / op->fs->desc_bytes, 0);
	return desc;
}

/* CRC-16 of ARC, which is what GDT_CSUM without metadata_csum has. */
static uint16_t crc16(uint16_t crc, const void *data, size_t len)
{
	for (const uint8_t *at = data; len > 0; len--, at++) {
		crc ^= *at;
		for (int i = 0; i < 8; i++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001
						 : crc >> 1);
	}
	return crc;
}

static uint16_t desc_checksum(const struct eft_ext4 *fs, uint32_t group)
{
	enum {
		AT = offsetof(struct eft_ext4_desc, checksum),
		AFTER = AT + sizeof(struct eft_le16),
	};
	const uint8_t *bytes = (const void *)eft_ext4_desc(fs, group);
	struct eft_le32 number = eft_le32(group);
	uint16_t zero = 0, crc;

	if (fs->has_checksums) {
		uint32_t sum = eft_crc32c(fs->checksum_seed, &number, 4);

		sum = eft_crc32c(sum, bytes, AT);
		sum = eft_crc32c(sum, &zero, sizeof(zero));
		return (uint16_t)eft_crc32c(sum, bytes + AFTER,
					    fs->desc_bytes - AFTER);
	}
	crc = crc16(0xffff, eft_ext4_super(fs)->uuid, 16);
	crc = crc16(crc, &number, 4);
	crc = crc16(crc, bytes, AT);
	return crc16(crc, bytes + AFTER, fs->desc_bytes - AFTER);
}

static bool has_desc_checksums(const struct eft_ext4 *fs)
{
	return fs->has_checksums || (fs->ro_compat & EFT_EXT4_RO_GDT_CSUM);
}

static struct eft_ext4_desc *writable(struct eft_ext4 *fs, uint32_t group)
{
	return (void *)(desc_buffer(fs, group)->data + desc_offset(fs, group));
}

/*
 * The fields of a descriptor that has its second half only with 64BIT.
 */
static uint64_t desc_block(const struct eft_ext4 *fs, struct eft_le32 lo,
			   const struct eft_le32 *hi)
{
	return eft_get32(lo) |
	       (has_hi(fs) ? (uint64_t)eft_get32(*hi) << 32 : 0);
}

static uint32_t desc_count(const struct eft_ext4 *fs, struct eft_le16 lo,
			   const struct eft_le16 *hi)
{
	return eft_get16(lo) |
	       (has_hi(fs) ? (uint32_t)eft_get16(*hi) << 16 : 0);
}

static void set_desc_count(const struct eft_ext4 *fs, struct eft_le16 *lo,
			   struct eft_le16 *hi, uint32_t value)
{
	*lo = eft_le16(value);
	if (has_hi(fs))
		*hi = eft_le16(value >> 16);
}

uint32_t eft_ext4_free_blocks_in(const struct eft_ext4 *fs, uint32_t group)
{
	const struct eft_ext4_desc *desc = eft_ext4_desc(fs, group);

	return desc_count(fs, desc->free_blocks_lo, &desc->free_blocks_hi);
}

uint32_t eft_ext4_free_inodes_in(const struct eft_ext4 *fs, uint32_t group)
{
	const struct eft_ext4_desc *desc = eft_ext4_desc(fs, group);

	return desc_count(fs, desc->free_inodes_lo, &desc->free_inodes_hi);
}

uint32_t eft_ext4_dirs_in(const struct eft_ext4 *fs, uint32_t group)
{
	const struct eft_ext4_desc *desc = eft_ext4_desc(fs, group);

	return desc_count(fs, desc->used_dirs_lo, &desc->used_dirs_hi);
}

uint64_t eft_ext4_inode_table(const struct eft_ext4 *fs, uint32_t group)
{
	const struct eft_ext4_desc *desc = eft_ext4_desc(fs, group);

	return desc_block(fs, desc->inode_table_lo, &desc->inode_table_hi);
}

static uint64_t bitmap_block(const struct eft_ext4 *fs, uint32_t group,
			     enum eft_ext4_bitmap which)
{
	const struct eft_ext4_desc *desc = eft_ext4_desc(fs, group);

	if (which == EFT_EXT4_BLOCK_BITMAP)
		return desc_block(fs, desc->block_bitmap_lo,
				  &desc->block_bitmap_hi);
	return desc_block(fs, desc->inode_bitmap_lo, &desc->inode_bitmap_hi);
}

int eft_ext4_count_dir(struct eft_ext4_op *op, uint32_t group, int more)
{
	struct eft_ext4_desc *desc = eft_ext4_desc_edit(op, group);
	uint32_t dirs = eft_ext4_dirs_in(op->fs, group);

	if (desc == NULL)
		return -ENOMEM;
	if (more < 0 && dirs == 0)
		return eft_ext4_corrupt(op->fs,
					"a group has too few directories");
	set_desc_count(op->fs, &desc->used_dirs_lo, &desc->used_dirs_hi,
		       dirs + (uint32_t)more);
	return 0;
}

/*
 * Where things are in a group.
 */
static uint64_t group_first(const struct eft_ext4 *fs, uint32_t group)
{
	return fs->first_data_block + (uint64_t)group * fs->blocks_per_group;
}

uint32_t eft_ext4_group_blocks(const struct eft_ext4 *fs, uint32_t group)
{
	return (uint32_t)eft_min(fs->blocks_per_group,
				 fs->blocks - group_first(fs, group));
}

static bool is_power_of(uint32_t number, uint32_t base)
{
	while (number % base == 0)
		number /= base;
	return number == 1;
}

/* Does (group) have a copy of the superblock and of the descriptors? */
static bool has_super(const struct eft_ext4 *fs, uint32_t group)
{
	const struct eft_ext4_super *super = eft_ext4_super(fs);

	if (group == 0)
		return true;
	if (fs->compat & EFT_EXT4_COMPAT_SPARSE_SUPER2)
		return group == eft_get32(super->backup_groups[0]) ||
		       group == eft_get32(super->backup_groups[1]);
	return group == 1 || !(fs->ro_compat & EFT_EXT4_RO_SPARSE_SUPER) ||
	       is_power_of(group, 3) || is_power_of(group, 5) ||
	       is_power_of(group, 7);
}

static uint32_t super_blocks(const struct eft_ext4 *fs, uint32_t group)
{
	return has_super(fs, group)
		       ? 1 + fs->desc_blocks +
				 eft_get16(eft_ext4_super(fs)
						   ->reserved_gdt_blocks)
		       : 0;
}

static uint32_t table_blocks(const struct eft_ext4 *fs)
{
	return (uint32_t)(((uint64_t)fs->inodes_per_group * fs->inode_bytes +
			   fs->block_bytes - 1) >>
			  fs->block_shift);
}

static void set_bits(uint8_t *bits, uint32_t first, uint32_t count, bool set)
{
	for (; count > 0; first++, count--) {
		if (set)
			bits[first / 8] |= (uint8_t)(1 << first % 8);
		else
			bits[first / 8] &= (uint8_t) ~(1 << first % 8);
	}
}

/* Set the bits of the blocks [first, first+count) that are in (group). */
static void set_blocks(const struct eft_ext4 *fs, uint32_t group, uint8_t *bits,
		       uint64_t first, uint64_t count)
{
	uint64_t start = group_first(fs, group),
		 end = start + eft_ext4_group_blocks(fs, group);
	uint64_t from = eft_max(first, start), to = eft_min(first + count, end);

	if (from < to)
		set_bits(bits, (uint32_t)(from - start), (uint32_t)(to - from),
			 true);
}

/* What the bitmap of a group is that has never been written (bitmaps.rst). */
static void fill_bitmap(const struct eft_ext4 *fs, uint32_t group,
			enum eft_ext4_bitmap which, uint8_t *bits)
{
	uint32_t there = fs->inodes_per_group, all = fs->block_bytes * 8;

	if (which == EFT_EXT4_BLOCK_BITMAP) {
		there = eft_ext4_group_blocks(fs, group);
		set_bits(bits, 0, super_blocks(fs, group), true);
		set_blocks(fs, group, bits,
			   bitmap_block(fs, group, EFT_EXT4_BLOCK_BITMAP), 1);
		set_blocks(fs, group, bits,
			   bitmap_block(fs, group, EFT_EXT4_INODE_BITMAP), 1);
		set_blocks(fs, group, bits, eft_ext4_inode_table(fs, group),
			   table_blocks(fs));
	}
	set_bits(bits, there, all - there, true);
}

static bool is_uninit(const struct eft_ext4 *fs, uint32_t group,
		      enum eft_ext4_bitmap which)
{
	unsigned flag = which == EFT_EXT4_BLOCK_BITMAP ? EFT_EXT4_BLOCK_UNINIT
						       : EFT_EXT4_INODE_UNINIT;

	return has_desc_checksums(fs) &&
	       (eft_get16(eft_ext4_desc(fs, group)->flags) & flag);
}

static uint32_t bitmap_checksum(const struct eft_ext4 *fs,
				enum eft_ext4_bitmap which, const uint8_t *bits)
{
	uint32_t count = which == EFT_EXT4_BLOCK_BITMAP ? fs->blocks_per_group
							: fs->inodes_per_group;

	return eft_crc32c(fs->checksum_seed, bits, count / 8);
}

static int check_bitmap(struct eft_ext4 *fs, uint32_t group,
			enum eft_ext4_bitmap which, const uint8_t *bits)
{
	const struct eft_ext4_desc *desc = eft_ext4_desc(fs, group);
	uint8_t checked = which == EFT_EXT4_BLOCK_BITMAP ? CHECKED_BLOCKS
							 : CHECKED_INODES;
	uint32_t sum, said;

	if (!fs->has_checksums || (fs->checked[group] & checked))
		return 0;
	sum = bitmap_checksum(fs, which, bits);
	if (which == EFT_EXT4_BLOCK_BITMAP)
		said = desc_count(fs, desc->block_bitmap_csum_lo,
				  &desc->block_bitmap_csum_hi);
	else
		said = desc_count(fs, desc->inode_bitmap_csum_lo,
				  &desc->inode_bitmap_csum_hi);
	if ((has_hi(fs) ? sum : (uint16_t)sum) != said)
		return eft_ext4_corrupt(fs, "a bitmap has a wrong checksum");
	fs->checked[group] |= checked;
	return 0;
}

int eft_ext4_bitmap(struct eft_ext4 *fs, uint32_t group,
		    enum eft_ext4_bitmap which,
		    struct eft_ext4_buffer **ret_buffer)
{
	uint64_t block = bitmap_block(fs, group, which);
	struct eft_ext4_buffer *buffer;
	int error;

	if (is_uninit(fs, group, which)) {
		error = eft_ext4_buffer_zero(fs, block, &buffer);
		if (error != 0)
			return error;
		fill_bitmap(fs, group, which, buffer->data);
	} else {
		error = eft_ext4_buffer_read(fs, block, &buffer);
		if (error != 0)
			return error;
		error = check_bitmap(fs, group, which, buffer->data);
	}
	if (error != 0) {
		eft_ext4_buffer_put(buffer);
		return error;
	}
	*ret_buffer = buffer;
	return 0;
}

/* The bitmap has changed: so do its checksum, what it counts, and flags. */
static int follow_bitmap(struct eft_ext4_op *op, uint32_t group,
			 enum eft_ext4_bitmap which, int32_t more_free)
{
	struct eft_ext4 *fs = op->fs;
	struct eft_ext4_desc *desc = eft_ext4_desc_edit(op, group);
	uint16_t flags;

	if (desc == NULL)
		return -ENOMEM;
	flags = eft_get16(desc->flags);
	if (which == EFT_EXT4_BLOCK_BITMAP) {
		set_desc_count(fs, &desc->free_blocks_lo, &desc->free_blocks_hi,
			       eft_ext4_free_blocks_in(fs, group) +
				       (uint32_t)more_free);
		fs->checked[group] |= CHECKED_BLOCKS | UNSEALED_BLOCKS;
		desc->flags = eft_le16(flags & ~EFT_EXT4_BLOCK_UNINIT);
		op->blocks += more_free;
	} else {
		set_desc_count(fs, &desc->free_inodes_lo, &desc->free_inodes_hi,
			       eft_ext4_free_inodes_in(fs, group) +
				       (uint32_t)more_free);
		fs->checked[group] |= CHECKED_INODES | UNSEALED_INODES;
		desc->flags = eft_le16(flags & ~EFT_EXT4_INODE_UNINIT);
		op->inodes += more_free;
	}
	return 0;
}

/* A bitmap that has changed is in memory; so this finds no error. */
static void seal_bitmap(struct eft_ext4 *fs, uint32_t group,
			enum eft_ext4_bitmap which)
{
	struct eft_ext4_desc *desc = writable(fs, group);
	struct eft_ext4_buffer *buffer;
	uint32_t sum;

	if (!fs->has_checksums || is_uninit(fs, group, which) ||
	    eft_ext4_bitmap(fs, group, which, &buffer) != 0)
		return;
	sum = bitmap_checksum(fs, which, buffer->data);
	eft_ext4_buffer_put(buffer);
	if (which == EFT_EXT4_BLOCK_BITMAP)
		set_desc_count(fs, &desc->block_bitmap_csum_lo,
			       &desc->block_bitmap_csum_hi, sum);
	else
		set_desc_count(fs, &desc->inode_bitmap_csum_lo,
			       &desc->inode_bitmap_csum_hi, sum);
}

static void seal_desc(struct eft_ext4 *fs, uint32_t group)
{
	uint8_t *checked = &fs->checked[group];

	if (*checked & UNSEALED_BLOCKS)
		seal_bitmap(fs, group, EFT_EXT4_BLOCK_BITMAP);
	if (*checked & UNSEALED_INODES)
		seal_bitmap(fs, group, EFT_EXT4_INODE_BITMAP);
	if ((*checked & UNSEALED) && has_desc_checksums(fs))
		writable(fs, group)->checksum =
			eft_le16(desc_checksum(fs, group));
	*checked &= CHECKED_BLOCKS | CHECKED_INODES;
}

void eft_ext4_descs_seal(struct eft_ext4 *fs, uint32_t first_group)
{
	uint32_t end = (uint32_t)eft_min(first_group + descs_per_block(fs),
					 fs->groups);

	for (uint32_t group = first_group; group < end; group++)
		seal_desc(fs, group);
}

int eft_ext4_bitmap_set(struct eft_ext4_op *op, uint32_t group,
			enum eft_ext4_bitmap which,
			struct eft_ext4_buffer *buffer, uint32_t first,
			uint32_t count, bool used)
{
	uint32_t free = which == EFT_EXT4_BLOCK_BITMAP
				? eft_ext4_free_blocks_in(op->fs, group)
				: eft_ext4_free_inodes_in(op->fs, group);
	uint32_t byte = first / 8, end = (first + count + 7) / 8;

	for (uint32_t at = first; at < first + count; at++) {
		if (eft_ext4_bit(buffer->data, at) == used)
			return eft_ext4_corrupt(op->fs,
						"a bitmap contradicts files");
	}
	if (used && free < count)
		return eft_ext4_corrupt(op->fs, "a group has too few free");
	if (eft_ext4_edit(op, buffer, byte, end - byte) == NULL)
		return -ENOMEM;
	set_bits(buffer->data, first, count, used);
	return follow_bitmap(op, group, which,
			     used ? -(int32_t)count : (int32_t)count);
}

/*
 * How many inodes at the end of the table were never used (group_descr.rst):
 * those up to (index) are from now on.
 */
int eft_ext4_use_table(struct eft_ext4_op *op, uint32_t group, uint32_t index)
{
	struct eft_ext4 *fs = op->fs;
	const struct eft_ext4_desc *now = eft_ext4_desc(fs, group);
	struct eft_ext4_desc *desc;
	uint32_t unused = fs->inodes_per_group - index - 1;

	if (!has_desc_checksums(fs) ||
	    desc_count(fs, now->itable_unused_lo, &now->itable_unused_hi) <=
		    unused)
		return 0;
	desc = eft_ext4_desc_edit(op, group);
	if (desc == NULL)
		return -ENOMEM;
	set_desc_count(fs, &desc->itable_unused_lo, &desc->itable_unused_hi,
		       unused);
	return 0;
}

static bool is_inside(const struct eft_ext4 *fs, uint64_t first, uint64_t count)
{
	return first >= fs->first_data_block && first < fs->blocks &&
	       count <= fs->blocks - first;
}

/*
 * Runs of blocks that are metadata of groups, and so nobody else's.
 */
struct zone {
	struct eft_treap_node node; /* key: first */
	uint64_t end;
};

static struct zone *zone_of(struct eft_treap_node *node)
{
	return node != NULL ? eft_container_of(node, struct zone, node) : NULL;
}

bool eft_ext4_is_group_metadata(const struct eft_ext4 *fs, uint64_t first,
				uint64_t count)
{
	const struct zone *zone =
		zone_of(eft_treap_at_or_before(&fs->zones, first + count - 1));

	return zone != NULL && zone->end > first;
}

static int add_zone(struct eft_ext4 *fs, uint64_t first, uint64_t count)
{
	struct zone *before =
		zone_of(eft_treap_at_or_before(&fs->zones, first));
	struct zone *zone;

	if (count == 0)
		return 0;
	if (!is_inside(fs, first, count) ||
	    eft_ext4_is_group_metadata(fs, first, count))
		return eft_ext4_corrupt(fs, "groups have metadata nowhere");
	fs->overhead += count;
	if (before != NULL && before->end == first) {
		before->end += count;
		return 0;
	}
	zone = eft_alloc(sizeof(*zone));
	if (zone == NULL)
		return -ENOMEM;
	zone->end = first + count;
	eft_treap_insert(&fs->zones, &zone->node, first);
	return 0;
}

static int add_zones(struct eft_ext4 *fs)
{
	int error = 0;

	for (uint32_t i = 0; i < fs->groups && error == 0; i++)
		error = add_zone(fs, group_first(fs, i), super_blocks(fs, i));
	for (uint32_t i = 0; i < fs->groups && error == 0; i++)
		error = add_zone(fs, bitmap_block(fs, i, EFT_EXT4_BLOCK_BITMAP),
				 1);
	for (uint32_t i = 0; i < fs->groups && error == 0; i++)
		error = add_zone(fs, bitmap_block(fs, i, EFT_EXT4_INODE_BITMAP),
				 1);
	for (uint32_t i = 0; i < fs->groups && error == 0; i++)
		error = add_zone(fs, eft_ext4_inode_table(fs, i),
				 table_blocks(fs));
	return error;
}

static int check_desc(struct eft_ext4 *fs, uint32_t group)
{
	const struct eft_ext4_desc *desc = eft_ext4_desc(fs, group);

	if (has_desc_checksums(fs) &&
	    eft_get16(desc->checksum) != desc_checksum(fs, group))
		return eft_ext4_corrupt(
			fs, "a group's descriptor has a wrong checksum");
	if (eft_ext4_free_blocks_in(fs, group) >
		    eft_ext4_group_blocks(fs, group) ||
	    eft_ext4_free_inodes_in(fs, group) > fs->inodes_per_group ||
	    eft_ext4_dirs_in(fs, group) > fs->inodes_per_group)
		return eft_ext4_corrupt(fs, "a group counts too many");
	fs->free_blocks += eft_ext4_free_blocks_in(fs, group);
	fs->free_inodes += eft_ext4_free_inodes_in(fs, group);
	return 0;
}

int eft_ext4_groups_read(struct eft_ext4 *fs)
{
	uint64_t first = fs->first_data_block + 1;
	int error = 0;

	fs->desc_blocks =
		(fs->groups + descs_per_block(fs) - 1) / descs_per_block(fs);
	if (!is_inside(fs, first, fs->desc_blocks))
		return -EUCLEAN;
	fs->descs =
		eft_alloc(fs->desc_blocks * sizeof(struct eft_ext4_buffer *));
	fs->checked = eft_alloc(fs->groups);
	if (fs->descs == NULL || fs->checked == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < fs->desc_blocks && error == 0; i++)
		error = eft_ext4_buffer_read(fs, first + i, &fs->descs[i]);
	return error;
}

int eft_ext4_groups_check(struct eft_ext4 *fs)
{
	int error = 0;

	for (uint32_t i = 0; i < fs->groups && error == 0; i++)
		error = check_desc(fs, i);
	return error == 0 ? add_zones(fs) : error;
}

void eft_ext4_groups_close(struct eft_ext4 *fs)
{
	struct eft_treap_node *node;

	while ((node = eft_treap_first(&fs->zones)) != NULL) {
		eft_treap_remove(&fs->zones, node);
		eft_free(zone_of(node));
	}
	for (uint32_t i = 0; fs->descs != NULL && i < fs->desc_blocks; i++)
		eft_ext4_buffer_put(fs->descs[i]);
	eft_free(fs->descs);
	eft_free(fs->checked);
	fs->descs = NULL;
	fs->checked = NULL;
}

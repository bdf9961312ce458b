// SPDX-License-Identifier: BSD-3-Clause
/*
 * Inodes on the disk. Linux, Documentation/filesystems/ext4: inodes.rst.
 */
#include "core/fs/ext4/meta.h"
#include "core/lib/crc32c.h"
#include "core/random.h"

/* The fields after the first 128 bytes that an inode of (fs) may have. */
#define FITS(fs, raw, field)                                                  \
	((fs)->inode_bytes > EFT_EXT4_OLD_INODE_BYTES &&                      \
	 offsetof(struct eft_ext4_raw_inode, field) + sizeof((raw)->field) <= \
		 EFT_EXT4_OLD_INODE_BYTES +                                   \
			 (size_t)eft_get16((raw)->extra_isize))

bool eft_ext4_inode_place(const struct eft_ext4 *fs, uint32_t number,
			  uint64_t *ret_block, uint32_t *ret_offset)
{
	uint64_t at;

	if (number == 0 || number > fs->inodes)
		return false;
	at = (uint64_t)((number - 1) % fs->inodes_per_group) * fs->inode_bytes;
	*ret_block =
		eft_ext4_inode_table(fs, (number - 1) / fs->inodes_per_group) +
		(at >> fs->block_shift);
	*ret_offset = (uint32_t)(at % fs->block_bytes);
	return true;
}

/*
 * checksums.rst: of all, with the checksum itself as zeroes.
 */
static uint32_t checksum(const struct eft_ext4 *fs,
			 const struct eft_ext4_raw_inode *raw, uint32_t seed)
{
	enum {
		LO = offsetof(struct eft_ext4_raw_inode, checksum_lo),
		HI = offsetof(struct eft_ext4_raw_inode, checksum_hi),
	};
	const uint8_t *bytes = (const void *)raw;
	const struct eft_le16 zero = {{0}};
	uint32_t end = fs->inode_bytes, at = LO + sizeof(zero);
	uint32_t sum = eft_crc32c(seed, bytes, LO);

	sum = eft_crc32c(sum, &zero, sizeof(zero));
	if (FITS(fs, raw, checksum_hi)) {
		sum = eft_crc32c(sum, bytes + at, HI - at);
		sum = eft_crc32c(sum, &zero, sizeof(zero));
		at = HI + sizeof(zero);
	}
	return eft_crc32c(sum, bytes + at, end - at);
}

static uint32_t seed_of(const struct eft_ext4 *fs, uint32_t number,
			const struct eft_ext4_raw_inode *raw)
{
	struct eft_le32 first[2] = {eft_le32(number), raw->generation};

	return eft_crc32c(fs->checksum_seed, first, sizeof(first));
}

static void find_seed(struct eft_ext4_inode *inode)
{
	inode->checksum_seed = seed_of(inode->fs, (uint32_t)inode->node.ino,
				       eft_ext4_raw(inode));
}

/* Which inode of its block is it? */
static unsigned slot_of(const struct eft_ext4_inode *inode)
{
	return inode->offset / inode->fs->inode_bytes;
}

static bool checksum_is_right(const struct eft_ext4_inode *inode)
{
	const struct eft_ext4_raw_inode *raw = eft_ext4_raw(inode);
	uint32_t sum;

	if (!inode->fs->has_checksums ||
	    eft_ext4_is_unsealed(inode->buffer, slot_of(inode)))
		return true;
	sum = checksum(inode->fs, raw, inode->checksum_seed);
	if (!FITS(inode->fs, raw, checksum_hi))
		return (uint16_t)sum == eft_get16(raw->checksum_lo);
	return sum == eft_get16_16(raw->checksum_lo, raw->checksum_hi);
}

struct eft_ext4_raw_inode *eft_ext4_inode_edit(struct eft_ext4_op *op,
					       struct eft_ext4_inode *inode)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_edit(
		op, inode->buffer, inode->offset, op->fs->inode_bytes);
	unsigned slot = slot_of(inode);

	if (raw != NULL)
		eft_ext4_unseal(inode->buffer, EFT_EXT4_INODES,
				(uint32_t)inode->node.ino - slot, slot);
	return raw;
}

static void seal(const struct eft_ext4 *fs, struct eft_ext4_raw_inode *raw,
		 uint32_t number)
{
	uint32_t sum = checksum(fs, raw, seed_of(fs, number, raw));

	raw->checksum_lo = eft_le16(sum);
	if (FITS(fs, raw, checksum_hi))
		raw->checksum_hi = eft_le16(sum >> 16);
}

void eft_ext4_inodes_seal(struct eft_ext4_buffer *buffer)
{
	const struct eft_ext4 *fs = buffer->fs;

	for (unsigned slot = 0; slot < fs->block_bytes / fs->inode_bytes;
	     slot++) {
		if (eft_ext4_is_unsealed(buffer, slot))
			seal(fs,
			     (void *)(buffer->data + slot * fs->inode_bytes),
			     buffer->seal_from + slot);
	}
}

/* Are the blocks of a file of this type and size numbers of 32 bits? */
static bool size_is_right(const struct eft_ext4_inode *inode)
{
	uint64_t size = eft_ext4_inode_size(inode);
	uint32_t type = eft_get16(eft_ext4_raw(inode)->mode) & S_IFMT;

	if (type == S_IFDIR)
		return size > 0 && size % inode->fs->block_bytes == 0 &&
		       size >> inode->fs->block_shift < UINT32_MAX;
	if (type == S_IFLNK)
		return size > 0 && size < PATH_MAX &&
		       size <= inode->fs->block_bytes;
	return size >> inode->fs->block_shift < UINT32_MAX || type != S_IFREG;
}

int eft_ext4_inode_check(struct eft_ext4_inode *inode)
{
	const struct eft_ext4_raw_inode *raw = eft_ext4_raw(inode);
	uint32_t extra = inode->fs->inode_bytes - EFT_EXT4_OLD_INODE_BYTES;
	const char *why = NULL;

	find_seed(inode);
	if (extra > 0 && eft_get16(raw->extra_isize) > extra)
		why = "an inode has too many bytes";
	else if (!checksum_is_right(inode))
		why = "an inode has a wrong checksum";
	else if (!eft_mode_has_type(eft_get16(raw->mode)))
		why = "an inode has no known type";
	else if (eft_get32(raw->flags) &
		 (EFT_EXT4_INLINE | EFT_EXT4_ENCRYPTED | EFT_EXT4_EA_INODE))
		why = "an inode has an unknown feature";
	else if (!size_is_right(inode))
		why = "an inode has a wrong size";
	return why == NULL ? 0 : eft_ext4_corrupt(inode->fs, why);
}

uint64_t eft_ext4_inode_size(const struct eft_ext4_inode *inode)
{
	const struct eft_ext4_raw_inode *raw = eft_ext4_raw(inode);

	return eft_get32_32(raw->size_lo, raw->size_hi);
}

void eft_ext4_raw_set_size(struct eft_ext4_raw_inode *raw, uint64_t size)
{
	raw->size_lo = eft_le32(size);
	raw->size_hi = eft_le32(size >> 32);
}

uint64_t eft_ext4_inode_blocks(const struct eft_ext4_inode *inode)
{
	const struct eft_ext4_raw_inode *raw = eft_ext4_raw(inode);

	if (!(inode->fs->ro_compat & EFT_EXT4_RO_HUGE_FILE))
		return eft_get32(raw->blocks_lo);
	if (eft_get32(raw->flags) & EFT_EXT4_HUGE)
		return eft_get32_16(raw->blocks_lo, raw->blocks_hi)
		       << (inode->fs->block_shift - 9);
	return eft_get32_16(raw->blocks_lo, raw->blocks_hi);
}

int eft_ext4_inode_count_blocks(struct eft_ext4_op *op,
				struct eft_ext4_inode *inode, int64_t more)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	bool huge = op->fs->ro_compat & EFT_EXT4_RO_HUGE_FILE;
	int64_t blocks;

	if (raw == NULL)
		return -ENOMEM;
	if (!huge || !(eft_get32(raw->flags) & EFT_EXT4_HUGE))
		more *= op->fs->block_bytes / 512;
	blocks = huge ? (int64_t)eft_get32_16(raw->blocks_lo, raw->blocks_hi)
		      : eft_get32(raw->blocks_lo);
	blocks += more;
	if (blocks < 0)
		return eft_ext4_corrupt(op->fs, "an inode has too few blocks");
	if (blocks >> (huge ? 48 : 32) > 0)
		return -EFBIG;
	raw->blocks_lo = eft_le32((uint64_t)blocks);
	if (huge)
		raw->blocks_hi = eft_le16((uint64_t)blocks >> 32);
	return 0;
}

uint64_t eft_ext4_inode_xattr(const struct eft_ext4_inode *inode)
{
	const struct eft_ext4_raw_inode *raw = eft_ext4_raw(inode);

	if (!(inode->fs->incompat & EFT_EXT4_INCOMPAT_64BIT))
		return eft_get32(raw->xattr_lo);
	return eft_get32_16(raw->xattr_lo, raw->xattr_hi);
}

/*
 * Links. A directory with too many has one, which says so (DIR_NLINK).
 */
bool eft_ext4_inode_can_link(const struct eft_ext4_inode *inode)
{
	if (eft_node_is(&inode->node, S_IFDIR) &&
	    (inode->fs->ro_compat & EFT_EXT4_RO_DIR_NLINK))
		return true;
	return eft_get16(eft_ext4_raw(inode)->links) < EFT_EXT4_LINKS_MAX;
}

int eft_ext4_inode_link(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			int more)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	int links = raw != NULL ? eft_get16(raw->links) : 0;

	if (raw == NULL)
		return -ENOMEM;
	if (links + more < 0)
		return eft_ext4_corrupt(op->fs, "an inode has too few links");
	if (eft_node_is(&inode->node, S_IFDIR)) {
		if (links == 1) /* too many, and it stays so */
			return 0;
		if (links + more >= EFT_EXT4_LINKS_MAX)
			more = 1 - links;
	}
	raw->links = eft_le16((uint64_t)(links + more));
	return 0;
}

int eft_ext4_inode_no_links(struct eft_ext4_op *op,
			    struct eft_ext4_inode *inode)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);

	if (raw == NULL)
		return -ENOMEM;
	raw->links = eft_le16(0);
	return 0;
}

/*
 * Times: 32 bits of seconds, and where there is room 2 more, which extend them
 * upwards, and 30 of nanoseconds.
 */
enum { EPOCH_BITS = 2, EPOCH_MASK = 3 };

static struct eft_timespec get_time(struct eft_le32 seconds,
				    const struct eft_le32 *extra)
{
	struct eft_timespec time = {.sec = (int32_t)eft_get32(seconds)};

	if (extra != NULL) {
		uint32_t more = eft_get32(*extra);

		time.sec += (int64_t)(more & EPOCH_MASK) << 32;
		time.nsec = (int64_t)eft_min(more >> EPOCH_BITS, 999999999);
	}
	return time;
}

static void set_time(const struct eft_timespec *time, struct eft_le32 *seconds,
		     struct eft_le32 *extra)
{
	/* From the first to the last that can be told: years 1901 to 2446. */
	int64_t sec = time->sec < INT32_MIN ? INT32_MIN : time->sec;
	int64_t max =
		extra != NULL ? INT32_MAX + (INT64_C(3) << 32) : INT32_MAX;
	uint64_t epoch;

	if (sec > max)
		sec = max;
	epoch = (uint64_t)(sec - (int32_t)sec) >> 32;
	*seconds = eft_le32((uint64_t)sec);
	if (extra != NULL)
		*extra = eft_le32((uint64_t)time->nsec << EPOCH_BITS |
				  (epoch & EPOCH_MASK));
}

/* The extra part of (raw)'s (time), or NULL. */
#define EXTRA(fs, raw, time) \
	(FITS(fs, raw, time##_extra) ? &(raw)->time##_extra : NULL)

void eft_ext4_raw_get_times(const struct eft_ext4_inode *inode,
			    struct eft_timespec *ret_atime,
			    struct eft_timespec *ret_mtime,
			    struct eft_timespec *ret_ctime)
{
	const struct eft_ext4_raw_inode *raw = eft_ext4_raw(inode);
	const struct eft_ext4 *fs = inode->fs;

	*ret_atime = get_time(raw->atime, EXTRA(fs, raw, atime));
	*ret_mtime = get_time(raw->mtime, EXTRA(fs, raw, mtime));
	*ret_ctime = get_time(raw->ctime, EXTRA(fs, raw, ctime));
}

int eft_ext4_inode_touch(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 unsigned times)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	struct eft_timespec now = eft_node_now();

	if (raw == NULL)
		return -ENOMEM;
	if (times & EFT_EXT4_CTIME)
		set_time(&now, &raw->ctime, EXTRA(op->fs, raw, ctime));
	if (times & EFT_EXT4_MTIME)
		set_time(&now, &raw->mtime, EXTRA(op->fs, raw, mtime));
	return 0;
}

static void set_owner(struct eft_ext4_raw_inode *raw, uint32_t uid,
		      uint32_t gid)
{
	raw->uid_lo = eft_le16(uid);
	raw->uid_hi = eft_le16(uid >> 16);
	raw->gid_lo = eft_le16(gid);
	raw->gid_hi = eft_le16(gid >> 16);
}

int eft_ext4_inode_set_attributes(struct eft_ext4_op *op,
				  struct eft_ext4_inode *inode,
				  const struct eft_stat *attributes)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	const struct eft_ext4 *fs = op->fs;

	if (raw == NULL)
		return -ENOMEM;
	raw->mode = eft_le16(attributes->mode);
	set_owner(raw, attributes->uid, attributes->gid);
	set_time(&attributes->atime, &raw->atime, EXTRA(fs, raw, atime));
	set_time(&attributes->mtime, &raw->mtime, EXTRA(fs, raw, mtime));
	set_time(&attributes->ctime, &raw->ctime, EXTRA(fs, raw, ctime));
	return 0;
}

/* Times may change meanwhile: they are written again then. */
int eft_ext4_inode_put_contents(struct eft_ext4_op *op,
				struct eft_ext4_inode *inode, uint64_t size)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	const struct eft_node *node = &inode->node;

	if (raw == NULL)
		return -ENOMEM;
	__atomic_store_n(&inode->times_changed, false, __ATOMIC_RELEASE);
	eft_ext4_raw_set_size(raw, size);
	set_time(&node->atime, &raw->atime, EXTRA(op->fs, raw, atime));
	set_time(&node->mtime, &raw->mtime, EXTRA(op->fs, raw, mtime));
	set_time(&node->ctime, &raw->ctime, EXTRA(op->fs, raw, ctime));
	return 0;
}

/* Where a device's number is: the old form is that of 8 and 8 bits. */
static void set_device(struct eft_ext4_raw_inode *raw, uint64_t rdev)
{
	struct eft_le32 number = eft_le32(rdev);

	memcpy(raw->block + (rdev > UINT16_MAX ? 4 : 0), &number, 4);
}

/* Its map of blocks; one without extents has entries that are zeroes. */
static uint32_t init_map(const struct eft_ext4 *fs,
			 struct eft_ext4_raw_inode *raw)
{
	if (!(fs->incompat & EFT_EXT4_INCOMPAT_EXTENTS))
		return 0;
	eft_ext4_extents_init(raw);
	return EFT_EXT4_EXTENTS;
}

/* What of (spec) is in the inode itself. */
static void fill_contents(const struct eft_ext4 *fs,
			  struct eft_ext4_raw_inode *raw, uint32_t flags,
			  const struct eft_node_spec *spec)
{
	switch (spec->mode & S_IFMT) {
	case S_IFLNK:
		eft_ext4_raw_set_size(raw, spec->target_len);
		if (spec->target_len < EFT_EXT4_INODE_BLOCK_BYTES)
			memcpy(raw->block, spec->target, spec->target_len);
		else
			flags |= init_map(fs, raw);
		break;
	case S_IFREG:
	case S_IFDIR:
		flags |= init_map(fs, raw);
		break;
	default:
		set_device(raw, spec->rdev);
	}
	raw->flags = eft_le32(flags);
}

/* Who knows a number that was freed sees that it is another file's. */
static uint32_t next_generation(struct eft_ext4 *fs)
{
	while (fs->generation == 0)
		eft_random(&fs->generation, sizeof(fs->generation));
	return fs->generation++;
}

int eft_ext4_inode_fill(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			const struct eft_ext4_inode *parent,
			const struct eft_node_spec *spec)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	const struct eft_node *node = &inode->node;
	const struct eft_ext4 *fs = op->fs;
	uint32_t extra = fs->inode_bytes - EFT_EXT4_OLD_INODE_BYTES;

	if (raw == NULL)
		return -ENOMEM;
	memset(raw, 0, fs->inode_bytes);
	if (extra > 0)
		raw->extra_isize =
			eft_le16(eft_min(extra, EFT_EXT4_EXTRA_ISIZE));
	raw->generation = eft_le32(next_generation(op->fs));
	find_seed(inode);
	raw->mode = eft_le16(node->mode);
	raw->links = eft_le16(1 + eft_node_is(node, S_IFDIR));
	set_owner(raw, node->uid, node->gid);
	set_time(&node->atime, &raw->atime, EXTRA(fs, raw, atime));
	set_time(&node->mtime, &raw->mtime, EXTRA(fs, raw, mtime));
	set_time(&node->ctime, &raw->ctime, EXTRA(fs, raw, ctime));
	if (FITS(fs, raw, crtime_extra))
		set_time(&node->ctime, &raw->crtime, &raw->crtime_extra);
	fill_contents(fs, raw,
		      eft_get32(eft_ext4_raw(parent)->flags) &
			      EFT_EXT4_INHERITED,
		      spec);
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What is on the disk: Linux, Documentation/filesystems/ext4, of which the
 * files are named below. Numbers are little-endian, and need no alignment.
 */
#include "core/base.h"

struct eft_le16 {
	uint8_t bytes[2];
};
struct eft_le32 {
	uint8_t bytes[4];
};
struct eft_le64 {
	uint8_t bytes[8];
};

eft_inline uint16_t eft_get16(struct eft_le16 from)
{
	return (uint16_t)(from.bytes[0] | from.bytes[1] << 8);
}

eft_inline uint32_t eft_get32(struct eft_le32 from)
{
	return from.bytes[0] | (uint32_t)from.bytes[1] << 8 |
	       (uint32_t)from.bytes[2] << 16 | (uint32_t)from.bytes[3] << 24;
}

eft_inline struct eft_le16 eft_le16(uint64_t value)
{
	return (struct eft_le16){{(uint8_t)value, (uint8_t)(value >> 8)}};
}

eft_inline struct eft_le32 eft_le32(uint64_t value)
{
	return (struct eft_le32){{(uint8_t)value, (uint8_t)(value >> 8),
				  (uint8_t)(value >> 16),
				  (uint8_t)(value >> 24)}};
}

/* A number in two parts. */
static inline uint64_t eft_get32_16(struct eft_le32 lo, struct eft_le16 hi)
{
	return eft_get32(lo) | (uint64_t)eft_get16(hi) << 32;
}

static inline uint64_t eft_get32_32(struct eft_le32 lo, struct eft_le32 hi)
{
	return eft_get32(lo) | (uint64_t)eft_get32(hi) << 32;
}

static inline uint32_t eft_get16_16(struct eft_le16 lo, struct eft_le16 hi)
{
	return eft_get16(lo) | (uint32_t)eft_get16(hi) << 16;
}

/*
 * The superblock, at byte 1024: super.rst.
 */
enum {
	EFT_EXT4_SUPER_AT = 1024,
	EFT_EXT4_MAGIC = 0xef53,
	EFT_EXT4_VALID = 1, /* state */
	EFT_EXT4_ERROR = 2,
	EFT_EXT4_DYNAMIC = 1, /* revision */
	EFT_EXT4_OLD_INODE_BYTES = 128,
	EFT_EXT4_OLD_FIRST_INODE = 11,
	EFT_EXT4_ROOT_INODE = 2,
	EFT_EXT4_CRC32C = 1,	      /* checksum_type */
	EFT_EXT4_UNSIGNED_HASH = 2,   /* flags */
	EFT_EXT4_MIN_DESC_BYTES = 32, /* and with 64BIT: 64 */
};

enum eft_ext4_compat {
	EFT_EXT4_COMPAT_JOURNAL = 0x4,
	EFT_EXT4_COMPAT_EXT_ATTR = 0x8,
	EFT_EXT4_COMPAT_DIR_INDEX = 0x20,
	EFT_EXT4_COMPAT_SPARSE_SUPER2 = 0x200,
	EFT_EXT4_COMPAT_ORPHAN_FILE = 0x1000,
};

enum eft_ext4_incompat {
	EFT_EXT4_INCOMPAT_FILETYPE = 0x2,
	EFT_EXT4_INCOMPAT_RECOVER = 0x4,
	EFT_EXT4_INCOMPAT_EXTENTS = 0x40,
	EFT_EXT4_INCOMPAT_64BIT = 0x80,
	EFT_EXT4_INCOMPAT_FLEX_BG = 0x200,
	EFT_EXT4_INCOMPAT_CSUM_SEED = 0x2000,
	EFT_EXT4_INCOMPAT_LARGEDIR = 0x4000,
};

enum eft_ext4_ro_compat {
	EFT_EXT4_RO_SPARSE_SUPER = 0x1,
	EFT_EXT4_RO_LARGE_FILE = 0x2,
	EFT_EXT4_RO_HUGE_FILE = 0x8,
	EFT_EXT4_RO_GDT_CSUM = 0x10,
	EFT_EXT4_RO_DIR_NLINK = 0x20,
	EFT_EXT4_RO_EXTRA_ISIZE = 0x40,
	EFT_EXT4_RO_METADATA_CSUM = 0x400,
	EFT_EXT4_RO_ORPHAN_PRESENT = 0x10000,
};

struct eft_ext4_super {
	struct eft_le32 inodes, blocks_lo, reserved_blocks_lo, free_blocks_lo,
		free_inodes, first_data_block, log_block_size, log_cluster_size,
		blocks_per_group, clusters_per_group, inodes_per_group, mtime,
		wtime;
	struct eft_le16 mount_count, max_mount_count, magic, state, errors,
		minor_revision;
	struct eft_le32 last_check, check_interval, creator, revision;
	struct eft_le16 reserved_uid, reserved_gid;
	struct eft_le32 first_inode;
	struct eft_le16 inode_bytes, group_number;
	struct eft_le32 compat, incompat, ro_compat;
	uint8_t uuid[16];
	char volume[16], last_mounted[64];
	struct eft_le32 algorithms;
	uint8_t prealloc, prealloc_dir;
	struct eft_le16 reserved_gdt_blocks;
	uint8_t journal_uuid[16];
	struct eft_le32 journal_inode, journal_device, last_orphan,
		hash_seed[4];
	uint8_t hash_version, journal_backup_type;
	struct eft_le16 desc_bytes;
	struct eft_le32 default_options, first_meta_bg, mkfs_time,
		journal_blocks[17], blocks_hi, reserved_blocks_hi,
		free_blocks_hi;
	struct eft_le16 min_extra_isize, want_extra_isize;
	struct eft_le32 flags;
	struct eft_le16 raid_stride, mmp_interval;
	struct eft_le64 mmp_block;
	struct eft_le32 raid_stripe_width;
	uint8_t log_groups_per_flex, checksum_type;
	struct eft_le16 reserved;
	struct eft_le64 kbytes_written;
	uint8_t snapshot[20];
	struct eft_le32 error_count, first_error_time, first_error_inode;
	struct eft_le64 first_error_block;
	char first_error_function[32];
	struct eft_le32 first_error_line, last_error_time, last_error_inode,
		last_error_line;
	struct eft_le64 last_error_block;
	char last_error_function[32];
	char mount_options[64];
	struct eft_le32 user_quota, group_quota, overhead, backup_groups[2];
	uint8_t encryption[20];
	struct eft_le32 lost_found, project_quota, checksum_seed;
	uint8_t times_hi[6], error_codes[2];
	struct eft_le16 encoding, encoding_flags;
	struct eft_le32 orphan_file;
	struct eft_le32 padding[94], checksum;
};

_Static_assert(sizeof(struct eft_ext4_super) == 1024, "super.rst");
_Static_assert(offsetof(struct eft_ext4_super, magic) == 0x38, "super.rst");
_Static_assert(offsetof(struct eft_ext4_super, uuid) == 0x68, "super.rst");
_Static_assert(offsetof(struct eft_ext4_super, last_orphan) == 0xe8, "");
_Static_assert(offsetof(struct eft_ext4_super, blocks_hi) == 0x150, "");
_Static_assert(offsetof(struct eft_ext4_super, error_count) == 0x194, "");
_Static_assert(offsetof(struct eft_ext4_super, checksum_seed) == 0x270, "");
_Static_assert(offsetof(struct eft_ext4_super, orphan_file) == 0x280, "");
_Static_assert(offsetof(struct eft_ext4_super, checksum) == 0x3fc, "");

/*
 * A group's descriptor: group_descr.rst. Only the first 32 bytes without 64BIT.
 */
enum {
	EFT_EXT4_INODE_UNINIT = 1, /* flags */
	EFT_EXT4_BLOCK_UNINIT = 2,
	EFT_EXT4_ITABLE_ZEROED = 4,
};

struct eft_ext4_desc {
	struct eft_le32 block_bitmap_lo, inode_bitmap_lo, inode_table_lo;
	struct eft_le16 free_blocks_lo, free_inodes_lo, used_dirs_lo, flags;
	struct eft_le32 exclude_bitmap_lo;
	struct eft_le16 block_bitmap_csum_lo, inode_bitmap_csum_lo,
		itable_unused_lo, checksum;
	struct eft_le32 block_bitmap_hi, inode_bitmap_hi, inode_table_hi;
	struct eft_le16 free_blocks_hi, free_inodes_hi, used_dirs_hi,
		itable_unused_hi;
	struct eft_le32 exclude_bitmap_hi;
	struct eft_le16 block_bitmap_csum_hi, inode_bitmap_csum_hi;
	struct eft_le32 reserved;
};

_Static_assert(sizeof(struct eft_ext4_desc) == 64, "group_descr.rst");
_Static_assert(offsetof(struct eft_ext4_desc, checksum) == 0x1e, "");
_Static_assert(offsetof(struct eft_ext4_desc, block_bitmap_csum_hi) == 0x38,
	       "");

/*
 * An inode: inodes.rst. Those of 128 bytes end before extra_isize.
 */
enum eft_ext4_inode_flags {
	EFT_EXT4_IMMUTABLE = 0x10,
	EFT_EXT4_APPEND = 0x20,
	EFT_EXT4_ENCRYPTED = 0x800,
	EFT_EXT4_INDEXED = 0x1000, /* a directory with a hash tree */
	EFT_EXT4_TOP_DIR = 0x20000,
	EFT_EXT4_HUGE = 0x40000, /* blocks counts blocks, not sectors */
	EFT_EXT4_EXTENTS = 0x80000,
	EFT_EXT4_EA_INODE = 0x200000,
	EFT_EXT4_INLINE = 0x10000000,
	/* What is inherited from a directory: SYNC, NODUMP, NOATIME. */
	EFT_EXT4_INHERITED = 0x8 | 0x40 | 0x80,
};

enum {
	EFT_EXT4_INODE_BLOCK_BYTES = 60,
	EFT_EXT4_LINKS_MAX = 65000,
	EFT_EXT4_EXTRA_ISIZE = 32, /* up to and with projid */
};

struct eft_ext4_raw_inode {
	struct eft_le16 mode, uid_lo;
	struct eft_le32 size_lo, atime, ctime, mtime, dtime;
	struct eft_le16 gid_lo, links;
	struct eft_le32 blocks_lo, flags, version;
	uint8_t block[EFT_EXT4_INODE_BLOCK_BYTES];
	struct eft_le32 generation, xattr_lo, size_hi, fragment;
	struct eft_le16 blocks_hi, xattr_hi, uid_hi, gid_hi, checksum_lo,
		reserved;
	struct eft_le16 extra_isize, checksum_hi;
	struct eft_le32 ctime_extra, mtime_extra, atime_extra, crtime,
		crtime_extra, version_hi, projid;
};

_Static_assert(sizeof(struct eft_ext4_raw_inode) == 160, "inodes.rst");
_Static_assert(offsetof(struct eft_ext4_raw_inode, block) == 0x28, "");
_Static_assert(offsetof(struct eft_ext4_raw_inode, checksum_lo) == 0x7c, "");
_Static_assert(offsetof(struct eft_ext4_raw_inode, extra_isize) == 0x80, "");

/*
 * Extents: ifork.rst. A node is a header and then entries of 12 bytes; one in a
 * block of its own ends with a checksum, after the entries that it has room for.
 */
enum {
	EFT_EXT4_EXTENT_MAGIC = 0xf30a,
	EFT_EXT4_EXTENT_DEPTH_MAX = 5,
	EFT_EXT4_EXTENT_ROOT_MAX = 4,
	EFT_EXT4_EXTENT_LEN_MAX = 32768, /* what is more is unwritten */
};

struct eft_ext4_extent_header {
	struct eft_le16 magic, entries, max, depth;
	struct eft_le32 generation;
};

struct eft_ext4_extent {
	struct eft_le32 block;
	struct eft_le16 len, start_hi;
	struct eft_le32 start_lo;
};

struct eft_ext4_extent_index {
	struct eft_le32 block, child_lo;
	struct eft_le16 child_hi, unused;
};

_Static_assert(sizeof(struct eft_ext4_extent_header) == 12, "ifork.rst");
_Static_assert(sizeof(struct eft_ext4_extent) == 12, "ifork.rst");
_Static_assert(sizeof(struct eft_ext4_extent_index) == 12, "ifork.rst");

/*
 * Directories: directory.rst. Entries fill each block; with metadata_csum the
 * last one is a tail with a checksum.
 */
enum {
	EFT_EXT4_DIRENT_HEADER = 8,
	EFT_EXT4_TAIL_TYPE = 0xde,
	EFT_EXT4_TAIL_BYTES = 12,
	EFT_EXT4_HASH_SEED_WORDS = 4,
};

struct eft_ext4_dirent {
	struct eft_le32 inode; /* 0: there is none */
	struct eft_le16 rec_len;
	uint8_t name_len, type;
	char name[];
};

struct eft_ext4_dir_tail {
	struct eft_le32 zero;
	struct eft_le16 rec_len;
	uint8_t zero_len, type;
	struct eft_le32 checksum;
};

/* The root of a hash tree, after the entries of `.` and `..`, of 12 bytes. */
struct eft_ext4_dx_info {
	struct eft_le32 zero;
	uint8_t hash_version, info_bytes, levels, flags;
};

/* Of the first entry the hash is (limit) and (count). */
struct eft_ext4_dx_entry {
	union {
		struct eft_le32 hash;
		struct {
			struct eft_le16 limit, count;
		};
	};
	struct eft_le32 block;
};

struct eft_ext4_dx_tail {
	struct eft_le32 reserved, checksum;
};

_Static_assert(sizeof(struct eft_ext4_dirent) == EFT_EXT4_DIRENT_HEADER, "");
_Static_assert(sizeof(struct eft_ext4_dir_tail) == EFT_EXT4_TAIL_BYTES, "");
_Static_assert(sizeof(struct eft_ext4_dx_entry) == 8, "directory.rst");

enum {
	EFT_EXT4_DX_ROOT_AT = 24, /* the info */
	EFT_EXT4_DX_NODE_AT = 8,  /* the entries, after an empty dirent */
};

/*
 * Extended attributes: attributes.rst. In an inode the magic is all of the
 * header.
 */
enum { EFT_EXT4_XATTR_MAGIC = 0xea020000 };

struct eft_ext4_xattr_header {
	struct eft_le32 magic, references, blocks, hash, checksum, reserved[3];
};

/* A name without its prefix, which (index) is; then zeroes, up to 4 bytes. */
struct eft_ext4_xattr_entry {
	uint8_t name_len, index;
	struct eft_le16 value_at;
	struct eft_le32 value_inode, value_bytes, hash;
	char name[];
};

_Static_assert(sizeof(struct eft_ext4_xattr_header) == 32, "attributes.rst");
_Static_assert(sizeof(struct eft_ext4_xattr_entry) == 16, "attributes.rst");

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * FUSE's messages as they go over the wire: numbers and layouts of
 * linux/fuse.h, version 7.31, as far as they are used here. All is in the
 * processor's byte order; what is not named is zero.
 */
#include "core/base.h"

enum { EFT_FUSE_MAJOR = 7, EFT_FUSE_MINOR = 31 };
/* The least that answers with all of struct eft_fuse_init_out. */
enum { EFT_FUSE_MINOR_LEAST = 28 };

enum { EFT_FUSE_ROOT = 1 }; /* FUSE_ROOT_ID */

enum eft_fuse_opcode {
	EFT_FUSE_LOOKUP = 1,
	EFT_FUSE_FORGET = 2, /* no answer */
	EFT_FUSE_GETATTR = 3,
	EFT_FUSE_SETATTR = 4,
	EFT_FUSE_READLINK = 5,
	EFT_FUSE_SYMLINK = 6,
	EFT_FUSE_MKNOD = 8,
	EFT_FUSE_MKDIR = 9,
	EFT_FUSE_UNLINK = 10,
	EFT_FUSE_RMDIR = 11,
	EFT_FUSE_RENAME = 12,
	EFT_FUSE_LINK = 13,
	EFT_FUSE_OPEN = 14,
	EFT_FUSE_READ = 15,
	EFT_FUSE_WRITE = 16,
	EFT_FUSE_STATFS = 17,
	EFT_FUSE_RELEASE = 18,
	EFT_FUSE_FSYNC = 20,
	EFT_FUSE_SETXATTR = 21,
	EFT_FUSE_GETXATTR = 22,
	EFT_FUSE_LISTXATTR = 23,
	EFT_FUSE_REMOVEXATTR = 24,
	EFT_FUSE_INIT = 26,
	EFT_FUSE_OPENDIR = 27,
	EFT_FUSE_READDIR = 28,
	EFT_FUSE_RELEASEDIR = 29,
	EFT_FUSE_FSYNCDIR = 30,
	EFT_FUSE_CREATE = 35,
	EFT_FUSE_DESTROY = 38,
	EFT_FUSE_FALLOCATE = 43,
	EFT_FUSE_RENAME2 = 45,
	EFT_FUSE_LSEEK = 46,
	EFT_FUSE_COPY_FILE_RANGE = 47,
	EFT_FUSE_TMPFILE = 51, /* 7.37 */
};

struct eft_fuse_in_header {
	uint32_t len, opcode;
	uint64_t unique, node;
	uint32_t uid, gid, pid, padding;
};

struct eft_fuse_out_header {
	uint32_t len;
	int32_t error; /* 0, or above -512: Linux's fuse_dev_do_write() */
	uint64_t unique;
};

enum { EFT_FUSE_ERROR_MAX = 511 };

enum { /* of INIT */
       EFT_FUSE_ASYNC_READ = 1 << 0,
       EFT_FUSE_BIG_WRITES = 1 << 5,
       EFT_FUSE_MAX_PAGES = 1 << 22,
};

struct eft_fuse_init_in {
	uint32_t major, minor, max_readahead, flags;
};

struct eft_fuse_init_out {
	uint32_t major, minor, max_readahead, flags;
	uint16_t max_background, congestion_threshold;
	uint32_t max_write, time_gran;
	uint16_t max_pages, map_alignment;
	uint32_t unused[8];
};

struct eft_fuse_attr {
	uint64_t ino, size, blocks, atime, mtime, ctime;
	uint32_t atimensec, mtimensec, ctimensec;
	uint32_t mode, nlink, uid, gid, rdev, blksize, flags;
};

struct eft_fuse_attr_out {
	uint64_t valid;
	uint32_t valid_nsec, padding;
	struct eft_fuse_attr attr;
};

struct eft_fuse_entry_out {
	uint64_t node, generation, entry_valid, attr_valid;
	uint32_t entry_valid_nsec, attr_valid_nsec;
	struct eft_fuse_attr attr;
};

struct eft_fuse_forget_in {
	uint64_t count; /* of the answers that have told of the node */
};

struct eft_fuse_getattr_in {
	uint32_t flags, padding;
	uint64_t fh;
};

enum { /* FATTR_…: what is set */
       EFT_FUSE_SET_MODE = 1 << 0,
       EFT_FUSE_SET_UID = 1 << 1,
       EFT_FUSE_SET_GID = 1 << 2,
       EFT_FUSE_SET_SIZE = 1 << 3,
       EFT_FUSE_SET_ATIME = 1 << 4,
       EFT_FUSE_SET_MTIME = 1 << 5,
};

struct eft_fuse_setattr_in {
	uint32_t valid, padding;
	uint64_t fh, size, lock_owner, atime, mtime, ctime;
	uint32_t atimensec, mtimensec, ctimensec;
	uint32_t mode, unused4, uid, gid, unused5;
};

struct eft_fuse_mknod_in {
	uint32_t mode, rdev, umask, padding;
};

struct eft_fuse_create_in {
	uint32_t flags, mode, umask, open_flags;
};

struct eft_fuse_mkdir_in {
	uint32_t mode, umask;
};

struct eft_fuse_rename_in {
	uint64_t newdir;
};

struct eft_fuse_rename2_in {
	uint64_t newdir;
	uint32_t flags, padding; /* renameat2(2)'s */
};

struct eft_fuse_link_in {
	uint64_t oldnode;
};

struct eft_fuse_open_in {
	uint32_t flags, open_flags;
};

struct eft_fuse_open_out {
	uint64_t fh;
	uint32_t open_flags, padding;
};

struct eft_fuse_create_out {
	struct eft_fuse_entry_out entry;
	struct eft_fuse_open_out open;
};

struct eft_fuse_release_in {
	uint64_t fh;
	uint32_t flags, release_flags;
	uint64_t lock_owner;
};

struct eft_fuse_read_in { /* READDIR's too */
	uint64_t fh, offset;
	uint32_t size, read_flags;
	uint64_t lock_owner;
	uint32_t flags, padding;
};

struct eft_fuse_write_in {
	uint64_t fh, offset;
	uint32_t size, write_flags;
	uint64_t lock_owner;
	uint32_t flags, padding;
};

struct eft_fuse_write_out {
	uint32_t size, padding;
};

enum { EFT_FUSE_DATA_ONLY = 1 }; /* FUSE_FSYNC_FDATASYNC */

struct eft_fuse_fsync_in {
	uint64_t fh;
	uint32_t flags, padding;
};

struct eft_fuse_fallocate_in {
	uint64_t fh, offset, length;
	uint32_t mode, padding;
};

struct eft_fuse_setxattr_in { /* without FUSE_SETXATTR_EXT */
	uint32_t size, flags; /* XATTR_… */
};

struct eft_fuse_getxattr_in { /* LISTXATTR's too; size 0: how much is there? */
	uint32_t size, padding;
};

struct eft_fuse_getxattr_out {
	uint32_t size, padding;
};

struct eft_fuse_lseek_in {
	uint64_t fh, offset;
	uint32_t whence, padding;
};

struct eft_fuse_lseek_out {
	uint64_t offset;
};

struct eft_fuse_copy_in {
	uint64_t fh_in, off_in, node_out, fh_out, off_out, len, flags;
};

struct eft_fuse_statfs_out {
	uint64_t blocks, bfree, bavail, files, ffree;
	uint32_t bsize, namelen, frsize, padding, spare[6];
};

/* Each on a multiple of 8 bytes. */
struct eft_fuse_dirent {
	uint64_t ino, off;
	uint32_t namelen, type; /* DT_… */
};

_Static_assert(sizeof(struct eft_fuse_in_header) == 40, "fuse_in_header");
_Static_assert(sizeof(struct eft_fuse_out_header) == 16, "fuse_out_header");
_Static_assert(sizeof(struct eft_fuse_init_in) == 16, "fuse_init_in, 7.31");
_Static_assert(sizeof(struct eft_fuse_init_out) == 64, "fuse_init_out");
_Static_assert(sizeof(struct eft_fuse_attr) == 88, "fuse_attr");
_Static_assert(sizeof(struct eft_fuse_attr_out) == 104, "fuse_attr_out");
_Static_assert(sizeof(struct eft_fuse_entry_out) == 128, "fuse_entry_out");
_Static_assert(sizeof(struct eft_fuse_forget_in) == 8, "fuse_forget_in");
_Static_assert(sizeof(struct eft_fuse_getattr_in) == 16, "fuse_getattr_in");
_Static_assert(sizeof(struct eft_fuse_setattr_in) == 88, "fuse_setattr_in");
_Static_assert(sizeof(struct eft_fuse_mknod_in) == 16, "fuse_mknod_in");
_Static_assert(sizeof(struct eft_fuse_create_in) == 16, "fuse_create_in");
_Static_assert(sizeof(struct eft_fuse_create_out) == 144, "both, one by one");
_Static_assert(sizeof(struct eft_fuse_mkdir_in) == 8, "fuse_mkdir_in");
_Static_assert(sizeof(struct eft_fuse_rename2_in) == 16, "fuse_rename2_in");
_Static_assert(sizeof(struct eft_fuse_open_in) == 8, "fuse_open_in");
_Static_assert(sizeof(struct eft_fuse_open_out) == 16, "fuse_open_out");
_Static_assert(sizeof(struct eft_fuse_release_in) == 24, "fuse_release_in");
_Static_assert(sizeof(struct eft_fuse_read_in) == 40, "fuse_read_in");
_Static_assert(sizeof(struct eft_fuse_write_in) == 40, "fuse_write_in");
_Static_assert(sizeof(struct eft_fuse_write_out) == 8, "fuse_write_out");
_Static_assert(sizeof(struct eft_fuse_fsync_in) == 16, "fuse_fsync_in");
_Static_assert(sizeof(struct eft_fuse_fallocate_in) == 32, "fuse_fallocate_in");
_Static_assert(sizeof(struct eft_fuse_setxattr_in) == 8, "FUSE_COMPAT_…");
_Static_assert(sizeof(struct eft_fuse_getxattr_in) == 8, "fuse_getxattr_in");
_Static_assert(sizeof(struct eft_fuse_getxattr_out) == 8, "fuse_getxattr_out");
_Static_assert(sizeof(struct eft_fuse_lseek_in) == 24, "fuse_lseek_in");
_Static_assert(sizeof(struct eft_fuse_lseek_out) == 8, "fuse_lseek_out");
_Static_assert(sizeof(struct eft_fuse_copy_in) == 56,
	       "fuse_copy_file_range_in");
_Static_assert(sizeof(struct eft_fuse_statfs_out) == 80, "fuse_statfs_out");
_Static_assert(sizeof(struct eft_fuse_dirent) == 24, "fuse_dirent");

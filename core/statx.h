// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * statx(2) and openat2(2): include/uapi/linux/stat.h, openat2.h.
 */
#include "core/abi.h"

enum { STATX_BASIC_STATS = 0x7ff };
#define STATX_RESERVED 0x80000000u

struct eft_statx_time {
	int64_t sec;
	uint32_t nsec;
	int32_t pad;
};

struct eft_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attributes_mask;
	struct eft_statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t spare[14];
};

_Static_assert(sizeof(struct eft_statx) == 256, "struct statx");

enum {
	RESOLVE_NO_XDEV = 1,
	RESOLVE_NO_MAGICLINKS = 2,
	RESOLVE_NO_SYMLINKS = 4,
	RESOLVE_BENEATH = 8,
	RESOLVE_IN_ROOT = 16,
	RESOLVE_CACHED = 32,
	RESOLVE_ALL = 63,
};

struct eft_open_how {
	uint64_t flags, mode, resolve;
};

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Messages of 9P2000.L, as bytes: numbers are little-endian, a string is its
 * length in two bytes and no NUL. Pure, no I/O.
 *
 * Source  Plan 9, intro(5) and what it refers to; diod, protocol.md, for
 *         9P2000.L; Linux, include/net/9p/9p.h, for the numbers
 */
#include "core/base.h"

/* Requests; the answer's type is the next number. */
enum {
	EFT_NINEP_LERROR = 6, /* an answer only: 7 */
	EFT_NINEP_STATFS = 8,
	EFT_NINEP_LOPEN = 12,
	EFT_NINEP_LCREATE = 14,
	EFT_NINEP_SYMLINK = 16,
	EFT_NINEP_MKNOD = 18,
	EFT_NINEP_READLINK = 22,
	EFT_NINEP_GETATTR = 24,
	EFT_NINEP_SETATTR = 26,
	EFT_NINEP_XATTRWALK = 30,
	EFT_NINEP_XATTRCREATE = 32,
	EFT_NINEP_READDIR = 40,
	EFT_NINEP_FSYNC = 50,
	EFT_NINEP_LINK = 70,
	EFT_NINEP_MKDIR = 72,
	EFT_NINEP_RENAMEAT = 74,
	EFT_NINEP_UNLINKAT = 76,
	EFT_NINEP_VERSION = 100,
	EFT_NINEP_ATTACH = 104,
	EFT_NINEP_WALK = 110,
	EFT_NINEP_READ = 116,
	EFT_NINEP_WRITE = 118,
	EFT_NINEP_CLUNK = 120,
};

enum {
	EFT_NINEP_HEAD = 7,	    /* size[4] type[1] tag[2] */
	EFT_NINEP_DATA_HEAD = 11,   /* and a count[4], or an error[4] */
	EFT_NINEP_IO_HEAD = 24,	    /* what msize has besides data */
	EFT_NINEP_DIRENT_HEAD = 24, /* qid[13] offset[8] type[1] len[2] */
};

#define EFT_NINEP_NO_TAG 0xffffu
#define EFT_NINEP_NO_FID 0xffffffffu

/* The server's number of a file: it has the same as long as it is there. */
struct eft_ninep_qid {
	uint64_t path;
	uint32_t version;
	uint8_t type; /* EFT_NINEP_QID_… */
};

enum { EFT_NINEP_QID_DIR = 0x80, EFT_NINEP_QID_SYMLINK = 0x02 };

/* Bytes that are written, or read, from the first on. */
struct eft_ninep_bytes {
	uint8_t *data;
	uint32_t size, at;
	bool bad; /* it went past the end: nothing was written, zeroes read */
};

void eft_ninep_put(struct eft_ninep_bytes *b, uint64_t value, unsigned bytes);
void eft_ninep_put_string(struct eft_ninep_bytes *b, const char *text,
			  size_t len);

uint64_t eft_ninep_get(struct eft_ninep_bytes *b, unsigned bytes);
/* Copy (len) bytes. */
void eft_ninep_get_bytes(struct eft_ninep_bytes *b, void *to, size_t len);
struct eft_ninep_qid eft_ninep_get_qid(struct eft_ninep_bytes *b);

static inline void eft_ninep_put32(struct eft_ninep_bytes *b, uint32_t value)
{
	eft_ninep_put(b, value, 4);
}

static inline uint32_t eft_ninep_get32(struct eft_ninep_bytes *b)
{
	return (uint32_t)eft_ninep_get(b, 4);
}

/*
 * What an error of the server's, (code), is to us: negative. Those that mean
 * something else within the libOS are -EIO; 0: it is no error number.
 */
int eft_ninep_error(uint32_t code);

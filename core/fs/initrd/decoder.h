// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A decoder of compressed archives, each of which an image has only if it is
 * linked with -Wl,-u,eft_initrd_NAME. The decoders are other people's
 * libraries (core/fs/initrd/decoders); their headers and libc's go with this
 * one. Private to initrd.
 */
#include "core/base.h"

/* What is left to read and to write; decode() moves both on. */
struct eft_decoding {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
};

enum eft_decoded {
	EFT_DECODED_MORE, /* with more to read or to write; no end is in sight */
	EFT_DECODED_END,  /* what is left of (in) is something else */
	EFT_DECODED_CORRUPT,
	EFT_DECODED_UNKNOWN, /* a variant that the decoder does not know */
	EFT_DECODED_NO_MEMORY,
};

struct eft_decoder {
	char name[8];
	uint8_t magic[2][2]; /* what its data may begin with */

	/* A decoder's state for one stream, which destroy() frees, or NULL. */
	void *(*create)(void);
	void (*destroy)(void *state); /* NULL is fine */
	enum eft_decoded (*decode)(void *state, struct eft_decoding *decoding);
};

extern const struct eft_decoder eft_initrd_gzip, eft_initrd_lz4, eft_initrd_xz,
	eft_initrd_zstd;

/* The decoders' malloc(), calloc() and free(): cleared, aligned to 64 bytes. */
void *eft_decoder_alloc(size_t size);
void *eft_decoder_calloc(size_t count, size_t size);
void eft_decoder_free(void *ptr);

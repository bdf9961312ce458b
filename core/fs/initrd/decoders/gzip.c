// SPDX-License-Identifier: BSD-3-Clause
/*
 * gzip (RFC 1952), by zlib.
 */
#include "core/fs/initrd/decoder.h"
#include <zlib.h>

enum { WINDOW_BITS = 15, GZIP_HEADER = 16 };

static void *create(void)
{
	z_stream *z = eft_decoder_alloc(sizeof(*z));

	if (z != NULL && inflateInit2(z, GZIP_HEADER + WINDOW_BITS) != Z_OK) {
		eft_decoder_free(z);
		z = NULL;
	}
	return z;
}

static void destroy(void *state)
{
	if (state != NULL)
		inflateEnd(state);
	eft_decoder_free(state);
}

static enum eft_decoded decode(void *state, struct eft_decoding *decoding)
{
	uInt in_len = (uInt)eft_min(decoding->in_len, UINT32_MAX);
	uInt out_len = (uInt)eft_min(decoding->out_len, UINT32_MAX);
	z_stream *z = state;
	int result;

	z->next_in = (z_const Bytef *)decoding->in;
	z->avail_in = in_len;
	z->next_out = decoding->out;
	z->avail_out = out_len;
	result = inflate(z, Z_NO_FLUSH);
	decoding->in = z->next_in;
	decoding->in_len -= in_len - z->avail_in;
	decoding->out = z->next_out;
	decoding->out_len -= out_len - z->avail_out;
	switch (result) {
	case Z_OK:
	case Z_BUF_ERROR:
		return EFT_DECODED_MORE;
	case Z_STREAM_END:
		return EFT_DECODED_END;
	case Z_MEM_ERROR:
		return EFT_DECODED_NO_MEMORY;
	default:
		return EFT_DECODED_CORRUPT;
	}
}

const struct eft_decoder eft_initrd_gzip = {
	.name = "gzip",
	.magic = {{0x1f, 0x8b}, {0x1f, 0x8b}},
	.create = create,
	.destroy = destroy,
	.decode = decode,
};

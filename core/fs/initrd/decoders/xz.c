// SPDX-License-Identifier: BSD-3-Clause
/*
 * xz, by liblzma. Its window is as large as the encoder's: 8 MiB for `xz -6`.
 */
#include "core/fs/initrd/decoder.h"
#include <lzma.h>

static void *create(void)
{
	static const lzma_stream empty = LZMA_STREAM_INIT;
	lzma_stream *xz = eft_decoder_alloc(sizeof(*xz));

	if (xz == NULL)
		return NULL;
	*xz = empty;
	if (lzma_stream_decoder(xz, UINT64_MAX, 0) != LZMA_OK) {
		lzma_end(xz);
		eft_decoder_free(xz);
		return NULL;
	}
	return xz;
}

static void destroy(void *state)
{
	lzma_end(state);
	eft_decoder_free(state);
}

static enum eft_decoded decode(void *state, struct eft_decoding *decoding)
{
	lzma_stream *xz = state;
	lzma_ret result;

	xz->next_in = decoding->in;
	xz->avail_in = decoding->in_len;
	xz->next_out = decoding->out;
	xz->avail_out = decoding->out_len;
	result = lzma_code(xz, LZMA_RUN);
	*decoding = (struct eft_decoding){
		.in = xz->next_in,
		.in_len = xz->avail_in,
		.out = xz->next_out,
		.out_len = xz->avail_out,
	};
	switch (result) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return EFT_DECODED_MORE;
	case LZMA_STREAM_END:
		return EFT_DECODED_END;
	case LZMA_MEM_ERROR:
		return EFT_DECODED_NO_MEMORY;
	case LZMA_OPTIONS_ERROR:
		return EFT_DECODED_UNKNOWN;
	default:
		return EFT_DECODED_CORRUPT;
	}
}

const struct eft_decoder eft_initrd_xz = {
	.name = "xz",
	.magic = {{0xfd, '7'}, {0xfd, '7'}},
	.create = create,
	.destroy = destroy,
	.decode = decode,
};

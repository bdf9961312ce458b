// SPDX-License-Identifier: BSD-3-Clause
/*
 * Zstandard (RFC 8878), by its library. Its window is as large as the encoder's:
 * 2 MiB for `zstd -3`, 8 MiB for `zstd -19`.
 */
#include "core/fs/initrd/decoder.h"
#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG_MAX = 31 }; /* memory is the limit */

static void *create(void)
{
	ZSTD_DStream *zstd = ZSTD_createDStream();

	if (zstd != NULL)
		ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax,
				       WINDOW_LOG_MAX);
	return zstd;
}

static void destroy(void *state)
{
	ZSTD_freeDStream(state);
}

static enum eft_decoded decode(void *state, struct eft_decoding *decoding)
{
	ZSTD_inBuffer in = {decoding->in, decoding->in_len, 0};
	ZSTD_outBuffer out = {decoding->out, decoding->out_len, 0};
	size_t result = ZSTD_decompressStream(state, &out, &in);

	decoding->in += in.pos;
	decoding->in_len -= in.pos;
	decoding->out += out.pos;
	decoding->out_len -= out.pos;
	if (result == 0)
		return EFT_DECODED_END;
	if (!ZSTD_isError(result))
		return EFT_DECODED_MORE;
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_memory_allocation:
		return EFT_DECODED_NO_MEMORY;
	case ZSTD_error_dictionary_wrong:
	case ZSTD_error_frameParameter_unsupported:
	case ZSTD_error_frameParameter_windowTooLarge:
		return EFT_DECODED_UNKNOWN;
	default:
		return EFT_DECODED_CORRUPT;
	}
}

const struct eft_decoder eft_initrd_zstd = {
	.name = "zstd",
	.magic = {{0x28, 0xb5}, {0x28, 0xb5}},
	.create = create,
	.destroy = destroy,
	.decode = decode,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * LZ4, by its library: its frames, and what Linux calls lz4: the legacy format
 * of `lz4 -l`. That is blocks of at most 8 MiB, each behind its compressed size;
 * nothing marks the end.
 *
 * SOURCE lz4_Frame_format.md, "Legacy frame"
 */
#include "core/fs/initrd/decoder.h"
#include <lz4.h>
#include <lz4frame_static.h>
#include <string.h>

enum { LEGACY_BLOCK = 8 << 20, RATIO_MAX = 255 };

static const uint8_t legacy_magic[] = {0x02, 0x21, 0x4c, 0x18};

struct state {
	LZ4F_dctx *frame; /* NULL: not begun, or legacy */

	/* Of the legacy format: a block, and what is to be given of it. */
	char *block;
	size_t room, at, end;
};

static void *create(void)
{
	return eft_decoder_alloc(sizeof(struct state));
}

static void destroy(void *state)
{
	struct state *s = state;

	if (s == NULL)
		return;
	LZ4F_freeDecompressionContext(s->frame);
	eft_decoder_free(s->block);
	eft_decoder_free(s);
}

static void move_in(struct eft_decoding *decoding, size_t len)
{
	decoding->in += len;
	decoding->in_len -= len;
}

static enum eft_decoded decode_frame(struct state *s,
				     struct eft_decoding *decoding)
{
	size_t in_len = decoding->in_len, out_len = decoding->out_len, result;

	result = LZ4F_decompress(s->frame, decoding->out, &out_len,
				 decoding->in, &in_len, NULL);
	if (LZ4F_isError(result))
		return LZ4F_getErrorCode(result) == LZ4F_ERROR_allocation_failed
			       ? EFT_DECODED_NO_MEMORY
			       : EFT_DECODED_CORRUPT;
	move_in(decoding, in_len);
	decoding->out += out_len;
	decoding->out_len -= out_len;
	return result == 0 ? EFT_DECODED_END : EFT_DECODED_MORE;
}

/* Decode a block of (size) bytes, which are there. */
static enum eft_decoded decode_block(struct state *s, const uint8_t *in,
				     size_t size)
{
	int len = LZ4_decompress_safe((const char *)in, s->block, (int)size,
				      (int)s->room);

	if (len <= 0)
		return EFT_DECODED_CORRUPT;
	s->at = 0;
	s->end = (size_t)len;
	return EFT_DECODED_MORE;
}

/* No size, or one that cannot be, is of something else, as `lz4 -d` has it. */
static enum eft_decoded next_block(struct state *s,
				   struct eft_decoding *decoding)
{
	const uint8_t *in = decoding->in;
	enum eft_decoded result;
	size_t size;

	if (decoding->in_len == 0)
		return EFT_DECODED_END;
	if (decoding->in_len < 4) {
		for (size_t i = 0; i < decoding->in_len; i++) {
			if (in[i] != 0)
				return EFT_DECODED_CORRUPT;
		}
		return EFT_DECODED_END;
	}
	size = in[0] | in[1] << 8 | in[2] << 16 | (uint32_t)in[3] << 24;
	if (size == 0 || size > (size_t)LZ4_compressBound(LEGACY_BLOCK))
		return EFT_DECODED_END;
	move_in(decoding, 4);
	if (size > decoding->in_len) {
		move_in(decoding, decoding->in_len); /* it is cut off */
		return EFT_DECODED_MORE;
	}
	result = decode_block(s, decoding->in, size);
	move_in(decoding, size);
	return result;
}

static enum eft_decoded decode_legacy(struct state *s,
				      struct eft_decoding *decoding)
{
	size_t n;

	if (s->at == s->end) {
		enum eft_decoded result = next_block(s, decoding);

		if (result != EFT_DECODED_MORE)
			return result;
	}
	n = eft_min(s->end - s->at, decoding->out_len);
	memcpy(decoding->out, s->block + s->at, n);
	s->at += n;
	decoding->out += n;
	decoding->out_len -= n;
	return EFT_DECODED_MORE;
}

static enum eft_decoded begin(struct state *s, struct eft_decoding *decoding)
{
	LZ4F_errorCode_t error;

	if (decoding->in_len < sizeof(legacy_magic) ||
	    memcmp(decoding->in, legacy_magic, sizeof(legacy_magic)) != 0) {
		error = LZ4F_createDecompressionContext(&s->frame,
							LZ4F_VERSION);
		return LZ4F_isError(error) ? EFT_DECODED_NO_MEMORY
					   : EFT_DECODED_MORE;
	}
	move_in(decoding, sizeof(legacy_magic));
	/* A short archive needs no whole block. */
	s->room = eft_min(LEGACY_BLOCK, decoding->in_len * RATIO_MAX);
	s->block = eft_decoder_alloc(s->room);
	return s->block == NULL ? EFT_DECODED_NO_MEMORY : EFT_DECODED_MORE;
}

static enum eft_decoded decode(void *state, struct eft_decoding *decoding)
{
	enum eft_decoded result = EFT_DECODED_MORE;
	struct state *s = state;

	if (s->frame == NULL && s->block == NULL)
		result = begin(s, decoding);
	if (result != EFT_DECODED_MORE)
		return result;
	return s->frame != NULL ? decode_frame(s, decoding)
				: decode_legacy(s, decoding);
}

const struct eft_decoder eft_initrd_lz4 = {
	.name = "lz4",
	.magic = {{0x02, 0x21}, {0x04, 0x22}},
	.create = create,
	.destroy = destroy,
	.decode = decode,
};

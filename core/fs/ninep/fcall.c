// SPDX-License-Identifier: BSD-3-Clause
#include "core/fs/ninep/fcall.h"
#include "core/abi.h"
#include "core/log.h"

/* The next (len) bytes; NULL: there are not so many. */
static uint8_t *take(struct eft_ninep_bytes *b, size_t len)
{
	uint8_t *at = b->data + b->at;

	if (b->bad || len > b->size - b->at) {
		b->bad = true;
		return NULL;
	}
	b->at += (uint32_t)len;
	return at;
}

void eft_ninep_put(struct eft_ninep_bytes *b, uint64_t value, unsigned bytes)
{
	uint8_t *at = take(b, bytes);

	for (unsigned i = 0; at != NULL && i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

void eft_ninep_put_string(struct eft_ninep_bytes *b, const char *text,
			  size_t len)
{
	uint8_t *at;

	eft_assert(len <= UINT16_MAX);
	eft_ninep_put(b, len, 2);
	at = take(b, len);
	if (at != NULL)
		memcpy(at, text, len);
}

uint64_t eft_ninep_get(struct eft_ninep_bytes *b, unsigned bytes)
{
	const uint8_t *at = take(b, bytes);
	uint64_t value = 0;

	for (unsigned i = 0; at != NULL && i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

void eft_ninep_get_bytes(struct eft_ninep_bytes *b, void *to, size_t len)
{
	const uint8_t *at = take(b, len);

	if (at != NULL)
		memcpy(to, at, len);
	else
		memset(to, 0, len);
}

struct eft_ninep_qid eft_ninep_get_qid(struct eft_ninep_bytes *b)
{
	struct eft_ninep_qid qid;

	qid.type = (uint8_t)eft_ninep_get(b, 1);
	qid.version = eft_ninep_get32(b);
	qid.path = eft_ninep_get(b, 8);
	return qid;
}

/*
 * Linux's numbers end at 133; its file systems let slip a few that are internal
 * and below 4096. EINTR and EFAULT would have the libOS make a call again.
 */
int eft_ninep_error(uint32_t code)
{
	enum { LAST = 133, INTERNAL = 4095 };

	if (code == 0 || code > INTERNAL)
		return 0;
	if (code > LAST || code == EINTR || code == EFAULT)
		return -EIO;
	return -(int)code;
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Where a transfer is in a vector of buffers, the program's memory.
 */
#include "core/abi.h"

struct eft_cursor {
	const struct eft_iovec *iov; /* the buffer */
	size_t offset;		     /* in it */
};

static inline size_t eft_iov_total(const struct eft_iovec *iov, int count)
{
	size_t len = 0;

	for (int i = 0; i < count; i++)
		len += iov[i].len;
	return len;
}

/*
 * The next bytes, (len) at most, in one piece: *len is how many. At least one
 * byte is left.
 */
static inline char *eft_cursor_next(struct eft_cursor *cursor, size_t *len)
{
	char *piece;

	while (cursor->offset == cursor->iov->len) {
		cursor->iov++;
		cursor->offset = 0;
	}
	piece = (char *)cursor->iov->base + cursor->offset;
	*len = eft_min(*len, cursor->iov->len - cursor->offset);
	cursor->offset += *len;
	return piece;
}

static inline void eft_cursor_put(struct eft_cursor *cursor, const char *from,
				  size_t len)
{
	while (len > 0) {
		size_t n = len;
		char *piece = eft_cursor_next(cursor, &n);

		memcpy(piece, from, n);
		from += n;
		len -= n;
	}
}

static inline void eft_cursor_take(struct eft_cursor *cursor, char *to,
				   size_t len)
{
	while (len > 0) {
		size_t n = len;
		const char *piece = eft_cursor_next(cursor, &n);

		memcpy(to, piece, n);
		to += n;
		len -= n;
	}
}

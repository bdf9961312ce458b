// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Where a transfer is in a vector of buffers, the program's memory.
 */
#include "core/user.h"

struct eft_cursor {
	const struct eft_iovec *iov; /* the buffer */
	size_t offset;		     /* in it */
	int error;		     /* -EFAULT: it met no memory */
};

static inline size_t eft_iov_total(const struct eft_iovec *iov, int count)
{
	size_t len = 0;

	for (int i = 0; i < count; i++)
		len += iov[i].len;
	return len;
}

/* Are all of its bytes at offsets that a file has, from (at) on? */
static inline bool eft_iov_fits(const struct eft_iovec *iov, int count,
				int64_t at)
{
	return eft_iov_total(iov, count) <= (uint64_t)(INT64_MAX - at);
}

/*
 * The next bytes, (len) at most, in one piece: *len is how many. At least one
 * byte is left.
 */
static inline char eft_user *eft_cursor_next(struct eft_cursor *cursor,
					     size_t *len)
{
	char eft_user *piece;

	while (cursor->offset == cursor->iov->len) {
		cursor->iov++;
		cursor->offset = 0;
	}
	piece = (char eft_user *)cursor->iov->base + cursor->offset;
	*len = eft_min(*len, cursor->iov->len - cursor->offset);
	cursor->offset += *len;
	return piece;
}

/*
 * Copy (len) bytes out to the buffers, or in from them.
 *
 * Returns   0; -EFAULT, and so from then on: not all could be copied
 */
static inline int eft_cursor_put(struct eft_cursor *cursor, const char *from,
				 size_t len)
{
	for (size_t n; len > 0 && cursor->error == 0; from += n, len -= n) {
		char eft_user *piece;

		n = len;
		piece = eft_cursor_next(cursor, &n);
		cursor->error = eft_copy_out(piece, from, n);
	}
	return cursor->error;
}

static inline int eft_cursor_take(struct eft_cursor *cursor, char *to,
				  size_t len)
{
	for (size_t n; len > 0 && cursor->error == 0; to += n, len -= n) {
		const char eft_user *piece;

		n = len;
		piece = eft_cursor_next(cursor, &n);
		cursor->error = eft_copy_in(to, piece, n);
	}
	return cursor->error;
}

/* What a transfer returns that has moved (done) bytes of (len). */
static inline ssize_t eft_iov_result(size_t done, size_t len)
{
	return done > 0 || len == 0 ? (ssize_t)done : -EFAULT;
}

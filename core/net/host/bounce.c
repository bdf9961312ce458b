// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messages by way of memory of ours: the host cannot touch pages that core shows
 * (see core/fs/hostfs/bounce.c).
 */
#include "core/fd/iov.h"
#include "core/mem.h"
#include "core/net/host/host.h"

enum { ORDER = 8 }; /* of what is moved at once: 1 MiB, of any datagram all */

/* Memory for (len) bytes or, if there is less, fewer: *ret_room. */
static char *get_room(size_t len, size_t *ret_room)
{
	unsigned order = 0;
	char *buf;

	while (order < ORDER && EFT_PAGE_SIZE << order < len)
		order++;
	buf = eft_page_alloc(order);
	*ret_room = eft_min(len, EFT_PAGE_SIZE << order);
	return buf;
}

ssize_t eft_host_bounce_send(int handle, struct eft_msghdr *header,
			     const struct eft_iovec *iov, unsigned flags)
{
	struct eft_cursor from = {.iov = iov};
	size_t len = eft_iov_total(from.iov, (int)header->iov_len);
	struct eft_iovec own;
	ssize_t n = -EFAULT;
	char *buf = get_room(len, &own.len);

	if (buf == NULL)
		return -ENOBUFS;
	own.base = eft_as_user(buf);
	header->iov = eft_as_user(&own);
	header->iov_len = 1;
	if (eft_cursor_take(&from, buf, own.len) == 0)
		n = eft_host_calls()->send(handle, header, flags);
	eft_page_free(buf);
	return n;
}

ssize_t eft_host_bounce_receive(int handle, struct eft_msghdr *header,
				const struct eft_iovec *iov, unsigned flags)
{
	struct eft_cursor to = {.iov = iov};
	size_t len = eft_iov_total(to.iov, (int)header->iov_len);
	struct eft_iovec own;
	ssize_t n;
	char *buf = get_room(len, &own.len);

	if (buf == NULL)
		return -ENOBUFS;
	own.base = eft_as_user(buf);
	header->iov = eft_as_user(&own);
	header->iov_len = 1;
	n = eft_host_calls()->receive(handle, header, flags);
	/* With MSG_TRUNC it may be more than there was room for. */
	if (n > 0 && eft_cursor_put(&to, buf, eft_min((size_t)n, own.len)) != 0)
		n = -EFAULT;
	eft_page_free(buf);
	return n;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Control messages of the families that have some of their own, as the internet's.
 * An image whose sockets are AF_UNIX's has none of this.
 */
#include "core/lib.h"
#include "core/log.h"
#include "core/socket.h"
#include "core/user.h"

enum { HEADER = sizeof(struct eft_cmsghdr) };

void eft_control_put(struct eft_message *message, int level, int type,
		     const void *data, size_t len)
{
	struct eft_control *control = message->control;
	struct eft_cmsghdr header = {HEADER + len, level, type};
	size_t left;
	char *to;

	if (control == NULL)
		return;
	eft_assert(control->len <= control->room);
	left = control->room - control->len;
	to = control->data + control->len;
	control->cut |= left < header.len;
	if (left < HEADER)
		return;
	header.len = eft_min(header.len, left);
	memcpy(to, &header, HEADER);
	memcpy(to + HEADER, data, header.len - HEADER);
	control->len += eft_min(eft_align_up(header.len, 8), left);
}

/*
 * Descriptors and credentials mean nothing to others than AF_UNIX, and Linux
 * passes over them (net/core/sock.c, __sock_cmsg_send()).
 */
static bool is_unix(const struct eft_cmsghdr *header)
{
	return header->level == SOL_SOCKET &&
	       (header->type == SCM_RIGHTS || header->type == SCM_CREDENTIALS);
}

int eft_control_take(char *data, size_t len, struct eft_control *ret_control)
{
	const struct eft_cmsghdr *header;
	size_t at = 0, kept = 0;
	int error;

	while ((error = eft_control_next(data, len, &at, &header)) == 0 &&
	       header != NULL) {
		size_t bytes = header->len;

		if (is_unix(header))
			continue;
		if (header->level == SOL_SOCKET)
			return -EINVAL;
		eft_assert(kept + bytes <= len);
		memmove(data + kept, header, bytes);
		kept = eft_min(kept + eft_align_up(bytes, 8), len);
	}
	if (error == 0)
		*ret_control = (struct eft_control){.data = data, .len = kept};
	return error;
}

size_t eft_control_give(const struct eft_control *control, char eft_user *to)
{
	if (eft_copy_out(to, control->data, control->len) != 0)
		return 0; /* net/core/scm.c: there is none then */
	return control->len;
}

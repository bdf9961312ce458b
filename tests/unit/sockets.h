// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Sockets in a test.
 */
#include "core/socket.h"
#include "tests/unit/files.h"

static inline struct eft_socket *new_socket(int type)
{
	struct eft_socket *socket = NULL;

	if (eft_socket_family(AF_UNIX)->create(type, 0, &socket) != 0)
		return NULL;
	return socket;
}

static inline void drop(struct eft_socket *socket)
{
	if (socket != NULL)
		eft_file_put(&socket->file);
}

static inline struct eft_socket_name name_of(const char *path, size_t len)
{
	struct eft_socket_name name = {.family = AF_UNIX,
				       .len = (unsigned)(2 + len)};

	memcpy(name.data, path, len);
	return name;
}

static inline ssize_t send_with(struct eft_socket *socket, const void *data,
				size_t len, struct eft_rights **rights)
{
	struct eft_iovec iov = {(void *)(uintptr_t)data, len};
	struct eft_message message = {.iov = &iov, .count = 1};
	ssize_t n;

	message.rights = rights != NULL ? *rights : NULL;
	n = socket->ops->send(socket, &message);
	if (rights != NULL)
		*rights = message.rights;
	return n;
}

static inline ssize_t receive_with(struct eft_socket *socket, void *data,
				   size_t len, unsigned flags,
				   struct eft_rights **ret_rights)
{
	struct eft_iovec iov = {data, len};
	struct eft_message message = {.iov = &iov, .count = 1, .flags = flags};
	ssize_t n = socket->ops->receive(socket, &message);

	if (ret_rights != NULL)
		*ret_rights = message.rights;
	else
		eft_rights_destroy(message.rights);
	return n;
}

/* Send a byte with one description of (file); the error, if any. */
static inline int pass(struct eft_socket *socket, struct eft_file *file)
{
	struct eft_rights *rights = eft_rights_create(1);
	ssize_t n;

	if (rights == NULL)
		return -ENOMEM;
	rights->files[0] = eft_file_get(file);
	n = send_with(socket, "x", 1, &rights);
	eft_rights_destroy(rights);
	return n < 0 ? (int)n : 0;
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the system calls on sockets.
 */
#include "core/socket.h"
#include "core/user.h"

/* The socket at (fd), with a reference; -EBADF; -ENOTSOCK. */
long eft_socket_get(int fd, struct eft_socket **ret_socket);

static inline void eft_socket_put(struct eft_socket *socket)
{
	eft_file_put(&socket->file);
}

/* The program's struct sockaddr of (len) bytes. -EINVAL; -EFAULT */
long eft_socket_name_from(const void eft_user *name, unsigned len,
			  struct eft_socket_name *ret_name);
/*
 * Copy (name) out, cut to *len, which is set to its whole length.
 *
 * Returns   0; -EINVAL; -EFAULT
 */
long eft_socket_name_to(const struct eft_socket_name *name, void eft_user *buf,
			unsigned eft_user *len);

/*
 * Send or receive (message), waiting as its flags and the socket's options
 * say: for eft_restartable(). Sending raises SIGPIPE.
 */
long eft_socket_send(struct eft_socket *socket, struct eft_message *message);
long eft_socket_receive(struct eft_socket *socket, struct eft_message *message);

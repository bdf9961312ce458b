// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sending and receiving without control data.
 */
#include "posix/fs/transfer.h"
#include "posix/net/socket.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

enum { TRANSFER_MAX = INT32_MAX & ~4095 }; /* as in posix/fs/rw.c */

long eft_socket_send(struct eft_socket *socket, struct eft_message *message)
{
	long result;

	message->deadline_ns =
		eft_socket_deadline(socket, message->flags, true);
	result = eft_socket_waited(socket->ops->send(socket, message),
				   message->deadline_ns);
	if (result == -EPIPE && socket->type == SOCK_STREAM &&
	    !(message->flags & MSG_NOSIGNAL))
		eft_broken_pipe();
	return result;
}

long eft_socket_receive(struct eft_socket *socket, struct eft_message *message)
{
	if (message->name != NULL)
		message->name->len = 0; /* where nothing comes, nobody sent */
	message->deadline_ns =
		eft_socket_deadline(socket, message->flags, false);
	return eft_socket_waited(socket->ops->receive(socket, message),
				 message->deadline_ns);
}

long eft_socket_name_from(const void eft_user *name, unsigned len,
			  struct eft_socket_name *ret_name)
{
	if (len > EFT_SOCKET_NAME_MAX)
		return -EINVAL;
	*ret_name = (struct eft_socket_name){.len = len};
	return eft_copy_in(&ret_name->family, name, len);
}

static long send_to(int fd, const void eft_user *buf, size_t count,
		    unsigned flags, const void eft_user *name, unsigned len)
{
	struct eft_iovec iov = {(void eft_user *)buf,
				eft_min(count, TRANSFER_MAX)};
	struct eft_message message = {.iov = &iov, .count = 1, .flags = flags};
	struct eft_socket_name to;
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if (name != NULL) {
		result = eft_socket_name_from(name, len, &to);
		message.name = len > 0 ? &to : NULL;
	}
	if (result == 0)
		result = eft_socket_send(socket, &message);
	eft_socket_put(socket);
	return result;
}

long eft_sys_sendto(int fd, const void eft_user *buf, size_t count,
		    unsigned flags, const void eft_user *name, unsigned len)
{
	return eft_restartable(send_to(fd, buf, count, flags, name, len));
}

static long receive_from(int fd, void eft_user *buf, size_t count,
			 unsigned flags, void eft_user *name,
			 unsigned eft_user *len)
{
	struct eft_iovec iov = {buf, eft_min(count, TRANSFER_MAX)};
	struct eft_message message = {.iov = &iov, .count = 1, .flags = flags};
	struct eft_socket_name from;
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if (name != NULL)
		message.name = &from;
	result = eft_socket_receive(socket, &message);
	eft_rights_destroy(message.rights);
	if (result >= 0 && name != NULL) {
		long error = eft_socket_name_to(&from, name, len);

		result = error < 0 ? error : result;
	}
	eft_socket_put(socket);
	return result;
}

long eft_sys_recvfrom(int fd, void eft_user *buf, size_t count, unsigned flags,
		      void eft_user *name, unsigned eft_user *len)
{
	return eft_restartable(receive_from(fd, buf, count, flags, name, len));
}

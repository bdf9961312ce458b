// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names of sockets: their own, and those that they connect to.
 */
#include "posix/net/socket.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

eft_needs(eft_unix_path_make);

long eft_sys_bind(int fd, const void eft_user *name, unsigned len)
{
	struct eft_socket_name copy;
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = eft_socket_name_from(name, len, &copy);
	if (result == 0)
		result = socket->ops->bind(socket, &copy);
	eft_socket_put(socket);
	return result;
}

static long connect_to(struct eft_socket *socket,
		       const struct eft_socket_name *name)
{
	uint64_t deadline = eft_socket_deadline(socket, 0, true);

	return eft_socket_waited(socket->ops->connect(socket, name, deadline),
				 deadline);
}

static long connect(int fd, const void eft_user *name, unsigned len)
{
	struct eft_socket_name copy;
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = eft_socket_name_from(name, len, &copy);
	if (result == 0)
		result = connect_to(socket, &copy);
	eft_socket_put(socket);
	return result;
}

long eft_sys_connect(int fd, const void eft_user *name, unsigned len)
{
	return eft_restartable(connect(fd, name, len));
}

static long give_name(int fd, bool peer, void eft_user *buf,
		      unsigned eft_user *len)
{
	struct eft_socket_name name;
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = socket->ops->name(socket, peer, &name);
	if (result == 0)
		result = eft_socket_name_to(&name, buf, len);
	eft_socket_put(socket);
	return result;
}

long eft_sys_getsockname(int fd, void eft_user *name, unsigned eft_user *len)
{
	return give_name(fd, false, name, len);
}

long eft_sys_getpeername(int fd, void eft_user *name, unsigned eft_user *len)
{
	return give_name(fd, true, name, len);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options of sockets. No family has a level of its own yet.
 */
#include "posix/net/socket.h"
#include "posix/syscalls.h"

long eft_sys_setsockopt(int fd, int level, int option, const void *value,
			unsigned len)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if ((int)len < 0)
		result = -EINVAL;
	else if (level != SOL_SOCKET)
		result = -EOPNOTSUPP;
	else
		result = eft_socket_set_option(socket, option, value, len);
	eft_socket_put(socket);
	return result;
}

long eft_sys_getsockopt(int fd, int level, int option, void *value,
			unsigned *len)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if (level != SOL_SOCKET)
		result = -EOPNOTSUPP;
	else
		result = eft_socket_get_option(socket, option, value, len);
	eft_socket_put(socket);
	return result;
}

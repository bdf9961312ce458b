// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options of sockets. No family has a level of its own yet.
 */
#include "posix/net/socket.h"
#include "posix/syscalls.h"

/* What is read of (option)'s value. */
static size_t size_of(int option)
{
	if (option == SO_RCVTIMEO || option == SO_SNDTIMEO)
		return sizeof(struct eft_timeval);
	return option == SO_LINGER ? sizeof(struct eft_linger) : sizeof(int);
}

long eft_sys_setsockopt(int fd, int level, int option,
			const void eft_user *value, unsigned len)
{
	char copy[EFT_SOCKET_OPTION_MAX];
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if ((int)len < 0)
		result = -EINVAL;
	else if (level != SOL_SOCKET)
		result = -EOPNOTSUPP;
	else if (len < sizeof(int))
		result = -EINVAL;
	else if (eft_copy_in(copy, value, eft_min(len, size_of(option))) != 0)
		result = -EFAULT;
	else
		result = eft_socket_set_option(socket, option, copy, len);
	eft_socket_put(socket);
	return result;
}

static long get_option(struct eft_socket *socket, int option,
		       void eft_user *value, unsigned eft_user *ret_len)
{
	char copy[EFT_SOCKET_OPTION_MAX];
	unsigned len;
	long result;

	if (eft_get_user(&len, ret_len) != 0)
		return -EFAULT;
	result = eft_socket_get_option(socket, option, copy, &len);
	if (result == 0 && eft_copy_out(value, copy, len) != 0)
		result = -EFAULT;
	return result == 0 ? eft_put_user(ret_len, &len) : result;
}

long eft_sys_getsockopt(int fd, int level, int option, void eft_user *value,
			unsigned eft_user *len)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if (level != SOL_SOCKET)
		result = -EOPNOTSUPP;
	else
		result = get_option(socket, option, value, len);
	eft_socket_put(socket);
	return result;
}

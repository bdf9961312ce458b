// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options of sockets: the family's, or what all have.
 */
#include "core/log.h"
#include "posix/net/socket.h"
#include "posix/syscalls.h"

/* The family's, or what all have. */
static int set_option(struct eft_socket *socket, int level, int option,
		      const void *value, unsigned len)
{
	int result = EFT_SOCKET_COMMON;

	if (socket->ops->set_option != NULL)
		result = socket->ops->set_option(socket, level, option, value,
						 len);
	else if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (result != EFT_SOCKET_COMMON)
		return result;
	eft_assert(level == SOL_SOCKET);
	return eft_socket_set_option(socket, option, value, len);
}

/* All of SOL_SOCKET are numbers or begin with one, but for a device's name. */
static bool too_short(int level, int option, unsigned len)
{
	return level == SOL_SOCKET && len < sizeof(int) &&
	       option != SO_BINDTODEVICE;
}

long eft_sys_setsockopt(int fd, int level, int option,
			const void eft_user *value, unsigned len)
{
	char copy[EFT_SOCKET_OPTION_MAX];
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if ((int)len < 0 || too_short(level, option, len))
		result = -EINVAL;
	else if (eft_copy_in(copy, value, eft_min(len, sizeof(copy))) != 0)
		result = -EFAULT;
	else
		result = set_option(socket, level, option, copy,
				    eft_min(len, sizeof(copy)));
	eft_socket_put(socket);
	return result;
}

static int family_option(struct eft_socket *socket, int level, int option,
			 void *value, unsigned *len)
{
	int result = EFT_SOCKET_COMMON;

	if (socket->ops->get_option != NULL)
		result = socket->ops->get_option(socket, level, option, value,
						 len);
	else if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (result != EFT_SOCKET_COMMON)
		return result;
	eft_assert(level == SOL_SOCKET);
	return eft_socket_get_option(socket, option, value, len);
}

static long get_option(struct eft_socket *socket, int level, int option,
		       void eft_user *value, unsigned eft_user *ret_len)
{
	char copy[EFT_SOCKET_OPTION_MAX];
	unsigned len;
	long result;

	if (eft_get_user(&len, ret_len) != 0)
		return -EFAULT;
	if ((int)len < 0)
		return -EINVAL;
	len = eft_min(len, sizeof(copy));
	result = family_option(socket, level, option, copy, &len);
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
	result = get_option(socket, level, option, value, len);
	eft_socket_put(socket);
	return result;
}

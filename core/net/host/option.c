// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options of the host's sockets: the host has them, at all levels. How long a
 * call waits is ours, since the host's never do.
 */
#include "core/net/host/host.h"

enum { NS_PER_SECOND = 1000000000 };

static bool is_ours(int level, int option)
{
	return level == SOL_SOCKET &&
	       (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
}

int eft_host_number(int handle, int option)
{
	int number = 0;
	unsigned len = sizeof(number);

	if (eft_host_calls()->get_option(handle, SOL_SOCKET, option, &number,
					 &len) != 0)
		return 0;
	return number;
}

bool eft_host_listens(struct eft_socket *socket)
{
	return eft_host_number(eft_host_socket_of(socket)->handle,
			       SO_ACCEPTCONN) != 0;
}

int eft_host_take_error(struct eft_socket *socket)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);
	int error = eft_host_left_error(hs);

	if (error != 0)
		return error;
	error = -eft_host_number(hs->handle, SO_ERROR);
	eft_host_unknown(hs, EFT_HOST_EVENTS);
	return error;
}

int eft_host_get_option(struct eft_socket *socket, int level, int option,
			void *value, unsigned *len)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);

	if (is_ours(level, option) ||
	    (level == SOL_SOCKET && option == SO_ERROR))
		return EFT_SOCKET_COMMON;
	return eft_host_calls()->get_option(hs->handle, level, option, value,
					    len);
}

/* What we do in the host's place has to know of it. */
static void note(struct eft_host_socket *hs, int option, const void *value)
{
	struct eft_linger linger;
	int number;

	if (option == SO_RCVLOWAT) {
		number = eft_host_number(hs->handle, SO_RCVLOWAT);
		__atomic_store_n(&hs->socket.low_water,
				 (uint32_t)(number > 0 ? number : 1),
				 __ATOMIC_RELAXED);
	} else if (option == SO_LINGER) {
		memcpy(&linger, value, sizeof(linger));
		__atomic_store_n(&hs->linger_ns,
				 linger.on != 0
					 ? (uint64_t)(uint32_t)linger.seconds *
						   NS_PER_SECOND
					 : 0,
				 __ATOMIC_RELAXED);
	}
}

int eft_host_set_option(struct eft_socket *socket, int level, int option,
			const void *value, unsigned len)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);
	int error;

	if (is_ours(level, option))
		return EFT_SOCKET_COMMON;
	error = eft_host_calls()->set_option(hs->handle, level, option, value,
					     len);
	if (error == 0 && level == SOL_SOCKET)
		note(hs, option, value);
	eft_host_unknown(hs, EFT_HOST_EVENTS);
	return error;
}

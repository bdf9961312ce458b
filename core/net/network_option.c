// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options of SOL_SOCKET that mean something to networks only (socket(7)). Those
 * that take a privilege of Linux's are refused as to who lacks it; a family that
 * does more of them answers before.
 */
#include "core/lib.h"
#include "core/socket.h"

enum { PRIORITY_MAX = 6 }; /* net/core/sock.c: more takes CAP_NET_ADMIN */

/* A socket has one of the two kinds of times, or none. */
static int set_stamps(struct eft_socket *socket, int option, bool on)
{
	eft_socket_set_switch(socket, SO_TIMESTAMP,
			      on && option == SO_TIMESTAMP);
	eft_socket_set_switch(socket, SO_TIMESTAMPNS,
			      on && option == SO_TIMESTAMPNS);
	return 0;
}

static int set_priority(struct eft_socket *socket, int priority)
{
	if (priority < 0 || priority > PRIORITY_MAX)
		return -EPERM;
	__atomic_store_n(&socket->priority, priority, __ATOMIC_RELAXED);
	return 0;
}

/* No device: that is so for all sockets already. */
static int bind_to_device(const char *name, unsigned len)
{
	return len == 0 || name[0] == '\0' ? 0 : -ENODEV;
}

int eft_network_set_option(struct eft_socket *socket, int option,
			   const void *value, unsigned len)
{
	int number;

	if (option == SO_BINDTODEVICE)
		return bind_to_device(value, len);
	if (len < sizeof(number))
		return -EINVAL;
	memcpy(&number, value, sizeof(number));
	switch (option) {
	case SO_TIMESTAMP:
	case SO_TIMESTAMPNS:
		return set_stamps(socket, option, number != 0);
	case SO_NO_CHECK:
		eft_socket_set_switch(socket, option, number != 0);
		return 0;
	case SO_PRIORITY:
		return set_priority(socket, number);
	case SO_MARK:
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
		return -EPERM;
	}
	return -ENOPROTOOPT;
}

static int give(void *value, unsigned *len, const void *from, unsigned size)
{
	*len = eft_min(*len, size);
	memcpy(value, from, *len);
	return 0;
}

int eft_network_get_option(struct eft_socket *socket, int option, void *value,
			   unsigned *len)
{
	int number = 0;

	switch (option) {
	case SO_TIMESTAMP:
	case SO_TIMESTAMPNS:
	case SO_NO_CHECK:
		number = eft_socket_switch(socket, option);
		break;
	case SO_PRIORITY:
		number = __atomic_load_n(&socket->priority, __ATOMIC_RELAXED);
		break;
	case SO_MARK:
		break;
	case SO_INCOMING_CPU:
		number = -1; /* nobody knows */
		break;
	case SO_BINDTODEVICE:
		*len = 0;
		return 0;
	case SO_COOKIE:
		if (*len < sizeof(socket->ino))
			return -EINVAL;
		return give(value, len, &socket->ino, sizeof(socket->ino));
	default:
		return -ENOPROTOOPT;
	}
	return give(value, len, &number, sizeof(number));
}

void eft_socket_stamp(const struct eft_socket *socket,
		      struct eft_message *message,
		      const struct eft_timespec *when)
{
	struct eft_timeval rounded = {when->sec, when->nsec / 1000};

	if (eft_socket_switch(socket, SO_TIMESTAMPNS))
		eft_control_put(message, SOL_SOCKET, SO_TIMESTAMPNS, when,
				sizeof(*when));
	else if (eft_socket_switch(socket, SO_TIMESTAMP))
		eft_control_put(message, SOL_SOCKET, SO_TIMESTAMP, &rounded,
				sizeof(rounded));
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The options that all sockets have (socket(7)). Many say something about
 * networks only: they are kept and given back.
 */
#include "core/boot.h"
#include "core/process.h"
#include "core/socket.h"

/* In images that have something to do with the internet. */
extern __typeof__(eft_network_get_option) eft_network_get_option eft_weak;
extern __typeof__(eft_network_set_option) eft_network_set_option eft_weak;

/* Linux's limits (net/core/sock.c): a size is doubled for its bookkeeping. */
enum {
	BUFFER_MAX = 212992,
	SEND_MIN = 4608,
	RECEIVE_MIN = 2304,
	MICROSECONDS = 1000000,
};

/* Options that are on or off. */
#define SWITCHES                                                           \
	(1ul << SO_DEBUG | 1ul << SO_REUSEADDR | 1ul << SO_DONTROUTE |     \
	 1ul << SO_BROADCAST | 1ul << SO_KEEPALIVE | 1ul << SO_OOBINLINE | \
	 1ul << SO_REUSEPORT | 1ul << SO_PASSCRED)

static bool is_switch(int option)
{
	return option >= 0 && option < 64 && SWITCHES >> option & 1;
}

/* Copy out a value, cut to the room that there is. */
static int give(void *value, unsigned *len, const void *from, unsigned size)
{
	if ((int)*len < 0)
		return -EINVAL;
	if (*len > size)
		*len = size;
	memcpy(value, from, *len);
	return 0;
}

static int give_int(void *value, unsigned *len, int number)
{
	return give(value, len, &number, sizeof(number));
}

static int give_time(void *value, unsigned *len, const uint64_t *ns)
{
	uint64_t us = __atomic_load_n(ns, __ATOMIC_RELAXED) / 1000;
	struct eft_timeval time = {us / MICROSECONDS, us % MICROSECONDS};

	if (*ns == EFT_FOREVER)
		time = (struct eft_timeval){0, 0};
	return give(value, len, &time, sizeof(time));
}

/* Who made the other end: whoever it is, it is this program. */
static int give_peer(struct eft_socket *socket, void *value, unsigned *len)
{
	struct eft_ucred cred = {eft_process()->identity.pid,
				 eft_process()->identity.euid,
				 eft_process()->identity.egid};
	struct eft_socket_name name;

	if (socket->domain != AF_UNIX ||
	    (socket->ops->name(socket, true, &name) != 0 &&
	     !socket->ops->listens(socket)))
		cred = (struct eft_ucred){0, UINT32_MAX, UINT32_MAX};
	return give(value, len, &cred, sizeof(cred));
}

int eft_socket_get_option(struct eft_socket *socket, int option,
			  char value[EFT_SOCKET_OPTION_MAX], unsigned *len)
{
	static const struct eft_linger no_linger;

	if (is_switch(option))
		return give_int(value, len, eft_socket_switch(socket, option));
	switch (option) {
	case SO_TYPE:
		return give_int(value, len, socket->type);
	case SO_DOMAIN:
		return give_int(value, len, socket->domain);
	case SO_PROTOCOL:
		return give_int(value, len, socket->protocol);
	case SO_ACCEPTCONN:
		return give_int(value, len, socket->ops->listens(socket));
	case SO_ERROR:
		return give_int(value, len, -socket->ops->take_error(socket));
	case SO_SNDBUF:
		return give_int(value, len, (int)socket->send_bytes);
	case SO_RCVBUF:
		return give_int(value, len, (int)socket->receive_bytes);
	case SO_RCVLOWAT:
		return give_int(value, len, (int)socket->low_water);
	case SO_SNDLOWAT:
		return give_int(value, len, 1);
	case SO_LINGER:
		return give(value, len, &no_linger, sizeof(no_linger));
	case SO_RCVTIMEO:
		return give_time(value, len, &socket->receive_ns);
	case SO_SNDTIMEO:
		return give_time(value, len, &socket->send_ns);
	case SO_PEERCRED:
		return give_peer(socket, value, len);
	}
	if (eft_network_get_option != NULL && socket->domain != AF_UNIX)
		return eft_network_get_option(socket, option, value, len);
	return -ENOPROTOOPT;
}

/* A time of 0 is for ever, and one below it over at once. */
static int set_time(uint64_t *ns, const void *value, unsigned len)
{
	struct eft_timeval time;
	uint64_t total;

	if (len < sizeof(time))
		return -EINVAL;
	memcpy(&time, value, sizeof(time));
	if (time.usec < 0 || time.usec >= MICROSECONDS)
		return -EDOM;
	if (time.sec < 0)
		total = 0;
	else if ((time.sec == 0 && time.usec == 0) || time.sec > INT32_MAX)
		total = EFT_FOREVER;
	else
		total = (uint64_t)(time.sec * MICROSECONDS + time.usec) * 1000;
	__atomic_store_n(ns, total, __ATOMIC_RELAXED);
	return 0;
}

static void set_buffer(uint32_t *bytes, int value, int least)
{
	uint64_t wanted = 2 * eft_min((uint32_t)value, BUFFER_MAX);

	__atomic_store_n(bytes, (uint32_t)eft_max(wanted, (uint64_t)least),
			 __ATOMIC_RELAXED);
}

int eft_socket_set_option(struct eft_socket *socket, int option,
			  const void *value, unsigned len)
{
	int number;

	if (len < sizeof(number))
		return -EINVAL;
	memcpy(&number, value, sizeof(number));
	if (is_switch(option)) {
		eft_socket_set_switch(socket, option, number != 0);
		return 0;
	}
	switch (option) {
	case SO_SNDBUF:
		set_buffer(&socket->send_bytes, number, SEND_MIN);
		return 0;
	case SO_RCVBUF:
		set_buffer(&socket->receive_bytes, number, RECEIVE_MIN);
		return 0;
	case SO_RCVLOWAT:
		number = number < 0 ? INT32_MAX : number;
		__atomic_store_n(&socket->low_water,
				 (uint32_t)(number != 0 ? number : 1),
				 __ATOMIC_RELAXED);
		return 0;
	case SO_RCVTIMEO:
		return set_time(&socket->receive_ns, value, len);
	case SO_SNDTIMEO:
		return set_time(&socket->send_ns, value, len);
	case SO_LINGER:
		return len < sizeof(struct eft_linger) ? -EINVAL : 0;
	}
	if (eft_network_set_option != NULL && socket->domain != AF_UNIX)
		return eft_network_set_option(socket, option, value, len);
	return -ENOPROTOOPT;
}

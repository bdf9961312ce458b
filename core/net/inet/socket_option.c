// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options of the internet's sockets: those at SOL_SOCKET that the stack has to
 * know of, and whose the others are.
 */
#include "core/log.h"
#include "core/net/inet/socket.h"

enum {
	LEVEL_IP = 0,
	LEVEL_TCP = 6,
	LEVEL_UDP = 17,
	UDP_CORK = 1, /* Linux: include/uapi/linux/udp.h */
	LEVEL_IPV6 = 41,
};

int eft_inet_give(void *value, unsigned *len, const void *from, unsigned size)
{
	*len = eft_min(*len, size);
	memcpy(value, from, *len);
	return 0;
}

int eft_inet_give_int(void *value, unsigned *len, int number)
{
	return eft_inet_give(value, len, &number, sizeof(number));
}

void eft_inet_apply(struct eft_inet *self)
{
	struct udp_pcb *pcb = self->pcb.any;

	if (pcb == NULL)
		return;
	if (self->socket.type == SOCK_STREAM) {
		eft_inet_tcp_apply(self);
		return;
	}
	/* All pcbs begin alike (IP_PCB). */
	pcb->so_options = eft_inet_reuse(self);
	if (eft_socket_switch(&self->socket, SO_BROADCAST))
		pcb->so_options |= SOF_BROADCAST;
	pcb->ttl = self->ttl;
	pcb->tos = self->tos;
	pcb->netif_idx = self->device;
	if (self->socket.ops == &eft_inet_udp_ops) {
		pcb->mcast_ttl = self->multicast_ttl;
		if (self->multicast_loop)
			udp_set_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
		else
			udp_clear_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
	}
}

static int bind_to_device(struct eft_inet *self, const char *value,
			  unsigned len)
{
	char name[EFT_INET_NAME_BYTES] = {0};
	struct eft_inet_interface *interface = NULL;

	memcpy(name, value, eft_min(len, sizeof(name) - 1));
	if (name[0] != '\0') {
		interface = eft_inet_by_name(name);
		if (interface == NULL)
			return -ENODEV;
	}
	self->device = interface != NULL ? (uint8_t)eft_inet_index(interface)
					 : NETIF_NO_INDEX;
	return 0;
}

static int set_linger(struct eft_inet *self, const void *value, unsigned len)
{
	struct eft_linger linger;

	if (len < sizeof(linger))
		return -EINVAL;
	memcpy(&linger, value, sizeof(linger));
	self->linger = linger.on != 0;
	if (self->linger)
		self->linger_s = (uint32_t)linger.seconds;
	return 0;
}

/* The common code keeps it; the pcb is to know. */
static int set_common(struct eft_inet *self, int option, const void *value,
		      unsigned len)
{
	int error = eft_socket_set_option(&self->socket, option, value, len);

	if (error != 0)
		return error;
	if (option == SO_SNDBUF || option == SO_RCVBUF)
		self->sizes_set |= 1u << option;
	if (option == SO_SNDBUF && self->socket.type == SOCK_STREAM)
		eft_inet_tcp_set_limit(self);
	if (option == SO_RCVBUF && self->state == EFT_INET_CONNECTED &&
	    self->socket.type == SOCK_STREAM)
		eft_inet_tcp_open_window(self);
	eft_inet_apply(self);
	return 0;
}

static int set_socket(struct eft_inet *self, int option, const void *value,
		      unsigned len)
{
	if (option == SO_BINDTODEVICE) {
		int error = bind_to_device(self, value, len);

		eft_inet_apply(self);
		return error;
	}
	if (option == SO_LINGER)
		return set_linger(self, value, len);
	return set_common(self, option, value, len);
}

static int set_udp(struct eft_inet *self, int option, const void *value,
		   unsigned len)
{
	int number;

	if (len < sizeof(number))
		return -EINVAL;
	if (option != UDP_CORK)
		return -ENOPROTOOPT;
	memcpy(&number, value, sizeof(number));
	eft_inet_udp_cork(self, number != 0);
	return 0;
}

static int set_locked(struct eft_inet *self, int level, int option,
		      const void *value, unsigned len)
{
	int number = 0;

	if (level == SOL_SOCKET)
		return set_socket(self, option, value, len);
	if (level == LEVEL_TCP && self->socket.type == SOCK_STREAM) {
		if (len < sizeof(number))
			return -EINVAL;
		memcpy(&number, value, sizeof(number));
		return eft_inet_tcp_set(self, option, number);
	}
	if (level == LEVEL_UDP && self->socket.ops == &eft_inet_udp_ops)
		return set_udp(self, option, value, len);
	if (level == LEVEL_IP ||
	    (level == LEVEL_IPV6 && self->socket.domain == AF_INET6))
		return eft_inet_ip_set(self, level, option, value, len);
	return -ENOPROTOOPT;
}

int eft_inet_set_option(struct eft_socket *socket, int level, int option,
			const void *value, unsigned len)
{
	int error;

	eft_inet_lock();
	error = set_locked(eft_inet(socket), level, option, value, len);
	eft_inet_unlock();
	return error;
}

static int get_socket(struct eft_inet *self, int option, void *value,
		      unsigned *len)
{
	struct eft_linger linger = {self->linger, (int)self->linger_s};

	switch (option) {
	case SO_LINGER:
		return eft_inet_give(value, len, &linger, sizeof(linger));
	case SO_INCOMING_CPU:
		return eft_inet_give_int(value, len, 0);
	case SO_BINDTODEVICE:
		if (self->device == NETIF_NO_INDEX) {
			*len = 0;
			return 0;
		}
		if (*len < EFT_INET_NAME_BYTES)
			return -EINVAL;
		return eft_inet_give(value, len,
				     eft_inet_by_index(self->device)->name,
				     EFT_INET_NAME_BYTES);
	}
	return EFT_SOCKET_COMMON;
}

static int get_locked(struct eft_inet *self, int level, int option, void *value,
		      unsigned *len)
{
	if (level == SOL_SOCKET)
		return get_socket(self, option, value, len);
	if (level == LEVEL_TCP && self->socket.type == SOCK_STREAM)
		return eft_inet_tcp_get(self, option, value, len);
	if (level == LEVEL_UDP && self->socket.ops == &eft_inet_udp_ops &&
	    option == UDP_CORK)
		return eft_inet_give_int(value, len, self->datagram.cork);
	if (level == LEVEL_IP ||
	    (level == LEVEL_IPV6 && self->socket.domain == AF_INET6))
		return eft_inet_ip_get(self, level, option, value, len);
	return level == LEVEL_TCP ? -EOPNOTSUPP : -ENOPROTOOPT;
}

int eft_inet_get_option(struct eft_socket *socket, int level, int option,
			void *value, unsigned *len)
{
	int error;

	eft_inet_lock();
	error = get_locked(eft_inet(socket), level, option, value, len);
	eft_inet_unlock();
	return error;
}

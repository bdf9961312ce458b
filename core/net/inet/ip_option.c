// SPDX-License-Identifier: BSD-3-Clause
/*
 * IP's and IPv6's options (ip(7), ipv6(7)) are set.
 */
#include "core/net/inet/ip_option.h"

/* A byte, or an int, as IPv4's options are set with. */
static int number_in(const void *value, unsigned len, int *ret_number)
{
	if (len >= sizeof(*ret_number))
		memcpy(ret_number, value, sizeof(*ret_number));
	else if (len >= 1)
		*ret_number = *(const uint8_t *)value;
	else
		return -EINVAL;
	return 0;
}

static void want(struct eft_inet *self, uint32_t bit, int number)
{
	self->wants = number != 0 ? self->wants | bit : self->wants & ~bit;
}

static int set_byte(uint8_t *field, int number, int least, int most,
		    int standard)
{
	if (number == -1)
		number = standard;
	if (number < least || number > most)
		return -EINVAL;
	*field = (uint8_t)number;
	return 0;
}

static struct netif *netif_of(unsigned index)
{
	return index <= UINT8_MAX ? netif_get_by_index((u8_t)index) : NULL;
}

/* The interface that has (address), or any that is up for 0. */
static struct netif *netif_with(uint32_t address)
{
	struct netif *netif;

	NETIF_FOREACH(netif)
	{
		if (address == netif_ip4_addr(netif)->addr)
			return netif;
	}
	return address == 0 ? netif_default != NULL ? netif_default : netif_list
			    : NULL;
}

/* struct ip_mreqn, or ip_mreq, which has no index. */
static int group4(struct eft_inet *self, const void *value, unsigned len,
		  bool join)
{
	uint32_t request[3] = {0};
	ip_addr_t group = {0};
	struct netif *netif;

	if (len < 8)
		return -EINVAL;
	memcpy(request, value, eft_min(len, sizeof(request)));
	ip_addr_set_ip4_u32_val(group, request[0]);
	netif = request[2] != 0 ? netif_of(request[2]) : netif_with(request[1]);
	return eft_inet_group(self, &group, netif, join);
}

static int group6(struct eft_inet *self, const void *value, unsigned len,
		  bool join)
{
	struct {
		uint32_t address[4], interface;
	} request; /* struct ipv6_mreq */
	ip_addr_t group = {.type = IPADDR_TYPE_V6};
	struct netif *netif;

	if (len < sizeof(request))
		return -EINVAL;
	memcpy(&request, value, sizeof(request));
	memcpy(ip_2_ip6(&group)->addr, request.address, 16);
	netif = request.interface != 0 ? netif_of(request.interface)
				       : netif_with(0);
	return eft_inet_group(self, &group, netif, join);
}

/* struct group_req: an interface, and a name of either family. */
static int group_request(struct eft_inet *self, const void *value, unsigned len,
			 bool join)
{
	struct {
		uint32_t interface, padding;
		uint16_t family;
		char name[126];
	} request;
	struct eft_socket_name name = {.len = EFT_SOCKET_NAME_MAX};
	ip_addr_t group;
	uint16_t port;
	int error;

	if (len < sizeof(request))
		return -EINVAL;
	memcpy(&request, value, sizeof(request));
	name.family = request.family;
	memcpy(name.data, request.name, sizeof(name.data));
	error = eft_inet_name_in(self, &name, &group, &port);
	if (error != 0)
		return error == -EAFNOSUPPORT ? -EFT_EADDRNOTAVAIL : error;
	return eft_inet_group(self, &group,
			      request.interface != 0
				      ? netif_of(request.interface)
				      : netif_with(0),
			      join);
}

static int multicast_from(struct eft_inet *self, struct netif *netif, bool any)
{
	if (self->socket.ops != &eft_inet_udp_ops)
		return -EINVAL;
	if (netif == NULL && !any)
		return -EFT_EADDRNOTAVAIL;
	self->pcb.udp->mcast_ifindex =
		any ? NETIF_NO_INDEX : netif_get_index(netif);
	return 0;
}

/* The argument's last word that is there is an index or an address. */
static int multicast_from4(struct eft_inet *self, const void *value,
			   unsigned len)
{
	uint32_t words[3] = {0};
	bool by_index;
	int error;

	if (len < 4)
		return -EINVAL;
	memcpy(words, value, eft_min(len, sizeof(words)));
	by_index = len >= 12 && words[2] != 0;
	words[0] = len >= 8 ? words[1] : words[0];
	error = by_index ? multicast_from(self, netif_of(words[2]), false)
			 : multicast_from(self, netif_with(words[0]),
					  words[0] == 0);
	if (error == 0)
		self->multicast_from = words[0];
	return error;
}

static int set4(struct eft_inet *self, int option, int number)
{
	switch (option) {
	case IP_TOS:
		self->tos = (uint8_t)number;
		return 0;
	case IP_TTL:
		return set_byte(&self->ttl, number, 1, 255, TTL_DEFAULT);
	case IP_MULTICAST_TTL:
		return set_byte(&self->multicast_ttl, number, 0, 255, 1);
	case IP_MULTICAST_LOOP:
		self->multicast_loop = number != 0;
		return 0;
	case IP_MTU_DISCOVER:
		return set_byte(&self->mtu_discover, number, 0, 5, -1);
	case IP_PKTINFO:
		want(self, EFT_INET_WANTS_INFO, number);
		return 0;
	case IP_RECVTTL:
		want(self, EFT_INET_WANTS_TTL, number);
		return 0;
	case IP_RECVTOS:
		want(self, EFT_INET_WANTS_TOS, number);
		return 0;
	case IP_FREEBIND:
		self->free_bind = number != 0;
		return 0;
	case IP_MULTICAST_ALL:
		if (number != 0 && number != 1)
			return -EINVAL;
		self->multicast_all = number;
		return 0;
	case IP_BIND_ADDRESS_NO_PORT: /* connect() shares ports anyway */
		self->no_port = number != 0;
		return 0;
	case IP_RECVERR: /* nothing comes to the queue of errors */
		return 0;
	}
	return -ENOPROTOOPT;
}

/* Whether IPv4's addresses are for it, too: before it is bound. */
static int set_v6_only(struct eft_inet *self, int number)
{
	if (self->local_port != 0)
		return -EINVAL;
	self->v6_only = number != 0;
	IP_SET_TYPE_VAL(self->local, eft_inet_type(self));
	if (self->pcb.any != NULL)
		IP_SET_TYPE_VAL(self->pcb.udp->local_ip, eft_inet_type(self));
	return 0;
}

static int set6(struct eft_inet *self, int option, int number)
{
	switch (option) {
	case IPV6_V6ONLY:
		return set_v6_only(self, number);
	case IPV6_UNICAST_HOPS:
		return set_byte(&self->ttl, number, 0, 255, TTL_DEFAULT);
	case IPV6_MULTICAST_HOPS:
		return set_byte(&self->multicast_ttl, number, 0, 255, 1);
	case IPV6_MULTICAST_LOOP:
		self->multicast_loop = number != 0;
		return 0;
	case IPV6_MULTICAST_IF:
		return multicast_from(self, netif_of((unsigned)number),
				      number == 0);
	case IPV6_MTU_DISCOVER:
		return set_byte(&self->mtu_discover, number, 0, 5, -1);
	case IPV6_TCLASS:
		return set_byte(&self->tos, number, 0, 255, 0);
	case IPV6_RECVPKTINFO:
		want(self, EFT_INET_WANTS_INFO6, number);
		return 0;
	case IPV6_RECVHOPLIMIT:
		want(self, EFT_INET_WANTS_HOPS, number);
		return 0;
	case IPV6_RECVTCLASS:
		want(self, EFT_INET_WANTS_CLASS, number);
		return 0;
	case IPV6_MULTICAST_ALL:
		self->multicast_all = number != 0;
		return 0;
	case IPV6_DONTFRAG: /* kept: routers fragment no IPv6 */
		self->dont_fragment = number != 0;
		return 0;
	case IPV6_RECVERR:
		return 0;
	}
	return -ENOPROTOOPT;
}

/* Those whose values are structures. */
static int set_structure(struct eft_inet *self, int level, int option,
			 const void *value, unsigned len)
{
	bool v6 = level == LEVEL_IPV6;

	if (option == MCAST_JOIN_GROUP || option == MCAST_LEAVE_GROUP)
		return group_request(self, value, len,
				     option == MCAST_JOIN_GROUP);
	if (v6 && (option == IPV6_JOIN_GROUP || option == IPV6_LEAVE_GROUP))
		return group6(self, value, len, option == IPV6_JOIN_GROUP);
	if (!v6 &&
	    (option == IP_ADD_MEMBERSHIP || option == IP_DROP_MEMBERSHIP))
		return group4(self, value, len, option == IP_ADD_MEMBERSHIP);
	if (!v6 && option == IP_MULTICAST_IF)
		return multicast_from4(self, value, len);
	return -ENOPROTOOPT;
}

int eft_inet_ip_set(struct eft_inet *self, int level, int option,
		    const void *value, unsigned len)
{
	int number, error;

	error = set_structure(self, level, option, value, len);
	if (error != -ENOPROTOOPT)
		return error;
	if (level == LEVEL_IPV6 && len < sizeof(number))
		return -EINVAL;
	error = number_in(value, len, &number);
	if (error == 0)
		error = level == LEVEL_IPV6 ? set6(self, option, number)
					    : set4(self, option, number);
	if (error == 0)
		eft_inet_apply(self);
	return error;
}

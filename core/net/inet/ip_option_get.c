// SPDX-License-Identifier: BSD-3-Clause
/*
 * IP's and IPv6's options (ip(7), ipv6(7)) are told.
 */
#include "core/net/inet/ip_option.h"

static int give_mtu(struct eft_inet *self, void *value, unsigned *len)
{
	struct netif *netif = NULL;

	if (self->state == EFT_INET_CONNECTED)
		netif = ip_route(&self->local, &self->remote);
	if (netif == NULL)
		return -ENOTCONN;
	return eft_inet_give_int(value, len, netif->mtu);
}

static int multicast_index(const struct eft_inet *self)
{
	return self->socket.ops == &eft_inet_udp_ops
		       ? self->pcb.udp->mcast_ifindex
		       : NETIF_NO_INDEX;
}

static int get4(struct eft_inet *self, int option, void *value, unsigned *len)
{
	switch (option) {
	case IP_TOS:
		return eft_inet_give_int(value, len, self->tos);
	case IP_TTL:
		return eft_inet_give_int(value, len, self->ttl);
	case IP_MULTICAST_TTL:
		return eft_inet_give_int(value, len, self->multicast_ttl);
	case IP_MULTICAST_LOOP:
		return eft_inet_give_int(value, len, self->multicast_loop);
	case IP_MTU_DISCOVER:
		return eft_inet_give_int(value, len, self->mtu_discover);
	case IP_PKTINFO:
		return eft_inet_give_int(value, len,
					 !!(self->wants & EFT_INET_WANTS_INFO));
	case IP_RECVTTL:
		return eft_inet_give_int(value, len,
					 !!(self->wants & EFT_INET_WANTS_TTL));
	case IP_RECVTOS:
		return eft_inet_give_int(value, len,
					 !!(self->wants & EFT_INET_WANTS_TOS));
	case IP_MTU:
		return give_mtu(self, value, len);
	case IP_FREEBIND:
		return eft_inet_give_int(value, len, self->free_bind);
	case IP_MULTICAST_ALL:
		return eft_inet_give_int(value, len, self->multicast_all);
	case IP_BIND_ADDRESS_NO_PORT:
		return eft_inet_give_int(value, len, self->no_port);
	case IP_MULTICAST_IF:
		return eft_inet_give_int(value, len, (int)self->multicast_from);
	case IP_RECVERR:
	case IP_HDRINCL:
		return eft_inet_give_int(value, len, 0);
	}
	return -ENOPROTOOPT;
}

static int get6(struct eft_inet *self, int option, void *value, unsigned *len)
{
	switch (option) {
	case IPV6_V6ONLY:
		return eft_inet_give_int(value, len, self->v6_only);
	case IPV6_UNICAST_HOPS:
		return eft_inet_give_int(value, len, self->ttl);
	case IPV6_MULTICAST_HOPS:
		return eft_inet_give_int(value, len, self->multicast_ttl);
	case IPV6_MULTICAST_LOOP:
		return eft_inet_give_int(value, len, self->multicast_loop);
	case IPV6_MTU_DISCOVER:
		return eft_inet_give_int(value, len, self->mtu_discover);
	case IPV6_TCLASS:
		return eft_inet_give_int(value, len, self->tos);
	case IPV6_RECVPKTINFO:
		return eft_inet_give_int(
			value, len, !!(self->wants & EFT_INET_WANTS_INFO6));
	case IPV6_RECVHOPLIMIT:
		return eft_inet_give_int(value, len,
					 !!(self->wants & EFT_INET_WANTS_HOPS));
	case IPV6_RECVTCLASS:
		return eft_inet_give_int(
			value, len, !!(self->wants & EFT_INET_WANTS_CLASS));
	case IPV6_MULTICAST_ALL:
		return eft_inet_give_int(value, len, self->multicast_all);
	case IPV6_DONTFRAG:
		return eft_inet_give_int(value, len, self->dont_fragment);
	case IPV6_MULTICAST_IF:
		return eft_inet_give_int(value, len, multicast_index(self));
	case IPV6_MTU:
		return give_mtu(self, value, len);
	case IPV6_RECVERR:
		return eft_inet_give_int(value, len, 0);
	}
	return -ENOPROTOOPT;
}

int eft_inet_ip_get(struct eft_inet *self, int level, int option, void *value,
		    unsigned *len)
{
	return level == LEVEL_IPV6 ? get6(self, option, value, len)
				   : get4(self, option, value, len);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names of the internet's sockets: addresses and ports.
 *
 * lwIP has rules of its own for which names are free. Linux's are others
 * (net/ipv4/inet_connection_sock.c, net/ipv4/udp.c), so that pcbs are named here.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/log.h"
#include "core/net/inet/socket.h"

/* Linux's struct sockaddr_in and sockaddr_in6 behind the family. */
struct name4 {
	uint16_t port; /* these are in network byte order */
	uint32_t address;
} __attribute__((packed));

struct name6 {
	uint16_t port;
	uint32_t flow;
	uint32_t address[4];
	uint32_t scope;
} __attribute__((packed));

enum {
	LEN4 = 16,     /* sockaddr_in's; not all of it is looked at */
	LEN6_OLD = 24, /* RFC 2133's, which Linux takes too */
	LEN6 = 28,
	EPHEMERAL_FIRST = 32768, /* net.ipv4.ip_local_port_range */
	EPHEMERAL_COUNT = 28232,
	REUSE_MS = 100,
};

uint8_t eft_inet_type(const struct eft_inet *self)
{
	if (self->socket.domain == AF_INET)
		return IPADDR_TYPE_V4;
	return self->v6_only ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY;
}

static void set4(ip_addr_t *address, uint32_t number)
{
	*address = (ip_addr_t){0};
	ip_addr_set_ip4_u32(address, number);
}

static int name6_in(const struct eft_inet *self,
		    const struct eft_socket_name *name, ip_addr_t *ret_address,
		    uint16_t *ret_port)
{
	struct name6 from = {0};
	bool mapped;

	if (name->len < LEN6_OLD)
		return -EINVAL;
	memcpy(&from, name->data, eft_min(name->len - 2, sizeof(from)));
	*ret_port = lwip_ntohs(from.port);
	mapped = from.address[0] == 0 && from.address[1] == 0 &&
		 from.address[2] == PP_HTONL(0xffff);
	if (mapped) {
		set4(ret_address, from.address[3]);
		return 0;
	}
	*ret_address = (ip_addr_t){.type = IPADDR_TYPE_V6};
	memcpy(ip_2_ip6(ret_address)->addr, from.address, 16);
	if (name->len >= LEN6 &&
	    ip6_addr_has_scope(ip_2_ip6(ret_address), IP6_UNKNOWN))
		ip6_addr_set_zone(ip_2_ip6(ret_address), (u8_t)from.scope);
	return 0;
}

int eft_inet_name_in(const struct eft_inet *self,
		     const struct eft_socket_name *name, ip_addr_t *ret_address,
		     uint16_t *ret_port)
{
	struct name4 from;

	if (name->len < sizeof(name->family))
		return -EINVAL;
	if (self->socket.domain == AF_INET6) {
		if (name->family == AF_INET6)
			return name6_in(self, name, ret_address, ret_port);
		return name->family == AF_INET && name->len < LEN6_OLD
			       ? -EINVAL
			       : -EAFNOSUPPORT;
	}
	if (name->len < LEN4)
		return -EINVAL;
	if (name->family != AF_INET)
		return -EAFNOSUPPORT;
	memcpy(&from, name->data, sizeof(from));
	set4(ret_address, from.address);
	*ret_port = lwip_ntohs(from.port);
	return 0;
}

void eft_inet_name_out(const struct eft_inet *self, const ip_addr_t *address,
		       uint16_t port, struct eft_socket_name *ret_name)
{
	struct name6 to6 = {.port = lwip_htons(port)};
	struct name4 to4 = {.port = lwip_htons(port)};

	memset(ret_name, 0, sizeof(ret_name->len) + LEN6);
	ret_name->family = (uint16_t)self->socket.domain;
	if (self->socket.domain == AF_INET) {
		to4.address = ip_2_ip4(address)->addr;
		ret_name->len = LEN4;
		memcpy(ret_name->data, &to4, sizeof(to4));
		return;
	}
	if (IP_IS_V4(address)) {
		to6.address[2] = PP_HTONL(0xffff);
		to6.address[3] = ip_2_ip4(address)->addr;
	} else {
		memcpy(to6.address, ip_2_ip6(address)->addr, 16);
		to6.scope = ip6_addr_zone(ip_2_ip6(address));
	}
	ret_name->len = LEN6;
	memcpy(ret_name->data, &to6, sizeof(to6));
}

int eft_inet_name(struct eft_socket *socket, bool peer,
		  struct eft_socket_name *ret_name)
{
	struct eft_inet *self = eft_inet(socket);
	int error = 0;

	eft_inet_lock();
	if (!peer)
		eft_inet_name_out(self, &self->local, self->local_port,
				  ret_name);
	else if (self->state == EFT_INET_CONNECTED)
		eft_inet_name_out(self, &self->remote, self->remote_port,
				  ret_name);
	else
		error = -ENOTCONN;
	eft_inet_unlock();
	return error;
}

void eft_inet_no_any(ip_addr_t *address)
{
	if (ip_addr_isany(address))
		ip_addr_set_loopback(IP_IS_V6(address), address);
}

/*
 * Which names are free.
 */

/* Does a packet exist that both of these are bound to receive? */
static bool overlap(const ip_addr_t *a, const ip_addr_t *b)
{
	bool any_a = ip_addr_isany(a), any_b = ip_addr_isany(b);

	if (IP_IS_ANY_TYPE_VAL(*a) || IP_IS_ANY_TYPE_VAL(*b))
		return true;
	if (IP_GET_TYPE(a) != IP_GET_TYPE(b))
		return false;
	return any_a || any_b || ip_addr_cmp(a, b);
}

uint8_t eft_inet_reuse(const struct eft_inet *self)
{
	uint8_t flags = 0;

	if (eft_socket_switch(&self->socket, SO_REUSEADDR))
		flags |= SOF_REUSEADDR;
	if (eft_socket_switch(&self->socket, SO_REUSEPORT))
		flags |= EFT_SOF_SHARES;
	return flags;
}

static bool may_share(uint8_t a, uint8_t b, bool listens)
{
	return (a & b & EFT_SOF_SHARES) ||
	       (!listens && (a & b & SOF_REUSEADDR));
}

static bool tcp_is_free(const struct eft_inet *self, const ip_addr_t *address,
			uint16_t port)
{
	uint8_t reuse = eft_inet_reuse(self);

	for (unsigned i = 0; i < NUM_TCP_PCB_LISTS; i++) {
		const struct tcp_pcb *pcb = *tcp_pcb_lists[i];

		for (; pcb != NULL; pcb = pcb->next) {
			if (pcb->local_port == port && pcb != self->pcb.any &&
			    overlap(&pcb->local_ip, address) &&
			    !may_share(reuse, pcb->so_options,
				       pcb->state == LISTEN))
				return false;
		}
	}
	return true;
}

static bool udp_is_free(const struct eft_inet *self, const ip_addr_t *address,
			uint16_t port)
{
	uint8_t reuse = eft_inet_reuse(self);

	for (const struct udp_pcb *pcb = udp_pcbs; pcb != NULL;
	     pcb = pcb->next) {
		if (pcb->local_port == port && pcb != self->pcb.any &&
		    overlap(&pcb->local_ip, address) &&
		    !may_share(reuse, pcb->so_options, false))
			return false;
	}
	return true;
}

bool eft_inet_port_is_free(const struct eft_inet *self,
			   const ip_addr_t *address, uint16_t port)
{
	return self->socket.type == SOCK_STREAM
		       ? tcp_is_free(self, address, port)
		       : udp_is_free(self, address, port);
}

/* Nobody has it, however it is shared. */
static bool is_unused(const struct eft_inet *self, uint16_t port)
{
	if (self->socket.type != SOCK_STREAM) {
		const struct udp_pcb *udp = udp_pcbs;

		while (udp != NULL && udp->local_port != port)
			udp = udp->next;
		return udp == NULL;
	}
	for (unsigned i = 0; i < NUM_TCP_PCB_LISTS; i++) {
		const struct tcp_pcb *pcb = *tcp_pcb_lists[i];

		for (; pcb != NULL; pcb = pcb->next) {
			if (pcb->local_port == port)
				return false;
		}
	}
	return true;
}

/* The ports that are to be tried, one after the other. */
static uint16_t next_port(void)
{
	static uint32_t last; /* owned by the stack's mutex */

	if (last == 0)
		last = LWIP_RAND() % EPHEMERAL_COUNT;
	return (uint16_t)(EPHEMERAL_FIRST + ++last % EPHEMERAL_COUNT);
}

uint16_t eft_inet_free_port(struct eft_inet *self, const ip_addr_t *address)
{
	for (unsigned i = 0; i < EPHEMERAL_COUNT; i++) {
		uint16_t port = next_port();

		if (is_unused(self, port))
			return port;
	}
	return 0;
}

/* Somebody has bound a socket to it, which has no connection yet. */
static bool is_bound(uint16_t port)
{
	const struct tcp_pcb_listen *listener = tcp_listen_pcbs.listen_pcbs;
	const struct tcp_pcb *pcb = tcp_bound_pcbs;

	while (listener != NULL && listener->local_port != port)
		listener = listener->next;
	while (pcb != NULL && pcb->local_port != port)
		pcb = pcb->next;
	return listener != NULL || pcb != NULL;
}

/*
 * As Linux's sysctl tcp_tw_reuse says by default: on the loopback, where no segment
 * is late, a connection in TIME_WAIT gives way. Linux waits for a second, in which we
 * may have used up all ports.
 */
static bool gives_way(const struct tcp_pcb *pcb)
{
	return pcb->state == TIME_WAIT && ip_addr_isloopback(&pcb->remote_ip) &&
	       tcp_ticks - pcb->tmr > REUSE_MS / TCP_SLOW_INTERVAL;
}

static bool is_taken(const struct tcp_pcb *like)
{
	struct tcp_pcb *pcb;

	if (is_bound(like->local_port))
		return true;
	pcb = eft_inet_tcp_find(like);
	if (pcb == NULL || !gives_way(pcb))
		return pcb != NULL;
	eft_inet_tcp_give_way(pcb);
	return false;
}

uint16_t eft_inet_free_port_to(const ip_addr_t *local, const ip_addr_t *remote,
			       uint16_t remote_port)
{
	struct tcp_pcb like = {.local_ip = *local,
			       .remote_ip = *remote,
			       .remote_port = remote_port};

	for (unsigned i = 0; i < EPHEMERAL_COUNT; i++) {
		like.local_port = next_port();
		if (!is_taken(&like))
			return like.local_port;
	}
	return 0;
}

bool eft_inet_is_local(const ip_addr_t *address)
{
	struct netif *netif;

	if (ip_addr_isany(address) || ip_addr_ismulticast(address) ||
	    ip_addr_isloopback(address))
		return true;
	NETIF_FOREACH(netif)
	{
		if (IP_IS_V4(address)
			    ? ip4_addr_cmp(ip_2_ip4(address),
					   netif_ip4_addr(netif)) ||
				      ip_addr_isbroadcast(address, netif)
			    : netif_get_ip6_addr_match(netif,
						       ip_2_ip6(address)) >= 0)
			return true;
	}
	return false;
}

int eft_inet_take_name(struct eft_inet *self,
		       const struct eft_socket_name *name)
{
	ip_addr_t address;
	uint16_t port;
	int error = eft_inet_name_in(self, name, &address, &port);

	if (error == 0 && !self->free_bind && !eft_inet_is_local(&address))
		error = -EFT_EADDRNOTAVAIL;
	if (error != 0)
		return error;
	if (IP_IS_V6(&address) && ip_addr_isany(&address))
		IP_SET_TYPE_VAL(address, eft_inet_type(self));
	if (self->socket.type == SOCK_RAW)
		port = 0;
	else if (port == 0)
		port = eft_inet_free_port(self, &address);
	else if (!eft_inet_port_is_free(self, &address, port))
		port = 0;
	if (port == 0 && self->socket.type != SOCK_RAW)
		return -EFT_EADDRINUSE;
	self->local = address;
	self->local_port = port;
	self->bound_port = true;
	self->bound_address = !ip_addr_isany(&address);
	return 0;
}

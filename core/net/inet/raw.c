// SPDX-License-Identifier: BSD-3-Clause
/*
 * Raw sockets, and those for echo requests (SOCK_DGRAM with IPPROTO_ICMP), whose
 * port is the identifier of their requests (Linux: net/ipv4/ping.c).
 */
#include <lwip/inet_chksum.h>
#include <lwip/prot/icmp.h>
#include <lwip/prot/icmp6.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/socket.h"

enum { ECHO_HEADER = 8, PAYLOAD_MAX = 65515, IPPROTO_RAW = 255 };

static bool is_ping(const struct eft_inet *self)
{
	return self->socket.type == SOCK_DGRAM;
}

/* Is (p), which begins with an ICMP header, an answer to (self)? */
static bool answers(const struct eft_inet *self, const struct pbuf *p)
{
	struct icmp_echo_hdr echo;

	if (pbuf_copy_partial(p, &echo, sizeof(echo), 0) != sizeof(echo))
		return false;
	return (echo.type == ICMP_ER || echo.type == ICMP6_TYPE_EREP) &&
	       lwip_ntohs(echo.id) == self->local_port;
}

static u8_t on_receive(void *arg, struct raw_pcb *pcb, struct pbuf *p,
		       const ip_addr_t *from)
{
	struct eft_inet *self = arg;
	u16_t header = ip_current_header_tot_len();

	/* A raw socket of IPv4 sees the header (raw(7)). */
	if (!ip_current_is_v6() && !is_ping(self)) {
		eft_inet_datagram_arrived(self, p, 0);
		return 0;
	}
	if (pbuf_remove_header(p, header) != 0)
		return 0;
	if (!is_ping(self) || answers(self, p))
		eft_inet_datagram_arrived(self, p, 0);
	pbuf_add_header_force(p, header);
	return 0;
}

static int raw_bind_socket(struct eft_socket *socket,
			   const struct eft_socket_name *name)
{
	struct eft_inet *self = eft_inet(socket);
	uint16_t port = self->local_port;
	ip_addr_t address;
	int error;

	eft_inet_lock();
	error = eft_inet_take_name(self, name);
	if (error == 0 && is_ping(self))
		eft_inet_name_in(self, name, &address, &port);
	if (error == 0) {
		self->local_port = port;
		self->pcb.raw->local_ip = self->local;
	}
	eft_inet_unlock();
	return error;
}

static int raw_connect_socket(struct eft_socket *socket,
			      const struct eft_socket_name *name,
			      uint64_t deadline_ns)
{
	struct eft_inet *self = eft_inet(socket);
	uint16_t port = 0;
	ip_addr_t to;
	int error = 0;

	if (name->len < sizeof(name->family))
		return -EINVAL;
	if (name->family != AF_UNSPEC)
		error = eft_inet_name_in(self, name, &to, &port);
	if (error != 0)
		return error;
	eft_inet_lock();
	if (name->family == AF_UNSPEC) {
		raw_disconnect(self->pcb.raw);
		eft_inet_set_state(self, EFT_INET_UNCONNECTED);
	} else if (!IP_ADDR_PCB_VERSION_MATCH(self->pcb.raw, &to)) {
		error = -EINVAL;
	} else {
		raw_connect(self->pcb.raw, &to);
		self->remote = to;
		self->remote_port = port;
		eft_inet_set_state(self, EFT_INET_CONNECTED);
	}
	eft_inet_unlock();
	return error;
}

/* Make (p) a request of (self)'s. */
static int make_request(struct eft_inet *self, struct pbuf *p)
{
	struct icmp_echo_hdr *echo = p->payload;
	bool v6 = self->socket.domain == AF_INET6;

	if (p->len < ECHO_HEADER ||
	    echo->type != (v6 ? (int)ICMP6_TYPE_EREQ : ICMP_ECHO))
		return -EINVAL;
	if (self->local_port == 0)
		self->local_port = (uint16_t)(LWIP_RAND() | 1);
	echo->id = lwip_htons(self->local_port);
	echo->chksum = 0;
	if (!v6)
		echo->chksum = inet_chksum_pbuf(p);
	return 0;
}

static int send_one(struct eft_inet *self, struct pbuf *p,
		    const struct eft_inet_way *way)
{
	struct raw_pcb *pcb = self->pcb.raw;
	uint8_t ttl = pcb->ttl, multicast_ttl = pcb->mcast_ttl, tos = pcb->tos;
	int error = is_ping(self) ? make_request(self, p) : 0;
	struct netif *netif;
	ip_addr_t from;

	if (error == 0 && pcb->chksum_reqd && p->len < pcb->chksum_offset + 2)
		error = -EINVAL;
	if (error == 0)
		error = eft_inet_route(self, way, &netif, &from);
	if (error != 0)
		return error;
	if (way->ttl >= 0)
		pcb->ttl = pcb->mcast_ttl = (uint8_t)way->ttl;
	if (way->tos >= 0)
		pcb->tos = (uint8_t)way->tos;
	error = eft_inet_errno(
		raw_sendto_if_src(pcb, p, &way->to, netif, &from));
	pcb->ttl = ttl;
	pcb->mcast_ttl = multicast_ttl;
	pcb->tos = tos;
	/* lwIP's only ERR_VAL that is left: SO_BROADCAST is off. */
	return error == -EINVAL ? -EACCES : error;
}

static ssize_t raw_send_socket(struct eft_socket *socket,
			       struct eft_message *message)
{
	struct eft_inet *self = eft_inet(socket);
	struct eft_inet_way way;
	int error;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	error = eft_inet_find_way(self, message, &way);
	/* No socket of its own takes IPv4's addresses. */
	if (error == 0 && way.known &&
	    !IP_ADDR_PCB_VERSION_MATCH(self->pcb.raw, &way.to))
		error = -EINVAL;
	if (error != 0)
		return error;
	return eft_inet_datagram_send(self, message, &way, PAYLOAD_MAX,
				      send_one);
}

static void raw_release(struct eft_socket *socket)
{
	struct eft_inet *self = eft_inet(socket);

	eft_inet_lock();
	eft_inet_leave_groups(self);
	eft_inet_datagram_forget(self);
	raw_remove(self->pcb.raw);
	eft_inet_unlock();
	eft_inet_datagram_purge(self);
	eft_free(self);
}

static int check_protocol(int domain, int type, int protocol)
{
	if (type == SOCK_DGRAM &&
	    protocol != (domain == AF_INET6 ? IP6_NEXTH_ICMP6 : IP_PROTO_ICMP))
		return -EPROTONOSUPPORT;
	return protocol <= 0 || protocol > IPPROTO_RAW ? -EPROTONOSUPPORT : 0;
}

/* ICMPv6's checksum is the stack's to do (RFC 3542 §3.1). */
static void set_up(struct eft_inet *self, int protocol)
{
	struct raw_pcb *pcb = self->pcb.raw;

	raw_recv(pcb, on_receive, self);
	if (protocol == IP6_NEXTH_ICMP6 && self->socket.domain == AF_INET6) {
		pcb->chksum_reqd = 1;
		pcb->chksum_offset = 2;
	}
	eft_inet_apply(self);
}

int eft_inet_raw_create(int domain, int type, int protocol,
			struct eft_socket **ret_socket)
{
	int error = check_protocol(domain, type, protocol);
	struct eft_inet *self;

	if (error != 0)
		return error;
	if (protocol == IPPROTO_RAW && domain == AF_INET)
		return -EPROTONOSUPPORT; /* its headers are the program's */
	self = eft_inet_create(&eft_inet_raw_ops, domain, type, protocol);
	if (self == NULL)
		return -ENOMEM;
	self->v6_only = true;
	eft_inet_lock();
	self->pcb.raw = raw_new_ip_type(eft_inet_type(self), (u8_t)protocol);
	if (self->pcb.raw != NULL)
		set_up(self, protocol);
	eft_inet_unlock();
	if (self->pcb.raw == NULL) {
		eft_free(self);
		return -ENOMEM;
	}
	*ret_socket = &self->socket;
	return 0;
}

const struct eft_socket_ops eft_inet_raw_ops = {
	.bind = raw_bind_socket,
	.connect = raw_connect_socket,
	.listen = eft_inet_datagram_listen,
	.accept = eft_inet_datagram_accept,
	.name = eft_inet_name,
	.shutdown = eft_inet_datagram_shutdown,
	.send = raw_send_socket,
	.receive = eft_inet_datagram_receive,
	.poll = eft_inet_datagram_poll,
	.queued = eft_inet_datagram_queued,
	.listens = eft_inet_datagram_listens,
	.take_error = eft_inet_take_socket_error,
	.get_option = eft_inet_get_option,
	.set_option = eft_inet_set_option,
	.release = raw_release,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * UDP sockets.
 */
#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/socket.h"

/* 65535 without the headers. lwIP's packets have no more with an IPv6 header. */
enum { PAYLOAD_MAX = 65507, PAYLOAD6_MAX = 65487 };

static void on_receive(void *arg, struct udp_pcb *pcb, struct pbuf *p,
		       const ip_addr_t *from, u16_t port)
{
	eft_inet_datagram_arrived(arg, p, port);
	pbuf_free(p);
}

struct eft_inet *eft_inet_udp_socket(const struct udp_pcb *pcb)
{
	return pcb->recv == on_receive ? pcb->recv_arg : NULL;
}

static void put_in_list(struct udp_pcb *pcb)
{
	pcb->next = udp_pcbs;
	udp_pcbs = pcb;
}

static int bind_locked(struct eft_inet *self,
		       const struct eft_socket_name *name)
{
	int error;

	if (self->bound_port || self->local_port != 0)
		return -EINVAL;
	error = eft_inet_take_name(self, name);
	if (error != 0)
		return error;
	self->pcb.udp->local_ip = self->local;
	self->pcb.udp->local_port = self->local_port;
	eft_inet_apply(self);
	put_in_list(self->pcb.udp);
	return 0;
}

static int udp_bind_socket(struct eft_socket *socket,
			   const struct eft_socket_name *name)
{
	int error;

	eft_inet_lock();
	error = bind_locked(eft_inet(socket), name);
	eft_inet_unlock();
	return error;
}

static int take_port(struct eft_inet *self)
{
	struct udp_pcb *pcb = self->pcb.udp;

	if (pcb->local_port != 0)
		return 0;
	pcb->local_port = eft_inet_free_port(self, &self->local);
	if (pcb->local_port == 0)
		return -EAGAIN;
	self->local_port = pcb->local_port;
	put_in_list(pcb);
	return 0;
}

/* Linux: what bind() did not give is lost with the connection. */
static void disconnect(struct eft_inet *self)
{
	struct udp_pcb *pcb = self->pcb.udp;

	udp_disconnect(pcb);
	pcb->netif_idx = self->device;
	if (!self->bound_address) {
		self->local = (ip_addr_t){.type = eft_inet_type(self)};
		pcb->local_ip = self->local;
	}
	pcb->remote_ip = (ip_addr_t){.type = pcb->local_ip.type};
	if (!self->bound_port) {
		uint8_t device = pcb->netif_idx;
		struct udp_pcb **at = &udp_pcbs;

		while (*at != NULL && *at != pcb)
			at = &(*at)->next;
		if (*at != NULL)
			*at = pcb->next;
		pcb->local_port = self->local_port = 0;
		pcb->netif_idx = device;
	}
	__atomic_store_n(&self->closed, 0, __ATOMIC_SEQ_CST);
	eft_inet_set_state(self, EFT_INET_UNCONNECTED);
}

static int connect_locked(struct eft_inet *self, const ip_addr_t *to,
			  uint16_t port)
{
	struct udp_pcb *pcb = self->pcb.udp;
	struct eft_inet_way way = {.to = *to};
	struct netif *netif;
	ip_addr_t from;
	int error;

	if (!IP_ADDR_PCB_VERSION_MATCH(pcb, to) && self->bound_address)
		return -EFT_ENETUNREACH;
	if (self->state == EFT_INET_CONNECTED && !self->bound_address)
		pcb->local_ip = (ip_addr_t){.type = eft_inet_type(self)};
	error = eft_inet_route(self, &way, &netif, &from);
	if (error != 0)
		return error;
	if (IP_IS_V4(to) && ip_addr_isbroadcast(to, netif) &&
	    !eft_socket_switch(&self->socket, SO_BROADCAST))
		return -EACCES;
	error = take_port(self);
	if (error != 0)
		return error;
	if (!self->bound_address)
		pcb->local_ip = from;
	udp_connect(pcb, to, port);
	self->local = pcb->local_ip;
	self->remote = *to;
	self->remote_port = port;
	eft_inet_set_state(self, EFT_INET_CONNECTED);
	return 0;
}

static int udp_connect_socket(struct eft_socket *socket,
			      const struct eft_socket_name *name,
			      uint64_t deadline_ns)
{
	struct eft_inet *self = eft_inet(socket);
	ip_addr_t to;
	uint16_t port;
	int error = 0;

	if (name->len < sizeof(name->family))
		return -EINVAL;
	if (name->family == AF_UNSPEC) {
		eft_inet_lock();
		disconnect(self);
		eft_inet_unlock();
		return 0;
	}
	error = eft_inet_name_in(self, name, &to, &port);
	if (error != 0)
		return error;
	eft_inet_no_any(&to);
	if (!ip_addr_isloopback(&to))
		error = eft_inet_wait_address(deadline_ns);
	if (error == -EINTR)
		return error;
	eft_inet_lock();
	error = connect_locked(self, &to, port);
	eft_inet_unlock();
	return error;
}

static int send_one(struct eft_inet *self, struct pbuf *p,
		    const struct eft_inet_way *way)
{
	struct udp_pcb *pcb = self->pcb.udp;
	uint8_t ttl = pcb->ttl, multicast_ttl = pcb->mcast_ttl, tos = pcb->tos;
	struct netif *netif;
	ip_addr_t from;
	int error = take_port(self);

	if (error == 0)
		error = eft_inet_route(self, way, &netif, &from);
	if (error != 0)
		return error;
	if (way->ttl >= 0)
		pcb->ttl = pcb->mcast_ttl = (uint8_t)way->ttl;
	if (way->tos >= 0)
		pcb->tos = (uint8_t)way->tos;
	error = eft_inet_errno(
		udp_sendto_if_src(pcb, p, &way->to, way->port, netif, &from));
	pcb->ttl = ttl;
	pcb->mcast_ttl = multicast_ttl;
	pcb->tos = tos;
	/* lwIP's only ERR_VAL that is left: SO_BROADCAST is off. */
	return error == -EINVAL ? -EACCES : error;
}

void eft_inet_udp_cork(struct eft_inet *self, bool on)
{
	if (on)
		self->datagram.cork = true;
	else
		eft_inet_datagram_uncork(self, send_one);
}

/* May it be sent, and where to? */
static int prepare(struct eft_inet *self, const struct eft_message *message,
		   struct eft_inet_way *ret_way)
{
	int error = 0;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	error = eft_inet_find_way(self, message, ret_way);
	if (error == 0 && ret_way->known && ret_way->port == 0)
		error = -EINVAL;
	if (error == 0)
		error = eft_inet_take_error(self);
	if (error == 0 && eft_inet_closed(self) & EFT_INET_NO_SEND)
		error = -EPIPE;
	if (error == 0 && ret_way->known && !ip_addr_isloopback(&ret_way->to) &&
	    eft_inet_wait_address(message->deadline_ns) == -EINTR)
		error = -EINTR;
	return error;
}

static ssize_t udp_send_socket(struct eft_socket *socket,
			       struct eft_message *message)
{
	struct eft_inet *self = eft_inet(socket);
	struct eft_inet_way way = {0};
	size_t most;
	int error = prepare(self, message, &way);

	if (error != 0)
		return error;
	most = way.known && IP_IS_V6(&way.to) ? PAYLOAD6_MAX : PAYLOAD_MAX;
	return eft_inet_datagram_send(self, message, &way, most, send_one);
}

static void udp_release(struct eft_socket *socket)
{
	struct eft_inet *self = eft_inet(socket);

	eft_inet_lock();
	eft_inet_leave_groups(self);
	eft_inet_datagram_forget(self);
	udp_remove(self->pcb.udp);
	eft_inet_unlock();
	eft_inet_datagram_purge(self);
	eft_free(self);
}

int eft_inet_udp_create(int domain, int type, int protocol,
			struct eft_socket **ret_socket)
{
	struct eft_inet *self =
		eft_inet_create(&eft_inet_udp_ops, domain, type, IP_PROTO_UDP);

	if (self == NULL)
		return -ENOMEM;
	eft_inet_lock();
	eft_inet_icmp_start();
	self->pcb.udp = udp_new_ip_type(eft_inet_type(self));
	if (self->pcb.udp != NULL) {
		udp_recv(self->pcb.udp, on_receive, self);
		eft_inet_apply(self);
	}
	eft_inet_unlock();
	if (self->pcb.udp == NULL) {
		eft_free(self);
		return -ENOMEM;
	}
	*ret_socket = &self->socket;
	return 0;
}

const struct eft_socket_ops eft_inet_udp_ops = {
	.bind = udp_bind_socket,
	.connect = udp_connect_socket,
	.listen = eft_inet_datagram_listen,
	.accept = eft_inet_datagram_accept,
	.name = eft_inet_name,
	.shutdown = eft_inet_datagram_shutdown,
	.send = udp_send_socket,
	.receive = eft_inet_datagram_receive,
	.poll = eft_inet_datagram_poll,
	.queued = eft_inet_datagram_queued,
	.listens = eft_inet_datagram_listens,
	.take_error = eft_inet_take_socket_error,
	.get_option = eft_inet_get_option,
	.set_option = eft_inet_set_option,
	.release = udp_release,
};

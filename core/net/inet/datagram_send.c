// SPDX-License-Identifier: BSD-3-Clause
/*
 * What UDP and raw sockets send: what a message says of its way, by its name and
 * control messages (ip(7), ipv6(7)), and what waits for more (MSG_MORE, UDP_CORK).
 */
#include "core/fd/iov.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/net/inet/socket.h"

enum {
	LEVEL_IP = 0,
	LEVEL_UDP = 17,
	LEVEL_IPV6 = 41,
	IP_TOS = 1, /* Linux: include/uapi/linux/in.h, in6.h */
	IP_TTL = 2,
	IP_PKTINFO = 8,
	IPV6_PKTINFO = 50,
	IPV6_HOPLIMIT = 52,
	IPV6_TCLASS = 67,
	/* lwIP's length of what is allocated has 16 bits, with all headers. */
	PIECE = 32768,
};

static struct pbuf *room_for(size_t len)
{
	struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)eft_min(len, PIECE),
				    PBUF_RAM);
	struct pbuf *rest;

	if (p == NULL || len <= PIECE)
		return p;
	rest = pbuf_alloc(PBUF_RAW, (u16_t)(len - PIECE), PBUF_RAM);
	if (rest == NULL) {
		pbuf_free(p);
		return NULL;
	}
	pbuf_cat(p, rest);
	return p;
}

int eft_inet_pbuf_of(const struct eft_message *message, size_t most,
		     struct pbuf **ret_p)
{
	size_t len = eft_iov_total(message->iov, message->count);
	struct eft_cursor from = {.iov = message->iov};
	struct pbuf *p;

	if (len > most)
		return -EMSGSIZE;
	p = room_for(len);
	if (p == NULL)
		return -ENOBUFS;
	for (struct pbuf *at = p; at != NULL && len > 0; at = at->next) {
		if (eft_cursor_take(&from, at->payload, at->len) != 0) {
			pbuf_free(p);
			return -EFAULT;
		}
	}
	*ret_p = p;
	return 0;
}

/*
 * Control messages.
 */

static int take_number(const void *data, size_t len, int least, int *ret_number)
{
	int number;

	if (len != sizeof(number))
		return -EINVAL;
	memcpy(&number, data, sizeof(number));
	if (number < least || number > UINT8_MAX)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static int take_interface(struct eft_inet_way *way, uint32_t index)
{
	if (index != 0 && eft_inet_by_index(index) == NULL)
		return -ENODEV;
	way->interface = (uint8_t)index;
	return 0;
}

/* struct in_pktinfo: the interface, the source, and what is not looked at. */
static int take_info4(struct eft_inet_way *way, const void *data, size_t len)
{
	uint32_t info[3];

	if (len != sizeof(info))
		return -EINVAL;
	memcpy(info, data, sizeof(info));
	ip_addr_set_ip4_u32(&way->from, info[1]);
	if (ip_addr_isany(&way->from))
		return take_interface(way, info[0]);
	if (ip_addr_ismulticast(&way->from) || info[1] == IPADDR_BROADCAST)
		return -EINVAL;
	if (!eft_inet_is_local(&way->from))
		return -EFT_ENETUNREACH;
	return take_interface(way, info[0]);
}

static int take4(struct eft_inet_way *way, int type, const void *data,
		 size_t len)
{
	switch (type) {
	case IP_PKTINFO:
		return take_info4(way, data, len);
	case IP_TTL:
		return take_number(data, len, 1, &way->ttl);
	case IP_TOS:
		if (len == 1) {
			way->tos = *(const uint8_t *)data;
			return 0;
		}
		return take_number(data, len, 0, &way->tos);
	}
	return -EINVAL;
}

/* struct in6_pktinfo */
static int take_info6(struct eft_inet_way *way, const void *data, size_t len)
{
	struct {
		uint32_t address[4], interface;
	} info;
	int error;

	if (len < sizeof(info))
		return -EINVAL;
	memcpy(&info, data, sizeof(info));
	error = take_interface(way, info.interface);
	if (error != 0 || !IP_IS_V6(&way->to))
		return error;
	way->from = (ip_addr_t){.type = IPADDR_TYPE_V6};
	memcpy(ip_2_ip6(&way->from)->addr, info.address, 16);
	if (ip6_addr_has_scope(ip_2_ip6(&way->from), IP6_UNICAST))
		ip6_addr_set_zone(ip_2_ip6(&way->from), way->interface);
	return ip_addr_isany(&way->from) || eft_inet_is_local(&way->from)
		       ? 0
		       : -EINVAL;
}

static int take6(struct eft_inet_way *way, int type, const void *data,
		 size_t len)
{
	switch (type) {
	case IPV6_PKTINFO:
		return take_info6(way, data, len);
	case IPV6_HOPLIMIT:
		return take_number(data, len, -1, &way->ttl);
	case IPV6_TCLASS:
		return take_number(data, len, -1, &way->tos);
	}
	return -EINVAL;
}

static int take_control(struct eft_inet *self, struct eft_inet_way *way,
			const struct eft_control *control)
{
	const struct eft_cmsghdr *header;
	size_t at = 0;
	int error;

	while ((error = eft_control_next(control->data, control->len, &at,
					 &header)) == 0 &&
	       header != NULL) {
		const void *data = header + 1;
		size_t len = header->len - sizeof(*header);

		if (header->level == LEVEL_UDP)
			error = -EINVAL; /* segments, which we cannot make */
		else if (header->level == LEVEL_IP && !IP_IS_V6(&way->to))
			error = take4(way, header->type, data, len);
		else if (header->level == LEVEL_IPV6 &&
			 self->socket.domain == AF_INET6)
			error = take6(way, header->type, data, len);
		if (error != 0)
			break;
	}
	return error;
}

static int take_target(struct eft_inet *self, const struct eft_message *message,
		       struct eft_inet_way *way)
{
	int error;

	if (message->name == NULL) {
		way->to = self->remote;
		way->port = self->remote_port;
		return self->state == EFT_INET_CONNECTED ? 0
							 : -EFT_EDESTADDRREQ;
	}
	error = eft_inet_name_in(self, message->name, &way->to, &way->port);
	if (error == 0)
		eft_inet_no_any(&way->to);
	return error;
}

int eft_inet_find_way(struct eft_inet *self, const struct eft_message *message,
		      struct eft_inet_way *ret_way)
{
	int error;

	*ret_way = (struct eft_inet_way){.ttl = -1, .tos = -1};
	if (__atomic_load_n(&self->datagram.pending, __ATOMIC_RELAXED) != NULL)
		return 0; /* it goes where the first goes */
	error = take_target(self, message, ret_way);
	if (error == 0 && message->control != NULL) {
		eft_inet_lock();
		error = take_control(self, ret_way, message->control);
		eft_inet_unlock();
	}
	ret_way->known = true;
	return error;
}

/*
 * Which interface a message leaves by, and as whose.
 */

static struct netif *netif_of(const struct eft_inet *self,
			      const struct eft_inet_way *way,
			      const ip_addr_t *from)
{
	/* All pcbs begin alike (IP_PCB). */
	const struct udp_pcb *pcb = self->pcb.udp;
	struct netif *netif = NULL;

	if (way->interface != 0)
		return netif_get_by_index(way->interface);
	if (self->device != NETIF_NO_INDEX)
		return netif_get_by_index(self->device);
	if (ip_addr_ismulticast(&way->to) &&
	    self->socket.ops == &eft_inet_udp_ops)
		netif = netif_get_by_index(pcb->mcast_ifindex);
	return netif != NULL ? netif : ip_route(from, &way->to);
}

int eft_inet_route(const struct eft_inet *self, const struct eft_inet_way *way,
		   struct netif **ret_netif, ip_addr_t *ret_from)
{
	const struct udp_pcb *pcb = self->pcb.udp;
	const ip_addr_t *from = &pcb->local_ip, *chosen;

	if (!IP_ADDR_PCB_VERSION_MATCH(pcb, &way->to))
		return -EFT_ENETUNREACH;
	if (!ip_addr_isany(&way->from))
		from = &way->from;
	*ret_netif = netif_of(self, way, from);
	if (*ret_netif == NULL)
		return -EFT_ENETUNREACH;
	if (ip_addr_isany(from) || ip_addr_ismulticast(from) ||
	    IP_GET_TYPE(from) != IP_GET_TYPE(&way->to)) {
		chosen = ip_netif_get_local_ip(*ret_netif, &way->to);
		if (chosen == NULL)
			return -EFT_ENETUNREACH;
		from = chosen;
	}
	*ret_from = *from;
	return 0;
}

/*
 * What waits for more.
 */

static int push(struct eft_inet *self, eft_inet_send_one send)
{
	struct pbuf *p = self->datagram.pending;
	int error;

	self->datagram.pending = NULL;
	error = send(self, p, &self->datagram.pending_way);
	pbuf_free(p);
	return error;
}

static int add(struct eft_inet *self, struct pbuf *p,
	       const struct eft_inet_way *way, size_t most)
{
	struct pbuf *pending = self->datagram.pending;

	if (pending == NULL) {
		pbuf_ref(p);
		self->datagram.pending = p;
		self->datagram.pending_way = *way;
		return 0;
	}
	if ((size_t)pending->tot_len + p->tot_len > most) {
		eft_inet_datagram_forget(self);
		return -EMSGSIZE;
	}
	pbuf_ref(p);
	pbuf_cat(pending, p);
	return 0;
}

static int send_locked(struct eft_inet *self, struct pbuf *p,
		       const struct eft_inet_way *way, bool more, size_t most,
		       eft_inet_send_one send)
{
	int error;

	if (self->datagram.pending == NULL && !way->known)
		return -EFT_EDESTADDRREQ;
	more |= self->datagram.cork;
	if (self->datagram.pending == NULL && !more)
		return send(self, p, way);
	error = add(self, p, way, most);
	return error != 0 || more ? error : push(self, send);
}

ssize_t eft_inet_datagram_send(struct eft_inet *self,
			       const struct eft_message *message,
			       const struct eft_inet_way *way, size_t most,
			       eft_inet_send_one send)
{
	struct pbuf *p;
	ssize_t len;
	int error = eft_inet_pbuf_of(message, most, &p);

	if (error != 0)
		return error;
	len = p->tot_len;
	eft_inet_lock();
	error = send_locked(self, p, way, message->flags & EFT_MSG_MORE, most,
			    send);
	pbuf_free(p);
	eft_inet_unlock();
	return error == 0 ? len : error;
}

int eft_inet_datagram_uncork(struct eft_inet *self, eft_inet_send_one send)
{
	self->datagram.cork = false;
	return self->datagram.pending != NULL ? push(self, send) : 0;
}

void eft_inet_datagram_forget(struct eft_inet *self)
{
	if (self->datagram.pending != NULL)
		pbuf_free(self->datagram.pending);
	self->datagram.pending = NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Errors that others report of what a connected UDP socket sent (RFC 1122
 * §4.1.3.3): lwIP does nothing with them, so that a raw pcb listens for them.
 */
#include <lwip/prot/icmp.h>
#include <lwip/prot/icmp6.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>
#include <lwip/prot/udp.h>

#include "core/net/inet/socket.h"

enum { HEADERS_MAX = 60 + 8 + 60 + UDP_HLEN };

/* Somebody has no socket at (port) of (to), for what came from (from_port). */
static void refuse(const ip_addr_t *to, uint16_t port, uint16_t from_port)
{
	for (struct udp_pcb *pcb = udp_pcbs; pcb != NULL; pcb = pcb->next) {
		struct eft_inet *self = pcb->recv_arg;

		if (!(pcb->flags & UDP_FLAGS_CONNECTED) ||
		    pcb->local_port != from_port || pcb->remote_port != port ||
		    !ip_addr_cmp(&pcb->remote_ip, to) || self == NULL)
			continue;
		eft_inet_set_error(self, -ECONNREFUSED);
		eft_inet_wake(&self->readers);
		return;
	}
}

static void look4(const uint8_t *bytes, unsigned len)
{
	unsigned at = (bytes[0] & 15) * 4u;
	const struct icmp_echo_hdr *icmp = (const void *)(bytes + at);
	const struct ip_hdr *ip = (const void *)(bytes + at + 8);
	const struct udp_hdr *udp;
	ip_addr_t to = {0};

	if (len < at + 8 + IP_HLEN || icmp->type != ICMP_DUR ||
	    icmp->code != ICMP_DUR_PORT || IPH_PROTO(ip) != IP_PROTO_UDP)
		return;
	at += 8u + IPH_HL_BYTES(ip);
	if (len < at + UDP_HLEN)
		return;
	udp = (const void *)(bytes + at);
	ip_addr_copy_from_ip4(to, ip->dest);
	refuse(&to, lwip_ntohs(udp->dest), lwip_ntohs(udp->src));
}

static void look6(const uint8_t *bytes, unsigned len)
{
	const struct icmp6_hdr *icmp = (const void *)(bytes + IP6_HLEN);
	const struct ip6_hdr *ip = (const void *)(bytes + IP6_HLEN + 8);
	const struct udp_hdr *udp = (const void *)(ip + 1);
	ip_addr_t to = {.type = IPADDR_TYPE_V6};

	if (len < IP6_HLEN + 8 + IP6_HLEN + UDP_HLEN ||
	    icmp->type != ICMP6_TYPE_DUR || icmp->code != ICMP6_DUR_PORT ||
	    IP6H_NEXTH(ip) != IP6_NEXTH_UDP)
		return;
	ip_addr_copy_from_ip6_packed(to, ip->dest);
	refuse(&to, lwip_ntohs(udp->dest), lwip_ntohs(udp->src));
}

static u8_t on_receive(void *arg, struct raw_pcb *pcb, struct pbuf *p,
		       const ip_addr_t *from)
{
	uint8_t bytes[HEADERS_MAX] __attribute__((aligned(4)));
	unsigned len = pbuf_copy_partial(p, bytes, sizeof(bytes), 0);

	if (len >= IP_HLEN && ip_current_is_v6())
		look6(bytes, len);
	else if (len >= IP_HLEN)
		look4(bytes, len);
	return 0; /* lwIP goes on with it */
}

void eft_inet_icmp_start(void)
{
	static struct raw_pcb *heard4, *heard6;

	if (heard4 == NULL) {
		heard4 = raw_new_ip_type(IPADDR_TYPE_V4, IP_PROTO_ICMP);
		if (heard4 != NULL)
			raw_recv(heard4, on_receive, NULL);
	}
	if (heard6 == NULL) {
		heard6 = raw_new_ip_type(IPADDR_TYPE_V6, IP6_NEXTH_ICMP6);
		if (heard6 != NULL)
			raw_recv(heard6, on_receive, NULL);
	}
}

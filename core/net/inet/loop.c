// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packets to ourselves: lo's, and those that an interface sends to its own
 * address.
 *
 * lo has all of 127.0.0.0/8, as Linux's, and lwIP one address for an interface:
 * while a packet to another one of these is looked at, that is lo's address.
 */
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>

#include "core/net/inet/lwip/hooks.h"
#include "core/net/inet/stack.h"

/* lwIP's length of what is allocated has 16 bits, with all headers before it. */
enum { PIECE = 32768 };
/* NETIF_CHECKSUM_GEN_IP and all like it. */
enum { CHECKSUM_GEN = 0xff };

static bool settling; /* what is looked at is from ourselves */

static bool is_lo(struct netif *netif)
{
	return eft_inet_of(netif)->net == NULL;
}

static void name_lo(struct netif *netif, const ip4_addr_t *address)
{
	ip4_addr_copy(*ip_2_ip4(&netif->ip_addr), *address);
}

static const ip4_addr_t first = {PP_HTONL(IPADDR_LOOPBACK)};

static void settle(struct netif *netif)
{
	u16_t checks = netif->chksum_flags;

	/* Nobody has summed what no device was to see. */
	NETIF_SET_CHECKSUM_CTRL(netif, checks & CHECKSUM_GEN);
	settling = true;
	netif_poll(netif);
	settling = false;
	NETIF_SET_CHECKSUM_CTRL(netif, checks);
	if (is_lo(netif))
		name_lo(netif, &first);
}

void eft_inet_settle_own(void)
{
	struct netif *netif;

	NETIF_FOREACH(netif)
	{
		if (netif->loop_first != NULL)
			settle(netif);
	}
}

int eft_inet_packet4(struct pbuf *p, struct netif *netif)
{
	const struct ip_hdr *header = p->payload;
	ip4_addr_t from, to;

	ip4_addr_copy(from, header->src);
	ip4_addr_copy(to, header->dest);
	/* RFC 1122 §3.2.1.3 (g): these are on no network. */
	if (!settling &&
	    (ip4_addr_isloopback(&from) || ip4_addr_isloopback(&to))) {
		pbuf_free(p);
		return 1;
	}
	if (is_lo(netif))
		name_lo(netif, ip4_addr_isloopback(&to) &&
					       !ip4_addr_isbroadcast(&to, netif)
				       ? &to
				       : &first);
	return 0;
}

int eft_inet_loop6(struct pbuf *p)
{
	const struct ip6_hdr *header = p->payload;
	ip6_addr_t from, to;

	ip6_addr_copy_from_packed(from, header->src);
	ip6_addr_copy_from_packed(to, header->dest);
	/* RFC 4291 §2.5.3 */
	if (settling ||
	    (!ip6_addr_isloopback(&from) && !ip6_addr_isloopback(&to)))
		return 0;
	pbuf_free(p);
	return 1;
}

static struct pbuf *room_for(u16_t len)
{
	struct pbuf *p = pbuf_alloc(PBUF_LINK, eft_min(len, PIECE), PBUF_RAM);
	struct pbuf *rest = NULL;

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

static void count(struct eft_net_counts *counts, u16_t bytes)
{
	counts->frames_in = ++counts->frames_out;
	counts->bytes_in = counts->bytes_out += bytes;
}

err_t eft_inet_loop(struct netif *netif, struct pbuf *p)
{
	struct pbuf *made = room_for(p->tot_len), *last = made;

	if (made == NULL)
		return ERR_MEM;
	pbuf_copy(made, p);
	while (last->next != NULL)
		last = last->next;
	if (netif->loop_first != NULL)
		netif->loop_last->next = made;
	else
		netif->loop_first = made;
	netif->loop_last = last;
	if (is_lo(netif))
		count(&eft_inet_of(netif)->own, p->tot_len);
	return ERR_OK;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * What arrives: a device's frames become lwIP's pbufs where they lie, and go
 * back to the driver when the last of a frame's pbufs is freed. Small frames,
 * and those of a driver of which we have many, are copied: what a program does
 * not read is not to keep the device from receiving.
 */
#include <lwip/etharp.h>
#include <lwip/ip4.h>
#include <lwip/ip6.h>
#include <lwip/prot/ethernet.h>
#include <lwip/prot/ieee.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/stack.h"

enum {
	BUDGET = 64,	  /* frames of one poll */
	COPIED_MAX = 256, /* bytes: a copy costs less than to keep the frame */
	LENT_MAX = 128,	  /* frames that we keep */
	HEADER = EFT_NET_ETHERNET_HEADER,
	HEADERS_MIN = 128, /* of all protocols, which lwIP wants in one piece */
};

struct arrived;

struct piece {
	struct pbuf_custom custom; /* first: what lwIP has is this */
	struct arrived *of;
};

struct arrived {
	struct eft_net_frame *frame;
	struct eft_inet_interface *interface;
	unsigned left; /* pieces that are not freed */
	struct piece pieces[];
};

static void free_piece(struct pbuf *p)
{
	struct arrived *arrived = ((struct piece *)p)->of;

	eft_assert(arrived->left > 0);
	if (--arrived->left > 0)
		return;
	eft_assert(arrived->interface->lent > 0);
	arrived->interface->lent--;
	arrived->frame->done(arrived->frame);
	eft_free(arrived);
}

/* Without its Ethernet header. NULL: out of memory, and (frame) is as it was. */
static struct pbuf *lend(struct eft_inet_interface *interface,
			 struct eft_net_frame *frame)
{
	struct arrived *arrived = eft_alloc(
		sizeof(*arrived) + frame->count * sizeof(arrived->pieces[0]));
	struct pbuf *head = NULL;

	if (arrived == NULL)
		return NULL;
	arrived->frame = frame;
	arrived->interface = interface;
	arrived->left = frame->count;
	interface->lent++;
	for (unsigned i = 0; i < frame->count; i++) {
		struct piece *piece = &arrived->pieces[i];
		size_t skip = i == 0 ? HEADER : 0;
		size_t len = frame->parts[i].len - skip;
		struct pbuf *p;

		piece->of = arrived;
		piece->custom.custom_free_function = free_piece;
		p = pbuf_alloced_custom(PBUF_RAW, len, PBUF_REF, &piece->custom,
					(char *)frame->parts[i].data + skip,
					len);
		if (head != NULL)
			pbuf_cat(head, p);
		else
			head = p;
	}
	return head;
}

static struct pbuf *copy(const struct eft_net_frame *frame)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, frame->len - HEADER, PBUF_RAM);
	char *to;

	if (p == NULL)
		return NULL;
	to = p->payload;
	for (unsigned i = 0; i < frame->count; i++) {
		size_t skip = i == 0 ? HEADER : 0;
		size_t len = frame->parts[i].len - skip;

		memcpy(to, (char *)frame->parts[i].data + skip, len);
		to += len;
	}
	return p;
}

/* The driver has checked little: is it a frame that we can look at? */
static bool is_sound(const struct eft_net_frame *frame)
{
	uint64_t len = 0;

	if (frame->count == 0 || frame->count > EFT_NET_PARTS_MAX ||
	    frame->parts[0].len < HEADER)
		return false;
	for (unsigned i = 0; i < frame->count; i++)
		len += frame->parts[i].len;
	/* Of a merged segment: IP's length has 16 bits. */
	return len == frame->len && len - HEADER <= UINT16_MAX;
}

static bool is_ours(const struct eft_inet_interface *interface,
		    const struct eth_hdr *header)
{
	return header->dest.addr[0] & 1 ||
	       memcmp(header->dest.addr, interface->netif.hwaddr,
		      EFT_NET_ADDRESS_BYTES) == 0;
}

/* Takes (p). lwIP looks at the beginning of a header without a question. */
static void input(struct netif *netif, struct pbuf *p, unsigned type)
{
	if (type == ETHTYPE_ARP && p->len >= SIZEOF_ETHARP_HDR)
		etharp_input(p, netif);
	else if (type == ETHTYPE_IP && p->len >= IP_HLEN)
		ip4_input(p, netif);
	else if (type == ETHTYPE_IPV6 && p->len >= IP6_HLEN)
		ip6_input(p, netif);
	else
		pbuf_free(p);
}

static void take(struct eft_inet_interface *interface, struct pbuf *p,
		 const struct eth_hdr *header, bool right)
{
	static const struct eth_addr all = {
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	struct netif *netif = &interface->netif;
	u16_t checks = netif->chksum_flags;

	p->if_idx = netif_get_index(netif);
	if (header->dest.addr[0] & 1)
		p->flags |= eth_addr_cmp(&header->dest, &all)
				    ? PBUF_FLAG_LLBCAST
				    : PBUF_FLAG_LLMCAST;
	if (right)
		NETIF_SET_CHECKSUM_CTRL(netif,
					checks & ~(NETIF_CHECKSUM_CHECK_TCP |
						   NETIF_CHECKSUM_CHECK_UDP));
	input(netif, p, lwip_ntohs(header->type));
	NETIF_SET_CHECKSUM_CTRL(netif, checks);
}

static void on_frame(struct eft_net *net, void *arg,
		     struct eft_net_frame *frame)
{
	struct eft_inet_interface *interface = arg;
	bool right = frame->checksum_partial || frame->checksum_right;
	struct eth_hdr header;
	struct pbuf *p = NULL;

	eft_inet_has_frames();
	if (!is_sound(frame)) {
		frame->done(frame);
		return;
	}
	memcpy(&header, frame->parts[0].data, sizeof(header));
	if (!is_ours(interface, &header)) {
		frame->done(frame);
		return;
	}
	if (frame->len > COPIED_MAX && interface->lent < LENT_MAX &&
	    (frame->parts[0].len >= HEADERS_MIN || frame->count == 1))
		p = lend(interface, frame);
	if (p == NULL) {
		p = copy(frame);
		frame->done(frame);
	}
	if (p != NULL)
		take(interface, p, &header, right);
	else
		interface->own.dropped_in++;
}

static void on_ready(struct eft_net *net, void *arg)
{
	struct eft_inet_interface *interface = arg;

	__atomic_store_n(&interface->ready, true, __ATOMIC_RELEASE);
	eft_inet_kick();
}

static void on_link(struct eft_net *net, void *arg, bool up)
{
	struct eft_inet_interface *interface = arg;

	eft_log(EFT_LOG_INFO, "%s: link %s", interface->name,
		up ? "up" : "down");
	eft_inet_has_frames();
	if (up)
		netif_set_link_up(&interface->netif);
	else
		netif_set_link_down(&interface->netif);
}

const struct eft_net_sink eft_inet_sink = {
	.ready = on_ready,
	.frame = on_frame,
	.link = on_link,
};

bool eft_inet_poll(struct eft_inet_interface *interface)
{
	bool more;

	if (!__atomic_exchange_n(&interface->ready, false, __ATOMIC_ACQUIRE))
		return false;
	more = interface->net->poll(interface->net, BUDGET) == BUDGET;
	if (more)
		__atomic_store_n(&interface->ready, true, __ATOMIC_RELAXED);
	eft_inet_send_waiting(interface);
	return more;
}

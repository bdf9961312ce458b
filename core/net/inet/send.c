// SPDX-License-Identifier: BSD-3-Clause
/*
 * What is sent: lwIP's pbufs become a frame where they lie, and are freed when
 * the device has sent it. What it has no room for waits, up to as many frames as
 * Linux's queue has; then lwIP is told that there is no memory, and its
 * connections try again when there is room.
 */
#include <lwip/ip.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/prot/ethernet.h>
#include <lwip/prot/ieee.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>
#include <lwip/prot/tcp.h>

#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/stack.h"

enum {
	WAITING_MAX = 1000, /* Linux's txqueuelen */
	HEADER = EFT_NET_ETHERNET_HEADER,
};

struct eft_inet_sent {
	struct eft_net_frame frame; /* first */
	struct pbuf *p;
	struct eft_inet_interface *interface;
	struct eft_inet_sent *next; /* that waits, or is spare */
};

static struct eft_inet_sent *get(struct eft_inet_interface *interface)
{
	struct eft_inet_sent *sent = interface->spare;

	if (sent == NULL)
		return eft_alloc(sizeof(*sent));
	interface->spare = sent->next;
	return sent;
}

static void put(struct eft_inet_sent *sent)
{
	struct eft_inet_interface *interface = sent->interface;
	struct pbuf *p = sent->p;

	sent->next = interface->spare;
	interface->spare = sent;
	pbuf_free(p);
}

static void done(struct eft_net_frame *frame)
{
	put((struct eft_inet_sent *)frame);
}

/* Of (bytes), an even number, as 16-bit words in the order that they lie in. */
static uint32_t sum(const void *data, unsigned bytes)
{
	const uint8_t *at = data;
	uint32_t total = 0;

	for (unsigned i = 0; i < bytes; i += 2)
		total += (uint32_t)(at[i] | at[i + 1] << 8);
	return total;
}

/*
 * A TCP segment of lwIP's own, whose header has no checksum yet: where does the
 * header begin, and what is the pseudo header's sum (RFC 9293 §3.1)? 0: it is
 * something else.
 */
static unsigned tcp_at(const struct pbuf *p, uint32_t *ret_sum)
{
	const uint8_t *data = (const uint8_t *)p->payload + HEADER;
	unsigned type = lwip_ntohs(((const struct eth_hdr *)p->payload)->type);
	const struct ip_hdr *ip4 = (const struct ip_hdr *)data;
	const struct ip6_hdr *ip6 = (const struct ip6_hdr *)data;
	unsigned bytes;

	if (type == ETHTYPE_IP && p->len >= HEADER + IP_HLEN + TCP_HLEN &&
	    IPH_PROTO(ip4) == IP_PROTO_TCP &&
	    !(IPH_OFFSET(ip4) & PP_HTONS(IP_MF | IP_OFFMASK))) {
		bytes = IPH_HL_BYTES(ip4);
		*ret_sum = sum(&ip4->src, 8);
	} else if (type == ETHTYPE_IPV6 &&
		   p->len >= HEADER + IP6_HLEN + TCP_HLEN &&
		   IP6H_NEXTH(ip6) == IP6_NEXTH_TCP) {
		bytes = IP6_HLEN;
		*ret_sum = sum(&ip6->src, 32);
	} else {
		return 0;
	}
	if (p->len < HEADER + bytes + TCP_HLEN)
		return 0;
	*ret_sum += lwip_htons(IP_PROTO_TCP) +
		    lwip_htons(p->tot_len - HEADER - bytes);
	return HEADER + bytes;
}

static void set_checksum(struct eft_net_frame *frame, struct pbuf *p,
			 const struct eft_inet_interface *interface)
{
	struct tcp_hdr *tcp;
	uint32_t pseudo;
	unsigned at;

	if (!(interface->net->features & EFT_NET_SEND_CHECKSUM))
		return;
	at = tcp_at(p, &pseudo);
	tcp = (struct tcp_hdr *)((char *)p->payload + at);
	if (at == 0 || tcp->chksum != 0)
		return;
	pseudo = (pseudo & 0xffff) + (pseudo >> 16);
	tcp->chksum = (pseudo & 0xffff) + (pseudo >> 16);
	frame->checksum_partial = true;
	frame->checksum_start = at;
	frame->checksum_offset = offsetof(struct tcp_hdr, chksum);
}

/* Shares (p). NULL: out of memory. */
static struct eft_inet_sent *make(struct eft_inet_interface *interface,
				  struct pbuf *p)
{
	struct eft_inet_sent *sent = get(interface);
	struct eft_net_frame *frame;

	if (sent == NULL)
		return NULL;
	sent->p = p;
	sent->interface = interface;
	frame = &sent->frame;
	frame->count = 0;
	frame->len = p->tot_len;
	frame->checksum_partial = frame->checksum_right = false;
	frame->segments = EFT_NET_WHOLE;
	frame->done = done;
	set_checksum(frame, p, interface);
	for (const struct pbuf *at = p; at != NULL; at = at->next) {
		if (at->len > 0)
			frame->parts[frame->count++] =
				(struct eft_net_part){at->payload, at->len};
	}
	pbuf_ref(p);
	return sent;
}

/* False: there is no room for (sent). */
static bool send(struct eft_inet_sent *sent)
{
	struct eft_inet_interface *interface = sent->interface;
	int error = interface->net->send(interface->net, &sent->frame);

	if (error == -EAGAIN)
		return false;
	if (error == 0)
		interface->untold++;
	else
		put(sent);
	return true;
}

static void wait(struct eft_inet_interface *interface,
		 struct eft_inet_sent *sent)
{
	if (interface->waiting == NULL)
		interface->waiting_end = &interface->waiting;
	sent->next = NULL;
	*interface->waiting_end = sent;
	interface->waiting_end = &sent->next;
	interface->waiting_count++;
}

void eft_inet_send_waiting(struct eft_inet_interface *interface)
{
	struct eft_inet_sent *sent;

	while ((sent = interface->waiting) != NULL) {
		struct eft_inet_sent *next = sent->next;

		if (!send(sent))
			return;
		interface->waiting = next;
		interface->waiting_count--;
	}
	if (interface->refused) {
		interface->refused = false;
		tcp_txnow();
	}
}

static unsigned filled(const struct pbuf *p)
{
	unsigned count = 0;

	for (; p != NULL; p = p->next)
		count += p->len > 0;
	return count;
}

err_t eft_inet_send(struct netif *netif, struct pbuf *p)
{
	struct eft_inet_interface *interface = eft_inet_of(netif);
	struct pbuf *whole = NULL;
	struct eft_inet_sent *sent;

	if (interface->waiting_count >= WAITING_MAX) {
		interface->refused = true;
		return ERR_MEM;
	}
	if (filled(p) > EFT_NET_PARTS_MAX) {
		whole = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
		if (whole == NULL)
			return ERR_MEM;
		p = whole;
	}
	sent = make(interface, p);
	if (whole != NULL)
		pbuf_free(whole);
	if (sent == NULL)
		return ERR_MEM;
	if (interface->waiting != NULL || !send(sent))
		wait(interface, sent);
	return ERR_OK;
}

void eft_inet_flush(struct eft_inet_interface *interface)
{
	interface->untold = 0;
	interface->net->flush(interface->net);
}

/* In an interrupt, perhaps before the last frame was counted: it is told again. */
static void ring(struct eft_timer *bell)
{
	struct eft_inet_interface *interface =
		eft_container_of(bell, struct eft_inet_interface, bell);

	__atomic_store_n(&interface->bell_set, false, __ATOMIC_RELAXED);
	interface->net->flush(interface->net);
}

bool eft_inet_flush_later(struct eft_inet_interface *interface,
			  uint64_t deadline_ns)
{
	if (__atomic_exchange_n(&interface->bell_set, true, __ATOMIC_RELAXED))
		return false;
	interface->bell.expire = ring;
	eft_timer_set(&interface->bell, deadline_ns);
	return true;
}

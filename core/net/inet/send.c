// SPDX-License-Identifier: BSD-3-Clause
/*
 * What is sent: lwIP's pbufs become a frame where they lie, and are freed when
 * the device has sent it. What it has no room for waits, up to as many frames as
 * Linux's queue has; then lwIP is told that there is no memory, and its
 * connections try again when there is room.
 *
 * Where the device splits large segments (TSO), those of lwIP that follow each
 * other, in one turn of who has the mutex, become one frame again: the first
 * one's headers, and the payload of all.
 */
#include <lwip/inet_chksum.h>
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
	struct pbuf *pbufs[EFT_NET_PARTS_MAX];
	unsigned count; /* of them */
	/* Where its TCP header begins, if the device does its checksum; or 0. */
	unsigned tcp_at;
	unsigned headers; /* bytes, if it may become a larger one; or 0 */
	uint32_t next_seq;
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

	for (unsigned i = 0; i < sent->count; i++)
		pbuf_free(sent->pbufs[i]);
	sent->next = interface->spare;
	interface->spare = sent;
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

static struct tcp_hdr *tcp_of(const struct pbuf *p, unsigned at)
{
	return (struct tcp_hdr *)((char *)p->payload + at);
}

static bool is_ip4(const struct pbuf *p)
{
	return ((const struct eth_hdr *)p->payload)->type ==
	       PP_HTONS(ETHTYPE_IP);
}

static void *ip_of(const struct pbuf *p)
{
	return (char *)p->payload + HEADER;
}

/*
 * A TCP segment of lwIP's own, whose header has no checksum yet: where does the
 * header begin? 0: it is something else.
 */
static unsigned find_tcp(const struct pbuf *p)
{
	const struct ip_hdr *ip4 = ip_of(p);
	const struct ip6_hdr *ip6 = ip_of(p);
	unsigned type = ((const struct eth_hdr *)p->payload)->type, bytes;

	if (type == PP_HTONS(ETHTYPE_IP) &&
	    p->len >= HEADER + IP_HLEN + TCP_HLEN &&
	    IPH_PROTO(ip4) == IP_PROTO_TCP &&
	    !(IPH_OFFSET(ip4) & PP_HTONS(IP_MF | IP_OFFMASK)))
		bytes = IPH_HL_BYTES(ip4);
	else if (type == PP_HTONS(ETHTYPE_IPV6) &&
		 p->len >= HEADER + IP6_HLEN + TCP_HLEN &&
		 IP6H_NEXTH(ip6) == IP6_NEXTH_TCP)
		bytes = IP6_HLEN;
	else
		return 0;
	if (p->len < HEADER + bytes + TCP_HLEN ||
	    tcp_of(p, HEADER + bytes)->chksum != 0)
		return 0;
	return HEADER + bytes;
}

/* The pseudo header's sum (RFC 9293 §3.1), to which the device adds the rest. */
static void begin_checksum(const struct eft_inet_sent *sent)
{
	const struct pbuf *p = sent->pbufs[0];
	const struct ip_hdr *ip4 = ip_of(p);
	const struct ip6_hdr *ip6 = ip_of(p);
	uint32_t pseudo = is_ip4(p) ? sum(&ip4->src, 8) : sum(&ip6->src, 32);

	pseudo += PP_HTONS(IP_PROTO_TCP) +
		  lwip_htons(sent->frame.len - sent->tcp_at);
	pseudo = (pseudo & 0xffff) + (pseudo >> 16);
	tcp_of(p, sent->tcp_at)->chksum = (pseudo & 0xffff) + (pseudo >> 16);
}

static bool splits(const struct eft_inet_interface *interface,
		   const struct pbuf *p)
{
	return interface->net->features &
	       (is_ip4(p) ? EFT_NET_SEND_TCP4 : EFT_NET_SEND_TCP6);
}

/* Bytes of the headers of a segment of nothing but data; 0: it is another. */
static unsigned headers_of(const struct pbuf *p, unsigned tcp_at)
{
	const struct tcp_hdr *tcp = tcp_of(p, tcp_at);
	unsigned bytes = tcp_at + TCPH_HDRLEN_BYTES(tcp);

	if ((TCPH_FLAGS(tcp) & ~TCP_PSH) != TCP_ACK || p->len < bytes ||
	    p->tot_len == bytes)
		return 0;
	return bytes;
}

/* Have (p), but for (skip) bytes, be the end of the frame. */
static void add(struct eft_inet_sent *sent, struct pbuf *p, unsigned skip)
{
	struct eft_net_frame *frame = &sent->frame;

	for (const struct pbuf *at = p; at != NULL; at = at->next) {
		if (at->len > skip)
			frame->parts[frame->count++] = (struct eft_net_part){
				(char *)at->payload + skip, at->len - skip};
		frame->len += at->len - skip;
		skip = 0;
	}
	eft_assert(frame->count <= EFT_NET_PARTS_MAX);
	pbuf_ref(p);
	sent->pbufs[sent->count++] = p;
}

/* Shares (p). NULL: out of memory. */
static struct eft_inet_sent *make(struct eft_inet_interface *interface,
				  struct pbuf *p)
{
	struct eft_inet_sent *sent = get(interface);
	struct eft_net_frame *frame;

	if (sent == NULL)
		return NULL;
	sent->interface = interface;
	sent->count = sent->tcp_at = sent->headers = 0;
	frame = &sent->frame;
	frame->count = frame->len = 0;
	frame->checksum_partial = frame->checksum_right = false;
	frame->segments = EFT_NET_WHOLE;
	frame->done = done;
	add(sent, p, 0);
	if (interface->net->features & EFT_NET_SEND_CHECKSUM)
		sent->tcp_at = find_tcp(p);
	if (sent->tcp_at == 0)
		return sent;
	frame->checksum_partial = true;
	frame->checksum_start = sent->tcp_at;
	frame->checksum_offset = offsetof(struct tcp_hdr, chksum);
	if (splits(interface, p))
		sent->headers = headers_of(p, sent->tcp_at);
	frame->header_bytes = sent->headers;
	frame->segment_bytes = p->tot_len - sent->headers;
	sent->next_seq = lwip_ntohl(tcp_of(p, sent->tcp_at)->seqno) +
			 frame->segment_bytes;
	begin_checksum(sent);
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

/* After those that wait. */
static void send_or_wait(struct eft_inet_sent *sent)
{
	struct eft_inet_interface *interface = sent->interface;

	if (interface->waiting != NULL || !send(sent))
		wait(interface, sent);
}

/* Its headers are of one segment, and say now that it is all of them. */
static void make_large(struct eft_inet_sent *sent)
{
	const struct pbuf *p = sent->pbufs[0];
	unsigned bytes = sent->frame.len - HEADER;
	struct ip_hdr *ip4 = ip_of(p);
	struct ip6_hdr *ip6 = ip_of(p);

	eft_assert(p->payload == sent->frame.parts[0].data);
	if (is_ip4(p)) {
		sent->frame.segments = EFT_NET_TCP4;
		IPH_LEN_SET(ip4, lwip_htons(bytes));
		IPH_CHKSUM_SET(ip4, 0);
		IPH_CHKSUM_SET(ip4, inet_chksum(ip4, IPH_HL_BYTES(ip4)));
	} else {
		sent->frame.segments = EFT_NET_TCP6;
		IP6H_PLEN_SET(ip6, bytes - IP6_HLEN);
	}
	begin_checksum(sent);
}

void eft_inet_send_gathered(struct eft_inet_interface *interface)
{
	struct eft_inet_sent *sent = interface->gathered;

	interface->gathered = NULL;
	if (sent == NULL)
		return;
	if (sent->count > 1)
		make_large(sent);
	send_or_wait(sent);
}

static unsigned filled(const struct pbuf *p)
{
	unsigned count = 0;

	for (; p != NULL; p = p->next)
		count += p->len > 0;
	return count;
}

/* Are all headers the same but for the sequence number, which is the next? */
static bool continues(const struct eft_inet_sent *sent, const struct pbuf *p)
{
	const struct pbuf *first = sent->pbufs[0];
	const struct tcp_hdr *a = tcp_of(first, sent->tcp_at);
	const struct tcp_hdr *b = tcp_of(p, sent->tcp_at);
	const struct ip_hdr *a4 = ip_of(first), *b4 = ip_of(p);
	const struct ip6_hdr *a6 = ip_of(first), *b6 = ip_of(p);

	if (is_ip4(first) != is_ip4(p) ||
	    lwip_ntohl(b->seqno) != sent->next_seq || a->ackno != b->ackno ||
	    a->wnd != b->wnd || a->src != b->src || a->dest != b->dest)
		return false;
	if (is_ip4(p))
		return a4->src.addr == b4->src.addr &&
		       a4->dest.addr == b4->dest.addr &&
		       IPH_TOS(a4) == IPH_TOS(b4) && IPH_TTL(a4) == IPH_TTL(b4);
	return memcmp(&a6->src, &b6->src, 32) == 0 &&
	       a6->_v_tc_fl == b6->_v_tc_fl && a6->_hoplim == b6->_hoplim;
}

/*
 * Add (p) to the frame that is being made, if it is the segment behind it. The
 * last one may be shorter than the others.
 */
static bool gather(struct eft_inet_interface *interface, struct pbuf *p)
{
	struct eft_inet_sent *sent = interface->gathered;
	unsigned tcp_at, bytes;
	struct tcp_hdr *tcp;

	if (sent == NULL)
		return false;
	tcp_at = find_tcp(p);
	if (tcp_at != sent->tcp_at || headers_of(p, tcp_at) != sent->headers ||
	    !continues(sent, p))
		return false;
	bytes = p->tot_len - sent->headers;
	if (bytes > sent->frame.segment_bytes ||
	    sent->frame.len + bytes > HEADER + UINT16_MAX ||
	    sent->frame.count + filled(p) > EFT_NET_PARTS_MAX)
		return false;
	add(sent, p, sent->headers);
	sent->next_seq += bytes;
	tcp = tcp_of(sent->pbufs[0], tcp_at);
	TCPH_SET_FLAG(tcp, TCPH_FLAGS(tcp_of(p, tcp_at)) & TCP_PSH);
	if (bytes < sent->frame.segment_bytes)
		eft_inet_send_gathered(interface);
	return true;
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
	if (gather(interface, p))
		return ERR_OK;
	eft_inet_send_gathered(interface);
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
	if (sent->headers > 0)
		interface->gathered = sent;
	else
		send_or_wait(sent);
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

	interface->net->flush(interface->net);
}

void eft_inet_flush_later(struct eft_inet_interface *interface,
			  uint64_t deadline_ns)
{
	interface->bell.expire = ring;
	if (!interface->bell.set)
		eft_timer_set(&interface->bell, deadline_ns);
}

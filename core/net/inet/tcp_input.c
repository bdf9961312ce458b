// SPDX-License-Identifier: BSD-3-Clause
/*
 * Segments before lwIP looks at them: what its state machine has no answer to.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/log.h"
#include "core/net/inet/lwip/hooks.h"
#include "core/net/inet/socket.h"

/*
 * A simultaneous open (RFC 9293 §3.5, figure 8): both have sent a SYN, and there
 * is no listener. lwIP completes a connection of SYN_RCVD at its listener, which
 * is this one.
 */
static err_t on_open(void *arg, struct tcp_pcb *pcb, err_t error)
{
	eft_assert(pcb->state == ESTABLISHED);
	pcb->listener = NULL;
	pcb->mss = tcp_eff_send_mss(pcb->mss, &pcb->local_ip, &pcb->remote_ip);
	return pcb->connected != NULL ? pcb->connected(arg, pcb, ERR_OK)
				      : ERR_VAL;
}

static struct tcp_pcb_listen opens = {.state = LISTEN, .accept = on_open};

/*
 * What came is a copy of a SYN that was answered, then: lwIP reads its options,
 * and sends our own SYN again with an acknowledgement.
 */
static void receive_syn(struct tcp_pcb *pcb, const struct tcp_hdr *header)
{
	pcb->state = SYN_RCVD;
	pcb->listener = &opens;
	pcb->rcv_nxt = header->seqno + 1;
	pcb->rcv_ann_right_edge = pcb->rcv_nxt;
	pcb->snd_wl1 = header->seqno - 1;
	pcb->snd_wnd = pcb->snd_wnd_max = header->wnd;
}

/* Have (p) be a segment that nobody has looked at, and look again. */
static void input_again(struct pbuf *p, struct tcp_hdr *header)
{
	header->src = lwip_htons(header->src);
	header->dest = lwip_htons(header->dest);
	header->seqno = lwip_htonl(header->seqno);
	header->ackno = lwip_htonl(header->ackno);
	header->wnd = lwip_htons(header->wnd);
	pbuf_header_force(p, (s16_t)TCPH_HDRLEN_BYTES(header));
	pbuf_ref(p); /* the caller has one, too */
	eft_inet_tcp_input(p, ip_current_input_netif());
}

/*
 * A SYN that is newer than a connection in TIME_WAIT ends that, and begins
 * another (RFC 9293 §3.10.7.4; RFC 1122 §4.2.2.13).
 */
static bool begins_again(const struct tcp_pcb *pcb, const struct pbuf *p,
			 const struct tcp_hdr *header)
{
	return TCP_SEQ_GT(header->seqno, pcb->rcv_nxt) &&
	       (char *)p->payload == (char *)header + TCPH_HDRLEN_BYTES(header);
}

/*
 * Too many connections are half open: the one that has waited longest gives way,
 * for in a flood of SYNs it is one that nobody completes.
 */
static void make_room(struct tcp_pcb_listen *listener)
{
	struct tcp_pcb *oldest = NULL;

	if (listener->backlog == 0 ||
	    listener->accepts_pending < listener->backlog)
		return;
	for (struct tcp_pcb *at = tcp_active_pcbs; at != NULL; at = at->next) {
		if (at->state != SYN_RCVD || at->listener != listener)
			continue;
		if (oldest == NULL ||
		    tcp_ticks - at->tmr >= tcp_ticks - oldest->tmr)
			oldest = at;
	}
	eft_assert(oldest != NULL);
	tcp_abandon(oldest, 0);
}

/*
 * Options (RFC 9293 §3.2) may lie in two pieces. lwIP reads the length of one
 * whose kind is the last byte: have the list end where one is cut, as Linux does.
 */
static void end_options(struct tcp_hdr *header, unsigned len, unsigned first,
			uint8_t *second)
{
	uint8_t *start = (uint8_t *)(header + 1), *kind;
	unsigned at = 0, bytes;

	for (; at < len; at += bytes) {
		kind = at < first ? &start[at] : &second[at - first];
		bytes = 1;
		if (*kind == LWIP_TCP_OPT_EOL)
			break;
		if (*kind == LWIP_TCP_OPT_NOP)
			continue;
		if (at + 1 < len)
			bytes = at + 1 < first ? start[at + 1]
					       : second[at + 1 - first];
		if (bytes < 2 || bytes > len - at) {
			*kind = LWIP_TCP_OPT_EOL;
			break;
		}
	}
}

err_t eft_inet_segment(struct tcp_pcb *pcb, struct tcp_hdr *header,
		       unsigned options, unsigned first, uint8_t *second,
		       struct pbuf *p)
{
	bool only_syn =
		(TCPH_FLAGS(header) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;

	eft_inet_tcp_show();
	end_options(header, options, first, second);
	if (!only_syn)
		return ERR_OK;
	switch (pcb->state) {
	case LISTEN:
		make_room((struct tcp_pcb_listen *)pcb);
		break;
	case SYN_SENT:
		receive_syn(pcb, header);
		break;
	case TIME_WAIT:
		if (!begins_again(pcb, p, header))
			break;
		eft_inet_tcp_give_way(pcb);
		input_again(p, header);
		return ERR_ABRT;
	default:
		break;
	}
	return ERR_OK;
}

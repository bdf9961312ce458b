// SPDX-License-Identifier: BSD-3-Clause
/*
 * Segments before lwIP looks at them: what its state machine has no answer to.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/log.h"
#include "core/net/inet/lwip/hooks.h"

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

err_t eft_inet_segment(struct tcp_pcb *pcb, const struct tcp_hdr *header)
{
	unsigned flags = TCPH_FLAGS(header);

	if (pcb->state == SYN_SENT &&
	    (flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN)
		receive_syn(pcb, header);
	return ERR_OK;
}

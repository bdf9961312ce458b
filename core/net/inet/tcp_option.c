// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP's options (tcp(7); Linux: include/uapi/linux/tcp.h).
 */
#include <lwip/priv/tcp_priv.h>

#include "core/net/inet/socket.h"

enum {
	TCP_NODELAY = 1,
	TCP_MAXSEG = 2,
	TCP_CORK = 3,
	TCP_KEEPIDLE = 4,
	TCP_KEEPINTVL = 5,
	TCP_KEEPCNT = 6,
	TCP_SYNCNT = 7,
	TCP_LINGER2 = 8,
	TCP_DEFER_ACCEPT = 9,
	TCP_WINDOW_CLAMP = 10,
	TCP_INFO = 11,
	TCP_QUICKACK = 12,
	TCP_CONGESTION = 13,
	TCP_USER_TIMEOUT = 18,
	TCP_NOTSENT_LOWAT = 25,
	SEGMENT_MIN = 88,
	SEGMENT_MAX = 32767,
	KEEP_MAX = 32767,
	KEEP_COUNT_MAX = 127,
	SYN_COUNT_MAX = 127,
	SYN_WAIT_MAX_S = 120,
	SYNS_MAX = 255,
	LINGER2_S = 60,
	LINGER2_MAX_S = 120,
};

/* struct tcp_info, as much as is known here. */
struct info {
	uint8_t state, ca_state, retransmits, probes, backoff, options, scales,
		limited;
	uint32_t rto_us, ato_us, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt_us, rttvar_us, snd_ssthresh, snd_cwnd,
		advmss, reordering;
	uint32_t rcv_rtt, rcv_space, total_retrans;
};

/* Linux's number of lwIP's state (include/net/tcp_states.h). */
static uint8_t state_number(const struct eft_inet *self)
{
	static const uint8_t numbers[] = {
		[CLOSED] = 7,	  [LISTEN] = 10,     [SYN_SENT] = 2,
		[SYN_RCVD] = 3,	  [ESTABLISHED] = 1, [FIN_WAIT_1] = 4,
		[FIN_WAIT_2] = 5, [CLOSE_WAIT] = 8,  [CLOSING] = 11,
		[LAST_ACK] = 9,	  [TIME_WAIT] = 6,
	};

	return numbers[self->pcb.any != NULL ? self->pcb.tcp->state : CLOSED];
}

static int give_info(struct eft_inet *self, void *value, unsigned *len)
{
	const struct tcp_pcb *pcb = self->pcb.tcp;
	struct info info = {.state = state_number(self)};

	if (pcb != NULL && self->state != EFT_INET_LISTENING) {
		info.retransmits = pcb->nrtx;
		info.rto_us = (uint32_t)pcb->rto * TCP_SLOW_INTERVAL * 1000;
		info.snd_mss = info.rcv_mss = info.advmss = tcp_mss(pcb);
		info.unacked = pcb->snd_queuelen;
		info.rtt_us =
			(uint32_t)(pcb->sa >> 3) * TCP_SLOW_INTERVAL * 1000;
		info.rttvar_us =
			(uint32_t)(pcb->sv >> 2) * TCP_SLOW_INTERVAL * 1000;
		info.snd_ssthresh = pcb->ssthresh / eft_max(pcb->mss, 1);
		info.snd_cwnd = pcb->cwnd / eft_max(pcb->mss, 1);
		info.rcv_space = pcb->rcv_wnd;
		info.pmtu = pcb->mss + 40u;
	}
	return eft_inet_give(value, len, &info, sizeof(info));
}

static int segment_bytes(const struct eft_inet *self)
{
	if (self->pcb.any != NULL && self->state == EFT_INET_CONNECTED)
		return tcp_mss(self->pcb.tcp);
	return self->tcp.mss != 0 ? self->tcp.mss : 536;
}

int eft_inet_tcp_get(struct eft_inet *self, int option, void *value,
		     unsigned *len)
{
	struct eft_inet_tcp *tcp = &self->tcp;

	switch (option) {
	case TCP_NODELAY:
		return eft_inet_give_int(value, len, tcp->no_delay);
	case TCP_MAXSEG:
		return eft_inet_give_int(value, len, segment_bytes(self));
	case TCP_CORK:
		return eft_inet_give_int(value, len, tcp->cork);
	case TCP_KEEPIDLE:
		return eft_inet_give_int(value, len, tcp->keep_idle_s);
	case TCP_KEEPINTVL:
		return eft_inet_give_int(value, len, tcp->keep_interval_s);
	case TCP_KEEPCNT:
		return eft_inet_give_int(value, len, tcp->keep_count);
	case TCP_SYNCNT:
		return eft_inet_give_int(value, len, tcp->syn_count);
	case TCP_LINGER2:
		return eft_inet_give_int(value, len, tcp->linger2_s);
	case TCP_DEFER_ACCEPT:
		return eft_inet_give_int(value, len, (int)tcp->defer_s);
	case TCP_NOTSENT_LOWAT:
		return eft_inet_give_int(value, len, (int)tcp->low_unsent);
	case TCP_WINDOW_CLAMP:
		return eft_inet_give_int(value, len, 0);
	case TCP_QUICKACK:
		return eft_inet_give_int(value, len, tcp->quick);
	case TCP_USER_TIMEOUT:
		return eft_inet_give_int(value, len, (int)tcp->user_timeout_ms);
	case TCP_CONGESTION:
		return eft_inet_give(value, len, "reno\0\0\0\0\0\0\0\0\0\0\0",
				     16);
	case TCP_INFO:
		return give_info(self, value, len);
	}
	return -ENOPROTOOPT;
}

static void flush(struct eft_inet *self)
{
	if (self->pcb.any != NULL && self->state == EFT_INET_CONNECTED)
		tcp_output(self->pcb.tcp);
}

static int set_seconds(uint16_t *field, int number, int most)
{
	if (number < 1 || number > most)
		return -EINVAL;
	*field = (uint16_t)number;
	return 0;
}

/* Linux's: the seconds of so many SYNs, one of which is later than (number). */
static uint32_t until_resent(int number)
{
	uint32_t seconds = 0, wait = 1;

	for (unsigned i = 0; i < SYNS_MAX && number > 0; i++) {
		if (seconds >= (uint32_t)number)
			break;
		seconds += wait;
		wait = eft_min(wait * 2, SYN_WAIT_MAX_S);
	}
	return seconds;
}

static void set_linger2(struct eft_inet_tcp *tcp, int seconds)
{
	if (seconds < 0)
		tcp->linger2_s = -1;
	else if (seconds == 0)
		tcp->linger2_s = LINGER2_S;
	else
		tcp->linger2_s = eft_min(seconds, LINGER2_MAX_S);
}

static int set(struct eft_inet_tcp *tcp, int option, int number)
{
	switch (option) {
	case TCP_NODELAY:
		tcp->no_delay = number != 0;
		return 0;
	case TCP_CORK:
		tcp->cork = number != 0;
		return 0;
	case TCP_KEEPIDLE:
		return set_seconds(&tcp->keep_idle_s, number, KEEP_MAX);
	case TCP_KEEPINTVL:
		return set_seconds(&tcp->keep_interval_s, number, KEEP_MAX);
	case TCP_KEEPCNT:
		return set_seconds(&tcp->keep_count, number, KEEP_COUNT_MAX);
	case TCP_MAXSEG:
		if (number != 0 &&
		    (number < SEGMENT_MIN || number > SEGMENT_MAX))
			return -EINVAL;
		tcp->mss = (uint16_t)number;
		return 0;
	case TCP_USER_TIMEOUT:
		if (number < 0)
			return -EINVAL;
		tcp->user_timeout_ms = (uint32_t)number;
		return 0;
	case TCP_QUICKACK:
		tcp->quick = number != 0;
		return 0;
	case TCP_DEFER_ACCEPT: /* from here on: hints, which are kept */
		tcp->defer_s = until_resent(number);
		return 0;
	case TCP_NOTSENT_LOWAT:
		tcp->low_unsent = (uint32_t)number;
		return 0;
	case TCP_LINGER2:
		set_linger2(tcp, number);
		return 0;
	case TCP_SYNCNT:
		if (number < 1 || number > SYN_COUNT_MAX)
			return -EINVAL;
		tcp->syn_count = (uint8_t)number;
		return 0;
	case TCP_CONGESTION:
		return -ENOENT; /* lwIP has one only */
	}
	return -ENOPROTOOPT;
}

int eft_inet_tcp_set(struct eft_inet *self, int option, int number)
{
	int error = set(&self->tcp, option, number);

	if (error != 0)
		return error;
	eft_inet_apply(self);
	if ((option == TCP_NODELAY && number != 0) ||
	    (option == TCP_CORK && number == 0))
		flush(self);
	return 0;
}

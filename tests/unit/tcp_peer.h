// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Segments (RFC 9293 §3.1) between the stack, 10.0.0.7, and a peer that the test
 * is: what it says, and what it heard.
 */
#include "tests/unit/inet_peer.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { HEARD_MAX = 256, SEGMENT_MAX = 1460 };

struct heard {
	uint32_t seq, ack;
	unsigned flags, window, len;
	unsigned mss, scale; /* 0: the option is not there */
	bool sack_ok, stamps;
	unsigned sacks; /* blocks; the first of them */
	uint32_t sack_start, sack_end;
	uint64_t at_ns;
	uint8_t data[SEGMENT_MAX];
};

extern struct tcp_peer {
	struct fake_net *net;
	uint16_t port, stack_port; /* from what it heard, unless it is set */
	struct heard heard[HEARD_MAX];
	unsigned count;	      /* that were heard since the last forget() */
	unsigned window;      /* that it announces */
	bool options;	      /* its SYNs have a MSS and allow SACK */
	unsigned lost_in_100; /* of those that it says, and of those it hears */
	void (*answer)(const struct heard *heard);
} tcp_peer;

void tcp_peer_init(struct fake_net *net);
void forget(void);
/* The (n)th that was heard; and the last. */
const struct heard *heard(unsigned n);
const struct heard *heard_last(void);
void say(unsigned flags, uint32_t seq, uint32_t ack, const void *data,
	 unsigned len);

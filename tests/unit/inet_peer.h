// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The other end of the wire of the stack's tests: 10.0.0.1, a neighbour that
 * answers ARP, pings and is pinged, echoes UDP, and gives addresses by DHCP.
 */
#include "tests/fake/net.h"

struct peer {
	bool mute;	  /* answers nothing */
	bool dhcp;	  /* is a DHCP server */
	unsigned lease;	  /* seconds */
	unsigned lose;	  /* every so many of its answers are lost */
	unsigned answers; /* so many it had */
	unsigned arps;	  /* that it answered */
	unsigned pongs;	  /* echo replies that came */
	unsigned discovers, requests;
	unsigned bad_sums; /* of what came: IP's, UDP's, ICMP's */
	unsigned frames;
};

extern struct peer peer;

void peer_frame(struct fake_net *net, const uint8_t *data, unsigned len);
/* A ping of (bytes) of data, with a right checksum or not. */
void peer_ping(struct fake_net *net, unsigned bytes, bool right);

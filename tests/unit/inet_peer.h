// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The other end of the wire of the stack's tests: 10.0.0.1, a neighbour that
 * answers ARP, pings and is pinged, echoes UDP, and gives addresses by DHCP.
 */
#include "tests/fake/net.h"
#include "tests/fake/packet.h"

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

/* What it says and hears of TCP (tcp_peer.h); NULL: nothing. */
extern void (*peer_tcp)(const uint8_t *ip);
/* Send an IPv4 packet of (protocol), with its header to be filled in. */
void peer_send(struct fake_net *net, uint8_t *ip, unsigned len,
	       unsigned protocol);
void peer_frame(struct fake_net *net, const uint8_t *data, unsigned len);
/* A ping of (bytes) of data, with a right checksum or not. */
void peer_ping(struct fake_net *net, unsigned bytes, bool right);

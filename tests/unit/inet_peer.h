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

/* What it says and hears of TCP (tcp_peer.h); NULL: nothing. */
extern void (*peer_tcp)(const uint8_t *ip);
/* Send an IPv4 packet of (protocol), with its header to be filled in. */
void peer_send(struct fake_net *net, uint8_t *ip, unsigned len,
	       unsigned protocol);
/* RFC 1071's, of (len) bytes and of what was summed before. */
unsigned peer_sum(const uint8_t *at, unsigned len, uint32_t start);

static inline unsigned get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static inline uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, unsigned value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

void peer_frame(struct fake_net *net, const uint8_t *data, unsigned len);
/* A ping of (bytes) of data, with a right checksum or not. */
void peer_ping(struct fake_net *net, unsigned bytes, bool right);

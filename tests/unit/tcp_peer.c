// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP's segments, made and read by hand: tcp_peer.h.
 */
#include "tests/unit/tcp_peer.h"
#include "tests/unit/unit.h"

enum { IP = 20, TCP = 20, PROTOCOL = 6, MSS = 1460 };
enum {
	OPT_END,
	OPT_NOP,
	OPT_MSS,
	OPT_SCALE,
	OPT_SACK_OK,
	OPT_SACK,
	OPT_STAMP = 8
};

struct tcp_peer tcp_peer;

static bool is_lost(void)
{
	return unit_random(100) < tcp_peer.lost_in_100;
}

static void read_option(struct heard *to, const uint8_t *at)
{
	switch (at[0]) {
	case OPT_MSS:
		to->mss = get16(at + 2);
		break;
	case OPT_SCALE:
		to->scale = at[2];
		break;
	case OPT_SACK_OK:
		to->sack_ok = true;
		break;
	case OPT_SACK:
		to->sacks = (at[1] - 2) / 8;
		to->sack_start = get32(at + 2);
		to->sack_end = get32(at + 6);
		break;
	case OPT_STAMP:
		to->stamps = true;
		break;
	}
}

static void read_options(struct heard *to, const uint8_t *at,
			 const uint8_t *end)
{
	while (at < end && at[0] != OPT_END) {
		if (at[0] != OPT_NOP) {
			check(at + 1 < end && at[1] >= 2 && at + at[1] <= end);
			read_option(to, at);
		}
		at += at[0] == OPT_NOP ? 1 : at[1];
	}
}

static unsigned checksum(const uint8_t *ip, unsigned len)
{
	return sum16(ip + IP, len,
		     PROTOCOL + len + get16(ip + 12) + get16(ip + 14) +
			     get16(ip + 16) + get16(ip + 18));
}

static void hear(const uint8_t *ip)
{
	const uint8_t *tcp = ip + IP;
	unsigned len = get16(ip + 2) - IP, header = tcp[12] >> 4 << 2;
	struct heard *to = &tcp_peer.heard[tcp_peer.count % HEARD_MAX];

	check_eq(checksum(ip, len), 0);
	*to = (struct heard){
		.seq = get32(tcp + 4),
		.ack = get32(tcp + 8),
		.flags = tcp[13],
		.window = get16(tcp + 14),
		.len = len - header,
		.at_ns = fake_now,
	};
	check(to->len <= SEGMENT_MAX);
	read_options(to, tcp + TCP, tcp + header);
	memcpy(to->data, tcp + header, to->len);
	tcp_peer.stack_port = get16(tcp);
	tcp_peer.port = get16(tcp + 2);
	tcp_peer.count++;
	if (tcp_peer.answer != NULL && !is_lost())
		tcp_peer.answer(to);
}

void tcp_peer_init(struct fake_net *net)
{
	tcp_peer.net = net;
	tcp_peer.window = 65535;
	tcp_peer.options = true;
	peer_tcp = hear;
}

void forget(void)
{
	tcp_peer.count = 0;
}

const struct heard *heard(unsigned n)
{
	check(n < tcp_peer.count && tcp_peer.count <= HEARD_MAX);
	return &tcp_peer.heard[n];
}

const struct heard *heard_last(void)
{
	check(tcp_peer.count > 0);
	return &tcp_peer.heard[(tcp_peer.count - 1) % HEARD_MAX];
}

void say(unsigned flags, uint32_t seq, uint32_t ack, const void *data,
	 unsigned len)
{
	static const uint8_t options[] = {OPT_MSS,     4,	MSS >> 8,
					  MSS & 255,   OPT_NOP, OPT_NOP,
					  OPT_SACK_OK, 2};
	unsigned more = flags & SYN && tcp_peer.options ? sizeof(options) : 0;
	uint8_t packet[IP + TCP + sizeof(options) + SEGMENT_MAX] = {0};
	uint8_t *tcp = packet + IP;

	put16(tcp, tcp_peer.port);
	put16(tcp + 2, tcp_peer.stack_port);
	put32(tcp + 4, seq);
	put32(tcp + 8, ack);
	tcp[12] = (TCP + more) / 4 << 4;
	tcp[13] = flags;
	put16(tcp + 14, tcp_peer.window);
	memcpy(tcp + TCP, options, more);
	memcpy(tcp + TCP + more, data, len);
	memcpy(packet + 12, (uint8_t[]){10, 0, 0, 1, 10, 0, 0, 7}, 8);
	put16(tcp + 16, checksum(packet, TCP + more + len));
	if (!is_lost())
		peer_send(tcp_peer.net, packet, IP + TCP + more + len,
			  PROTOCOL);
}

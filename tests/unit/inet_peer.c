// SPDX-License-Identifier: BSD-3-Clause
/*
 * The stack's neighbour: inet_peer.h. It makes and reads its packets by itself,
 * as RFC 826, 791, 792, 768 and 2131 have them.
 */
#include "tests/unit/inet_peer.h"
#include "tests/unit/unit.h"

enum { ETH = 14, IP = 20, UDP = 8, MAX = 2048 };
enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5 };

struct peer peer = {.lease = 3600};
void (*peer_tcp)(const uint8_t *ip);

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t own[4] = {10, 0, 0, 1}, given[4] = {10, 0, 0, 7};

static void answer(struct fake_net *net, const uint8_t *frame, unsigned len)
{
	peer.answers++;
	if (peer.lose == 0 || peer.answers % peer.lose != 0)
		fake_net_receive(net, frame, len);
}

static void put_eth(uint8_t *frame, const uint8_t *to, unsigned type)
{
	memcpy(frame, to, 6);
	memcpy(frame + 6, mac, 6);
	put16(frame + 12, type);
}

static void put_ip(uint8_t *ip, unsigned len, unsigned protocol,
		   const uint8_t *to)
{
	memset(ip, 0, IP);
	ip[0] = 0x45;
	put16(ip + 2, IP + len);
	ip[8] = 64;
	ip[9] = protocol;
	memcpy(ip + 12, own, 4);
	memcpy(ip + 16, to, 4);
	put16(ip + 10, sum16(ip, IP, 0));
}

static void on_arp(struct fake_net *net, const uint8_t *frame)
{
	uint8_t reply[60] = {0};
	const uint8_t *arp = frame + ETH;

	if (get16(arp + 6) != 1 || memcmp(arp + 24, own, 4) != 0)
		return;
	put_eth(reply, frame + 6, 0x806);
	memcpy(reply + ETH, arp, 6);
	put16(reply + ETH + 6, 2);
	memcpy(reply + ETH + 8, mac, 6);
	memcpy(reply + ETH + 14, own, 4);
	memcpy(reply + ETH + 18, arp + 8, 10);
	peer.arps++;
	answer(net, reply, sizeof(reply));
}

static unsigned put_udp(uint8_t *frame, const uint8_t *to, unsigned from_port,
			unsigned to_port, unsigned len)
{
	uint8_t *udp = frame + ETH + IP;

	put16(udp, from_port);
	put16(udp + 2, to_port);
	put16(udp + 4, UDP + len);
	put16(udp + 6, 0);
	put_ip(frame + ETH, UDP + len, 17, to);
	put16(udp + 6, sum16(udp, UDP + len,
			     17 + UDP + len + get16(own) + get16(own + 2) +
				     get16(to) + get16(to + 2)));
	return ETH + IP + UDP + len;
}

/* Options are looked for behind the cookie (RFC 2131 §3). */
static const uint8_t *option(const uint8_t *dhcp, unsigned len, unsigned code)
{
	for (unsigned at = 240; at + 2 <= len && dhcp[at] != 255;
	     at += 2 + dhcp[at + 1]) {
		if (dhcp[at] == code)
			return &dhcp[at];
	}
	return NULL;
}

static unsigned put_options(uint8_t *at, unsigned type)
{
	const uint8_t options[] = {53, 1, type, 54,  4,	  10, 0, 0, 1,
				   1,  4, 255,	255, 255, 0,  3, 4, 10,
				   0,  0, 1,	6,   8,	  10, 0, 0, 53,
				   10, 0, 0,	54,  51,  4};

	memcpy(at, options, sizeof(options));
	put32(at + sizeof(options), peer.lease);
	at[sizeof(options) + 4] = 255;
	return sizeof(options) + 5;
}

static void on_dhcp(struct fake_net *net, const uint8_t *frame,
		    const uint8_t *dhcp, unsigned len)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	static const uint8_t cookie[4] = {99, 130, 83, 99};
	const uint8_t *type = option(dhcp, len, 53);
	uint8_t reply[MAX] = {0}, *to = reply + ETH + IP + UDP;

	if (type == NULL || (type[2] != DISCOVER && type[2] != REQUEST))
		return;
	if (type[2] == DISCOVER)
		peer.discovers++;
	else
		peer.requests++;
	if (!peer.dhcp)
		return;
	memcpy(to, dhcp, 44);
	to[0] = 2;
	memcpy(to + 16, given, 4);
	memcpy(to + 236, cookie, 4);
	len = 240 + put_options(to + 240, type[2] == DISCOVER ? OFFER : ACK);
	put_eth(reply, all, 0x800);
	answer(net, reply, put_udp(reply, all, 67, 68, len));
}

static void on_udp(struct fake_net *net, const uint8_t *frame, unsigned len)
{
	const uint8_t *ip = frame + ETH, *udp = ip + IP;
	unsigned data = get16(udp + 4) - UDP;
	uint8_t reply[MAX];

	peer.bad_sums +=
		get16(udp + 6) != 0 &&
		sum16(udp, UDP + data,
		      17 + UDP + data + get16(ip + 12) + get16(ip + 14) +
			      get16(ip + 16) + get16(ip + 18)) != 0;
	if (get16(udp + 2) == 67) {
		on_dhcp(net, frame, udp + UDP, data);
		return;
	}
	if (get16(udp + 2) != 7)
		return;
	put_eth(reply, frame + 6, 0x800);
	memcpy(reply + ETH + IP + UDP, udp + UDP, data);
	answer(net, reply, put_udp(reply, ip + 12, 7, get16(udp), data));
}

static void on_ip(struct fake_net *net, const uint8_t *frame, unsigned len)
{
	const uint8_t *ip = frame + ETH;

	peer.bad_sums += sum16(ip, IP, 0) != 0;
	if (ip[9] == 6 && peer_tcp != NULL)
		peer_tcp(ip);
	if (ip[9] == 17)
		on_udp(net, frame, len);
	if (ip[9] != 1)
		return;
	peer.bad_sums += sum16(ip + IP, get16(ip + 2) - IP, 0) != 0;
	peer.pongs += ip[IP] == 0;
}

void peer_frame(struct fake_net *net, const uint8_t *data, unsigned len)
{
	peer.frames++;
	if (peer.mute)
		return;
	if (get16(data + 12) == 0x806)
		on_arp(net, data);
	else if (get16(data + 12) == 0x800)
		on_ip(net, data, len);
}

void peer_ping(struct fake_net *net, unsigned bytes, bool right)
{
	uint8_t frame[MAX], *icmp = frame + ETH + IP;

	memset(frame, 0x5a, sizeof(frame));
	put_eth(frame, net->net.address, 0x800);
	put_ip(frame + ETH, 8 + bytes, 1, given);
	memset(icmp, 0, 8);
	icmp[0] = 8;
	put16(icmp + 2, sum16(icmp, 8 + bytes, 0) ^ !right);
	fake_net_receive(net, frame, ETH + IP + 8 + bytes);
}

void peer_send(struct fake_net *net, uint8_t *ip, unsigned len,
	       unsigned protocol)
{
	uint8_t frame[MAX];

	put_eth(frame, net->net.address, 0x800);
	put_ip(ip, len - IP, protocol, given);
	memcpy(frame + ETH, ip, len);
	answer(net, frame, ETH + len);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ethernet frames into the TCP/IP stack (core/net/inet), with sockets that listen,
 * connect, send and receive meanwhile. Most frames have right headers and sums,
 * and know what the stack sent last: numbers near those of its segments, errors
 * that quote its packets. Whatever comes, all that the stack sends is sound, and
 * each frame goes back to its driver.
 */
#include "fuzz/fuzz.h"

#include "core/net/inet/inet.h"
#include "core/socket.h"
#include "core/time.h"
#include "tests/fake/net.h"
#include "tests/fake/packet.h"

enum { ETH = 14, IP4 = 20, IP6 = 40, TCP = 20, UDP = 8, MAX = 1514 };
enum { P_ICMP = 1, P_TCP = 6, P_UDP = 17, P_ICMP6 = 58 };
enum { SOCKETS = 4, SERVER = 80, NAMES = 53 };

static struct fake_net net;
static struct eft_socket *sockets[SOCKETS];

static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t own4[4] = {10, 0, 0, 7}, peer4[4] = {10, 0, 0, 1};
static const uint8_t own6[16] = {0xfd, [15] = 7}, peer6[16] = {0xfd, [15] = 1};
static const uint8_t link6[16] = {0xfe, 0x80, [15] = 1};

/* What the stack sent last: of IP, and of TCP. */
static uint8_t sent_ip[128];
static unsigned sent_ip_len;
static struct {
	bool six;
	uint16_t from, to;
	uint32_t seq, ack;
} sent_tcp;

/* Of what (ip) carries, with its pseudo header: 0, when it has its sum. */
static unsigned transport_sum(const uint8_t *ip, const uint8_t *data,
			      unsigned len, unsigned protocol)
{
	bool six = ip[0] >> 4 == 6;
	const uint8_t *addresses = six ? ip + 8 : ip + 12;
	uint32_t start = protocol == P_ICMP ? 0 : protocol + len;

	if (protocol == P_ICMP)
		return sum16(data, len, 0);
	start += ~sum16(addresses, six ? 32 : 8, 0) & 0xffff;
	return sum16(data, len, start);
}

/*
 * What the stack sends.
 */
static void check_transport(const uint8_t *ip, const uint8_t *data,
			    unsigned len, unsigned protocol)
{
	switch (protocol) {
	case P_TCP:
		fuzz_check(len >= TCP && data[12] >> 4 << 2 >= TCP &&
			   data[12] >> 4 << 2 <= (int)len);
		sent_tcp.six = ip[0] >> 4 == 6;
		sent_tcp.from = get16(data);
		sent_tcp.to = get16(data + 2);
		sent_tcp.seq = get32(data + 4) + (data[13] & 2 ? 1 : 0);
		sent_tcp.ack = get32(data + 8);
		break;
	case P_UDP:
		fuzz_check(len >= UDP && get16(data + 4) == len);
		if (get16(data + 6) == 0)
			return;
		break;
	case P_ICMP:
	case P_ICMP6:
		fuzz_check(len >= 8 || data[0] == 143 /* MLDv2 */);
		break;
	default:
		return;
	}
	fuzz_check(transport_sum(ip, data, len, protocol) == 0);
}

static void check_ip4(const uint8_t *ip, unsigned len)
{
	unsigned header = (ip[0] & 15) * 4;

	fuzz_check(len >= IP4 && header >= IP4 && header <= len);
	fuzz_check(get16(ip + 2) == len && sum16(ip, header, 0) == 0);
	if ((get16(ip + 6) & 0x3fff) == 0) /* no fragment */
		check_transport(ip, ip + header, len - header, ip[9]);
}

static void check_ip6(const uint8_t *ip, unsigned len)
{
	fuzz_check(len >= IP6 && get16(ip + 4) + IP6 == len);
	if (ip[6] != 0 && ip[6] != 44)
		check_transport(ip, ip + IP6, len - IP6, ip[6]);
}

static void on_sent(struct fake_net *from, const uint8_t *data, unsigned len)
{
	fuzz_check(len > ETH && len <= MAX);
	switch (get16(data + 12)) {
	case 0x806:
		fuzz_check(len >= ETH + 28);
		return;
	case 0x800:
		check_ip4(data + ETH, len - ETH);
		break;
	case 0x86dd:
		check_ip6(data + ETH, len - ETH);
		break;
	default:
		fuzz_check(!"a type that nobody knows");
	}
	sent_ip_len = eft_min(len - ETH, sizeof(sent_ip));
	memcpy(sent_ip, data + ETH, sent_ip_len);
}

/*
 * What it gets.
 */
static uint8_t frame[MAX];

static unsigned put_input(uint8_t *at, unsigned most)
{
	unsigned len = fuzz_below(most < 255 ? most + 1 : 256);

	for (unsigned i = 0; i < len; i++)
		at[i] = fuzz_u8();
	return len;
}

static void put_eth(unsigned type)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};

	memcpy(frame, fuzz_below(8) == 7 ? all : own_mac, 6);
	memcpy(frame + 6, peer_mac, 6);
	put16(frame + 12, type);
}

/* A byte of it is another, sometimes; then it goes. */
static void arrive(unsigned len)
{
	if (fuzz_below(8) == 7)
		frame[fuzz_u64() % len] = fuzz_u8();
	if (fuzz_below(8) == 7)
		len = 1 + fuzz_u64() % len;
	net.split = fuzz_below(4) == 3 ? 100 + fuzz_u8() : 0;
	fake_net_receive(&net, frame, eft_max(len, 1u));
	net.split = 0;
}

/* Around what stands at ETH + header, (len) bytes of (protocol). */
static void arrive_ip4(unsigned protocol, unsigned len)
{
	uint8_t *ip = frame + ETH;
	unsigned flags = fuzz_below(8) == 7 ? fuzz_u64() : 0;

	put_eth(0x800);
	memset(ip, 0, IP4);
	ip[0] = 0x45;
	put16(ip + 2, IP4 + len);
	put16(ip + 4, fuzz_below(3));
	put16(ip + 6, flags & 0x3fff);
	ip[8] = 64;
	ip[9] = protocol;
	memcpy(ip + 12, peer4, 4);
	memcpy(ip + 16, own4, 4);
	put16(ip + 10, sum16(ip, IP4, 0));
	arrive(ETH + IP4 + len);
}

static void arrive_ip6(unsigned protocol, unsigned len, bool from_link)
{
	uint8_t *ip = frame + ETH;

	put_eth(0x86dd);
	memset(ip, 0, IP6);
	ip[0] = 0x60;
	put16(ip + 4, len);
	ip[6] = protocol;
	ip[7] = 255;
	memcpy(ip + 8, from_link ? link6 : peer6, 16);
	memcpy(ip + 24, own6, 16);
	arrive(ETH + IP6 + len);
}

/* The sum of (data) at (offset), as the header will have it. */
static void put_sum(bool six, uint8_t *data, unsigned len, unsigned offset,
		    unsigned protocol, bool from_link)
{
	uint8_t ip[IP6] = {six ? 0x60 : 0x45};

	memcpy(six ? ip + 8 : ip + 12,
	       six ? (from_link ? link6 : peer6) : peer4, six ? 16 : 4);
	memcpy(six ? ip + 24 : ip + 16, six ? own6 : own4, six ? 16 : 4);
	put16(data + offset, 0);
	put16(data + offset, transport_sum(ip, data, len, protocol));
}

static void arp(void)
{
	uint8_t *at = frame + ETH;

	put_eth(0x806);
	memcpy(at, (uint8_t[]){0, 1, 8, 0, 6, 4, 0, 1}, 8);
	at[7] = 1 + fuzz_below(2);
	memcpy(at + 8, peer_mac, 6);
	memcpy(at + 14, fuzz_below(8) == 7 ? own4 : peer4, 4);
	memcpy(at + 18, own_mac, 6);
	memcpy(at + 24, own4, 4);
	arrive(ETH + 28);
}

/* Near what the stack said, most of the time. */
static uint32_t near(uint32_t number)
{
	switch (fuzz_below(8)) {
	case 0:
		return number + (int8_t)fuzz_u8();
	case 1:
		return number + (int16_t)fuzz_u64();
	case 2:
		return (uint32_t)fuzz_u64();
	default:
		return number;
	}
}

static unsigned put_tcp_options(uint8_t *at)
{
	static const uint8_t usual[] = {2,  4, 5, 180, 4, 2, 3, 3, 7, 1, 1, 8,
					10, 0, 0, 0,   9, 0, 0, 0, 0, 1, 1, 0};

	switch (fuzz_below(4)) {
	case 0:
		memcpy(at, usual, sizeof(usual));
		return sizeof(usual);
	case 1:
		return put_input(at, 40) & ~3u;
	default:
		return 0;
	}
}

static void tcp(void)
{
	bool known = fuzz_below(4) != 3,
	     six = known ? sent_tcp.six : fuzz_below(2);
	uint8_t *at = frame + ETH + (six ? IP6 : IP4);
	unsigned options, len;

	memset(at, 0, TCP);
	put16(at, known ? sent_tcp.to : 4000 + fuzz_below(4));
	put16(at + 2, known ? sent_tcp.from : SERVER);
	put32(at + 4, near(sent_tcp.ack));
	put32(at + 8, near(sent_tcp.seq));
	at[13] = fuzz_u8();
	put16(at + 14, fuzz_below(4) == 3 ? fuzz_u64() : 65535);
	options = put_tcp_options(at + TCP);
	at[12] = (TCP + options) / 4 << 4;
	len = TCP + options;
	if (fuzz_below(2))
		len += put_input(at + len, 200);
	else if (fuzz_below(2))
		len += fuzz_u64() % 1300;
	put_sum(six, at, len, 16, P_TCP, false);
	if (six)
		arrive_ip6(P_TCP, len, false);
	else
		arrive_ip4(P_TCP, len);
}

static void udp(void)
{
	bool six = fuzz_below(2);
	uint8_t *at = frame + ETH + (six ? IP6 : IP4);
	unsigned len = UDP + put_input(at + UDP, 255);

	put16(at, fuzz_below(2) ? 67 : 5353);
	put16(at + 2, fuzz_below(4) == 3 ? 68 + 478 * six : NAMES);
	put16(at + 4, fuzz_below(8) == 7 ? fuzz_u64() : len);
	put_sum(six, at, len, 6, P_UDP, false);
	if (six)
		arrive_ip6(P_UDP, len, false);
	else
		arrive_ip4(P_UDP, len);
}

/* An offer or an acknowledgement (RFC 2131), of whatever options. */
static void dhcp(void)
{
	uint8_t *at = frame + ETH + IP4, *message = at + UDP;
	unsigned len = 240;

	memset(at, 0, UDP + 240);
	memcpy(message, (uint8_t[]){2, 1, 6, 0}, 4);
	/* The transaction's number, as it was asked last. */
	if (sent_ip_len >= IP4 + UDP + 8)
		memcpy(message + 4, sent_ip + IP4 + UDP + 4, 4);
	memcpy(message + 16, own4, 4);
	memcpy(message + 28, own_mac, 6);
	memcpy(message + 236, (uint8_t[]){99, 130, 83, 99, 53, 1}, 6);
	message[242] = 2 + fuzz_below(5);
	memcpy(message + 243, (uint8_t[]){54, 4, 10, 0, 0, 1, 51, 4, 0, 0, 1},
	       11);
	message[254] = fuzz_u8();
	len = 255 + put_input(message + 255, 200);
	message[len++] = 255;
	put16(at, 67);
	put16(at + 2, 68);
	put16(at + 4, UDP + len);
	put_sum(false, at, UDP + len, 6, P_UDP, false);
	arrive_ip4(P_UDP, UDP + len);
}

/* Echoes, and errors that quote what was sent. */
static void icmp(void)
{
	static const uint8_t types[] = {8, 0, 3, 11, 12, 5, 13};
	uint8_t *at = frame + ETH + IP4;
	unsigned len = 8;

	memset(at, 0, len);
	at[0] = types[fuzz_below(sizeof(types))];
	at[1] = fuzz_below(17);
	put16(at + 6, fuzz_below(2) ? 1300 : fuzz_u64());
	if (fuzz_below(2)) {
		memcpy(at + len, sent_ip, sent_ip_len);
		len += sent_ip_len;
	} else {
		len += put_input(at + len, 200);
	}
	put_sum(false, at, len, 2, P_ICMP, false);
	arrive_ip4(P_ICMP, len);
}

/* The same, and neighbour discovery (RFC 4861), and listeners (RFC 2710). */
static void icmp6(void)
{
	static const uint8_t types[] = {128, 129, 1,   2,   3,	 4,   130,
					131, 132, 133, 134, 135, 136, 137};
	uint8_t *at = frame + ETH + IP6;
	unsigned len = 8;
	bool from_link = fuzz_below(4) != 3;

	memset(at, 0, len);
	at[0] = types[fuzz_below(sizeof(types))];
	at[1] = fuzz_below(8) == 7 ? fuzz_u8() : 0;
	put32(at + 4, fuzz_u64());
	if (at[0] >= 135 && fuzz_below(2)) {
		memcpy(at + len, fuzz_below(2) ? peer6 : own6, 16);
		len += 16;
	}
	if (at[0] < 128) {
		memcpy(at + len, sent_ip, sent_ip_len);
		len += sent_ip_len;
	}
	len += put_input(at + len, 200);
	put_sum(true, at, len, 2, P_ICMP6, from_link);
	arrive_ip6(P_ICMP6, len, from_link);
}

/* Headers before the data, which may be fragments (RFC 8200 §4). */
static void extensions(void)
{
	static const uint8_t headers[] = {0, 43, 44, 60, 51, 59, 135};
	uint8_t *at = frame + ETH + IP6;
	unsigned first = headers[fuzz_below(sizeof(headers))];

	arrive_ip6(first, put_input(at, 255), fuzz_below(2));
}

static void fragment(void)
{
	uint8_t *at = frame + ETH + IP4, *ip = frame + ETH;
	unsigned len = 8 * fuzz_below(64) + fuzz_below(2);

	memset(at, 0, len);
	put_eth(0x800);
	memset(ip, 0, IP4);
	ip[0] = 0x45;
	put16(ip + 2, IP4 + len);
	put16(ip + 4, fuzz_below(3));
	put16(ip + 6, (fuzz_below(2) ? 0x2000 : 0) | fuzz_below(256));
	ip[8] = 64;
	ip[9] = fuzz_below(2) ? P_UDP : P_ICMP;
	memcpy(ip + 12, peer4, 4);
	memcpy(ip + 16, own4, 4);
	put16(ip + 10, sum16(ip, IP4, 0));
	arrive(ETH + IP4 + len);
}

static void garbage(void)
{
	unsigned len = ETH + put_input(frame + ETH, 255);

	put_eth(fuzz_below(2) ? 0x800 : 0x86dd);
	arrive(len);
}

/*
 * What the program does meanwhile: it never waits.
 */
static struct eft_socket_name name_of(bool six, bool own, unsigned port)
{
	struct eft_socket_name name = {.len = six ? 28 : 16,
				       .family = six ? AF_INET6 : AF_INET};

	put16((uint8_t *)name.data, port);
	if (six)
		memcpy(name.data + 6, own ? own6 : peer6, 16);
	else
		memcpy(name.data + 2, own ? own4 : peer4, 4);
	return name;
}

static void drop(unsigned i)
{
	if (sockets[i] != NULL)
		eft_file_put(&sockets[i]->file);
	sockets[i] = NULL;
}

static void create(unsigned i)
{
	static const int types[] = {SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM};
	unsigned type = fuzz_below(3);
	bool six = fuzz_below(2);
	struct eft_socket_name name;

	drop(i);
	if (eft_stack_family(six ? AF_INET6 : AF_INET)
		    ->create(types[type], 0, &sockets[i]) != 0)
		return;
	name = name_of(six, fuzz_below(2), type == 2 ? NAMES : SERVER);
	if (type == 0)
		sockets[i]->ops->connect(sockets[i], &name, 0);
	else if (sockets[i]->ops->bind(sockets[i], &name) == 0 && type == 1)
		sockets[i]->ops->listen(sockets[i], 1 + fuzz_below(4));
}

static void transfer(struct eft_socket *socket, bool sends)
{
	static char data[8192];
	struct eft_iovec iov = {data, fuzz_below(2) ? 100 : sizeof(data)};
	struct eft_socket_name to =
		name_of(socket->domain == AF_INET6, false, 4000);
	struct eft_message message = {.iov = &iov, .count = 1};
	ssize_t n;

	if (socket->type == SOCK_DGRAM)
		message.name = &to;
	n = sends ? socket->ops->send(socket, &message)
		  : socket->ops->receive(socket, &message);
	fuzz_check(n <= (ssize_t)iov.len);
}

static void act(unsigned i)
{
	struct eft_socket *socket = sockets[i], *made = NULL;

	if (socket == NULL) {
		create(i);
		return;
	}
	switch (fuzz_below(6)) {
	case 0:
		transfer(socket, true);
		break;
	case 1:
		transfer(socket, false);
		break;
	case 2:
		socket->ops->shutdown(socket, fuzz_below(3));
		break;
	case 3:
		if (socket->type == SOCK_STREAM &&
		    socket->ops->accept(socket, 0, &made) == 0) {
			drop((i + 1) % SOCKETS);
			sockets[(i + 1) % SOCKETS] = made;
		}
		break;
	case 4:
		drop(i);
		break;
	default:
		create(i);
	}
}

static void pass_time(void)
{
	static const uint32_t ms[] = {0, 1, 50, 300, 3000, 100000};

	eft_sleep(eft_now_ns() + 1000 + ms[fuzz_below(6)] * 1000000ul);
}

static void change_device(void)
{
	switch (fuzz_below(3)) {
	case 0:
		if (!net.link_changed)
			fake_net_link(&net, !net.up);
		break;
	case 1:
		net.slow = !net.slow;
		break;
	default:
		net.room = fuzz_below(4);
	}
}

static void (*const arrivals[])(void) = {
	tcp,  tcp,   tcp,  tcp,	     udp,	 arp,
	icmp, icmp6, dhcp, fragment, extensions, garbage,
};

static void step(void)
{
	unsigned what = fuzz_below(20);

	if (what < eft_array_size(arrivals))
		arrivals[what]();
	else if (what < 16)
		act(what - 12);
	else if (what < 19)
		pass_time();
	else
		change_device();
}

static void option(const char *key, const char *value)
{
	static char text[2][32];
	char *copy = text[key[2] == '6'];

	eft_strlcpy(copy, value, sizeof(text[0]));
	fuzz_check(eft_net_option(key, copy));
}

void fuzz_boot(void)
{
	struct fake_config config = {.zone_bytes = {8 << 20},
				     .window_bytes = 4 << 20};

	fake_boot(&config);
	fake_net_init(&net);
	net.peer = on_sent;
}

void fuzz_one(void)
{
	uint8_t kind = fuzz_u8();

	option("ip", kind & 1 ? "dhcp" : "10.0.0.7/24");
	option("ip6", kind & 2 ? "auto" : "fd00::7/64");
	net.right = kind & 4;
	eft_alloc_fail_after(kind & 8 ? fuzz_below(200) : UINT64_MAX);
	if (eft_inet_start() != 0)
		eft_alloc_fail_after(UINT64_MAX);
	if (eft_inet_start() != 0)
		return;
	while (fuzz_more())
		step();
	eft_alloc_fail_after(UINT64_MAX);
	for (unsigned i = 0; i < SOCKETS; i++)
		drop(i);
	net.slow = false;
	eft_sleep(eft_now_ns() + 3000 * 1000000000ul);
	fuzz_check(net.lent == 0);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The TCP/IP stack on a device that lies, loses and is full: core/net/inet.
 */
#include "tests/unit/unit.h"

#include <lwip/dhcp.h>
#include <lwip/udp.h>

#include "core/net/inet/config.h"
#include "core/net/inet/inet.h"
#include "core/socket.h"
#include "core/time.h"
#include "tests/unit/inet_peer.h"

static struct fake_net net;

#define SECOND 1000000000ul

static void option(const char *key, const char *value)
{
	static char text[8][64];
	static unsigned used;

	eft_strlcpy(text[used], value, sizeof(text[used]));
	check(eft_net_option(key, text[used++]));
}

static void begin(const char *ip, const char *ip6)
{
	fake_boot(NULL);
	fake_net_init(&net);
	net.peer = peer_frame;
	option("ip", ip);
	option("ip6", ip6);
}

static void run(void (*function)(void *))
{
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

static void sleep(uint64_t ns)
{
	check_eq(eft_sleep(eft_now_ns() + ns), -ETIMEDOUT);
}

static void start(void)
{
	check_eq(eft_inet_start(), 0);
	check(eft_inet_started());
}

static bool has_address(void)
{
	bool has;

	eft_inet_lock();
	has = !ip4_addr_isany_val(
		*netif_ip4_addr(&eft_inet_by_name("eth0")->netif));
	eft_inet_unlock();
	return has;
}

static bool option_is_bad(const char *key, const char *value)
{
	char text[128];

	eft_strlcpy(text, value, sizeof(text));
	return !eft_net_option(key, text);
}

Test(inet, options)
{
	static const char *const bad[] = {
		"",
		"auto",
		"10.0.0.1",
		"10.0.0.1/0",
		"10.0.0.1/33",
		"10.0.0.1/24,",
		"10.0.0.256/24",
		"/24",
		"10.0.0.1/24,gw=x",
		"10.0.0.1/24,dns=1.1.1.1,dns=",
		"10.0.0.1/24,mtu=1",
		"::1/64",
		"10.0.0.1/8,dns=1.1.1.1,dns=2.2.2.2,dns=3.3.3.3,dns=4.4.4.4"};

	fake_boot(NULL);
	for (unsigned i = 0; i < eft_array_size(bad); i++)
		check(option_is_bad("ip", bad[i]));
	check(option_is_bad("ip6", "dhcp"));
	check(option_is_bad("ip6", "fd00::1/48"));
	check(option_is_bad("ip.", "dhcp"));
	check(option_is_bad("ipx", "dhcp"));
	check(!option_is_bad("ip", "dhcp"));
	check(!option_is_bad("ip.eth1", "10.1.0.2/16,gw=10.1.0.1,dns=9.9.9.9"));
	check(!option_is_bad("ip6.eth1", "fd00::2/64,gw=fd00::1"));
	check_eq(eft_inet_settings("eth0", false)->mode, EFT_INET_AUTO);
	check_eq(eft_inet_settings("eth1", false)->mode, EFT_INET_FIXED);
	check_eq(eft_inet_settings("eth1", false)->prefix_bits, 16);
	check_eq(eft_inet_settings("eth1", false)->servers_count, 1);
	check_eq(eft_inet_settings("eth0", true)->mode, EFT_INET_AUTO);
}

static void interfaces(void *arg)
{
	start();
	eft_inet_lock();
	check(eft_inet_by_index(1) == eft_inet_by_name("lo"));
	check(eft_inet_by_index(2) == eft_inet_by_name("eth0"));
	check(eft_inet_by_index(0) == NULL);
	check(eft_inet_by_index(3) == NULL);
	check(eft_inet_by_index(258) == NULL);
	check(eft_inet_by_name("eth1") == NULL);
	check_eq(eft_inet_flags(eft_inet_by_index(1)),
		 EFT_IFF_UP | EFT_IFF_LOOPBACK | EFT_IFF_RUNNING |
			 EFT_IFF_LOWER_UP);
	check_eq(eft_inet_flags(eft_inet_by_index(2)),
		 EFT_IFF_UP | EFT_IFF_BROADCAST | EFT_IFF_RUNNING |
			 EFT_IFF_MULTICAST | EFT_IFF_LOWER_UP);
	eft_inet_unlock();
	fake_net_link(&net, false);
	sleep(SECOND);
	eft_inet_lock();
	check(!(eft_inet_flags(eft_inet_by_index(2)) & EFT_IFF_RUNNING));
	eft_inet_unlock();
	fake_net_link(&net, true);
	sleep(SECOND);
	eft_inet_lock();
	check(eft_inet_flags(eft_inet_by_index(2)) & EFT_IFF_RUNNING);
	eft_inet_unlock();
}

Test(inet, interfaces)
{
	begin("none", "none");
	run(interfaces);
}

static void pinged(void *arg)
{
	start();
	sleep(SECOND);
	peer_ping(&net, 56, true);
	sleep(SECOND / 10);
	check_eq(peer.arps, 1);
	check_eq(peer.pongs, 1);
	peer_ping(&net, 1400, true); /* where it lies */
	sleep(SECOND / 10);
	net.split = 500;
	peer_ping(&net, 1400, true);
	sleep(SECOND / 10);
	check_eq(peer.pongs, 3);
	peer_ping(&net, 56, false);
	sleep(SECOND / 10);
	check_eq(peer.pongs, 3);
	check_eq(peer.bad_sums, 0);
	check_eq(net.lent, 0);
	check(!net.unflushed);
}

Test(inet, answers_pings)
{
	begin("10.0.0.7/24,gw=10.0.0.1", "none");
	run(pinged);
}

/* Nothing is due any more: the clock stops for good, and so does the test. */
static void idle(void *arg)
{
	start();
	sleep(SECOND);
	peer_ping(&net, 56, true);
	sleep(10 * SECOND);
	fake_waits = 0;
	eft_sleep(EFT_FOREVER);
}

Test(inet, idle_is_silent)
{
	begin("10.0.0.7/24", "none");
	check_eq(fake_run(idle, NULL), FAKE_STUCK);
	check_eq(peer.pongs, 1);
	check(fake_now < 20 * SECOND);
	check(fake_waits < 3);
}

/*
 * UDP: the peer echoes.
 */
static unsigned echoes, echoed_bytes;

static void on_echo(void *arg, struct udp_pcb *pcb, struct pbuf *p,
		    const ip_addr_t *from, u16_t port)
{
	echoes++;
	echoed_bytes += p->tot_len;
	pbuf_free(p);
}

static struct udp_pcb *udp_open(void)
{
	struct udp_pcb *pcb;

	eft_inet_lock();
	pcb = udp_new();
	check(pcb != NULL);
	udp_recv(pcb, on_echo, NULL);
	check_eq(udp_bind(pcb, IP_ADDR_ANY, 0), ERR_OK);
	eft_inet_unlock();
	return pcb;
}

static void udp_close(struct udp_pcb *pcb)
{
	eft_inet_lock();
	udp_remove(pcb);
	eft_inet_unlock();
}

static err_t send_echo(struct udp_pcb *pcb, unsigned a, unsigned d,
		       unsigned len)
{
	struct pbuf *p;
	ip_addr_t to;
	err_t error = ERR_MEM;

	IP_ADDR4(&to, a, 0, 0, d);
	eft_inet_lock();
	p = pbuf_alloc(PBUF_TRANSPORT, len, PBUF_RAM);
	if (p != NULL) {
		memset(p->payload, 7, len);
		error = udp_sendto(pcb, p, &to, 7);
		pbuf_free(p);
	}
	eft_inet_unlock();
	return error;
}

static void echo(void *arg)
{
	struct udp_pcb *pcb;

	start();
	pcb = udp_open();
	for (unsigned i = 0; i < 5; i++) {
		check_eq(send_echo(pcb, 10, 1, 100 + i), ERR_OK);
		sleep(SECOND / 10);
	}
	check_eq(echoes, 5);
	check_eq(echoed_bytes, 510);
	check_eq(peer.bad_sums, 0);
	udp_close(pcb);
}

Test(inet, udp)
{
	begin("10.0.0.7/24", "none");
	run(echo);
}

static void lo(void *arg)
{
	struct udp_pcb *from, *to;

	start();
	from = udp_open();
	to = udp_open();
	eft_inet_lock();
	to->local_port = 7;
	eft_inet_unlock();
	check_eq(send_echo(from, 127, 1, 60000), ERR_OK);
	check_eq(echoes, 1); /* before the unlock was over */
	check_eq(send_echo(from, 10, 7, 1000), ERR_OK);
	check_eq(echoes, 2); /* our own address of the device, too */
	check_eq(send_echo(from, 127, 9, 65507), ERR_OK);
	check_eq(echoes, 3);
	/* It is not 127.0.0.9's for good. */
	eft_inet_lock();
	check_eq(eft_inet_by_index(1)->netif.ip_addr.u_addr.ip4.addr,
		 PP_HTONL(IPADDR_LOOPBACK));
	eft_inet_unlock();
	check_eq(peer.frames, 1); /* the announcement of our address */
	udp_close(from);
	udp_close(to);
}

Test(inet, loopback)
{
	begin("10.0.0.7/24", "none");
	run(lo);
}

/*
 * A datagram from 10.0.0.1, or (a).0.0.1, to (b).0.0.(c), without a checksum of its
 * own.
 */
static void from_wire(unsigned a, unsigned b, unsigned c)
{
	uint8_t frame[14 + 20 + 9] = {0}, *ip = frame + 14;

	memcpy(frame, net.net.address, 6);
	put16(frame + 12, 0x800);
	ip[0] = 0x45;
	put16(ip + 2, 29);
	ip[8] = 64;
	ip[9] = 17;
	put32(ip + 12, a << 24 | 1);
	put32(ip + 16, b << 24 | c);
	put16(ip + 10, sum16(ip, 20, 0));
	put16(ip + 22, 7);
	put16(ip + 24, 9);
	fake_net_receive(&net, frame, sizeof(frame));
	sleep(SECOND / 10);
}

static void from_wire6(unsigned from, unsigned to)
{
	uint8_t frame[14 + 40 + 9] = {0}, *ip = frame + 14, pseudo[40] = {0};

	memcpy(frame, net.net.address, 6);
	put16(frame + 12, 0x86dd);
	ip[0] = 0x60;
	put16(ip + 4, 9);
	ip[6] = 17;
	ip[7] = 64;
	put16(ip + 8, from);
	ip[8 + 15] = 1;
	put16(ip + 24, to);
	ip[24 + 15] = to == 0 ? 1 : 7;
	put16(ip + 42, 7);
	put16(ip + 44, 9);
	memcpy(pseudo, ip + 8, 32);
	pseudo[35] = 9;
	pseudo[39] = 17;
	/* Sums are of even lengths: the last byte is 0. */
	put16(ip + 46, sum16(pseudo, 40, 7 + 9));
	fake_net_receive(&net, frame, sizeof(frame));
	sleep(SECOND / 10);
}

/* Who says that it is ourselves, and is not, is not heard. */
static void martians(void *arg)
{
	struct udp_pcb *pcb;

	start();
	sleep(3 * SECOND);
	pcb = udp_open();
	eft_inet_lock();
	pcb->local_port = 7;
	pcb->local_ip = (ip_addr_t){.type = IPADDR_TYPE_ANY};
	eft_inet_unlock();
	from_wire(127, 10, 7);
	from_wire(10, 127, 1);
	from_wire(10, 127, 9);
	check_eq(echoes, 0);
	from_wire(10, 10, 7);
	check_eq(echoes, 1);
	from_wire6(0, 0xfd00);
	from_wire6(0xfd00, 0);
	check_eq(echoes, 1);
	from_wire6(0xfd00, 0xfd00);
	check_eq(echoes, 2);
	udp_close(pcb);
}

Test(inet, martians)
{
	begin("10.0.0.7/24", "fd00::7/64");
	run(martians);
}

/* More than the device has room for waits, and more than that is refused. */
static void full(void *arg)
{
	struct udp_pcb *pcb;
	unsigned sent = 0;

	start();
	pcb = udp_open();
	check_eq(send_echo(pcb, 10, 1, 10), ERR_OK);
	sleep(SECOND / 10);
	check_eq(echoes, 1);
	net.slow = true;
	net.room = 2;
	while (sent < 2000 && send_echo(pcb, 10, 1, 10) == ERR_OK)
		sent++;
	check_eq(sent, 1002);
	sleep(SECOND);
	check_eq(echoes, 1003);
	check_eq(send_echo(pcb, 10, 1, 10), ERR_OK);
	sleep(SECOND / 10);
	check_eq(echoes, 1004);
	check_eq(net.sent_count, 0);
	udp_close(pcb);
}

Test(inet, device_is_full)
{
	begin("10.0.0.7/24", "none");
	run(full);
}

/*
 * DHCP.
 */
static void dhcp(void *arg)
{
	ip_addr_t server;

	start();
	check_eq(eft_inet_wait_address(0), -EAGAIN);
	check_eq(eft_inet_wait_address(EFT_FOREVER), 0);
	check(eft_now_ns() < SECOND);
	check(has_address());
	eft_inet_lock();
	check(eft_inet_get_name_server(1, &server));
	check_eq(ip_2_ip4(&server)->addr, PP_HTONL(0x0a000036));
	check(!eft_inet_get_name_server(2, &server));
	eft_inet_unlock();
	check_eq(peer.discovers, 1);
	check_eq(peer.requests, 1);
	sleep(1700 * SECOND);
	check_eq(peer.requests, 1);
	sleep(200 * SECOND); /* half of the lease */
	check_eq(peer.requests, 2);
	check(has_address());
	peer.mute = true;
	sleep(3700 * SECOND); /* all of it */
	check(!has_address());
	peer.mute = false;
	sleep(120 * SECOND);
	check(has_address());
	check_eq(peer.bad_sums, 0);
}

Test(inet, dhcp)
{
	peer.dhcp = true;
	begin("dhcp", "none");
	run(dhcp);
}

static void no_dhcp(void *arg)
{
	start();
	check_eq(eft_inet_wait_address(eft_now_ns() + SECOND), -EAGAIN);
	check_eq(eft_inet_wait_address(EFT_FOREVER), 0);
	check(eft_now_ns() >= 5 * SECOND && eft_now_ns() < 6 * SECOND);
	check_eq(eft_inet_wait_address(EFT_FOREVER), 0); /* not again */
	check(eft_now_ns() < 6 * SECOND);
	check(!has_address());
	check_eq(peer.discovers, 2);
	peer.dhcp = true;
	sleep(120 * SECOND);
	check(has_address());
}

Test(inet, no_dhcp_server)
{
	begin("dhcp", "none");
	run(no_dhcp);
}

static void lossy_dhcp(void *arg)
{
	start();
	sleep(60 * SECOND);
	check(has_address());
	check(peer.requests > 1);
}

Test(inet, dhcp_that_loses)
{
	peer.dhcp = true;
	peer.lose = 2;
	begin("dhcp", "none");
	run(lossy_dhcp);
}

/* Whatever comes is answered or dropped, and goes back to its driver. */
static void garbage(void *arg)
{
	uint8_t frame[1600];

	start();
	sleep(SECOND);
	for (unsigned i = 0; i < 5000; i++) {
		static const uint16_t types[] = {0x0608, 0x0008, 0xdd86};
		unsigned len = 1 + unit_random(sizeof(frame));

		for (unsigned at = 0; at < sizeof(frame); at++)
			frame[at] = unit_random(256);
		memcpy(frame, net.net.address, 6);
		memcpy(frame + 12, &types[i % 3], 2);
		frame[14] = i % 3 == 1 ? 0x45 : i % 3 == 2 ? 0x60 : 0;
		net.split = unit_random(4) == 0 ? 100 + unit_random(500) : 0;
		net.right = i & 1;
		fake_net_receive(&net, frame, len);
		if (i % 16 == 0)
			sleep(SECOND / 100);
	}
	sleep(400 * SECOND);
	check_eq(net.lent, 0);
	net.split = 0;
	peer_ping(&net, 56, true);
	sleep(SECOND);
	check(peer.pongs >= 1);
}

Test(inet, garbage)
{
	begin("10.0.0.7/24", "auto");
	run(garbage);
}

/* At whichever allocation memory ends, it goes on when there is some again. */
static void no_memory(void *arg)
{
	unsigned long fails = (unsigned long)arg;
	struct udp_pcb *pcb;
	int error;

	eft_alloc_fail_after(fails);
	error = eft_inet_start();
	eft_alloc_fail_after(UINT64_MAX);
	check(error == 0 || error == -ENOMEM);
	check_eq(eft_inet_start(), 0);
	pcb = udp_open();
	eft_alloc_fail_after(fails % 7);
	send_echo(pcb, 10, 1, 1000);
	sleep(SECOND);
	eft_alloc_fail_after(UINT64_MAX);
	echoes = 0;
	for (unsigned i = 0; i < 3; i++) {
		send_echo(pcb, 10, 1, 1000);
		sleep(3 * SECOND);
	}
	check(echoes >= 1);
	udp_close(pcb);
}

static void without_memory(unsigned long fails)
{
	begin("10.0.0.7/24", "auto");
	check_eq(fake_run(no_memory, (void *)fails), FAKE_RETURNED);
}

Test(inet, no_memory_0)
{
	without_memory(0);
}
Test(inet, no_memory_1)
{
	without_memory(1);
}
Test(inet, no_memory_2)
{
	without_memory(2);
}
Test(inet, no_memory_3)
{
	without_memory(3);
}
Test(inet, no_memory_5)
{
	without_memory(5);
}
Test(inet, no_memory_8)
{
	without_memory(8);
}

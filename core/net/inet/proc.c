// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/net, in images with the internet: the host's, where its sockets are the
 * host's, and else what the stack has. Formats: Linux, net/core/net-procfs.c,
 * net/ipv4/{tcp,udp}.c, fib_trie.c, arp.c, net/ipv6/{tcp,udp,addrconf}.c.
 */
#include <lwip/etharp.h>
#include <lwip/priv/tcp_priv.h>

#include "core/abi.h"
#include "core/dev/host.h"
#include "core/fs/procfs/proc.h"
#include "core/net/inet/socket.h"
#include "core/process.h"
#include "core/vfs/root.h"

/* Hexadecimal digits as these files have them. */
static void put_digits(struct eft_text *text, uint32_t value, unsigned count)
{
	while (count-- > 0)
		eft_text_append(
			text, &"0123456789ABCDEF"[value >> 4 * count & 15], 1);
}

/* A word, and what follows it, unless that is 0. */
static void put_hex(struct eft_text *text, uint32_t word, char end)
{
	put_digits(text, word, 8);
	eft_text_append(text, &end, end != '\0');
}

/*
 * Interfaces.
 */
static void generate_dev(struct eft_text *text)
{
	struct eft_inet_interface *at = NULL;
	struct eft_net_counts c;

	eft_text_printf(text, "Inter-|   Receive                            "
			      "                    |  Transmit\n");
	eft_text_printf(text,
			" face |bytes    packets errs drop fifo frame "
			"compressed multicast|bytes    packets errs drop fifo "
			"colls carrier compressed\n");
	while ((at = eft_inet_next(at)) != NULL) {
		eft_inet_counts(at, &c);
		eft_text_printf(text, "%6s: %7lu %7lu %4lu %4lu", at->name,
				c.bytes_in, c.frames_in, c.errors_in,
				c.dropped_in);
		eft_text_printf(text, "    0     0          0         0 ");
		eft_text_printf(text, "%8lu %7lu %4lu %4lu", c.bytes_out,
				c.frames_out, c.errors_out, c.dropped_out);
		eft_text_printf(text, "    0     0       0          0\n");
	}
}

static void put_route(struct eft_text *text, const char *name, uint32_t to,
		      uint32_t gateway, uint32_t mask)
{
	eft_text_printf(text, "%s\t", name);
	put_hex(text, to, '\t');
	put_hex(text, gateway, '\t');
	eft_text_printf(text, "%s\t0\t0\t0\t", gateway != 0 ? "0003" : "0001");
	put_hex(text, mask, '\t');
	eft_text_printf(text, "0\t0\t0\n");
}

static void generate_route(struct eft_text *text)
{
	struct eft_inet_interface *at = NULL;

	eft_text_printf(text, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse"
			      "\tMetric\tMask\t\tMTU\tWindow\tIRTT\n");
	while ((at = eft_inet_next(at)) != NULL) {
		uint32_t address = netif_ip4_addr(&at->netif)->addr;
		uint32_t mask = netif_ip4_netmask(&at->netif)->addr;
		uint32_t gateway = netif_ip4_gw(&at->netif)->addr;

		if (at->net == NULL || address == 0)
			continue;
		if (&at->netif == netif_default && gateway != 0)
			put_route(text, at->name, 0, gateway, 0);
		put_route(text, at->name, address & mask, 0, mask);
	}
}

static void put_address6(struct eft_text *text,
			 const struct eft_inet_interface *at, int number)
{
	const ip6_addr_t *address = netif_ip6_addr(&at->netif, number);
	const uint8_t *byte = (const uint8_t *)address->addr;
	unsigned state = netif_ip6_addr_state(&at->netif, number);
	unsigned scope = at->net == NULL		 ? 0x10
			 : ip6_addr_islinklocal(address) ? 0x20
							 : 0;

	if (ip6_addr_isinvalid(state))
		return;
	for (unsigned i = 0; i < 16; i++)
		eft_text_printf(text, "%02x", byte[i]);
	eft_text_printf(text, " %02x %02x %02x %02x %8s\n", eft_inet_index(at),
			at->net == NULL ? 128 : 64, scope,
			ip6_addr_istentative(state) ? 0xc0 : 0x80, at->name);
}

static void generate_if_inet6(struct eft_text *text)
{
	struct eft_inet_interface *at = NULL;

	while ((at = eft_inet_next(at)) != NULL) {
		for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
			put_address6(text, at, i);
	}
}

static void generate_arp(struct eft_text *text)
{
	eft_text_printf(text, "IP address       HW type     Flags       HW "
			      "address            Mask     Device\n");
	for (size_t i = 0; i < ARP_TABLE_SIZE; i++) {
		ip4_addr_t *address;
		struct netif *netif;
		struct eth_addr *mac;
		const uint8_t *a, *m;
		char number[16];

		if (!etharp_get_entry(i, &address, &netif, &mac))
			continue;
		a = (const uint8_t *)&address->addr;
		m = mac->addr;
		eft_snprintf(number, sizeof(number), "%u.%u.%u.%u", a[0], a[1],
			     a[2], a[3]);
		eft_text_printf(text,
				"%-16s 0x1         0x2         "
				"%02x:%02x:%02x:%02x:%02x:%02x     *        "
				"%s\n",
				number, m[0], m[1], m[2], m[3], m[4], m[5],
				eft_inet_of(netif)->name);
	}
}

/* Linux's net/ipv4/ipconfig.c: what is known when they are there, or overdue. */
static void generate_pnp(struct eft_text *text)
{
	ip_addr_t server;

	for (unsigned i = 0; eft_inet_get_name_server(i, &server); i++) {
		char number[IPADDR_STRLEN_MAX];

		ipaddr_ntoa_r(&server, number, sizeof(number));
		eft_text_printf(text, "nameserver %s\n", number);
	}
}

/*
 * Sockets. Those of both families are IPv6's, as on Linux.
 */
static void put_end(struct eft_text *text, const ip_addr_t *address,
		    unsigned port, bool six)
{
	const uint32_t *words = ip_2_ip6(address)->addr;
	uint32_t mapped[4] = {0};

	if (!six || IP_IS_V4_VAL(*address) || IP_IS_ANY_TYPE_VAL(*address)) {
		mapped[3] = ip_2_ip4(address)->addr;
		mapped[2] = mapped[3] != 0 ? 0xffff0000u : 0;
		words = mapped;
	}
	for (unsigned i = six ? 0 : 3; i < 3; i++)
		put_hex(text, words[i], '\0');
	put_hex(text, words[3], ':');
	put_digits(text, port, 4);
	eft_text_append(text, " ", 1);
}

/* What is the same of TCP and UDP, behind the number. */
static void put_socket(struct eft_text *text, const struct eft_inet *self,
		       unsigned state, uint32_t sent, uint32_t unread)
{
	put_digits(text, state, 2);
	eft_text_append(text, " ", 1);
	put_hex(text, sent, ':');
	put_hex(text, unread, ' ');
	eft_text_printf(text,
			"00:00000000 00000000     0        0 %lu 1 "
			"0000000000000000",
			self != NULL ? self->socket.ino : 0);
}

static bool is_six(const struct eft_inet *self, const ip_addr_t *local)
{
	return self != NULL ? self->socket.domain == AF_INET6
			    : IP_IS_V6_VAL(*local);
}

/* lwIP's states are RFC 9293's; Linux's (include/net/tcp_states.h) are others. */
static unsigned linux_state(enum tcp_state state)
{
	static const uint8_t states[] = {
		[CLOSED] = 7,	  [LISTEN] = 10,     [SYN_SENT] = 2,
		[SYN_RCVD] = 3,	  [ESTABLISHED] = 1, [FIN_WAIT_1] = 4,
		[FIN_WAIT_2] = 5, [CLOSE_WAIT] = 8,  [CLOSING] = 11,
		[LAST_ACK] = 9,	  [TIME_WAIT] = 6,
	};

	return states[state];
}

static void put_tcp(struct eft_text *text, const struct tcp_pcb *pcb, bool six,
		    unsigned *number)
{
	static const ip_addr_t none;
	bool listens = pcb->state == LISTEN;
	const struct eft_inet *self = eft_inet_tcp_socket(pcb);

	if (is_six(self, &pcb->local_ip) != six)
		return;
	eft_text_printf(text, "%4u: ", (*number)++);
	put_end(text, &pcb->local_ip, pcb->local_port, six);
	put_end(text, listens ? &none : &pcb->remote_ip,
		listens ? 0 : pcb->remote_port, six);
	put_socket(text, self, linux_state(pcb->state),
		   listens ? 0 : pcb->snd_lbb - pcb->lastack,
		   self == NULL ? 0
		   : listens	? self->tcp.queued
				: self->tcp.unread);
	eft_text_printf(text, " 20 4 30 10 -1\n");
}

static void list_tcp(struct eft_text *text, bool six)
{
	const struct tcp_pcb *const lists[] = {tcp_listen_pcbs.pcbs,
					       tcp_active_pcbs, tcp_tw_pcbs};
	unsigned number = 0;

	eft_text_printf(text,
			"  sl  local_address %srem_address   %sst tx_queue "
			"rx_queue tr tm->when retrnsmt   uid  timeout inode\n",
			six ? "                        " : "",
			six ? "                        " : "");
	for (unsigned i = 0; i < eft_array_size(lists); i++) {
		for (const struct tcp_pcb *at = lists[i]; at != NULL;
		     at = at->next)
			put_tcp(text, at, six, &number);
	}
}

static void list_udp(struct eft_text *text, bool six)
{
	enum { CONNECTED = 1, NOT_CONNECTED = 7 };
	unsigned number = 0;

	eft_text_printf(text,
			"   sl  local_address %srem_address   %sst tx_queue "
			"rx_queue tr tm->when retrnsmt   uid  timeout inode "
			"ref pointer drops\n",
			six ? "                        " : "",
			six ? "                        " : "");
	for (const struct udp_pcb *at = udp_pcbs; at != NULL; at = at->next) {
		/* DHCP's are no program's. */
		const struct eft_inet *self = eft_inet_udp_socket(at);

		if (self == NULL || is_six(self, &at->local_ip) != six)
			continue;
		eft_text_printf(text, "%5u: ", number++);
		put_end(text, &at->local_ip, at->local_port, six);
		put_end(text, &at->remote_ip, at->remote_port, six);
		put_socket(text, self,
			   at->flags & UDP_FLAGS_CONNECTED ? CONNECTED
							   : NOT_CONNECTED,
			   0, self->datagram.queued_bytes);
		eft_text_printf(text, " 0\n");
	}
}

static void generate_tcp(struct eft_text *text)
{
	list_tcp(text, false);
}

static void generate_tcp6(struct eft_text *text)
{
	list_tcp(text, true);
}

static void generate_udp(struct eft_text *text)
{
	list_udp(text, false);
}

static void generate_udp6(struct eft_text *text)
{
	list_udp(text, true);
}

/*
 * The files. Those that the host has are named as it names them, below
 * /proc/self.
 */
#define LOCKED(name)                                     \
	static void locked_##name(struct eft_text *text) \
	{                                                \
		text->error = eft_inet_start();          \
		if (text->error != 0)                    \
			return;                          \
		eft_inet_lock();                         \
		generate_##name(text);                   \
		eft_inet_unlock();                       \
	}

LOCKED(arp)
LOCKED(dev)
LOCKED(if_inet6)
LOCKED(pnp)
LOCKED(route)
LOCKED(tcp)
LOCKED(tcp6)
LOCKED(udp)
LOCKED(udp6)

/* Name servers come with addresses. */
static void waited_pnp(struct eft_text *text)
{
	if (eft_inet_start() == 0)
		eft_inet_wait_address(EFT_FOREVER);
	locked_pnp(text);
}

static const struct eft_proc_entry entries[] = {
	{"net/arp", locked_arp, NULL},		 {"net/dev", locked_dev, NULL},
	{"net/if_inet6", locked_if_inet6, NULL}, {"net/pnp", waited_pnp, NULL},
	{"net/route", locked_route, NULL},	 {"net/tcp", locked_tcp, NULL},
	{"net/tcp6", locked_tcp6, NULL},	 {"net/udp", locked_udp, NULL},
	{"net/udp6", locked_udp6, NULL},
};

/* /proc/net is a link, whose files are /proc/self's (proc(5)). */
int eft_net_files_add(void)
{
	static const char link[] = "self/net";
	bool hosts = eft_plat_host_paths() != NULL && eft_inet_is_hosts();
	char self[16];
	int error = eft_proc_add_node(
		"", "net", eft_symlink_create(link, sizeof(link) - 1));

	eft_snprintf(self, sizeof(self), "%d", eft_process()->identity.pid);
	for (size_t i = 0; i < eft_array_size(entries) && error == 0; i++)
		error = eft_proc_add_node(
			self, entries[i].name,
			eft_proc_text_create(&entries[i],
					     hosts ? EFT_PROC_HOSTS : 0));
	return error;
}

/* In place of core/fs/procfs/proc.c's. */
int eft_proc_init(void)
{
	int error = eft_proc_init_now();

	return error == 0 ? eft_net_files_add() : error;
}

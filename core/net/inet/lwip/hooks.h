// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What lwIP's code asks of the libOS (LWIP_HOOK_FILENAME in lwipopts.h). All are
 * called with the stack's mutex held.
 */
#include <lwip/err.h>
#include <lwip/ip_addr.h>
#include <lwip/memp.h>

struct netif;
struct pbuf;

/* RFC 6528 §3: the clock and a keyed hash of who talks to whom. */
u32_t eft_inet_tcp_isn(const ip_addr_t *local, u16_t local_port,
		       const ip_addr_t *remote, u16_t remote_port);
#define LWIP_HOOK_TCP_ISN eft_inet_tcp_isn

/* A name server that DHCP, DHCPv6 or a router's advertisement names. */
void eft_inet_name_server(u8_t index, const ip_addr_t *server);
#define dns_setserver eft_inet_name_server

/* The one that it gave. */
const ip_addr_t *eft_inet_name_server_of(u8_t index);
#define dns_getserver eft_inet_name_server_of

/* The gateway to (to) that the options name; NULL: one of advertisements. */
const ip6_addr_t *eft_inet_gateway6(struct netif *netif, const ip6_addr_t *to);
#define LWIP_HOOK_ND6_GET_GW eft_inet_gateway6

/*
 * A segment for (pcb), with its header in host order. Of its (options) bytes of
 * options the (first) follow it, the others are at (second). Not ERR_OK: it is
 * done.
 */
struct tcp_hdr;
struct tcp_pcb;
err_t eft_inet_segment(struct tcp_pcb *pcb, struct tcp_hdr *header,
		       unsigned options, unsigned first, u8_t *second,
		       struct pbuf *p);
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p) \
	eft_inet_segment(pcb, hdr, optlen, opt1len, opt2, p)

/*
 * A packet that came to (netif). Not 0: it is no good, and was freed. loop6() finds
 * a whole header.
 */
int eft_inet_packet4(struct pbuf *p, struct netif *netif);
#define LWIP_HOOK_IP4_INPUT eft_inet_packet4
int eft_inet_packet6(struct pbuf *p);
int eft_inet_loop6(struct pbuf *p);
#define LWIP_HOOK_IP6_INPUT(p, netif) (eft_inet_packet6(p) || eft_inet_loop6(p))

/*
 * Have a copy of (p) arrive at (netif), in the place of lwIP's function, which has
 * no room for the largest packets. ERR_MEM
 */
err_t eft_inet_loop(struct netif *netif, struct pbuf *p);
#define netif_loop_output eft_inet_loop

/*
 * A segment that came: finds its connection, before lwIP looks for it. For those
 * that call tcp_input(), IP and IPv6.
 */
void eft_inet_tcp_input(struct pbuf *p, struct netif *netif);
#ifdef LWIP_HDR_RAW_PRIV_H
#define tcp_input eft_inet_tcp_input
#endif

/* (pcb) is in the list of active connections, until it is freed. */
void eft_inet_tcp_note(struct tcp_pcb *pcb);
void eft_inet_memp_free(memp_t type, void *memory);
#if defined LWIP_HDR_TCP_PRIV_H && !defined LWIP_HDR_RAW_H /* tcp.c */
#define memp_free(type, memory) eft_inet_memp_free(type, memory)
#endif
#undef TCP_REG_ACTIVE
#define TCP_REG_ACTIVE(pcb)                     \
	do {                                    \
		TCP_REG(&tcp_active_pcbs, pcb); \
		tcp_active_pcbs_changed = 1;    \
		eft_inet_tcp_note(pcb);         \
	} while (0)

/* lwIP has found it: its lists are to be whole. */
void eft_inet_tcp_show(void);

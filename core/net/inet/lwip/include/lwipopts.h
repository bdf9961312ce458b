// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * How lwIP is built (its src/include/lwip/opt.h explains each option): its raw
 * API only, under one mutex (core/net/inet/inet.h), with memory from the libOS's
 * heap and no limits of its own on how many sockets there are.
 */
#define NO_SYS			1
#define SYS_LIGHTWEIGHT_PROT	0
#define LWIP_NETCONN		0
#define LWIP_SOCKET		0
#define LWIP_TIMERS		0 /* core/net/inet/clock.c */
#define LWIP_STATS		0
#define LWIP_COMPAT_SOCKETS	0
#define LWIP_SKIP_PACKING_CHECK 1
#define LWIP_SKIP_CONST_CHECK	1

#ifdef EFT_LOCK_CHECKS
#define LWIP_ASSERT_CORE_LOCKED() eft_inet_assert_locked()
void eft_inet_assert_locked(void);
#else
#define LWIP_ASSERT_CORE_LOCKED()
#endif

/* Memory. */
#define MEM_LIBC_MALLOC		       1
#define MEMP_MEM_MALLOC		       1
#define MEM_ALIGNMENT		       8
#define LWIP_SUPPORT_CUSTOM_PBUF       1
#define LWIP_PBUF_REF_T		       u32_t
#define PBUF_POOL_BUFSIZE	       1536
#define ETH_PAD_SIZE		       0
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1

/* Interfaces: see core/net/inet/interface.h. */
#define LWIP_ARP		      1
#define LWIP_ETHERNET		      1
#define LWIP_HAVE_LOOPIF	      0
#define LWIP_NETIF_LOOPBACK	      1
#define LWIP_LOOPBACK_MAX_PBUFS	      0
#define LWIP_SINGLE_NETIF	      0
#define LWIP_NETIF_HOSTNAME	      1
#define LWIP_NETIF_STATUS_CALLBACK    1
#define LWIP_NETIF_LINK_CALLBACK      1
#define LWIP_NETIF_HWADDRHINT	      1
#define LWIP_CHECKSUM_CTRL_PER_NETIF  1
#define ARP_QUEUEING		      1
#define ARP_TABLE_SIZE		      64
#define ETHARP_SUPPORT_STATIC_ENTRIES 0
#define ETHARP_TRUST_IP_MAC	      0

/* IP. */
#define LWIP_IPV4			1
#define LWIP_IPV6			1
#define LWIP_ICMP			1
#define LWIP_ICMP6			1
#define LWIP_RAW			1
#define IP_FORWARD			0
#define LWIP_BROADCAST_PING		0
#define LWIP_MULTICAST_PING		0
#define IP_REASSEMBLY			1
#define IP_FRAG				1
#define IP_REASS_MAX_PBUFS		1024
#define IP_REASS_MAXAGE			30
#define LWIP_IPV6_REASS			1
#define IPV6_FRAG_COPYHEADER		1 /* pointers are too large for its header */
#define LWIP_IPV6_FRAG			1
#define LWIP_IPV6_FORWARD		0
#define IP_SOF_BROADCAST		1
#define IP_SOF_BROADCAST_RECV		0
#define IP_DEFAULT_TTL			64
#define LWIP_IPV6_SCOPES		1
#define LWIP_IPV6_NUM_ADDRESSES		4
#define LWIP_IPV6_AUTOCONFIG		1
#define LWIP_IPV6_SEND_ROUTER_SOLICIT	1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS	1
#define LWIP_IPV6_ADDRESS_LIFETIMES	1
#define LWIP_ND6_NUM_NEIGHBORS		64
#define LWIP_ND6_NUM_DESTINATIONS	64
#define LWIP_ND6_NUM_PREFIXES		8
#define LWIP_ND6_NUM_ROUTERS		4
#define LWIP_ND6_QUEUEING		1
#define LWIP_ND6_ALLOW_RA_UPDATES	1
#define LWIP_ND6_TCP_REACHABILITY_HINTS 1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS	3

/* Configuration. */
#define LWIP_DNS		   0
#define LWIP_DHCP		   1
#define DHCP_DOES_ARP_CHECK	   0 /* no wait of a second at boot */
#define LWIP_DHCP_MAX_DNS_SERVERS  3
#define LWIP_AUTOIP		   0
#define LWIP_IPV6_DHCP6		   1
#define LWIP_IPV6_DHCP6_STATELESS  1
#define LWIP_IPV6_DHCP6_STATEFUL   0
#define LWIP_DHCP6_MAX_DNS_SERVERS 3
#define DNS_MAX_SERVERS		   3

/* Groups. */
#define LWIP_IGMP		  1
#define LWIP_IPV6_MLD		  1
#define LWIP_MULTICAST_TX_OPTIONS 1

/* UDP. */
#define LWIP_UDP	     1
#define LWIP_UDPLITE	     0
#define LWIP_NETBUF_RECVINFO 1
#define SO_REUSE	     1
#define SO_REUSE_RXTOALL     1

/*
 * TCP. Its timers tick so often that acknowledgements are delayed by 50 ms at
 * most, and what is lost is sent again after 300 ms (RFC 6298 §2).
 */
#define LWIP_TCP		   1
#define TCP_TMR_INTERVAL	   50
#define TCP_SYNMAXRTX		   7 /* connect() gives up after 127 s, as Linux's */
#define TCP_MSS			   16344 /* on lo: some fit the least window */
#define TCP_OVERSIZE		   1460
#define LWIP_WND_SCALE		   1
#define TCP_RCV_SCALE		   7
#define TCP_WND			   (1024 * 1024)
#define TCP_SND_BUF		   (1024 * 1024)
#define TCP_SND_QUEUELEN	   0x7fff
#define TCP_SNDLOWAT		   (TCP_SND_BUF / 2)
#define TCP_SNDQUEUELOWAT	   (TCP_SND_QUEUELEN / 2)
#define TCP_WND_UPDATE_THRESHOLD   (TCP_WND / 8)
#define LWIP_TCP_SACK_OUT	   1
#define LWIP_TCP_TIMESTAMPS	   1
#define LWIP_TCP_KEEPALIVE	   1
#define TCP_LISTEN_BACKLOG	   1
#define TCP_DEFAULT_LISTEN_BACKLOG 0xff
#define TCP_QUEUE_OOSEQ		   1
#define TCP_CALCULATE_EFF_SEND_MSS 1
#define LWIP_TCP_PCB_NUM_EXT_ARGS  2 /* core/net/inet/tcp_find.c's */
#define LWIP_CALLBACK_API	   1
#define LWIP_ALTCP		   0
#define LWIP_TCP_MAX_SACK_NUM	   4
/* RFC 6928 §2, as Linux does. */
#define LWIP_TCP_CALC_INITIAL_CWND(mss) \
	((tcpwnd_size_t)LWIP_MIN(10U * (mss), LWIP_MAX(2U * (mss), 14600U)))

/* What lwIP asks us. */
#define LWIP_HOOK_FILENAME "core/net/inet/lwip/hooks.h"

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The libOS's own TCP/IP stack: lwIP, and what runs it.
 *
 *	sockets (tcp.c, udp.c, raw.c …)
 *	   │ lwIP's raw API
 *	lwIP, built by core/net/inet/lwip
 *	   │ struct netif
 *	interfaces (interface.c, send.c, receive.c), the thread (stack.c)
 *	   │ core/dev/net.h
 *	drivers
 *
 * Rules
 *  - All of lwIP, its structures and its callbacks are under one mutex:
 *    eft_inet_lock() before a call of lwIP's, eft_inet_unlock() behind it. Its
 *    callbacks are called with the mutex held, by whoever holds it.
 *  - Nobody who holds it touches the program's memory, or sleeps: what comes
 *    from there and goes there is copied before or behind. A mutex of a socket's
 *    own is taken before it.
 *  - eft_inet_unlock() does what is left to do: packets that an interface of our
 *    own got (lo), the doorbells of devices, and the timers.
 *  - Memory that is given to lwIP without a copy (PBUF_REF, PBUF_ROM,
 *    tcp_write() without TCP_WRITE_FLAG_COPY) may be read by a device until the
 *    pbuf is freed, which can be after the data were acknowledged: give it a
 *    custom pbuf, and free it with that.
 */
#include <lwip/netif.h>

#include "core/dev/net.h"
#include "core/thread.h"
#include "core/time.h"

enum { EFT_INET_NAME_BYTES = 16 }; /* Linux's IFNAMSIZ */

/* An interface: "lo" is number 1, then come the devices, "eth0", "eth1", …. */
struct eft_inet_interface {
	struct netif netif; /* first: what lwIP has is this */
	char name[EFT_INET_NAME_BYTES];
	struct eft_net *net;	   /* or NULL: lo */
	struct eft_net_counts own; /* lo's; a device counts for itself */

	/* send.c's: what the device had no room for, and those not in use. */
	struct eft_inet_sent *waiting, **waiting_end, *spare;
	unsigned waiting_count;
	struct eft_inet_sent *gathered; /* a segment that others may follow */
	unsigned untold;		/* frames, since flush() was called */
	struct eft_timer bell;		/* calls it */
	bool refused; /* lwIP was told that there is no room */

	/* receive.c's */
	unsigned lent; /* frames of the driver's that we have */
	bool ready;    /* atomic: poll() is to be called */
};

extern struct eft_mutex eft_inet_mutex;

/*
 * Context   thread, with no lock behind EFT_RANK_INET; the stack was started
 */
void eft_inet_lock(void);
void eft_inet_unlock(void);

/*
 * Bring the stack up, at the first call: lo, the devices, their configuration
 * and the thread. It does not wait for addresses.
 *
 * Returns   0; -ENOMEM: the next call tries again
 * Context   thread, with no lock behind EFT_RANK_INET_START
 */
int eft_inet_start(void);
bool eft_inet_started(void);

/*
 * Have the stack's thread look at the devices and the timers. For who has
 * changed something without the mutex. Context: any.
 */
void eft_inet_kick(void);

/*
 * Wait until the addresses are there that interfaces are to have, or cannot be
 * had in 5 s since the start; or until (deadline_ns), 0: not at all. For what
 * needs an address of ours: connect(), sendto() to others than ourselves.
 *
 * Returns   0 go on, with an address or without; -EAGAIN the deadline; -EINTR
 * Context   thread, without the mutex
 */
int eft_inet_wait_address(uint64_t deadline_ns);

/*
 * Interfaces, which live until exit. The mutex is held.
 */
struct eft_inet_interface *eft_inet_by_index(unsigned index);
struct eft_inet_interface *eft_inet_by_name(const char *name);
/* The one after (interface), lo for NULL; NULL at the end. */
struct eft_inet_interface *
eft_inet_next(const struct eft_inet_interface *interface);

static inline struct eft_inet_interface *eft_inet_of(struct netif *netif)
{
	return (struct eft_inet_interface *)netif;
}

/* Linux's number of it: 1 is lo. */
static inline unsigned eft_inet_index(const struct eft_inet_interface *of)
{
	return netif_get_index(&of->netif);
}

/* Linux's IFF_ flags of it (netdevice(7)): up, running, and what it is. */
enum {
	EFT_IFF_UP = 1,
	EFT_IFF_BROADCAST = 2,
	EFT_IFF_LOOPBACK = 8,
	EFT_IFF_RUNNING = 0x40,
	EFT_IFF_MULTICAST = 0x1000,
	EFT_IFF_LOWER_UP = 0x10000,
};

unsigned eft_inet_flags(const struct eft_inet_interface *interface);
/* A copy of what was sent and received. */
void eft_inet_counts(const struct eft_inet_interface *interface,
		     struct eft_net_counts *ret_counts);

/*
 * Name servers, of DHCP, of routers, or the options': the one of (index), from 0
 * on. False: there are no more. The mutex is held.
 */
bool eft_inet_get_name_server(unsigned index, ip_addr_t *ret_address);

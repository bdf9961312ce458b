// SPDX-License-Identifier: BSD-3-Clause
/*
 * lwIP's timers. Each of its parts wants to be called every so often, whether
 * it has something to do or not; who is idle would wake for nothing. So a part
 * is asked how many of its calls it is until it does something. Until then it
 * is not called. When the stack is used again, or that call is due, it is called
 * as often as it would have been.
 */
#include <lwip/dhcp.h>
#include <lwip/dhcp6.h>
#include <lwip/etharp.h>
#include <lwip/igmp.h>
#include <lwip/ip4_frag.h>
#include <lwip/ip6_frag.h>
#include <lwip/mld6.h>
#include <lwip/nd6.h>
#include <lwip/priv/nd6_priv.h>
#include <lwip/prot/dhcp6.h>
#include <lwip/sys.h>

#include "core/log.h"
#include "core/net/inet/stack.h"
#include "core/net/inet/tcp_clock.h"
#include "core/time.h"

enum { NS_PER_MS = 1000000 };

/* Calls until something happens; NEVER: nothing will. */
#define NEVER EFT_INET_NEVER

static uint64_t soon(bool busy)
{
	return busy ? 1 : NEVER;
}

static uint64_t arp_wait(void)
{
	return soon(eft_lwip_arp_busy());
}

static uint64_t reassembly_wait(void)
{
	return soon(eft_lwip_reassembles());
}

static uint64_t reassembly6_wait(void)
{
	return soon(eft_lwip_reassembles6());
}

static uint64_t igmp_wait(void)
{
	struct netif *netif;

	NETIF_FOREACH(netif)
	{
		struct igmp_group *group = netif_igmp_data(netif);

		for (; group != NULL; group = group->next) {
			if (group->timer > 0)
				return 1;
		}
	}
	return NEVER;
}

static uint64_t mld_wait(void)
{
	struct netif *netif;

	NETIF_FOREACH(netif)
	{
		struct mld_group *group = netif_mld6_data(netif);

		for (; group != NULL; group = group->next) {
			if (group->timer > 0)
				return 1;
		}
	}
	return NEVER;
}

static bool neighbors_busy(void)
{
	for (unsigned i = 0; i < LWIP_ND6_NUM_NEIGHBORS; i++) {
		unsigned state = neighbor_cache[i].state;

		if (state == ND6_INCOMPLETE || state == ND6_DELAY ||
		    state == ND6_PROBE || neighbor_cache[i].q != NULL)
			return true;
	}
	return false;
}

/* Routers are asked for from a link-local address, if there is one. */
static bool is_soliciting(struct netif *netif)
{
	unsigned state = netif_ip6_addr_state(netif, 0);

	return netif->rs_count > 0 && !ip6_addr_isinvalid(state) &&
	       !ip6_addr_isduplicated(state);
}

/* Addresses that are looked for elsewhere, and routers that are asked for. */
static bool netif_busy(struct netif *netif)
{
	if (!netif_is_up(netif) || !netif_is_link_up(netif))
		return false;
	if (is_soliciting(netif))
		return true;
	for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		if (ip6_addr_istentative(netif_ip6_addr_state(netif, i)))
			return true;
	}
	return false;
}

static uint64_t nd6_wait(void)
{
	struct netif *netif;

	if (neighbors_busy())
		return 1;
	NETIF_FOREACH(netif)
	{
		if (netif_busy(netif))
			return 1;
	}
	return NEVER;
}

static uint64_t sooner(uint64_t wait, unsigned calls)
{
	return calls > 0 ? eft_min(wait, calls) : wait;
}

/* Of each lease: when it ends, is to be renewed, asked for elsewhere. */
static uint64_t dhcp_wait(void)
{
	uint64_t wait = NEVER;
	struct netif *netif;

	NETIF_FOREACH(netif)
	{
		const struct dhcp *dhcp = netif_dhcp_data(netif);

		if (dhcp == NULL)
			continue;
		if (dhcp->t0_timeout > dhcp->lease_used)
			wait = sooner(wait,
				      dhcp->t0_timeout - dhcp->lease_used);
		wait = sooner(wait, dhcp->t1_renew_time);
		wait = sooner(wait, dhcp->t2_rebind_time);
	}
	return wait;
}

static uint64_t dhcp_request_wait(void)
{
	uint64_t wait = NEVER;
	struct netif *netif;

	NETIF_FOREACH(netif)
	{
		const struct dhcp *dhcp = netif_dhcp_data(netif);

		if (dhcp != NULL)
			wait = sooner(wait, dhcp->request_timeout);
	}
	return wait;
}

static uint64_t dhcp6_wait(void)
{
	uint64_t wait = NEVER;
	struct netif *netif;

	NETIF_FOREACH(netif)
	{
		const struct dhcp6 *dhcp6 = netif_dhcp6_data(netif);

		if (dhcp6 != NULL)
			wait = sooner(wait, dhcp6->request_timeout);
	}
	return wait;
}

static const struct part {
	unsigned period_ms;
	void (*call)(void);
	uint64_t (*wait)(void);
	void (*pass)(uint64_t calls); /* so many that do nothing; or NULL */
} parts[] = {
	/* First: what the others send is not to be too old for it at once. */
	{ARP_TMR_INTERVAL, etharp_tmr, arp_wait, NULL},
	{IP_TMR_INTERVAL, ip_reass_tmr, reassembly_wait, NULL},
	{IP6_REASS_TMR_INTERVAL, ip6_reass_tmr, reassembly6_wait, NULL},
	{IGMP_TMR_INTERVAL, igmp_tmr, igmp_wait, NULL},
	{MLD6_TMR_INTERVAL, mld6_tmr, mld_wait, NULL},
	{ND6_TMR_INTERVAL, nd6_tmr, nd6_wait, NULL},
	{DHCP_COARSE_TIMER_MSECS, dhcp_coarse_tmr, dhcp_wait, NULL},
	{DHCP_FINE_TIMER_MSECS, dhcp_fine_tmr, dhcp_request_wait, NULL},
	{DHCP6_TIMER_MSECS, dhcp6_tmr, dhcp6_wait, NULL},
	{EFT_INET_TCP_TICK_MS, eft_inet_tcp_tick, eft_inet_tcp_wait,
	 eft_inet_tcp_pass},
};

enum { TCP_PART = eft_array_size(parts) - 1 };

/* When each was called last, or should have been. */
static uint64_t last_ns[eft_array_size(parts)];

void eft_inet_clock_init(uint64_t now_ns)
{
	for (unsigned i = 0; i < eft_array_size(parts); i++)
		last_ns[i] = now_ns;
}

/*
 * When it comes late, for the host had paused us, nobody could answer meanwhile:
 * what was due happens once, and the rest of that time is none of the part's.
 */
static void pass(const struct part *part, uint64_t calls)
{
	uint64_t due = part->wait();

	part->pass(eft_min(calls, due - 1));
	if (calls >= due)
		part->call();
}

static void call(const struct part *part, uint64_t calls)
{
	if (part->pass != NULL) {
		if (calls > 0)
			pass(part, calls);
		return;
	}
	for (; calls > 0; calls--)
		part->call();
}

void eft_inet_clock_run(uint64_t now_ns)
{
	for (unsigned i = 0; i < eft_array_size(parts); i++) {
		uint64_t period_ns = (uint64_t)parts[i].period_ms * NS_PER_MS;
		uint64_t calls = (now_ns - last_ns[i]) / period_ns;

		eft_assert(now_ns >= last_ns[i]);
		last_ns[i] += calls * period_ns;
		call(&parts[i], calls);
	}
}

uint64_t eft_inet_clock_next(void)
{
	uint64_t next_ns = EFT_FOREVER;

	for (unsigned i = 0; i < eft_array_size(parts); i++) {
		uint64_t wait = parts[i].wait();

		wait *= wait != NEVER ? parts[i].period_ms : 1;
		if (wait != NEVER)
			next_ns =
				eft_min(next_ns, last_ns[i] + wait * NS_PER_MS);
	}
	return next_ns;
}

uint64_t eft_inet_clock_tick(uint64_t now_ns)
{
	uint64_t period_ns = (uint64_t)EFT_INET_TCP_TICK_MS * NS_PER_MS;

	return now_ns + period_ns - (now_ns - last_ns[TCP_PART]) % period_ns;
}

u32_t sys_now(void)
{
	return eft_now_ns() / NS_PER_MS;
}

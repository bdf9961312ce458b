// SPDX-License-Identifier: BSD-3-Clause
/*
 * The interfaces' addresses: given by options, or asked for by DHCP (RFC 2131),
 * routers' advertisements (RFC 4862) and DHCPv6 (RFC 8415, stateless). The
 * program starts meanwhile; who needs an address waits for it here.
 */
#include "core/net/inet/config.h"

#include <lwip/dhcp.h>
#include <lwip/dhcp6.h>

#include "core/abi.h"
#include "core/log.h"
#include "core/net/inet/lwip/hooks.h"
#include "core/net/inet/stack.h"
#include "core/time.h"

#define PATIENCE_NS 5000000000ul

static struct eft_waitq changes = EFT_WAITQ_INIT(changes);
static bool begun;
static uint64_t begun_ns;     /* when the first interface was to have one */
static bool configured, told; /* atomic */

/* IPv4's by DHCP; IPv6's of advertisements and DHCPv6. The mutex's. */
static ip_addr_t learned[2][EFT_INET_SERVERS];

/* Has it what it is to have? IPv6 is waited for where there is no IPv4. */
static bool is_configured(struct eft_inet_interface *interface)
{
	struct netif *netif = &interface->netif;
	enum eft_inet_mode four =
		eft_inet_settings(interface->name, false)->mode;

	if (interface->net == NULL)
		return true;
	if (four != EFT_INET_NONE)
		return !ip4_addr_isany_val(*netif_ip4_addr(netif));
	if (eft_inet_settings(interface->name, true)->mode == EFT_INET_NONE)
		return true;
	/* The first is the link's own. */
	for (int i = 1; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)))
			return true;
	}
	return false;
}

static void look(void)
{
	struct eft_inet_interface *at = NULL;
	bool all = true;

	while ((at = eft_inet_next(at)) != NULL)
		all &= is_configured(at);
	if (!all || __atomic_exchange_n(&configured, true, __ATOMIC_ACQ_REL))
		return;
	eft_waitq_wake(&changes, EFT_WAKE_ALL);
}

/* An address came or went. */
static void on_status(struct netif *netif)
{
	const ip4_addr_t *address = netif_ip4_addr(netif);
	const uint8_t *byte = (const uint8_t *)&address->addr;

	if (!ip4_addr_isany_val(*address))
		eft_log(EFT_LOG_INFO, "%s: %u.%u.%u.%u%s",
			eft_inet_of(netif)->name, byte[0], byte[1], byte[2],
			byte[3],
			dhcp_supplied_address(netif) ? " by DHCP" : "");
	look();
}

static void configure4(struct eft_inet_interface *interface)
{
	const struct eft_inet_settings *settings =
		eft_inet_settings(interface->name, false);
	struct netif *netif = &interface->netif;
	ip4_addr_t mask;

	switch (settings->mode) {
	case EFT_INET_AUTO:
		if (dhcp_start(netif) != ERR_OK)
			eft_log(EFT_LOG_ERROR, "%s: no memory for DHCP",
				interface->name);
		break;
	case EFT_INET_FIXED:
		mask.addr = lwip_htonl(~0u << (32 - settings->prefix_bits));
		netif_set_addr(netif, ip_2_ip4(&settings->address), &mask,
			       ip_2_ip4(&settings->gateway));
		break;
	case EFT_INET_NONE:
		break;
	}
}

static void configure6(struct eft_inet_interface *interface)
{
	const struct eft_inet_settings *settings =
		eft_inet_settings(interface->name, true);
	struct netif *netif = &interface->netif;

	if (settings->mode == EFT_INET_NONE)
		return;
	netif_create_ip6_linklocal_address(netif, 1);
	if (settings->mode == EFT_INET_FIXED) {
		netif_ip6_addr_set(netif, 1, ip_2_ip6(&settings->address));
		netif_ip6_addr_set_state(netif, 1, IP6_ADDR_TENTATIVE);
		return;
	}
	netif_set_ip6_autoconfig_enabled(netif, 1);
	if (dhcp6_enable_stateless(netif) != ERR_OK)
		eft_log(EFT_LOG_ERROR, "%s: no memory for DHCPv6",
			interface->name);
}

void eft_inet_configure(struct eft_inet_interface *interface)
{
	if (!begun)
		begun_ns = eft_now_ns();
	begun = true;
	netif_set_status_callback(&interface->netif, on_status);
	netif_set_up(&interface->netif);
	configure6(interface);
	configure4(interface);
}

/* The gateway that the options name, before those of advertisements. */
const ip6_addr_t *eft_inet_gateway6(struct netif *netif, const ip6_addr_t *to)
{
	const struct eft_inet_settings *settings;

	if (eft_inet_of(netif)->net == NULL)
		return NULL;
	settings = eft_inet_settings(eft_inet_of(netif)->name, true);
	if (settings->mode != EFT_INET_FIXED ||
	    ip6_addr_isany(ip_2_ip6(&settings->gateway)))
		return NULL;
	return ip_2_ip6(&settings->gateway);
}

/* Once: who waited has waited long enough. */
static void tell(void)
{
	if (__atomic_exchange_n(&told, true, __ATOMIC_ACQ_REL))
		return;
	eft_log(EFT_LOG_WARN,
		"network: no address in %u s; the program goes "
		"on without",
		(unsigned)(PATIENCE_NS / 1000000000));
}

int eft_inet_wait_address(uint64_t deadline_ns)
{
	uint64_t end_ns = begun_ns + PATIENCE_NS;
	struct eft_waiter waiter;
	int error = 0;

	/* Who has no device has nothing to wait for, and look() has seen. */
	if (!begun || __atomic_load_n(&configured, __ATOMIC_ACQUIRE) ||
	    eft_now_ns() >= end_ns)
		return 0;
	if (deadline_ns == 0)
		return -EAGAIN;
	eft_wait_begin(&waiter, &changes);
	while (!__atomic_load_n(&configured, __ATOMIC_ACQUIRE) && error == 0)
		error = eft_sleep(eft_min(deadline_ns, end_ns));
	eft_wait_end(&waiter);
	if (error != -ETIMEDOUT)
		return error;
	if (eft_now_ns() < end_ns)
		return -EAGAIN;
	tell();
	return 0;
}

/* DHCP's are of IPv4, and nobody takes one of those away. */
void eft_inet_name_server(u8_t index, const ip_addr_t *server)
{
	bool six = server == NULL || IP_IS_V6(server);

	if (index < EFT_INET_SERVERS)
		learned[six][index] = server != NULL ? *server : *IP_ADDR_ANY;
}

const ip_addr_t *eft_inet_name_server_of(u8_t index)
{
	return index < EFT_INET_SERVERS ? &learned[1][index] : IP_ADDR_ANY;
}

/* The (*index)th of (count) servers; (*index) is less by those that are there. */
static bool find(const ip_addr_t *servers, unsigned count, unsigned *index,
		 ip_addr_t *ret_address)
{
	for (unsigned i = 0; i < count; i++) {
		if (ip_addr_isany_val(servers[i]) || (*index)-- > 0)
			continue;
		*ret_address = servers[i];
		return true;
	}
	return false;
}

static bool find_fixed(bool six, unsigned *index, ip_addr_t *ret_address)
{
	struct eft_inet_interface *at = NULL;

	while ((at = eft_inet_next(at)) != NULL) {
		const struct eft_inet_settings *settings =
			eft_inet_settings(at->name, six);

		if (at->net != NULL &&
		    find(settings->servers, settings->servers_count, index,
			 ret_address))
			return true;
	}
	return false;
}

bool eft_inet_get_name_server(unsigned index, ip_addr_t *ret_address)
{
	return find_fixed(false, &index, ret_address) ||
	       find_fixed(true, &index, ret_address) ||
	       find(learned[0], EFT_INET_SERVERS, &index, ret_address) ||
	       find(learned[1], EFT_INET_SERVERS, &index, ret_address);
}

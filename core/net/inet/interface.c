// SPDX-License-Identifier: BSD-3-Clause
/*
 * Interfaces: lo, and one for each network device.
 */
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/ip.h>
#include <lwip/prot/ip4.h>

#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/config.h"
#include "core/net/inet/lwip/hooks.h"
#include "core/net/inet/stack.h"
#include "core/options.h"

/* Who finds devices, on each platform (core/dev/net.c). */
eft_needs(eft_plat_guest_find_net);
eft_needs(eft_wire_find_net);

enum {
	LO_MTU = 65535, /* Linux has 65536, which no IP packet can be */
};

static struct eft_inet_interface lo;

static struct eft_inet_interface *of_next(struct netif *netif)
{
	return netif != NULL ? eft_inet_of(netif) : NULL;
}

struct eft_inet_interface *eft_inet_by_index(unsigned index)
{
	return index <= UINT8_MAX ? of_next(netif_get_by_index(index)) : NULL;
}

/* lwIP's list begins with the newest. */
struct eft_inet_interface *
eft_inet_next(const struct eft_inet_interface *interface)
{
	return eft_inet_by_index(interface ? eft_inet_index(interface) + 1 : 1);
}

struct eft_inet_interface *eft_inet_by_name(const char *name)
{
	struct eft_inet_interface *at = NULL;

	while ((at = eft_inet_next(at)) != NULL) {
		if (eft_strcmp(at->name, name) == 0)
			break;
	}
	return at;
}

unsigned eft_inet_flags(const struct eft_inet_interface *interface)
{
	const struct netif *netif = &interface->netif;
	unsigned flags = interface->net != NULL
				 ? EFT_IFF_BROADCAST | EFT_IFF_MULTICAST
				 : EFT_IFF_LOOPBACK;

	if (netif_is_up(netif))
		flags |= EFT_IFF_UP;
	if (netif_is_link_up(netif))
		flags |= EFT_IFF_RUNNING | EFT_IFF_LOWER_UP;
	return flags;
}

void eft_inet_counts(const struct eft_inet_interface *interface,
		     struct eft_net_counts *ret_counts)
{
	*ret_counts = interface->own;
	if (interface->net == NULL)
		return;
	*ret_counts = interface->net->counts;
	ret_counts->dropped_in += interface->own.dropped_in;
}

static err_t lo_output4(struct netif *netif, struct pbuf *p,
			const ip4_addr_t *to)
{
	const struct ip_hdr *header = p->payload;

	/* lwIP has looped it, or it tells routers of a group, of which lo's has
	 * none. */
	if (p->flags & PBUF_FLAG_MCASTLOOP ||
	    IPH_PROTO(header) == IP_PROTO_IGMP)
		return ERR_OK;
	return eft_inet_loop(netif, p);
}

static err_t lo_output6(struct netif *netif, struct pbuf *p,
			const ip6_addr_t *to)
{
	if (p->flags & PBUF_FLAG_MCASTLOOP)
		return ERR_OK;
	return eft_inet_loop(netif, p);
}

static err_t lo_init(struct netif *netif)
{
	netif->name[0] = 'l';
	netif->name[1] = 'o';
	netif->mtu = LO_MTU;
	netif->output = lo_output4;
	netif->output_ip6 = lo_output6;
	netif->flags |= NETIF_FLAG_BROADCAST | NETIF_FLAG_IGMP;
	/* What raw sockets look at is right, as in Linux. */
	NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_GEN_IP |
					       NETIF_CHECKSUM_GEN_ICMP |
					       NETIF_CHECKSUM_GEN_ICMP6);
	return ERR_OK;
}

void eft_inet_add_lo(void)
{
	struct netif *netif = &lo.netif;
	ip4_addr_t address, mask, none = {0};

	IP4_ADDR(&address, 127, 0, 0, 1);
	IP4_ADDR(&mask, 255, 0, 0, 0);
	eft_strlcpy(lo.name, "lo", sizeof(lo.name));
	netif_add(netif, &address, &mask, &none, NULL, lo_init, ip_input);
	IP_ADDR6_HOST(&netif->ip6_addr[0], 0, 0, 0, 1);
	netif_ip6_addr_set_state(netif, 0, IP6_ADDR_PREFERRED);
	netif_set_link_up(netif);
	netif_set_up(netif);
	eft_assert(eft_inet_index(&lo) == 1);
}

static err_t device_init(struct netif *netif)
{
	struct eft_inet_interface *interface = eft_inet_of(netif);
	const struct eft_net *net = interface->net;

	netif->name[0] = 'e';
	netif->name[1] = 'n';
	netif->hostname = eft_options.hostname;
	netif->mtu = eft_min(net->mtu, UINT16_MAX);
	netif->hwaddr_len = sizeof(net->address);
	memcpy(netif->hwaddr, net->address, sizeof(net->address));
	netif->flags |= NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
			NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
	netif->output = etharp_output;
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = eft_inet_send;
	if (net->features & EFT_NET_SEND_CHECKSUM)
		NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL &
						       ~NETIF_CHECKSUM_GEN_TCP);
	return ERR_OK;
}

/* Its interface's number is what the devices before it leave. */
static int add(struct eft_net *net, unsigned number)
{
	struct eft_inet_interface *interface = eft_alloc(sizeof(*interface));
	struct netif *netif;
	int error;

	if (interface == NULL)
		return -ENOMEM;
	netif = &interface->netif;
	eft_snprintf(interface->name, sizeof(interface->name), "eth%u", number);
	interface->net = net;
	error = net->start(net, &eft_inet_sink, interface);
	if (error != 0) {
		eft_log(EFT_LOG_ERROR, "%s: it does not work (error %d)",
			net->device.name, -error);
		eft_free(interface);
		return error == -ENOMEM ? error : 0;
	}
	if (netif_add_noaddr(netif, NULL, device_init, ip_input) == NULL)
		return -ENOMEM;	 /* igmp_start() */
	interface->ready = true; /* what came while it started */
	if (netif_default == NULL)
		netif_set_default(netif);
	if (net->link(net))
		netif_set_link_up(netif);
	eft_inet_configure(interface);
	return 0;
}

int eft_inet_add_devices(void)
{
	static struct eft_net *last; /* that was added */
	static unsigned count;
	struct eft_net *net;

	while ((net = eft_net_next(last)) != NULL) {
		int error = add(net, count);

		if (error != 0)
			return error;
		count++;
		last = net;
	}
	if (count == 0)
		eft_log(EFT_LOG_WARN, "network: there is no device");
	return 0;
}

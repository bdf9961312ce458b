// SPDX-License-Identifier: BSD-3-Clause
/*
 * The answers of rtnetlink: netlink.h. Nothing can be changed by it: addresses
 * and routes are the options', DHCP's and the routers'.
 */
#include "core/abi.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/netlink.h"

enum { ARPHRD_ETHER = 1, ARPHRD_LOOPBACK = 772 }; /* if_arp.h */
enum {
	IFLA_ADDRESS = 1,
	IFLA_BROADCAST,
	IFLA_IFNAME,
	IFLA_MTU,
	IFLA_STATS = 7
};
enum { IFA_ADDRESS = 1, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST };
enum { IFA_F_TENTATIVE = 0x40, IFA_F_PERMANENT = 0x80 };
enum { RTA_DST = 1, RTA_OIF = 4, RTA_GATEWAY };
enum { SCOPE_GLOBAL = 0, SCOPE_LINK = 253, SCOPE_HOST = 254 };
enum { RT_TABLE_MAIN = 254, RTPROT_BOOT = 3, RTN_UNICAST = 1 };
enum { HEADER = sizeof(struct eft_nlmsghdr), MESSAGE_MAX = 512 };

struct ifaddrmsg {
	uint8_t family, prefix_len, flags, scope;
	uint32_t index;
};

struct rtmsg {
	uint8_t family, dst_len, src_len, tos, table, protocol, scope, type;
	uint32_t flags;
};

/* struct rtnl_link_stats, of if_link.h; the rest of it counts nothing here. */
struct link_stats {
	uint32_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint32_t rx_errors, tx_errors, rx_dropped, tx_dropped;
	uint32_t others[16];
};

/* One message in the making: it is in the last datagram. */
struct message {
	struct eft_netlink_answers *to;
	struct eft_nlmsghdr *header; /* NULL: there was no memory */
};

static struct eft_netlink_answer *make_room(struct eft_netlink_answers *to)
{
	struct eft_netlink_answer *last = to->last;

	if (last != NULL && sizeof(last->data) - last->len >= MESSAGE_MAX)
		return last;
	last = eft_alloc(sizeof(*last));
	if (last == NULL)
		to->failed = true;
	else if (to->last == NULL)
		to->first = last;
	else
		to->last->next = last;
	if (last != NULL)
		to->last = last;
	return last;
}

static void put(struct message *message, const void *data, size_t len)
{
	struct eft_netlink_answer *last = message->to->last;

	if (message->header == NULL)
		return;
	eft_assert(message->header->len + eft_align_up(len, 4) <= MESSAGE_MAX);
	memcpy(last->data + last->len, data, len);
	last->len += eft_align_up(len, 4);
	message->header->len += eft_align_up(len, 4);
}

static struct message begin(struct eft_netlink_answers *to,
			    const struct eft_nlmsghdr *request, unsigned type,
			    const void *data, size_t len)
{
	struct eft_netlink_answer *last = make_room(to);
	struct message message = {.to = to};

	if (last == NULL)
		return message;
	message.header = (void *)(last->data + last->len);
	*message.header = (struct eft_nlmsghdr){
		.len = HEADER,
		.type = (uint16_t)type,
		.flags = request->flags & EFT_NLM_F_DUMP ? EFT_NLM_F_MULTI : 0,
		.seq = request->seq,
		.pid = to->pid,
	};
	last->len += HEADER;
	put(&message, data, len);
	return message;
}

static void put_attribute(struct message *message, unsigned type,
			  const void *data, size_t len)
{
	const uint16_t head[2] = {(uint16_t)(sizeof(head) + len),
				  (uint16_t)type};

	put(message, head, sizeof(head));
	put(message, data, len);
}

/*
 * Interfaces.
 */
static void put_stats(struct message *message,
		      const struct eft_inet_interface *interface)
{
	struct eft_net_counts counts;
	struct link_stats stats = {0};

	eft_inet_counts(interface, &counts);
	stats.rx_packets = (uint32_t)counts.frames_in;
	stats.tx_packets = (uint32_t)counts.frames_out;
	stats.rx_bytes = (uint32_t)counts.bytes_in;
	stats.tx_bytes = (uint32_t)counts.bytes_out;
	stats.rx_errors = (uint32_t)counts.errors_in;
	stats.tx_errors = (uint32_t)counts.errors_out;
	stats.rx_dropped = (uint32_t)counts.dropped_in;
	stats.tx_dropped = (uint32_t)counts.dropped_out;
	put_attribute(message, IFLA_STATS, &stats, sizeof(stats));
}

static void put_link(struct eft_netlink_answers *to,
		     const struct eft_nlmsghdr *request,
		     const struct eft_inet_interface *interface)
{
	static const uint8_t zero[EFT_NET_ADDRESS_BYTES];
	static const uint8_t all[EFT_NET_ADDRESS_BYTES] = {255, 255, 255,
							   255, 255, 255};
	bool lo = interface->net == NULL;
	struct eft_ifinfomsg info = {
		.type = lo ? ARPHRD_LOOPBACK : ARPHRD_ETHER,
		.index = (int32_t)eft_inet_index(interface),
		.flags = eft_inet_flags(interface),
	};
	uint32_t mtu = interface->netif.mtu;
	struct message message =
		begin(to, request, EFT_RTM_NEWLINK, &info, sizeof(info));

	put_attribute(&message, IFLA_IFNAME, interface->name,
		      eft_strlen(interface->name) + 1);
	put_attribute(&message, IFLA_MTU, &mtu, sizeof(mtu));
	put_attribute(&message, IFLA_ADDRESS,
		      lo ? zero : interface->netif.hwaddr, sizeof(zero));
	put_attribute(&message, IFLA_BROADCAST, lo ? zero : all, sizeof(all));
	put_stats(&message, interface);
}

static void dump_links(struct eft_netlink_answers *to,
		       const struct eft_nlmsghdr *request, unsigned family)
{
	struct eft_inet_interface *at = NULL;

	while ((at = eft_inet_next(at)) != NULL)
		put_link(to, request, at);
}

/*
 * Addresses.
 */
static unsigned bits_of(ip4_addr_t mask)
{
	unsigned bits = 0;

	for (uint32_t left = mask.addr; left != 0; left &= left - 1)
		bits++;
	return bits;
}

static void put_address4(struct eft_netlink_answers *to,
			 const struct eft_nlmsghdr *request,
			 const struct eft_inet_interface *interface)
{
	const struct netif *netif = &interface->netif;
	const ip4_addr_t *address = netif_ip4_addr(netif);
	bool lo = interface->net == NULL;
	uint32_t broadcast = address->addr | ~netif_ip4_netmask(netif)->addr;
	struct ifaddrmsg info = {
		.family = AF_INET,
		.prefix_len = (uint8_t)bits_of(*netif_ip4_netmask(netif)),
		.flags = IFA_F_PERMANENT,
		.scope = lo ? SCOPE_HOST : SCOPE_GLOBAL,
		.index = eft_inet_index(interface),
	};
	struct message message;

	if (ip4_addr_isany_val(*address))
		return;
	message = begin(to, request, EFT_RTM_NEWADDR, &info, sizeof(info));
	put_attribute(&message, IFA_ADDRESS, address, sizeof(*address));
	put_attribute(&message, IFA_LOCAL, address, sizeof(*address));
	if (!lo)
		put_attribute(&message, IFA_BROADCAST, &broadcast,
			      sizeof(broadcast));
	put_attribute(&message, IFA_LABEL, interface->name,
		      eft_strlen(interface->name) + 1);
}

static void put_address6(struct eft_netlink_answers *to,
			 const struct eft_nlmsghdr *request,
			 const struct eft_inet_interface *interface, int number)
{
	const struct netif *netif = &interface->netif;
	const ip6_addr_t *address = netif_ip6_addr(netif, number);
	unsigned state = netif_ip6_addr_state(netif, number);
	struct ifaddrmsg info = {
		.family = AF_INET6,
		.prefix_len = interface->net == NULL ? 128 : 64,
		.flags = ip6_addr_istentative(state) ? IFA_F_TENTATIVE
						     : IFA_F_PERMANENT,
		.scope = interface->net == NULL		 ? SCOPE_HOST
			 : ip6_addr_islinklocal(address) ? SCOPE_LINK
							 : SCOPE_GLOBAL,
		.index = eft_inet_index(interface),
	};
	struct message message;

	if (ip6_addr_isinvalid(state))
		return;
	message = begin(to, request, EFT_RTM_NEWADDR, &info, sizeof(info));
	put_attribute(&message, IFA_ADDRESS, address->addr,
		      sizeof(address->addr));
}

static void dump_addresses(struct eft_netlink_answers *to,
			   const struct eft_nlmsghdr *request, unsigned family)
{
	struct eft_inet_interface *at = NULL;

	while ((at = eft_inet_next(at)) != NULL && family != AF_INET6)
		put_address4(to, request, at);
	at = NULL;
	while ((at = eft_inet_next(at)) != NULL && family != AF_INET) {
		for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
			put_address6(to, request, at, i);
	}
}

/*
 * Routes: to an interface's own network, and the gateway's.
 */
static void put_route(struct eft_netlink_answers *to,
		      const struct eft_nlmsghdr *request,
		      const struct eft_inet_interface *interface,
		      const ip4_addr_t *gateway)
{
	const struct netif *netif = &interface->netif;
	uint32_t index = eft_inet_index(interface);
	uint32_t network =
		netif_ip4_addr(netif)->addr & netif_ip4_netmask(netif)->addr;
	struct rtmsg info = {
		.family = AF_INET,
		.dst_len = gateway != NULL ? 0
					   : (uint8_t)bits_of(
						     *netif_ip4_netmask(netif)),
		.table = RT_TABLE_MAIN,
		.protocol = RTPROT_BOOT,
		.scope = gateway != NULL ? SCOPE_GLOBAL : SCOPE_LINK,
		.type = RTN_UNICAST,
	};
	struct message message =
		begin(to, request, EFT_RTM_NEWROUTE, &info, sizeof(info));

	if (gateway != NULL)
		put_attribute(&message, RTA_GATEWAY, gateway, sizeof(*gateway));
	else
		put_attribute(&message, RTA_DST, &network, sizeof(network));
	put_attribute(&message, RTA_OIF, &index, sizeof(index));
}

static void dump_routes(struct eft_netlink_answers *to,
			const struct eft_nlmsghdr *request, unsigned family)
{
	struct eft_inet_interface *at = NULL;

	while ((at = eft_inet_next(at)) != NULL && family != AF_INET6) {
		const struct netif *netif = &at->netif;

		if (at->net == NULL ||
		    ip4_addr_isany_val(*netif_ip4_addr(netif)))
			continue;
		if (netif == netif_default &&
		    !ip4_addr_isany_val(*netif_ip4_gw(netif)))
			put_route(to, request, at, netif_ip4_gw(netif));
		put_route(to, request, at, NULL);
	}
}

/*
 * Requests.
 */

/*
 * NLMSG_ERROR with the request, of which an acknowledgement, whose (error) is 0,
 * has the header alone. A long request is cut, too.
 */
static void put_error(struct eft_netlink_answers *to,
		      const struct eft_nlmsghdr *request, int error)
{
	enum { MOST = MESSAGE_MAX - HEADER - sizeof(error) };
	struct eft_nlmsghdr plain = *request;
	size_t len = error != 0 ? request->len : HEADER;
	struct message message;

	plain.flags = 0;
	message = begin(to, &plain, EFT_NLMSG_ERROR, &error, sizeof(error));
	if (message.header != NULL && (error == 0 || len > MOST))
		message.header->flags = EFT_NLM_F_CAPPED;
	put(&message, request, len > MOST ? HEADER : len);
}

static const struct dump {
	unsigned type;
	void (*put)(struct eft_netlink_answers *to,
		    const struct eft_nlmsghdr *request, unsigned family);
} dumps[] = {
	{EFT_RTM_GETLINK, dump_links},
	{EFT_RTM_GETADDR, dump_addresses},
	{EFT_RTM_GETROUTE, dump_routes},
};

static int answer_dump(struct eft_netlink_answers *to,
		       const struct eft_nlmsghdr *request, unsigned family)
{
	static const int no_error;

	for (unsigned i = 0; i < eft_array_size(dumps); i++) {
		if (dumps[i].type != request->type)
			continue;
		dumps[i].put(to, request, family);
		begin(to, request, EFT_NLMSG_DONE, &no_error, sizeof(no_error));
		return 0;
	}
	return -EOPNOTSUPP;
}

/*
 * The interface that attributes name (IFLA_IFNAME): -EINVAL none does, -ERANGE a name
 * that is too long, -ENODEV.
 */
static int find_by_name(const char *data, size_t len,
			struct eft_inet_interface **ret_found)
{
	char name[EFT_INET_NAME_BYTES] = "";
	uint16_t head[2];

	for (size_t at = 0; at + sizeof(head) <= len;
	     at += eft_align_up(head[0], 4)) {
		size_t bytes;

		memcpy(head, data + at, sizeof(head));
		if (head[0] < sizeof(head) || head[0] > len - at)
			return -EINVAL;
		bytes = head[0] - sizeof(head);
		if (head[1] != IFLA_IFNAME)
			continue;
		if (bytes > sizeof(name))
			return -ERANGE;
		memcpy(name, data + at + sizeof(head), bytes);
		name[sizeof(name) - 1] = '\0';
		*ret_found = eft_inet_by_name(name);
		return *ret_found != NULL ? 0 : -ENODEV;
	}
	return -EINVAL;
}

/* RTM_GETLINK of one, by its number or its name. */
static int answer_link(struct eft_netlink_answers *to,
		       const struct eft_nlmsghdr *request)
{
	const struct eft_ifinfomsg *info = (const void *)(request + 1);
	size_t len = request->len - HEADER;
	struct eft_inet_interface *found = NULL;
	int error = 0;

	if (len < sizeof(*info) || info->index < 0)
		return -EINVAL;
	if (info->index > 0)
		found = eft_inet_by_index((unsigned)info->index);
	else
		error = find_by_name((const char *)(info + 1),
				     len - sizeof(*info), &found);
	if (error != 0 || found == NULL)
		return error != 0 ? error : -ENODEV;
	put_link(to, request, found);
	return 0;
}

static bool is_dump(const struct eft_nlmsghdr *request)
{
	return request->flags & EFT_NLM_F_DUMP;
}

/* Does it ask for something, beside an acknowledgement? */
static bool asks(const struct eft_nlmsghdr *request)
{
	return request->type >= EFT_NLMSG_MIN_TYPE && request->len > HEADER;
}

static int answer_what(struct eft_netlink_answers *to,
		       const struct eft_nlmsghdr *request)
{
	if (is_dump(request))
		return answer_dump(to, request,
				   *(const uint8_t *)(request + 1));
	return request->type == EFT_RTM_GETLINK ? answer_link(to, request)
						: -EOPNOTSUPP;
}

static void answer_one(struct eft_netlink_answers *to,
		       const struct eft_nlmsghdr *request)
{
	bool dumped;
	int error = 0;

	if (!(request->flags & EFT_NLM_F_REQUEST))
		return;
	if (asks(request))
		error = answer_what(to, request);
	dumped = asks(request) && is_dump(request) && error == 0;
	if (error != 0 || (!dumped && request->flags & EFT_NLM_F_ACK))
		put_error(to, request, error);
}

void eft_netlink_answer(struct eft_netlink_answers *to, const char *data,
			size_t len)
{
	while (len >= HEADER) {
		const struct eft_nlmsghdr *request = (const void *)data;
		size_t next = eft_align_up((size_t)request->len, 4);

		if (request->len < HEADER || request->len > len)
			return;
		answer_one(to, request);
		next = eft_min(next, len);
		data += next;
		len -= next;
	}
}

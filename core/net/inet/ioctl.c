// SPDX-License-Identifier: BSD-3-Clause
/*
 * What ioctl(2) tells of interfaces (netdevice(7)), on a socket of any family.
 * Addresses are IPv4's, as there.
 */
#include "core/abi.h"
#include "core/net/inet/inet.h"
#include "core/socket.h"
#include "core/user.h"

/* Linux: include/uapi/linux/sockios.h. */
enum {
	SIOCGIFNAME = 0x8910,
	SIOCGIFCONF = 0x8912,
	SIOCGIFFLAGS = 0x8913,
	SIOCSIFFLAGS = 0x8914,
	SIOCGIFADDR = 0x8915,
	SIOCGIFDSTADDR = 0x8917,
	SIOCGIFBRDADDR = 0x8919,
	SIOCGIFNETMASK = 0x891b,
	SIOCGIFMETRIC = 0x891d,
	SIOCGIFMTU = 0x8921,
	SIOCSIFHWADDR = 0x8924,
	SIOCGIFHWADDR = 0x8927,
	SIOCGIFINDEX = 0x8933,
	SIOCGIFTXQLEN = 0x8942,
};

enum { ARPHRD_ETHER = 1, ARPHRD_LOOPBACK = 772, TX_QUEUE_LEN = 1000 };
enum { NO_SUCH_ADDRESS = 99 /* EADDRNOTAVAIL */, NOT_ALLOWED = 1 /* EPERM */ };

struct ifreq {
	char name[EFT_INET_NAME_BYTES];
	union {
		struct {
			uint16_t family, port;
			uint32_t address;
			char zero[8];
		} in;
		struct {
			uint16_t type;
			uint8_t bytes[14];
		} hardware;
		int16_t flags;
		int32_t number;
		char bytes[24];
	};
};

struct ifconf {
	int32_t len, pad;
	char eft_user *requests;
};

static void put_in(struct ifreq *request, uint32_t address)
{
	memset(request->bytes, 0, sizeof(request->bytes));
	request->in.family = AF_INET;
	request->in.address = address;
}

static int give_address(struct ifreq *request, const struct netif *netif,
			unsigned long what)
{
	uint32_t address = netif_ip4_addr(netif)->addr;
	uint32_t mask = netif_ip4_netmask(netif)->addr;

	if (address == 0)
		return -NO_SUCH_ADDRESS;
	if (what == SIOCGIFNETMASK)
		put_in(request, mask);
	else if (what != SIOCGIFBRDADDR)
		put_in(request, address);
	else
		put_in(request, netif->flags & NETIF_FLAG_BROADCAST
					? address | ~mask
					: 0);
	return 0;
}

static void give_hardware(struct ifreq *request,
			  const struct eft_inet_interface *interface)
{
	bool lo = interface->net == NULL;

	memset(request->bytes, 0, sizeof(request->bytes));
	request->hardware.type = lo ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
	if (!lo)
		memcpy(request->hardware.bytes, interface->netif.hwaddr,
		       EFT_NET_ADDRESS_BYTES);
}

static int give(struct ifreq *request,
		const struct eft_inet_interface *interface, unsigned long what)
{
	switch (what) {
	case SIOCGIFFLAGS:
		request->flags = (int16_t)eft_inet_flags(interface);
		return 0;
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		return give_address(request, &interface->netif, what);
	case SIOCGIFMETRIC:
		request->number = 0;
		return 0;
	case SIOCGIFMTU:
		request->number = interface->netif.mtu;
		return 0;
	case SIOCGIFHWADDR:
		give_hardware(request, interface);
		return 0;
	case SIOCGIFINDEX:
		request->number = (int32_t)eft_inet_index(interface);
		return 0;
	case SIOCGIFTXQLEN:
		request->number = TX_QUEUE_LEN;
		return 0;
	}
	return what <= SIOCSIFHWADDR && what >= SIOCSIFFLAGS ? -NOT_ALLOWED
							     : -ENOTTY;
}

static int about_one(unsigned long what, void eft_user *arg)
{
	struct eft_inet_interface *interface;
	struct ifreq request;
	int error = eft_copy_in(&request, arg, sizeof(request));

	if (error != 0)
		return error;
	request.name[sizeof(request.name) - 1] = '\0';
	eft_inet_lock();
	interface = what == SIOCGIFNAME
			    ? eft_inet_by_index((unsigned)request.number)
			    : eft_inet_by_name(request.name);
	if (interface == NULL)
		error = -ENODEV;
	else if (what == SIOCGIFNAME)
		memcpy(request.name, interface->name, sizeof(request.name));
	else
		error = give(&request, interface, what);
	eft_inet_unlock();
	return error != 0 ? error
			  : eft_copy_out(arg, &request, sizeof(request));
}

/* The (number)th interface with an IPv4 address. */
static bool get_listed(unsigned number, struct ifreq *ret_request)
{
	struct eft_inet_interface *at = NULL;
	bool found = false;

	memset(ret_request, 0, sizeof(*ret_request));
	eft_inet_lock();
	while (!found && (at = eft_inet_next(at)) != NULL) {
		if (ip4_addr_isany_val(*netif_ip4_addr(&at->netif)) ||
		    number-- > 0)
			continue;
		memcpy(ret_request->name, at->name, sizeof(at->name));
		put_in(ret_request, netif_ip4_addr(&at->netif)->addr);
		found = true;
	}
	eft_inet_unlock();
	return found;
}

/* As many as there is room for; without room, how much all of them take. */
static int list(void eft_user *arg)
{
	struct ifconf conf;
	struct ifreq request;
	int error = eft_copy_in(&conf, arg, sizeof(conf));
	unsigned count = 0;
	size_t room;

	if (error != 0)
		return error;
	if (conf.len < 0)
		return -EINVAL;
	room = (size_t)conf.len / sizeof(request);
	while ((conf.requests == NULL || count < room) && error == 0 &&
	       get_listed(count, &request)) {
		if (conf.requests != NULL)
			error = eft_copy_out(conf.requests +
						     count * sizeof(request),
					     &request, sizeof(request));
		count++;
	}
	conf.len = (int32_t)(count * sizeof(request));
	return error != 0 ? error : eft_copy_out(arg, &conf, sizeof(conf));
}

int eft_stack_interface_ioctl(unsigned long request, void eft_user *arg)
{
	int error;

	if (request < SIOCGIFNAME || request > SIOCGIFTXQLEN)
		return -ENOTTY;
	error = eft_inet_start();
	if (error != 0)
		return error;
	return request == SIOCGIFCONF ? list(arg) : about_one(request, arg);
}

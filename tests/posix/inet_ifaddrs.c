// SPDX-License-Identifier: BSD-3-Clause
/*
 * The loopback, as getifaddrs, if_nameindex and ioctls tell it.
 */
#define _GNU_SOURCE
#include <ifaddrs.h>
#include <net/if.h>

#include "inet.h"

static void addresses(void)
{
	struct ifaddrs *list, *at;
	int four = 0, six = 0;

	need(getifaddrs(&list) == 0);
	for (at = list; at != NULL; at = at->ifa_next) {
		union address *address = (void *)at->ifa_addr;
		union address *mask = (void *)at->ifa_netmask;

		if (address == NULL || strcmp(at->ifa_name, "lo") != 0)
			continue;
		if (address->any.sa_family == AF_INET)
			four |= address->in.sin_addr.s_addr ==
					htonl(INADDR_LOOPBACK) &&
				mask->in.sin_addr.s_addr == htonl(0xff000000);
		if (address->any.sa_family == AF_INET6)
			six |= IN6_IS_ADDR_LOOPBACK(&address->in6.sin6_addr);
		need(at->ifa_flags & IFF_LOOPBACK && at->ifa_flags & IFF_UP);
	}
	ok(four, "lo has 127.0.0.1/8");
	ok(six, "and ::1");
	freeifaddrs(list);
}

static void indexes(void)
{
	struct if_nameindex *list = if_nameindex();
	char name[IF_NAMESIZE];
	int found = 0;

	need(list != NULL);
	for (int i = 0; list[i].if_index != 0; i++)
		found |= list[i].if_index == 1 &&
			 strcmp(list[i].if_name, "lo") == 0;
	if_freenameindex(list);
	ok(found, "lo is the first");
	ok(if_nametoindex("lo") == 1, "by its name");
	ok(if_indextoname(1, name) == name && strcmp(name, "lo") == 0,
	   "by its number");
	ok(if_nametoindex("none9") == 0 && errno == ENODEV, "no such name");
	ok(if_indextoname(9999, name) == NULL && errno == ENXIO,
	   "no such number");
}

static void requests(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM);
	struct ifreq request = {.ifr_name = "lo"}, all[32];
	struct ifconf conf = {.ifc_len = sizeof(all)};
	struct sockaddr_in *address = (void *)&request.ifr_addr;
	int found = 0;

	ok(ioctl(fd, SIOCGIFFLAGS, &request) == 0 &&
		   (request.ifr_flags & (IFF_UP | IFF_LOOPBACK)) ==
			   (IFF_UP | IFF_LOOPBACK),
	   "SIOCGIFFLAGS");
	ok(ioctl(fd, SIOCGIFADDR, &request) == 0 &&
		   address->sin_family == AF_INET &&
		   address->sin_addr.s_addr == htonl(INADDR_LOOPBACK),
	   "SIOCGIFADDR");
	ok(ioctl(fd, SIOCGIFNETMASK, &request) == 0 &&
		   address->sin_addr.s_addr == htonl(0xff000000),
	   "SIOCGIFNETMASK");
	ok(ioctl(fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu >= 1280,
	   "SIOCGIFMTU");
	ok(ioctl(fd, SIOCGIFHWADDR, &request) == 0 &&
		   request.ifr_hwaddr.sa_family == 772,
	   "SIOCGIFHWADDR");
	ok(ioctl(fd, SIOCGIFINDEX, &request) == 0 && request.ifr_ifindex == 1,
	   "SIOCGIFINDEX");
	conf.ifc_req = all;
	need(ioctl(fd, SIOCGIFCONF, &conf) == 0);
	for (int i = 0; i < conf.ifc_len / (int)sizeof(all[0]); i++)
		found |= strcmp(all[i].ifr_name, "lo") == 0;
	ok(found, "SIOCGIFCONF");
	strcpy(request.ifr_name, "none9");
	fails(ioctl(fd, SIOCGIFFLAGS, &request), ENODEV, "no such interface");
	close(fd);
}

int main(void)
{
	addresses();
	indexes();
	requests();
	return done();
}

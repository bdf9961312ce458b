// SPDX-License-Identifier: BSD-3-Clause
/*
 * Multicast on the loopback, and who is a member.
 */
#include "inet.h"

enum { GROUP = 0xefff0102 }; /* 239.255.1.2 */

/* Another socket with the port: it hears what others have joined, or not. */
static void bystander(const union address *to, int out)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM);
	union address any = {.in = {.sin_family = AF_INET}}, other;
	struct group_req request = {.gr_interface = 1};
	struct in_addr from = {0};
	socklen_t len = sizeof(from);
	struct ip_mreq group = {{htonl(GROUP)}, {htonl(INADDR_LOOPBACK)}};

	need(bind(fd, &any.any, sizeof(any.in)) == 0);
	other = *to;
	other.in.sin_port = htons((uint16_t)own_port(fd));
	need(sendto(out, "a", 1, 0, &other.any, sizeof(other.in)) == 1);
	ok(reads_one(fd, "a"), "a bystander hears");
	ok(set_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) == 0 &&
		   get_option(fd, IPPROTO_IP, IP_MULTICAST_ALL) == 0,
	   "IP_MULTICAST_ALL");
	need(sendto(out, "b", 1, 0, &other.any, sizeof(other.in)) == 1);
	ok(polled(fd, POLLIN) == 0, "and without it does not");
	memcpy(&request.gr_group, to, sizeof(to->in));
	ok(setsockopt(fd, IPPROTO_IP, MCAST_JOIN_GROUP, &request,
		      sizeof(request)) == 0,
	   "MCAST_JOIN_GROUP");
	need(sendto(out, "c", 1, 0, &other.any, sizeof(other.in)) == 1);
	ok(reads_one(fd, "c"), "a member again");
	ok(setsockopt(fd, IPPROTO_IP, MCAST_LEAVE_GROUP, &request,
		      sizeof(request)) == 0,
	   "MCAST_LEAVE_GROUP");
	fails(setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group,
			 sizeof(group)),
	      EADDRNOTAVAIL, "there is one list of groups");
	ok(getsockopt(out, IPPROTO_IP, IP_MULTICAST_IF, &from, &len) == 0 &&
		   from.s_addr == htonl(INADDR_LOOPBACK),
	   "IP_MULTICAST_IF is told");
	close(fd);
}

int main(void)
{
	int in = new_socket(AF_INET, SOCK_DGRAM);
	int out = new_socket(AF_INET, SOCK_DGRAM);
	union address any = loopback(AF_INET, 0), to;
	struct ip_mreq group = {{htonl(GROUP)}, {htonl(INADDR_LOOPBACK)}};
	struct in_addr from = {htonl(INADDR_LOOPBACK)};
	unsigned char ttl = 9;

	any.in.sin_addr.s_addr = htonl(INADDR_ANY);
	need(bind(in, &any.any, sizeof(any.in)) == 0);
	to = loopback(AF_INET, own_port(in));
	to.in.sin_addr.s_addr = htonl(GROUP);
	ok(setsockopt(in, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
		      sizeof(group)) == 0,
	   "join");
	fails(setsockopt(in, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
			 sizeof(group)),
	      EADDRINUSE, "join twice");
	ok(setsockopt(out, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof(from)) ==
		   0,
	   "send by the loopback");
	ok(get_option(out, IPPROTO_IP, IP_MULTICAST_TTL) == 1 &&
		   get_option(out, IPPROTO_IP, IP_MULTICAST_LOOP) == 1,
	   "defaults");
	ok(setsockopt(out, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, 1) == 0 &&
		   get_option(out, IPPROTO_IP, IP_MULTICAST_TTL) == 9,
	   "a byte will do");
	ok(sendto(out, "all", 3, 0, &to.any, sizeof(to.in)) == 3 &&
		   reads_one(in, "all"),
	   "a member hears");
	bystander(&to, out);
	ok(setsockopt(in, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group,
		      sizeof(group)) == 0,
	   "leave");
	fails(setsockopt(in, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group,
			 sizeof(group)),
	      EADDRNOTAVAIL, "leave twice");
	group.imr_multiaddr.s_addr = htonl(INADDR_LOOPBACK);
	fails(setsockopt(in, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
			 sizeof(group)),
	      EINVAL, "no group");
	close(in);
	close(out);
	return done();
}

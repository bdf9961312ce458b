// SPDX-License-Identifier: BSD-3-Clause
/*
 * Multicast on the loopback, and who is a member.
 */
#include "inet.h"

enum { GROUP = 0xefff0102 }; /* 239.255.1.2 */

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

// SPDX-License-Identifier: BSD-3-Clause
/*
 * IPv4 at sockets of IPv6: IPV6_V6ONLY, and addresses that are mapped.
 */
#include "inet.h"

static int any6(int only, int type)
{
	int fd = new_socket(AF_INET6, type);
	union address any = loopback(AF_INET6, 0);

	any.in6.sin6_addr = in6addr_any;
	need(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, only) == 0);
	need(bind(fd, &any.any, sizeof(any.in6)) == 0);
	return fd;
}

static int is_mapped(const union address *address)
{
	return address->any.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr) &&
	       address->in6.sin6_addr.s6_addr[12] == 127;
}

static void both(void)
{
	int server = any6(0, SOCK_STREAM), fd, made;
	union address peer;
	socklen_t len = sizeof(peer);

	need(listen(server, 5) == 0);
	fd = new_socket(AF_INET, SOCK_STREAM);
	ok(connect_port(fd, AF_INET, own_port(server)) == 0,
	   "IPv4 comes to IPv6");
	made = accept(server, &peer.any, &len);
	ok(made >= 0 && len == sizeof(peer.in6) && is_mapped(&peer),
	   "by a mapped address");
	ok(send_all(made, "x", 1) == 0 && reads(fd, "x"), "it works");
	close(fd);
	close(made);
	fd = new_socket(AF_INET6, SOCK_STREAM);
	ok(connect_port(fd, AF_INET6, own_port(server)) == 0, "and IPv6");
	fails(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1), EINVAL,
	      "no change of a socket that has a name");
	close(fd);
	close(server);
}

static void only(void)
{
	int server = any6(1, SOCK_STREAM),
	    fd = new_socket(AF_INET, SOCK_STREAM);

	need(listen(server, 5) == 0);
	ok(get_option(server, IPPROTO_IPV6, IPV6_V6ONLY) == 1, "IPV6_V6ONLY");
	fails(connect_port(fd, AF_INET, own_port(server)), ECONNREFUSED,
	      "IPv4 does not come");
	ok(bind_port(fd, AF_INET, own_port(server)) == 0,
	   "the port is free for IPv4");
	close(fd);
	close(server);
}

static void outwards(void)
{
	int server = listening(AF_INET, 5),
	    fd = new_socket(AF_INET6, SOCK_STREAM);
	union address to = loopback(AF_INET6, own_port(server)), own;

	memset(&to.in6.sin6_addr, 0, 16);
	memset(&to.in6.sin6_addr.s6_addr[10], 0xff, 2);
	to.in6.sin6_addr.s6_addr[12] = 127;
	to.in6.sin6_addr.s6_addr[15] = 1;
	ok(connect(fd, &to.any, sizeof(to.in6)) == 0, "IPv6 goes to IPv4");
	own = own_address(fd);
	ok(is_mapped(&own), "from a mapped address");
	close(fd);
	fd = new_socket(AF_INET6, SOCK_STREAM);
	need(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0);
	fails(connect(fd, &to.any, sizeof(to.in6)), ENETUNREACH,
	      "not with IPV6_V6ONLY");
	close(fd);
	close(server);
}

static void udp(void)
{
	int in = any6(0, SOCK_DGRAM), out = new_socket(AF_INET, SOCK_DGRAM);
	union address to = loopback(AF_INET, own_port(in)), from;
	socklen_t len = sizeof(from);
	char c;

	need(sendto(out, "x", 1, 0, &to.any, sizeof(to.in)) == 1);
	ok(recvfrom(in, &c, 1, 0, &from.any, &len) == 1 && is_mapped(&from),
	   "datagrams too");
	ok(sendto(in, "y", 1, 0, &from.any, len) == 1 && reads_one(out, "y"),
	   "both ways");
	close(in);
	close(out);
}

int main(void)
{
	both();
	only();
	outwards();
	udp();
	return done();
}

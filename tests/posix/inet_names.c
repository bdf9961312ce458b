// SPDX-License-Identifier: BSD-3-Clause
/*
 * getsockname and getpeername of both families.
 */
#include "inet.h"

static void names(int family)
{
	union address own, peer, cut;
	socklen_t len = sizeof(peer), full = family == AF_INET ? 16 : 28;
	int pair[2];

	connected(family, pair);
	own = own_address(pair[0]);
	ok(own.any.sa_family == family && port_of(&own) > 0, "a name");
	ok(getpeername(pair[1], &peer.any, &len) == 0 && len == full,
	   "the peer's name");
	ok(memcmp(&peer, &own, full) == 0, "is the same");
	memset(&cut, 0x55, sizeof(cut));
	len = 3;
	ok(getsockname(pair[0], &cut.any, &len) == 0 && len == full,
	   "cut, but with its whole length");
	ok(memcmp(&cut, &own, 3) == 0 && ((char *)&cut)[3] == 0x55,
	   "to the room there is");
	len = 0;
	ok(getsockname(pair[0], NULL, &len) == 0 && len == full, "no room");
	len = (socklen_t)-1;
	fails(getsockname(pair[0], &cut.any, &len), EINVAL, "less than none");
	close(pair[1]);
	need(ends(pair[0]));
	len = sizeof(peer);
	ok(getpeername(pair[0], &peer.any, &len) == 0,
	   "a peer that has closed");
	close(pair[0]);
}

int main(void)
{
	union address address;
	socklen_t len = sizeof(address);
	int file = open(".", O_RDONLY), fd = new_socket(AF_INET6, SOCK_STREAM);

	names(AF_INET);
	names(AF_INET6);
	address = own_address(fd);
	ok(address.any.sa_family == AF_INET6 && port_of(&address) == 0 &&
		   IN6_IS_ADDR_UNSPECIFIED(&address.in6.sin6_addr),
	   "no name yet");
	fails(getsockname(file, &address.any, &len), ENOTSOCK, "no socket");
	fails(getpeername(-1, &address.any, &len), EBADF, "no descriptor");
	close(fd);
	close(file);
	return done();
}

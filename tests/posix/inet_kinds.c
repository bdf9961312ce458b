// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which sockets there are, and what socket refuses.
 */
#include "inet.h"

static int made(int domain, int type, int protocol)
{
	int fd = socket(domain, type, protocol);
	int right = fd >= 0 &&
		    get_option(fd, SOL_SOCKET, SO_DOMAIN) == domain &&
		    get_option(fd, SOL_SOCKET, SO_TYPE) == type;

	close(fd);
	return right;
}

static int protocol_of(int type)
{
	int fd = new_socket(AF_INET, type);
	int protocol = get_option(fd, SOL_SOCKET, SO_PROTOCOL);

	close(fd);
	return protocol;
}

static void family(int domain)
{
	ok(made(domain, SOCK_STREAM, 0), "a stream");
	ok(made(domain, SOCK_STREAM, IPPROTO_TCP), "of TCP");
	ok(made(domain, SOCK_DGRAM, 0), "datagrams");
	ok(made(domain, SOCK_DGRAM, IPPROTO_UDP), "of UDP");
	fails(socket(domain, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT,
	      "no stream of UDP");
	fails(socket(domain, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT,
	      "no datagrams of TCP");
	fails(socket(domain, SOCK_RDM, 0), ESOCKTNOSUPPORT, "no such type");
	fails(socket(domain, 0, 0), ESOCKTNOSUPPORT, "nor this");
	fails(socket(domain, SOCK_STREAM, -1), EINVAL, "no such protocol");
	fails(socket(domain, SOCK_STREAM, 9999), EINVAL, "nor this");
}

int main(void)
{
	int pair[2];

	family(AF_INET);
	family(AF_INET6);
	ok(protocol_of(SOCK_STREAM) == IPPROTO_TCP, "TCP's number");
	ok(protocol_of(SOCK_DGRAM) == IPPROTO_UDP, "UDP's number");
	fails(socketpair(AF_INET, SOCK_STREAM, 0, pair), EOPNOTSUPP,
	      "no pairs");
	fails(socketpair(AF_INET6, SOCK_DGRAM, 0, pair), EOPNOTSUPP,
	      "nor of IPv6");
	return done();
}

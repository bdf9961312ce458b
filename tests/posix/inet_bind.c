// SPDX-License-Identifier: BSD-3-Clause
/*
 * What bind refuses, and ports that the system chooses.
 */
#include "inet.h"

static void errors(int family)
{
	int fd = new_socket(family, SOCK_STREAM), file = open(".", O_RDONLY);
	union address address = loopback(family, 0);
	socklen_t len = address_len(&address);

	fails(bind(-1, &address.any, len), EBADF, "no descriptor");
	fails(bind(file, &address.any, len), ENOTSOCK, "no socket");
	fails(bind(fd, &address.any, 1), EINVAL, "too short for a family");
	fails(bind(fd, &address.any, len - 5), EINVAL, "too short");
	fails(bind(fd, &address.any, sizeof(address.storage) + 1), EINVAL,
	      "longer than any address");
	address.any.sa_family = AF_UNIX;
	fails(bind(fd, &address.any, len), EAFNOSUPPORT, "another family");
	address = loopback(family, 0);
	ok(bind(fd, &address.any, sizeof(address.storage)) == 0,
	   "bytes behind the address do not matter");
	ok(own_port(fd) > 0, "a port was chosen");
	address = own_address(fd);
	fails(bind(fd, &address.any, len), EINVAL, "a second time");
	close(fd);
	close(file);
}

static void not_ours(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM);
	int fd6 = new_socket(AF_INET6, SOCK_STREAM);
	union address address = loopback(AF_INET, 0);

	address.in.sin_addr.s_addr = htonl(0xc6336401); /* 198.51.100.1 */
	fails(bind(fd, &address.any, sizeof(address.in)), EADDRNOTAVAIL,
	      "an address of nobody here");
	address = loopback(AF_INET6, 0);
	address.in6.sin6_addr.s6_addr[0] = 0x20;
	address.in6.sin6_addr.s6_addr[1] = 0x01;
	address.in6.sin6_addr.s6_addr[2] = 0x0d;
	address.in6.sin6_addr.s6_addr[3] = 0xb8;
	fails(bind(fd6, &address.any, sizeof(address.in6)), EADDRNOTAVAIL,
	      "nor of IPv6");
	address = loopback(AF_INET, 0);
	address.in.sin_addr.s_addr = htonl(0x7f000005);
	ok(bind(fd, &address.any, sizeof(address.in)) == 0, "127.0.0.5");
	close(fd);
	close(fd6);
}

static void in_use(int type)
{
	int fd = bound(AF_INET, type), other = new_socket(AF_INET, type);
	union address address = own_address(fd);

	fails(bind(other, &address.any, sizeof(address.in)), EADDRINUSE,
	      "a port that another has");
	address.in.sin_addr.s_addr = htonl(INADDR_ANY);
	fails(bind(other, &address.any, sizeof(address.in)), EADDRINUSE,
	      "of any address");
	address.in.sin_addr.s_addr = htonl(0x7f000009);
	ok(bind(other, &address.any, sizeof(address.in)) == 0,
	   "of another address");
	close(other);
	close(fd);
}

static void ephemeral(void)
{
	int fds[20], distinct = 1;

	for (int i = 0; i < 20; i++) {
		fds[i] = bound(AF_INET, SOCK_STREAM);
		for (int j = 0; j < i; j++)
			distinct &= own_port(fds[i]) != own_port(fds[j]);
		distinct &= own_port(fds[i]) >= 1024;
	}
	ok(distinct, "20 ports are distinct, and not privileged");
	for (int i = 0; i < 20; i++)
		close(fds[i]);
}

static void without_bind(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM);
	union address address;

	ok(own_port(fd) == 0, "a new socket has no port");
	ok(listen(fd, 1) == 0, "listen without bind");
	ok(own_port(fd) > 0, "chooses a port");
	address = own_address(fd);
	ok(address.in.sin_addr.s_addr == htonl(INADDR_ANY), "at any address");
	close(fd);
}

int main(void)
{
	errors(AF_INET);
	errors(AF_INET6);
	not_ours();
	in_use(SOCK_STREAM);
	in_use(SOCK_DGRAM);
	ephemeral();
	without_bind();
	return done();
}

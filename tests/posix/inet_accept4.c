// SPDX-License-Identifier: BSD-3-Clause
/*
 * accept and accept4: flags, addresses, what a new socket inherits.
 */
#define _GNU_SOURCE
#include "inet.h"

static int server;

static int client(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM);

	need(connect_to(fd, server) == 0);
	return fd;
}

static void flags(int wanted, const char *what)
{
	int fd = client(), made = accept4(server, NULL, NULL, wanted);

	need(made >= 0);
	ok(!(fcntl(made, F_GETFL) & O_NONBLOCK) == !(wanted & SOCK_NONBLOCK) &&
		   !(fcntl(made, F_GETFD) & FD_CLOEXEC) ==
			   !(wanted & SOCK_CLOEXEC),
	   what);
	close(fd);
	close(made);
}

static void address(void)
{
	int fd = client(), made;
	union address peer, own = own_address(fd);
	socklen_t len = sizeof(peer);

	made = accept(server, &peer.any, &len);
	ok(made >= 0 && len == sizeof(peer.in), "a length");
	ok(peer.in.sin_port == own.in.sin_port &&
		   peer.in.sin_addr.s_addr == own.in.sin_addr.s_addr &&
		   peer.in.sin_family == AF_INET,
	   "who connected");
	close(fd);
	close(made);
	fd = client();
	len = 4;
	memset(&peer, 0xff, sizeof(peer));
	made = accept(server, &peer.any, &len);
	ok(made >= 0 && len == sizeof(peer.in),
	   "the whole length of a cut one");
	ok(peer.in.sin_port == own_address(fd).in.sin_port &&
		   peer.in.sin_addr.s_addr == 0xffffffff,
	   "cut");
	close(fd);
	close(made);
}

static void inherited(void)
{
	int fd, made;

	need(set_option(server, IPPROTO_TCP, TCP_NODELAY, 1) == 0);
	need(set_option(server, SOL_SOCKET, SO_KEEPALIVE, 1) == 0);
	nonblocking(server, 1);
	fd = client();
	wait_for(server, POLLIN);
	made = accept(server, NULL, NULL);
	need(made >= 0);
	ok(get_option(made, IPPROTO_TCP, TCP_NODELAY) == 1, "TCP_NODELAY");
	ok(get_option(made, SOL_SOCKET, SO_KEEPALIVE) == 1, "SO_KEEPALIVE");
	ok(get_option(made, SOL_SOCKET, SO_ACCEPTCONN) == 0,
	   "not that it listens");
	ok(!(fcntl(made, F_GETFL) & O_NONBLOCK), "nor O_NONBLOCK");
	close(fd);
	close(made);
}

int main(void)
{
	server = listening(AF_INET, 5);
	flags(0, "no flags");
	flags(SOCK_NONBLOCK, "SOCK_NONBLOCK");
	flags(SOCK_CLOEXEC, "SOCK_CLOEXEC");
	flags(SOCK_NONBLOCK | SOCK_CLOEXEC, "both");
	fails(accept4(-1, NULL, NULL, 0), EBADF, "no descriptor");
	address();
	inherited();
	close(server);
	return done();
}

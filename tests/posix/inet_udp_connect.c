// SPDX-License-Identifier: BSD-3-Clause
/*
 * Datagram sockets that are connected: who is heard, and errors of the peer.
 */
#include "inet.h"

static void filter(void)
{
	int pair[2], stranger = bound(AF_INET, SOCK_DGRAM);
	char c;

	datagrams(AF_INET, pair);
	need(send_to(stranger, "who", 3, pair[0]) == 3);
	need(send(pair[1], "peer", 4, 0) == 4);
	ok(reads_one(pair[0], "peer"), "only the peer is heard");
	fails(recv(pair[0], &c, 1, MSG_DONTWAIT), EAGAIN, "nobody else");
	ok(send_to(pair[0], "else", 4, stranger) == 4 &&
		   reads_one(stranger, "else"),
	   "one may send elsewhere");
	close_pair(pair);
	close(stranger);
}

static void no_more(void)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	int pair[2], stranger = bound(AF_INET, SOCK_DGRAM);
	union address peer;
	socklen_t len = sizeof(peer);

	datagrams(AF_INET, pair);
	ok(getpeername(pair[0], &peer.any, &len) == 0 &&
		   port_of(&peer) == own_port(pair[1]),
	   "the peer's name");
	ok(connect(pair[0], &none, sizeof(none)) == 0, "connect to none");
	fails(getpeername(pair[0], &peer.any, &len), ENOTCONN, "no peer");
	fails(send(pair[0], "x", 1, 0), EDESTADDRREQ, "nowhere to send");
	need(send_to(stranger, "who", 3, pair[0]) == 3);
	ok(reads_one(pair[0], "who"), "all are heard");
	ok(connect_to(pair[0], stranger) == 0, "connect again");
	ok(connect_to(pair[0], pair[1]) == 0, "and elsewhere");
	close_pair(pair);
	close(stranger);
}

static void refused(int family)
{
	int fd = new_socket(family, SOCK_DGRAM);
	char c;

	need(connect_port(fd, family, closed_port(family, SOCK_DGRAM)) == 0);
	ok(send(fd, "x", 1, 0) == 1, "send to nobody");
	wait_for(fd, POLLIN);
	fails(recv(fd, &c, 1, MSG_DONTWAIT), ECONNREFUSED, "a read says so");
	fails(recv(fd, &c, 1, MSG_DONTWAIT), EAGAIN, "once");
	need(send(fd, "x", 1, 0) == 1);
	wait_for(fd, POLLIN);
	fails(send(fd, "x", 1, 0), ECONNREFUSED, "or the next send");
	ok(send(fd, "x", 1, 0) == 1, "once");
	close(fd);
}

static void not_told(void)
{
	int fd = bound(AF_INET, SOCK_DGRAM), gone = bound(AF_INET, SOCK_DGRAM);
	union address address = own_address(gone);

	close(gone);
	need(sendto(fd, "x", 1, 0, &address.any, sizeof(address.in)) == 1);
	poll(NULL, 0, 20);
	ok(polled(fd, POLLIN | POLLOUT) == POLLOUT && take_error(fd) == 0,
	   "who is not connected is not told");
	close(fd);
}

int main(void)
{
	filter();
	no_more();
	refused(AF_INET);
	refused(AF_INET6);
	not_told();
	return done();
}

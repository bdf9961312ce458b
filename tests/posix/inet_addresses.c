// SPDX-License-Identifier: BSD-3-Clause
/*
 * The loopback has all of 127.0.0.0/8: each address is a name of its own.
 */
#include "inet.h"

static union address at(unsigned last, int port)
{
	union address address = loopback(AF_INET, port);

	address.in.sin_addr.s_addr = htonl(0x7f000000 + last);
	return address;
}

static int bound_at(unsigned last, int type)
{
	union address address = at(last, 0);
	int fd = new_socket(AF_INET, type);

	need(bind(fd, &address.any, sizeof(address.in)) == 0);
	return fd;
}

static int is_at(const union address *address, unsigned last)
{
	return address->in.sin_addr.s_addr == htonl(0x7f000000 + last);
}

static void streams(void)
{
	int server = bound_at(0x50607, SOCK_STREAM), made;
	int fd = new_socket(AF_INET, SOCK_STREAM), own;
	union address peer, address;
	socklen_t len = sizeof(peer);

	need(listen(server, 5) == 0);
	ok(connect_to(fd, server) == 0, "connect to 127.5.6.7");
	made = accept(server, &peer.any, &len);
	ok(is_at(&peer, 1), "as 127.0.0.1");
	address = own_address(made);
	ok(is_at(&address, 0x50607), "which is there");
	ok(send_all(fd, "text", 4) == 0 && reads(made, "text"), "it works");
	close(fd);
	close(made);
	own = bound_at(9, SOCK_STREAM);
	len = sizeof(peer);
	ok(connect_to(own, server) == 0, "connect as 127.0.0.9");
	made = accept(server, &peer.any, &len);
	ok(is_at(&peer, 9), "which the other end sees");
	ok(send_all(made, "back", 4) == 0 && reads(own, "back"), "and answers");
	close(own);
	close(made);
	fd = new_socket(AF_INET, SOCK_STREAM);
	address = at(8, own_port(server));
	fails(connect(fd, &address.any, sizeof(address.in)), ECONNREFUSED,
	      "another address has another port");
	close(fd);
	close(server);
}

static void messages(void)
{
	int one = bound_at(7, SOCK_DGRAM), two = bound_at(8, SOCK_DGRAM);
	int all = new_socket(AF_INET, SOCK_DGRAM);
	union address any = {.in = {.sin_family = AF_INET}}, from, to;
	socklen_t len = sizeof(from);
	char buf[8];

	ok(send_to(one, "hello", 5, two) == 5, "from 127.0.0.7 to 127.0.0.8");
	ok(recvfrom(two, buf, sizeof(buf), 0, &from.any, &len) == 5 &&
		   is_at(&from, 7),
	   "comes as such");
	need(bind(all, &any.any, sizeof(any.in)) == 0);
	to = at(0xfffffe, own_port(all));
	ok(sendto(two, "any", 3, 0, &to.any, sizeof(to.in)) == 3 &&
		   reads_one(all, "any"),
	   "127.255.255.254 is here, too");
	to = at(9, own_port(one));
	need(connect(all, &to.any, sizeof(to.in)) == 0);
	need(send(all, "x", 1, 0) == 1);
	ok(wait_for(all, POLLIN) & POLLERR && take_error(all) == ECONNREFUSED,
	   "nobody has that port at 127.0.0.9");
	close(one);
	close(two);
	close(all);
}

static void no_host(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM);
	union address address = at(0xffffff, 80);

	fails(connect(fd, &address.any, sizeof(address.in)), ENETUNREACH,
	      "no stream to a broadcast");
	address.in.sin_addr.s_addr = htonl(0xefff0102);
	fails(connect(fd, &address.any, sizeof(address.in)), ENETUNREACH,
	      "nor to a group");
	close(fd);
}

int main(void)
{
	streams();
	messages();
	no_host();
	return done();
}

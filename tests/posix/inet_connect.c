// SPDX-License-Identifier: BSD-3-Clause
/*
 * connect: waiting or not, refused, twice, to what is closed.
 */
#include "inet.h"

static void refused(int family)
{
	int port = closed_port(family, SOCK_STREAM);
	int fd = new_socket(family, SOCK_STREAM);

	fails(connect_port(fd, family, port), ECONNREFUSED, "nobody listens");
	ok(take_error(fd) == 0, "which was told");
	fails(connect_port(fd, family, port), ECONNREFUSED, "still nobody");
	close(fd);
}

static void later(void)
{
	int server = listening(AF_INET, 5),
	    fd = new_socket(AF_INET, SOCK_STREAM);
	int made, result;

	nonblocking(fd, 1);
	result = connect_to(fd, server);
	ok(result == 0 || errno == EINPROGRESS, "connect without waiting");
	ok(wait_for(fd, POLLOUT) == POLLOUT, "it is done");
	ok(take_error(fd) == 0, "without an error");
	result = connect_to(fd, server);
	ok(result == 0 || errno == EISCONN, "connect again");
	fails(connect_to(fd, server), EISCONN, "and again");
	made = accept(server, NULL, NULL);
	ok(send_all(fd, "text", 4) == 0 && reads(made, "text"), "it works");
	close(fd);
	close(made);
	close(server);
}

static void refused_later(void)
{
	int port = closed_port(AF_INET, SOCK_STREAM);
	int fd = new_socket(AF_INET, SOCK_STREAM);

	nonblocking(fd, 1);
	fails(connect_port(fd, AF_INET, port), EINPROGRESS, "refused later");
	ok(wait_for(fd, POLLOUT) & POLLERR, "poll says that it failed");
	ok(take_error(fd) == ECONNREFUSED, "SO_ERROR says how");
	ok(take_error(fd) == 0, "once");
	close(fd);
}

static void errors(void)
{
	int server = listening(AF_INET, 5),
	    fd = new_socket(AF_INET, SOCK_STREAM);
	union address address = own_address(server), peer;
	socklen_t len = sizeof(peer);
	char c = 0;

	fails(connect(-1, &address.any, sizeof(address.in)), EBADF,
	      "no descriptor");
	fails(connect(fd, &address.any, 1), EINVAL, "too short");
	fails(connect(fd, &address.any, 8), EINVAL, "still too short");
	address.any.sa_family = AF_UNIX;
	fails(connect(fd, &address.any, sizeof(address.in)), EAFNOSUPPORT,
	      "another family");
	fails(getpeername(fd, &peer.any, &len), ENOTCONN, "no peer yet");
	fails(send(fd, &c, 1, MSG_NOSIGNAL), EPIPE, "send to nobody");
	fails(recv(fd, &c, 1, 0), ENOTCONN, "receive of nobody");
	fails(shutdown(fd, SHUT_WR), ENOTCONN, "shut nothing down");
	ok(connect_to(fd, server) == 0, "after all this, connect");
	close(fd);
	close(server);
}

/* Port N of any address: connect to 0.0.0.0 is to this host. */
static void any(void)
{
	int server = listening(AF_INET, 5),
	    fd = new_socket(AF_INET, SOCK_STREAM);
	union address address = own_address(server), peer;
	socklen_t len = sizeof(peer);

	address.in.sin_addr.s_addr = htonl(INADDR_ANY);
	ok(connect(fd, &address.any, sizeof(address.in)) == 0, "to 0.0.0.0");
	ok(getpeername(fd, &peer.any, &len) == 0 &&
		   peer.in.sin_addr.s_addr == htonl(INADDR_LOOPBACK),
	   "is 127.0.0.1");
	close(fd);
	close(server);
}

int main(void)
{
	refused(AF_INET);
	refused(AF_INET6);
	later();
	refused_later();
	errors();
	any();
	return done();
}

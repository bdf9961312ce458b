// SPDX-License-Identifier: BSD-3-Clause
/*
 * listen: its errors, its queue, and what a listener is not.
 */
#include <termios.h>

#include "inet.h"

static void errors(void)
{
	int udp = bound(AF_INET, SOCK_DGRAM), pair[2];

	fails(listen(-1, 1), EBADF, "no descriptor");
	fails(listen(udp, 1), EOPNOTSUPP, "datagrams");
	fails(accept(udp, NULL, NULL), EOPNOTSUPP, "accept of datagrams");
	connected(AF_INET, pair);
	fails(listen(pair[0], 1), EINVAL, "who is connected");
	fails(accept(pair[0], NULL, NULL), EINVAL, "accept of a connection");
	close_pair(pair);
	close(udp);
}

static void no_transfers(void)
{
	int server = listening(AF_INET, 1),
	    fd = new_socket(AF_INET, SOCK_STREAM);
	int bytes;
	char c = 0;

	fails(recv(server, &c, 1, 0), ENOTCONN, "a listener that reads");
	fails(send(server, &c, 1, MSG_NOSIGNAL), EPIPE, "or writes");
	fails(connect_to(fd, fd), ECONNREFUSED, "connect to nobody");
	fails(connect_to(server, server), EISCONN, "or connects");
	fails(ioctl(server, FIONREAD, &bytes), EINVAL, "or counts bytes");
	ok(get_option(server, SOL_SOCKET, SO_ACCEPTCONN) == 1, "SO_ACCEPTCONN");
	ok(listen(server, 9) == 0, "listen again");
	close(fd);
	close(server);
}

static void queue(void)
{
	int server = listening(AF_INET, 8), fds[8], made[8];
	char text[2] = "a";

	nonblocking(server, 1);
	fails(accept(server, NULL, NULL), EAGAIN, "nobody came");
	ok(polled(server, POLLIN) == 0, "nothing to accept");
	for (int i = 0; i < 8; i++) {
		fds[i] = new_socket(AF_INET, SOCK_STREAM);
		need(connect_to(fds[i], server) == 0);
		text[0] = (char)('a' + i);
		need(send_all(fds[i], text, 1) == 0);
	}
	ok(becomes(server, POLLIN, POLLIN), "somebody came");
	for (int i = 0; i < 8; i++) {
		made[i] = accept(server, NULL, NULL);
		text[0] = (char)('a' + i);
		ok(made[i] >= 0 && reads(made[i], text), "in their order");
	}
	fails(accept(server, NULL, NULL), EAGAIN, "no more");
	for (int i = 0; i < 8; i++) {
		close(fds[i]);
		close(made[i]);
	}
	close(server);
}

/* Who waits to be accepted is reset when the listener closes. */
static void closed(void)
{
	int server = listening(AF_INET, 4),
	    fd = new_socket(AF_INET, SOCK_STREAM);
	char c;

	need(connect_to(fd, server) == 0);
	close(server);
	fails(recv(fd, &c, 1, 0), ECONNRESET, "never accepted: reset");
	close(fd);
}

/* Who has gone before it was accepted is accepted all the same. */
static void gone(void)
{
	int server = listening(AF_INET, 4),
	    fd = new_socket(AF_INET, SOCK_STREAM);
	int made;

	need(connect_to(fd, server) == 0);
	need(send_all(fd, "bye", 3) == 0);
	close(fd);
	made = accept(server, NULL, NULL);
	ok(made >= 0 && reads(made, "bye"), "what a client left");
	ok(ends(made), "and its end");
	close(made);
	close(server);
}

int main(void)
{
	errors();
	no_transfers();
	queue();
	closed();
	gone();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who may bind to a port that another has: SO_REUSEADDR and SO_REUSEPORT.
 */
#include "inet.h"

static int option_bound(int type, int option, int port)
{
	int fd = new_socket(AF_INET, type);

	if (option != 0)
		need(set_option(fd, SOL_SOCKET, option, 1) == 0);
	if (bind_port(fd, AF_INET, port) == 0)
		return fd;
	close(fd);
	return -1;
}

static void streams(void)
{
	int first = option_bound(SOCK_STREAM, SO_REUSEADDR, 0), second;
	int port = own_port(first);

	fails(option_bound(SOCK_STREAM, 0, port), EADDRINUSE,
	      "both must want to share");
	second = option_bound(SOCK_STREAM, SO_REUSEADDR, port);
	ok(second >= 0, "two that do not listen share");
	ok(listen(first, 1) == 0, "one listens");
	fails(listen(second, 1), EADDRINUSE, "the other cannot");
	fails(option_bound(SOCK_STREAM, SO_REUSEADDR, port), EADDRINUSE,
	      "a listener does not share");
	close(first);
	ok(listen(second, 1) == 0, "until the first is closed");
	close(second);
}

static void after_a_connection(void)
{
	int server = option_bound(SOCK_STREAM, SO_REUSEADDR, 0);
	int port = own_port(server), fd = new_socket(AF_INET, SOCK_STREAM);
	int made;

	need(listen(server, 1) == 0 && connect_to(fd, server) == 0);
	made = accept(server, NULL, NULL);
	need(made >= 0);
	close(made); /* TIME_WAIT is on this side */
	ok(ends(fd), "the server closes first");
	close(fd);
	close(server);
	fails(option_bound(SOCK_STREAM, 0, port), EADDRINUSE,
	      "its port is not free yet");
	server = option_bound(SOCK_STREAM, SO_REUSEADDR, port);
	ok(server >= 0 && listen(server, 1) == 0, "but for SO_REUSEADDR");
	close(server);
}

static void shared_port(void)
{
	int first = option_bound(SOCK_STREAM, SO_REUSEPORT, 0);
	int second = option_bound(SOCK_STREAM, SO_REUSEPORT, own_port(first));
	int fds[32], got[2] = {0, 0};

	ok(second >= 0, "SO_REUSEPORT shares a port");
	ok(listen(first, 64) == 0 && listen(second, 64) == 0, "both listen");
	fails(option_bound(SOCK_STREAM, 0, own_port(first)), EADDRINUSE,
	      "with those that say so");
	for (int i = 0; i < 32; i++) {
		fds[i] = new_socket(AF_INET, SOCK_STREAM);
		need(connect_to(fds[i], first) == 0);
	}
	nonblocking(first, 1);
	nonblocking(second, 1);
	for (int i = 0; i < 2; i++) {
		int made;

		while ((made = accept(i == 0 ? first : second, NULL, NULL)) >=
		       0) {
			got[i]++;
			close(made);
		}
	}
	ok(got[0] + got[1] == 32, "each connection is one's");
	ok(got[0] > 0 && got[1] > 0, "both get some");
	for (int i = 0; i < 32; i++)
		close(fds[i]);
	close(first);
	close(second);
}

static void udp(void)
{
	int first = option_bound(SOCK_DGRAM, SO_REUSEADDR, 0);
	int second = option_bound(SOCK_DGRAM, SO_REUSEADDR, own_port(first));

	ok(second >= 0, "datagram sockets share by SO_REUSEADDR");
	fails(option_bound(SOCK_DGRAM, 0, own_port(first)), EADDRINUSE,
	      "both must");
	close(first);
	close(second);
}

int main(void)
{
	streams();
	after_a_connection();
	shared_port();
	udp();
	return done();
}

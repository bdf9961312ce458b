// SPDX-License-Identifier: BSD-3-Clause
/*
 * Connections of which one direction has ended, either way, and shutdown.
 */
#include "inet.h"

static void client_first(void)
{
	int pair[2];
	char c = 0;

	connected(AF_INET, pair);
	ok(send_all(pair[0], "ask", 3) == 0 && shutdown(pair[0], SHUT_WR) == 0,
	   "ask, and say no more");
	fails(send(pair[0], &c, 1, MSG_NOSIGNAL), EPIPE, "nothing can be sent");
	ok(reads(pair[1], "ask") && ends(pair[1]), "the question and its end");
	ok(ends(pair[1]), "the end again");
	ok(send_all(pair[1], "answer", 6) == 0 && reads(pair[0], "answer"),
	   "the answer comes");
	ok(shutdown(pair[1], SHUT_WR) == 0 && ends(pair[0]), "and ends");
	close_pair(pair);
}

static void server_first(void)
{
	int pair[2];

	connected(AF_INET6, pair);
	ok(shutdown(pair[1], SHUT_WR) == 0 && ends(pair[0]), "the server ends");
	ok(send_all(pair[0], "more", 4) == 0 && reads(pair[1], "more"),
	   "the client goes on");
	close(pair[0]);
	ok(ends(pair[1]), "until it closes");
	close(pair[1]);
}

static void reading(void)
{
	int pair[2];

	connected(AF_INET, pair);
	ok(shutdown(pair[0], SHUT_RD) == 0, "read no more");
	ok(ends(pair[0]), "a read ends at once");
	ok(polled(pair[0], POLLIN | POLLRDHUP) == (POLLIN | POLLRDHUP),
	   "poll says so");
	ok(send_all(pair[0], "out", 3) == 0 && reads(pair[1], "out"),
	   "writing goes on");
	close_pair(pair);
}

static void unread(void)
{
	int pair[2];

	connected(AF_INET, pair);
	need(send_all(pair[1], "waits", 5) == 0);
	wait_for(pair[0], POLLIN);
	ok(shutdown(pair[0], SHUT_RD) == 0 && reads(pair[0], "waits"),
	   "what was there before is read");
	ok(ends(pair[0]), "and then the end");
	close_pair(pair);
}

static void errors(void)
{
	int pair[2], udp = bound(AF_INET, SOCK_DGRAM);

	connected(AF_INET, pair);
	fails(shutdown(pair[0], 3), EINVAL, "no such way");
	fails(shutdown(pair[0], -1), EINVAL, "nor this");
	fails(shutdown(-1, SHUT_RD), EBADF, "no descriptor");
	fails(shutdown(udp, SHUT_RD), ENOTCONN, "who is not connected");
	ok(shutdown(pair[0], SHUT_RDWR) == 0, "both ways");
	ok(ends(pair[0]) && ends(pair[1]), "both ends see it");
	close_pair(pair);
	close(udp);
}

int main(void)
{
	client_first();
	server_first();
	reading();
	unread();
	errors();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Connections that are reset: closed with data unread, or by SO_LINGER of 0.
 */
#include <signal.h>

#include "inet.h"

static void unread(void)
{
	int pair[2];
	char c = 0;

	connected(AF_INET, pair);
	need(send_all(pair[0], "unread", 6) == 0);
	wait_for(pair[1], POLLIN);
	close(pair[1]);
	wait_for(pair[0], POLLIN);
	fails(recv(pair[0], &c, 1, 0), ECONNRESET, "closed with data unread");
	ok(ends(pair[0]), "an error is told once");
	fails(send(pair[0], &c, 1, MSG_NOSIGNAL), EPIPE, "nobody hears");
	close(pair[0]);
}

static void linger(int family)
{
	int pair[2];

	connected(family, pair);
	reset(pair[1]);
	ok(becomes(pair[0], POLLIN | POLLOUT | POLLRDHUP,
		   POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP),
	   "poll says everything");
	ok(take_error(pair[0]) == ECONNRESET, "SO_ERROR says how");
	ok(take_error(pair[0]) == 0, "once");
	ok(becomes(pair[0], POLLIN | POLLOUT | POLLRDHUP,
		   POLLIN | POLLOUT | POLLRDHUP | POLLHUP),
	   "it stays hung up");
	ok(ends(pair[0]), "a read ends");
	close(pair[0]);
}

static void before_it(void)
{
	int pair[2];
	char c = 0;

	connected(AF_INET, pair);
	need(send_all(pair[1], "before", 6) == 0);
	wait_for(pair[0], POLLIN);
	reset(pair[1]);
	ok(becomes(pair[0], POLLERR, POLLERR | POLLHUP), "reset");
	ok(reads(pair[0], "before"), "what came before it is read");
	fails(recv(pair[0], &c, 1, 0), ECONNRESET, "and then the error");
	close(pair[0]);
}

static void after_close(void)
{
	int pair[2];
	char c = 0;

	connected(AF_INET, pair);
	close(pair[1]);
	ok(ends(pair[0]), "the other end closed");
	ok(send(pair[0], &c, 1, MSG_NOSIGNAL) == 1, "one send is answered");
	ok(becomes(pair[0], POLLERR, POLLERR | POLLHUP), "by a reset");
	fails(send(pair[0], &c, 1, MSG_NOSIGNAL), EPIPE, "broken pipe");
	close(pair[0]);
}

int main(void)
{
	unread();
	linger(AF_INET);
	linger(AF_INET6);
	before_it();
	after_close();
	return done();
}

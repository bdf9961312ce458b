// SPDX-License-Identifier: BSD-3-Clause
/*
 * What poll says of a socket in each of its states.
 */
#include "inet.h"

enum { ALL = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };

static void streams(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM), pair[2];

	ok(polled(fd, ALL) == (POLLOUT | POLLHUP), "new");
	close(fd);
	fd = listening(AF_INET, 1);
	ok(polled(fd, ALL) == 0, "listening");
	close(fd);
	connected(AF_INET, pair);
	ok(polled(pair[0], ALL) == POLLOUT, "connected");
	ok(polled(pair[0], POLLIN) == 0, "only what was asked");
	need(send_all(pair[1], "x", 1) == 0);
	ok(becomes(pair[0], ALL, POLLIN | POLLOUT), "something to read");
	need(reads(pair[0], "x"));
	ok(polled(pair[0], ALL) == POLLOUT, "nothing more");
	need(shutdown(pair[1], SHUT_WR) == 0);
	ok(becomes(pair[0], ALL, POLLIN | POLLOUT | POLLRDHUP),
	   "the other end says no more");
	ok(polled(pair[1], ALL) == POLLOUT, "which is no end of its own");
	need(shutdown(pair[0], SHUT_WR) == 0);
	ok(becomes(pair[0], ALL, POLLIN | POLLOUT | POLLRDHUP | POLLHUP),
	   "both say no more");
	ok(becomes(pair[1], ALL, POLLIN | POLLOUT | POLLRDHUP | POLLHUP),
	   "on both ends");
	close_pair(pair);
}

static void own_shutdown(void)
{
	int pair[2];

	connected(AF_INET, pair);
	need(shutdown(pair[0], SHUT_RD) == 0);
	ok(polled(pair[0], ALL) == (POLLIN | POLLOUT | POLLRDHUP),
	   "reading was shut down");
	need(shutdown(pair[0], SHUT_WR) == 0);
	ok(polled(pair[0], ALL) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP),
	   "and writing");
	close_pair(pair);
}

static void full(void)
{
	static char block[65536];
	int pair[2];

	connected(AF_INET, pair);
	nonblocking(pair[0], 1);
	for (;;) {
		while (send(pair[0], block, sizeof(block), 0) > 0)
			;
		need(errno == EAGAIN);
		if (polled(pair[0], POLLOUT) == 0)
			break;
	}
	ok(polled(pair[0], ALL) == 0, "no room to write");
	nonblocking(pair[1], 1);
	while (!(polled(pair[0], ALL) & POLLOUT))
		recv(pair[1], block, sizeof(block), 0);
	ok(polled(pair[0], ALL) == POLLOUT, "room again");
	close_pair(pair);
}

/* A read that takes all it has room for may have left something. */
static void read_in_parts(void)
{
	char three[3];
	int pair[2];

	connected(AF_INET, pair);
	nonblocking(pair[0], 1);
	need(send_all(pair[1], "abcdef", 6) == 0);
	wait_for(pair[0], POLLIN);
	need(read(pair[0], three, 3) == 3);
	ok(polled(pair[0], ALL) == (POLLIN | POLLOUT), "more to read");
	need(read(pair[0], three, 3) == 3);
	ok(polled(pair[0], ALL) == POLLOUT, "and no more");
	wait_for(pair[0], POLLOUT);
	need(send_all(pair[1], "ghi", 3) == 0);
	wait_for(pair[0], POLLIN);
	ok(read(pair[0], three, 3) == 3 && memcmp(three, "ghi", 3) == 0,
	   "the next");
	close_pair(pair);
}

static void udp(void)
{
	int pair[2], fd = new_socket(AF_INET, SOCK_DGRAM);

	ok(polled(fd, ALL) == POLLOUT, "datagrams: new");
	close(fd);
	datagrams(AF_INET, pair);
	ok(polled(pair[0], ALL) == POLLOUT, "connected");
	need(send(pair[1], "", 0, 0) == 0);
	ok(becomes(pair[0], ALL, POLLIN | POLLOUT), "an empty one to read");
	need(reads_one(pair[0], ""));
	close(pair[1]);
	need(send(pair[0], "x", 1, 0) == 1);
	ok(becomes(pair[0], ALL, POLLOUT | POLLERR), "nobody there: an error");
	ok(take_error(pair[0]) == ECONNREFUSED, "which is told");
	ok(polled(pair[0], ALL) == POLLOUT, "once");
	need(shutdown(pair[0], SHUT_RDWR) == 0);
	ok(polled(pair[0], ALL) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP),
	   "shut down");
	close(pair[0]);
}

int main(void)
{
	streams();
	own_shutdown();
	full();
	read_in_parts();
	udp();
	return done();
}

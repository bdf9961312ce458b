// SPDX-License-Identifier: BSD-3-Clause
/*
 * shutdown() of AF_UNIX sockets, and the ends of connections.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>

#include "sockets.h"

static void halves(int type)
{
	int pair[2];
	char c;

	new_pair(type, pair);
	need(send(pair[0], "last", 4, 0) == 4);
	ok(shutdown(pair[0], SHUT_WR) == 0, "write no more");
	fails(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE, "EPIPE from then on");
	ok(reads(pair[1], "last"), "what was sent arrives");
	ok(recv(pair[1], &c, 1, 0) == 0, "then the end");
	ok(send(pair[1], "y", 1, MSG_NOSIGNAL) == 1 && reads(pair[0], "y"),
	   "the other way stays");
	ok(shutdown(pair[0], SHUT_RD) == 0, "read no more");
	fails(send(pair[1], "x", 1, MSG_NOSIGNAL), EPIPE,
	      "the peer learns it when it writes");
	ok(recv(pair[0], &c, 1, 0) == 0, "the end on this side too");
	fails(shutdown(pair[0], 3), EINVAL, "no such way");
	ok(shutdown(pair[0], SHUT_RDWR) == 0, "once more");
	close_pair(pair);
}

/* Each side ends its own reads: so neither can send, and both are told. */
static void both_ways(int type)
{
	const int end = POLLHUP | POLLRDHUP;
	int pair[2];

	new_pair(type, pair);
	ok(polled(pair[0], end) == 0 && polled(pair[1], end) == 0,
	   "both ways are open");
	need(shutdown(pair[0], SHUT_RD) == 0);
	ok(polled(pair[0], end) == POLLRDHUP && polled(pair[1], end) == 0,
	   "one way is not");
	need(shutdown(pair[1], SHUT_RD) == 0);
	ok(polled(pair[0], end) == end && polled(pair[1], end) == end,
	   "neither is");
	close_pair(pair);
}

static void keeps_input(void)
{
	int pair[2];
	char c;

	new_pair(SOCK_STREAM, pair);
	need(send_all(pair[1], "ab", 2) == 0);
	need(shutdown(pair[0], SHUT_RD) == 0);
	ok(recv(pair[0], &c, 1, 0) == 1 && recv(pair[0], &c, 1, 0) == 1,
	   "what had come can be read");
	ok(recv(pair[0], &c, 1, 0) == 0, "and no more");
	close_pair(pair);
}

static void *receive_one(void *arg)
{
	char c;

	return (void *)(long)recv(*(int *)arg, &c, 1, 0);
}

static void *accept_one(void *arg)
{
	int fd = accept(*(int *)arg, NULL, NULL);

	return (void *)(long)(fd < 0 ? -errno : fd);
}

static void wakes(void)
{
	int pair[2], server;
	pthread_t thread;
	void *result;

	new_pair(SOCK_STREAM, pair);
	need(pthread_create(&thread, NULL, receive_one, &pair[0]) == 0);
	shutdown(pair[0], SHUT_RD);
	need(pthread_join(thread, &result) == 0);
	ok((long)result == 0, "a reader of it wakes");
	close_pair(pair);
	server = listening(SOCK_STREAM, "server", 1);
	need(pthread_create(&thread, NULL, accept_one, &server) == 0);
	shutdown(server, SHUT_RD);
	need(pthread_join(thread, &result) == 0);
	ok((long)result == -EINVAL, "and one that accepts");
	close(server);
	unlink("server");
}

static volatile int caught;

static void handle(int signal)
{
	caught += signal == SIGPIPE;
}

static void signals(void)
{
	int pair[2];

	new_pair(SOCK_STREAM, pair);
	close(pair[1]);
	signal(SIGPIPE, handle);
	fails(send(pair[0], "x", 1, 0), EPIPE, "nobody to read it");
	ok(caught == 1, "raises SIGPIPE");
	fails(write(pair[0], "x", 1), EPIPE, "write too");
	ok(caught == 2, "raises it");
	fails(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE, "but not");
	ok(caught == 2, "with MSG_NOSIGNAL");
	signal(SIGPIPE, SIG_IGN);
	fails(write(pair[0], "x", 1), EPIPE, "SIGPIPE ignored leaves EPIPE");
	fails(send(pair[0], "x", 1, 0), EPIPE, "from send too");
	signal(SIGPIPE, SIG_DFL);
	fails(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE, "MSG_NOSIGNAL");
	close(pair[0]);
}

int main(void)
{
	halves(SOCK_STREAM);
	halves(SOCK_SEQPACKET);
	both_ways(SOCK_STREAM);
	both_ways(SOCK_SEQPACKET);
	keeps_input();
	wakes();
	signals();
	return done();
}

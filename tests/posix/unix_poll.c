// SPDX-License-Identifier: BSD-3-Clause
/*
 * What poll says of AF_UNIX sockets, and that it wakes.
 */
#define _GNU_SOURCE
#include <pthread.h>

#include "sockets.h"

enum { ALL = POLLIN | POLLOUT | POLLRDHUP | POLLPRI, FOREVER = 10000 };

static void states(void)
{
	int fd = new_socket(SOCK_STREAM), server, client, pair[2];

	ok(polled(fd, ALL) == (POLLOUT | POLLHUP), "a new stream");
	close(fd);
	fd = new_socket(SOCK_DGRAM);
	ok(polled(fd, ALL) == POLLOUT, "a new datagram socket");
	close(fd);
	server = listening(SOCK_STREAM, "server", 3);
	ok(polled(server, ALL) == 0, "a listener");
	client = new_socket(SOCK_STREAM);
	need(connect_to(client, "server") == 0);
	ok(polled(server, ALL) == POLLIN, "with a connection");
	ok(polled(client, ALL) == POLLOUT, "which may write at once");
	close(server);
	ok(polled(client, ALL) ==
		   (POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR),
	   "nobody accepted it");
	close(client);
	unlink("server");
	new_pair(SOCK_STREAM, pair);
	ok(polled(pair[0], ALL) == POLLOUT, "connected");
	need(send_all(pair[1], "x", 1) == 0);
	ok(polled(pair[0], ALL) == (POLLIN | POLLOUT), "with a byte");
	ok(polled(pair[0], 0) == 0, "asked for nothing");
	shutdown(pair[1], SHUT_WR);
	ok(polled(pair[0], ALL) == (POLLIN | POLLOUT | POLLRDHUP),
	   "the peer writes no more");
	close(pair[1]);
	ok(polled(pair[0], ALL) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP),
	   "the peer is gone");
	ok(polled(pair[0], 0) == POLLHUP, "that is always said");
	close(pair[0]);
}

static void reset(void)
{
	int pair[2];
	char c;

	new_pair(SOCK_STREAM, pair);
	need(send_all(pair[0], "unread", 6) == 0);
	close(pair[1]);
	ok(polled(pair[0], 0) == (POLLHUP | POLLERR), "gone without reading");
	fails(recv(pair[0], &c, 1, 0), ECONNRESET, "is an error");
	ok(polled(pair[0], 0) == POLLHUP, "that is told once");
	ok(recv(pair[0], &c, 1, 0) == 0, "then comes the end");
	close(pair[0]);
}

static int in_poll[2];

static void *wait_for_it(void *arg)
{
	struct pollfd fd = *(struct pollfd *)arg;

	write(in_poll[1], "w", 1);
	if (poll(&fd, 1, FOREVER) != 1)
		return NULL;
	return (void *)(long)fd.revents;
}

/* The events that a thread which waits for (events) of (fd) wakes by. */
static pthread_t start_waiting(struct pollfd *fd)
{
	pthread_t thread;
	char c;

	need(pthread_create(&thread, NULL, wait_for_it, fd) == 0);
	need(read(in_poll[0], &c, 1) == 1);
	return thread;
}

static int woken_by(pthread_t thread)
{
	void *events;

	need(pthread_join(thread, &events) == 0);
	return (int)(long)events;
}

static void wakes(void)
{
	struct pollfd fd = {.events = POLLIN};
	static char page[4096];
	pthread_t thread;
	int pair[2];

	new_pair(SOCK_STREAM, in_poll);
	new_pair(SOCK_STREAM, pair);
	fd.fd = pair[0];
	thread = start_waiting(&fd);
	need(send_all(pair[1], "x", 1) == 0);
	ok(woken_by(thread) == POLLIN, "woken by a byte");
	while (send(pair[0], page, sizeof(page), MSG_DONTWAIT) > 0)
		;
	fd.events = POLLOUT;
	thread = start_waiting(&fd);
	while (recv(pair[1], page, sizeof(page), MSG_DONTWAIT) > 0)
		;
	ok(woken_by(thread) == POLLOUT, "woken by room");
	need(reads(pair[0], "x"));
	fd.events = POLLIN;
	thread = start_waiting(&fd);
	close(pair[1]);
	ok(woken_by(thread) == (POLLIN | POLLHUP), "woken by the end");
	close(pair[0]);
	fd.fd = listening(SOCK_STREAM, "server", 1);
	thread = start_waiting(&fd);
	pair[0] = new_socket(SOCK_STREAM);
	need(connect_to(pair[0], "server") == 0);
	ok(woken_by(thread) == POLLIN, "woken by a connection");
	close(fd.fd);
	close(pair[0]);
	unlink("server");
}

static void datagrams(void)
{
	int to = bound(SOCK_DGRAM, "to"), a = new_socket(SOCK_DGRAM);
	int b = new_socket(SOCK_DGRAM);
	struct pollfd fd = {.fd = b, .events = POLLOUT};
	pthread_t thread;
	char c;

	need(connect_to(a, "to") == 0 && connect_to(b, "to") == 0);
	while (send(a, "x", 1, MSG_DONTWAIT) == 1)
		;
	ok(!(polled(b, POLLOUT) & POLLOUT), "another's messages fill a queue");
	thread = start_waiting(&fd);
	while (recv(to, &c, 1, MSG_DONTWAIT) == 1)
		;
	ok(woken_by(thread) == POLLOUT, "whose reader wakes all senders");
	while (send(a, "x", 1, MSG_DONTWAIT) == 1)
		;
	thread = start_waiting(&fd);
	close(to);
	ok(woken_by(thread) & POLLOUT, "and its end too");
	close(a);
	close(b);
	unlink("to");
	close_pair(in_poll);
}

int main(void)
{
	states();
	reset();
	wakes();
	datagrams();
	return done();
}

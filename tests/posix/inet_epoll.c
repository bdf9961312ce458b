// SPDX-License-Identifier: BSD-3-Clause
/*
 * epoll of connections: level, edge, once, and a socket that is closed.
 */
#include <sys/epoll.h>

#include "inet.h"

static int ep;

static void add(int fd, unsigned events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	need(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void change(int fd, unsigned events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	need(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &event) == 0);
}

/* What is ready by now, of one socket at most. */
static unsigned now(void)
{
	struct epoll_event event;
	int n = epoll_wait(ep, &event, 1, 0);

	need(n >= 0);
	return n == 0 ? 0 : event.events;
}

/* What is ready next. */
static unsigned next(void)
{
	struct epoll_event event;

	need(epoll_wait(ep, &event, 1, -1) == 1);
	return event.events;
}

static void level(void)
{
	int pair[2];

	connected(AF_INET, pair);
	add(pair[0], EPOLLIN);
	ok(now() == 0, "level: nothing yet");
	need(send_all(pair[1], "ab", 2) == 0);
	ok(next() == EPOLLIN && now() == EPOLLIN, "as long as there is some");
	need(reads(pair[0], "a"));
	ok(now() == EPOLLIN, "some is left");
	need(reads(pair[0], "b"));
	ok(now() == 0, "none is left");
	close_pair(pair);
	ok(now() == 0, "closed");
}

static void edge(void)
{
	int pair[2];

	connected(AF_INET, pair);
	add(pair[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	ok(now() == EPOLLOUT && now() == 0, "edge: it can be written");
	need(send_all(pair[1], "a", 1) == 0);
	ok(next() == (EPOLLIN | EPOLLOUT) && now() == 0, "something comes");
	need(send_all(pair[1], "b", 1) == 0);
	ok(next() == (EPOLLIN | EPOLLOUT) && now() == 0, "more comes");
	need(reads(pair[0], "ab"));
	ok(now() == 0, "reading is no event");
	need(shutdown(pair[1], SHUT_WR) == 0);
	ok(next() == (EPOLLIN | EPOLLOUT | EPOLLRDHUP) && now() == 0,
	   "the end");
	close_pair(pair);
}

static void once(void)
{
	int pair[2];

	connected(AF_INET, pair);
	add(pair[0], EPOLLIN | EPOLLONESHOT);
	need(send_all(pair[1], "a", 1) == 0);
	ok(next() == EPOLLIN && now() == 0, "once");
	need(send_all(pair[1], "b", 1) == 0);
	ok(now() == 0, "more is not told");
	change(pair[0], EPOLLIN | EPOLLONESHOT);
	ok(now() == EPOLLIN && now() == 0, "until it is asked for again");
	close_pair(pair);
}

static void listener(void)
{
	int server = listening(AF_INET, 5),
	    fd = new_socket(AF_INET, SOCK_STREAM);
	int made;

	add(server, EPOLLIN);
	ok(now() == 0, "nobody came");
	need(connect_to(fd, server) == 0);
	ok(next() == EPOLLIN, "somebody came");
	made = accept(server, NULL, NULL);
	ok(now() == 0, "nobody else");
	close(made);
	close(fd);
	close(server);
}

static void connecting(void)
{
	int server = listening(AF_INET, 5),
	    fd = new_socket(AF_INET, SOCK_STREAM);

	nonblocking(fd, 1);
	need(connect_to(fd, server) == 0 || errno == EINPROGRESS);
	add(fd, EPOLLOUT | EPOLLET);
	ok(next() == EPOLLOUT, "connected");
	close(fd);
	close(server);
	fd = new_socket(AF_INET, SOCK_STREAM);
	nonblocking(fd, 1);
	need(connect_port(fd, AF_INET, closed_port(AF_INET, SOCK_STREAM)) < 0);
	add(fd, EPOLLOUT | EPOLLET);
	ok((next() & (EPOLLERR | EPOLLHUP)) == (EPOLLERR | EPOLLHUP),
	   "refused");
	close(fd);
}

int main(void)
{
	ep = epoll_create1(0);
	need(ep >= 0);
	level();
	edge();
	once();
	listener();
	connecting();
	close(ep);
	return done();
}

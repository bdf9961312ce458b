// SPDX-License-Identifier: BSD-3-Clause
/*
 * epoll's ways to tell: by level, by edge, once; and what a change of mind
 * does to them.
 */
#include <limits.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tap.h"

static int ep, fds[2];

static int ctl(int op, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(ep, op, fd, &event);
}

/* What is told now, 0 for nothing. */
static uint32_t now(void)
{
	struct epoll_event event[2];
	int n = epoll_wait(ep, event, 2, 0);

	need(n == 0 || n == 1);
	return n == 0 ? 0 : event[0].events;
}

static void put(int n)
{
	for (int i = 0; i < n; i++)
		need(write(fds[1], "x", 1) == 1);
}

static void take(int n)
{
	char c;

	for (int i = 0; i < n; i++)
		need(read(fds[0], &c, 1) == 1);
}

static void level(void)
{
	need(ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN) == 0);
	put(2);
	ok(now() == EPOLLIN && now() == EPOLLIN, "level: again and again");
	take(1);
	ok(now() == EPOLLIN, "while there is some");
	take(1);
	ok(now() == 0, "and no longer");
	put(1);
	ok(now() == EPOLLIN, "and again");
	take(1);
	need(ctl(EPOLL_CTL_DEL, fds[0], 0) == 0);
}

static void edge(void)
{
	put(1);
	need(ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLET) == 0);
	ok(now() == EPOLLIN, "edge: what was there is told");
	ok(now() == 0, "once");
	put(1);
	ok(now() == EPOLLIN && now() == 0, "more is told, once");
	take(1);
	ok(now() == 0, "less is not");
	take(1);
	put(1);
	take(1);
	ok(now() == 0, "what was there and is gone is not told");
	put(1);
	ok(ctl(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLET) == 0 &&
		   now() == EPOLLIN && now() == 0,
	   "a change tells anew");
	ok(ctl(EPOLL_CTL_MOD, fds[0], EPOLLIN) == 0 && now() == EPOLLIN &&
		   now() == EPOLLIN,
	   "edge becomes level");
	take(1);
	need(ctl(EPOLL_CTL_DEL, fds[0], 0) == 0);
}

static void once(void)
{
	need(ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLONESHOT) == 0);
	put(1);
	ok(now() == EPOLLIN && now() == 0, "once: told once");
	put(1);
	ok(now() == 0, "and no more");
	ok(ctl(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT) == 0 &&
		   now() == EPOLLIN && now() == 0,
	   "until it is asked again");
	take(2);
	ok(ctl(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT) == 0 &&
		   now() == 0,
	   "nothing is there");
	put(1);
	ok(now() == EPOLLIN && now() == 0, "then something comes");
	take(1);
	need(ctl(EPOLL_CTL_DEL, fds[0], 0) == 0);
}

static void writers(void)
{
	char page[PIPE_BUF] = "";
	int room = 0;

	need(ctl(EPOLL_CTL_ADD, fds[1], EPOLLOUT | EPOLLET) == 0);
	ok(now() == EPOLLOUT && now() == 0, "room, by edge");
	while (room < 65536)
		room += (int)write(fds[1], page, sizeof(page));
	ok(now() == 0, "full");
	while (room > 0)
		room -= (int)read(fds[0], page, sizeof(page));
	ok(now() == EPOLLOUT && now() == 0, "room again");
	need(ctl(EPOLL_CTL_DEL, fds[1], 0) == 0);
}

static void counters(void)
{
	uint64_t word = 1;
	int fd = eventfd(0, EFD_NONBLOCK);

	need(ctl(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLET) == 0);
	ok(now() == EPOLLOUT && now() == 0, "an eventfd has room");
	need(write(fd, &word, 8) == 8);
	ok(now() == (EPOLLIN | EPOLLOUT) && now() == 0, "and a value");
	need(write(fd, &word, 8) == 8);
	ok(now() == (EPOLLIN | EPOLLOUT), "each write is an edge");
	close(fd);
	ok(now() == 0, "closed");
}

static void ends(void)
{
	need(ctl(EPOLL_CTL_ADD, fds[0], EPOLLET) == 0);
	close(fds[1]);
	ok(now() == EPOLLHUP && now() == 0, "the end is an edge too");
	close(fds[0]);
}

int main(void)
{
	ep = epoll_create1(0);
	need(ep >= 0 && pipe(fds) == 0);
	level();
	edge();
	once();
	writers();
	counters();
	ends();
	return done();
}

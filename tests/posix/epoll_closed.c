// SPDX-License-Identifier: BSD-3-Clause
/*
 * epoll and descriptors that are closed: an item lives as long as the open
 * file, by whatever descriptor; closing and watching at the same time from
 * several threads harms nobody.
 */
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tap.h"

enum { ROUNDS = 500, THREADS = 3 };

static int ep;
static volatile int stop;
static int broken;

static int add(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int count(void)
{
	struct epoll_event events[8];

	return epoll_wait(ep, events, 8, 0);
}

static void copies(void)
{
	int fd = eventfd(1, 0), copy = dup(fd);

	need(add(ep, fd, EPOLLIN) == 0);
	ok(count() == 1, "it is told");
	close(fd);
	ok(count() == 1, "and still by a copy, when it is closed");
	fails(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL), EBADF,
	      "though nobody can name it");
	fails(epoll_ctl(ep, EPOLL_CTL_DEL, copy, NULL), ENOENT,
	      "for the copy is another");
	close(copy);
	ok(count() == 0, "it is gone with the last");
	fd = eventfd(1, 0);
	ok(add(ep, fd, EPOLLIN) == 0 && count() == 1,
	   "its number may be another's");
	close(ep);
	ep = epoll_create1(0);
	ok(add(ep, fd, EPOLLIN) == 0 && count() == 1,
	   "an epoll that is closed lets go of what it watched");
	close(fd);
}

/* Open files come, are watched, become ready, and are closed. */
static void *come_and_go(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		int fds[2];
		uint64_t word = 1;
		int event = eventfd(0, 0);

		if (event < 0 || pipe(fds) != 0 ||
		    add(ep, fds[0], EPOLLIN | (i % 2 ? EPOLLET : 0)) != 0 ||
		    add(ep, event, EPOLLIN | EPOLLOUT) != 0 ||
		    write(fds[1], "x", 1) != 1 || write(event, &word, 8) != 8)
			broken = 1;
		close(fds[i % 2]);
		close(event);
		close(fds[!(i % 2)]);
	}
	return arg;
}

static void *watch(void *arg)
{
	struct epoll_event events[4];

	while (!stop) {
		if (epoll_wait(ep, events, 4, 1) < 0)
			broken = 1;
	}
	return arg;
}

/* An epoll is closed while what it watches is closed too. */
static void *short_lives(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		int own = epoll_create1(0);

		if (own < 0 || add(own, *(int *)arg, EPOLLIN) != 0 ||
		    add(ep, own, EPOLLIN) != 0)
			broken = 1;
		close(own);
	}
	return NULL;
}

static void at_once(void)
{
	pthread_t threads[THREADS + 2];
	int fd = eventfd(0, 0);

	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, come_and_go, NULL) == 0);
	need(pthread_create(&threads[THREADS], NULL, short_lives, &fd) == 0);
	need(pthread_create(&threads[THREADS + 1], NULL, watch, NULL) == 0);
	for (int i = 0; i < THREADS + 1; i++)
		need(pthread_join(threads[i], NULL) == 0);
	stop = 1;
	need(pthread_join(threads[THREADS + 1], NULL) == 0);
	ok(!broken, "threads open, watch and close at once");
	close(fd);
	ok(count() == 0, "and nothing stays");
}

int main(void)
{
	ep = epoll_create1(0);
	need(ep >= 0);
	copies();
	at_once();
	return done();
}

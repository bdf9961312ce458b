// SPDX-License-Identifier: BSD-3-Clause
/*
 * Hundreds of FIFOs are waited for at once, by poll() and by epoll, and each
 * is told when something comes.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { MANY = 400, EARLY = 60, PATIENCE_MS = 20000 };

static int fds[MANY];
static struct pollfd polled[MANY];
static atomic_int to_write;

static void *write_later(void *arg)
{
	struct timespec moment = {.tv_nsec = 5000000};

	nanosleep(&moment, NULL);
	need(write(fds[to_write], "x", 1) == 1);
	return arg;
}

static void begin_to_write(int which, pthread_t *thread)
{
	to_write = which;
	need(pthread_create(thread, NULL, write_later, NULL) == 0);
}

static void end_to_write(int which, pthread_t thread)
{
	char c;

	need(pthread_join(thread, NULL) == 0);
	need(read(fds[which], &c, 1) == 1 && c == 'x');
}

static int told_by_poll(int which)
{
	pthread_t thread;
	int told;

	begin_to_write(which, &thread);
	told = poll(polled, MANY, PATIENCE_MS) == 1 &&
	       polled[which].revents == POLLIN;
	end_to_write(which, thread);
	return told;
}

static int told_by_epoll(int epoll, int which)
{
	struct epoll_event event;
	pthread_t thread;
	int told;

	begin_to_write(which, &thread);
	told = epoll_wait(epoll, &event, 1, PATIENCE_MS) == 1 &&
	       event.data.u32 == (uint32_t)which && event.events == EPOLLIN;
	end_to_write(which, thread);
	return told;
}

/* Waits for some before there are many. */
static void *poll_early(void *arg)
{
	struct pollfd early[EARLY];
	time_t start = time(NULL);

	memcpy(early, polled, sizeof(early));
	if (poll(early, EARLY, PATIENCE_MS) != 1 ||
	    early[EARLY - 10].revents != POLLIN ||
	    time(NULL) >= start + PATIENCE_MS / 1000)
		return NULL;
	return arg;
}

static void early_and_many(void)
{
	struct timespec moment = {.tv_nsec = 20000000};
	pthread_t thread;
	void *told;
	char c;

	need(pthread_create(&thread, NULL, poll_early, fds) == 0);
	nanosleep(&moment, NULL);
	ok(poll(polled, MANY, 10) == 0, "nothing comes to any of them");
	need(write(fds[EARLY - 10], "x", 1) == 1);
	need(pthread_join(thread, &told) == 0);
	ok(told != NULL, "who waited before is told");
	need(read(fds[EARLY - 10], &c, 1) == 1);
}

int main(void)
{
	static const int some[] = {0, 63, 64, 254, 255, 256, MANY - 1};
	int epoll = epoll_create1(0), told = 0, added = 0, all = 0;
	struct timespec moment = {.tv_nsec = 1000000};
	struct epoll_event events[MANY];

	for (int i = 0; i < MANY; i++) {
		need(mkfifo("fifo", 0600) == 0);
		fds[i] = open("fifo", O_RDWR);
		need(fds[i] >= 0 && unlink("fifo") == 0);
		polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	}
	early_and_many();
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		told += told_by_poll(some[i]);
	ok(told == sizeof(some) / sizeof(some[0]), "poll tells which");
	for (int i = 0; i < MANY; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};

		added += epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event) == 0;
	}
	ok(added == MANY, "an epoll takes them all");
	told = 0;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		told += told_by_epoll(epoll, some[i]);
	ok(told == sizeof(some) / sizeof(some[0]), "and tells which");
	for (int i = 0; i < MANY; i++)
		need(write(fds[i], "y", 1) == 1);
	for (int i = 0; i < 5000 && all < MANY; i++) {
		nanosleep(&moment, NULL);
		all = epoll_wait(epoll, events, MANY, -1);
	}
	ok(all == MANY, "and all, if need be");
	ok(poll(polled, MANY, PATIENCE_MS) == MANY, "so does poll");
	return done();
}

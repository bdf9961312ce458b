// SPDX-License-Identifier: BSD-3-Clause
/*
 * epolls that watch epolls: what is ready below is ready above; circles and
 * towers are refused; poll() watches an epoll too.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tap.h"

enum { HIGH = 10 };

static int ctl(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(ep, op, fd, &event);
}

static int now(int ep)
{
	struct epoll_event event;

	return epoll_wait(ep, &event, 1, 0) == 1 ? event.data.fd : -1;
}

static short polled(int fd)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};

	return poll(&one, 1, 0) >= 0 ? one.revents : -1;
}

static void *wait_above(void *arg)
{
	struct epoll_event event = {.data.fd = -1};

	if (epoll_wait(*(int *)arg, &event, 1, -1) != 1)
		event.data.fd = -1;
	return (void *)(intptr_t)event.data.fd;
}

static void *wait_by_poll(void *arg)
{
	struct pollfd one = {.fd = *(int *)arg, .events = POLLIN};

	return (void *)(intptr_t)(poll(&one, 1, -1) == 1 ? one.revents : -1);
}

static void through(void)
{
	int low = epoll_create1(0), high = epoll_create1(0), fds[2];
	pthread_t threads[2];
	void *results[2];
	char c;

	need(low >= 0 && high >= 0 && pipe(fds) == 0);
	need(ctl(low, EPOLL_CTL_ADD, fds[0], EPOLLIN) == 0);
	ok(ctl(high, EPOLL_CTL_ADD, low, EPOLLIN) == 0, "an epoll is watched");
	ok(now(high) == -1 && polled(low) == 0 && polled(high) == 0,
	   "nothing is ready");
	need(write(fds[1], "x", 1) == 1);
	ok(polled(high) == POLLIN && polled(low) == POLLIN, "poll sees both");
	ok(now(high) == low && now(low) == fds[0], "and so do they");
	ok(now(high) == low, "as long as it is so");
	need(read(fds[0], &c, 1) == 1);
	ok(now(high) == -1 && now(low) == -1 && polled(high) == 0,
	   "and not longer");
	need(pthread_create(&threads[0], NULL, wait_above, &high) == 0);
	need(pthread_create(&threads[1], NULL, wait_by_poll, &high) == 0);
	for (int i = 0; i < 100; i++)
		sched_yield();
	need(write(fds[1], "x", 1) == 1);
	for (int i = 0; i < 2; i++)
		need(pthread_join(threads[i], &results[i]) == 0);
	ok((intptr_t)results[0] == low && (intptr_t)results[1] == POLLIN,
	   "who waits above is woken from below");
	close(low);
	ok(now(high) == -1, "a closed epoll falls out");
	close(high);
	close(fds[0]);
	close(fds[1]);
}

static void circles(void)
{
	int a = epoll_create1(0), b = epoll_create1(0), c = epoll_create1(0);

	need(ctl(a, EPOLL_CTL_ADD, b, EPOLLIN) == 0);
	fails(ctl(b, EPOLL_CTL_ADD, a, EPOLLIN), ELOOP, "a circle of two");
	need(ctl(b, EPOLL_CTL_ADD, c, EPOLLIN) == 0);
	fails(ctl(c, EPOLL_CTL_ADD, a, EPOLLIN), ELOOP, "a circle of three");
	ok(ctl(a, EPOLL_CTL_ADD, c, EPOLLIN) == 0, "two ways are none");
	ok(ctl(a, EPOLL_CTL_DEL, b, 0) == 0 &&
		   ctl(b, EPOLL_CTL_ADD, a, EPOLLIN) == 0,
	   "once it is open, it may be closed the other way");
	fails(ctl(a, EPOLL_CTL_ADD, b, EPOLLIN), ELOOP, "and not this");
	close(a);
	close(b);
	close(c);
}

static void towers(void)
{
	int eps[HIGH], failed = 0, error = 0;

	for (int i = 0; i < HIGH; i++) {
		eps[i] = epoll_create1(0);
		need(eps[i] >= 0);
		if (i > 0 && ctl(eps[i], EPOLL_CTL_ADD, eps[i - 1], EPOLLIN)) {
			failed++;
			error = errno;
		}
		if (i == 2)
			ok(failed == 0, "three may stand on each other");
	}
	ok(failed > 0 && error == ELOOP, "not ten");
	for (int i = 0; i < HIGH; i++)
		close(eps[i]);
}

int main(void)
{
	through();
	circles();
	towers();
	return done();
}

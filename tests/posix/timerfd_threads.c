// SPDX-License-Identifier: BSD-3-Clause
/*
 * timerfd between threads: one waits, another sets the timer; several wait,
 * and each expiration is read once.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { READERS = 3, ENOUGH = 30 };

static int fd;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t total;
static int broken;

static void *read_once(void *arg)
{
	uint64_t count = 0;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		count = 0;
	*(uint64_t *)arg = count;
	return NULL;
}

static void set(long value_ns, long interval_ns)
{
	struct itimerspec its = {{.tv_nsec = interval_ns},
				 {.tv_nsec = value_ns}};

	need(timerfd_settime(fd, 0, &its, NULL) == 0);
}

static void set_by_another(void)
{
	pthread_t thread;
	uint64_t count = 0;

	need(pthread_create(&thread, NULL, read_once, &count) == 0);
	for (int i = 0; i < 100; i++)
		sched_yield();
	set(1000000, 0);
	need(pthread_join(thread, NULL) == 0);
	ok(count == 1, "a reader waits for a timer that is set later");
}

static void *read_many(void *arg)
{
	for (int more = 1; more;) {
		uint64_t count = 0;

		if (read(fd, &count, sizeof(count)) != sizeof(count))
			broken = 1;
		pthread_mutex_lock(&mutex);
		total += count;
		more = total < ENOUGH && !broken;
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

static void several(void)
{
	pthread_t threads[READERS];

	set(1000000, 1000000);
	for (int i = 0; i < READERS; i++)
		need(pthread_create(&threads[i], NULL, read_many, NULL) == 0);
	for (int i = 0; i < READERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(total >= ENOUGH && !broken, "several read the same timer");
}

static void by_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0);
	uint64_t count = 0;

	set(0, 0);
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	ok(epoll_wait(epoll, &event, 1, 0) == 0, "epoll: not yet");
	set(1000000, 0);
	ok(epoll_wait(epoll, &event, 1, -1) == 1 && event.events == EPOLLIN,
	   "then it expires");
	read_once(&count);
	ok(count == 1 && epoll_wait(epoll, &event, 1, 0) == 0, "once");
	close(epoll);
}

int main(void)
{
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	need(fd >= 0);
	set_by_another();
	several();
	by_epoll();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Time-outs of seconds, minutes and weeks: what comes before ends the wait,
 * and nothing else does.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static int ends[2];
static sem_t go, post;

/* A byte, some time after each go: mostly after the wait has begun. */
static void *writer(void *arg)
{
	for (;;) {
		sem_wait(&go);
		usleep(30000);
		need(write(ends[1], "x", 1) == 1);
		sem_post(&post);
	}
	return arg;
}

static void begin(void)
{
	need(sem_post(&go) == 0);
}

static void end(void)
{
	char byte;

	need(read(ends[0], &byte, 1) == 1);
}

static void polls(void)
{
	static const int times[] = {2147,  4294,    4295,    4300,
				    60000, 2147484, 4294968, INT_MAX};
	struct pollfd fd = {.fd = ends[0], .events = POLLIN};

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char what[40];

		begin();
		snprintf(what, sizeof(what), "poll for %d ms", times[i]);
		ok(poll(&fd, 1, times[i]) == 1 && fd.revents == POLLIN, what);
		end();
	}
	begin();
	ok(poll(&fd, 1, INT_MIN) == 1, "poll for ever");
	end();
}

static void others(void)
{
	static const long times[] = {
		5, 5000, 5000000, 5000000000, LONG_MAX / 1000000000, LONG_MAX};
	struct pollfd fd = {.fd = ends[0], .events = POLLIN};
	int epoll = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN};

	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct timespec time = {times[i], 999999999};
		struct timeval val = {times[i], 0};
		char what[60];
		fd_set set;

		begin();
		snprintf(what, sizeof(what), "ppoll for %ld s", times[i]);
		ok(ppoll(&fd, 1, &time, NULL) == 1, what);
		end();
		begin();
		FD_ZERO(&set);
		FD_SET(ends[0], &set);
		snprintf(what, sizeof(what), "select for %ld s", times[i]);
		ok(select(ends[0] + 1, &set, NULL, NULL, &val) == 1, what);
		end();
	}
	begin();
	ok(epoll_wait(epoll, &event, 1, INT_MAX) == 1, "epoll_wait");
	end();
	close(epoll);
}

static void waits(void)
{
	struct timespec time;

	need(clock_gettime(CLOCK_REALTIME, &time) == 0);
	while (sem_trywait(&post) == 0)
		;
	begin();
	time.tv_sec += 5;
	ok(sem_timedwait(&post, &time) == 0, "sem_timedwait for 5 s");
	end();
	begin();
	time.tv_sec = LONG_MAX;
	ok(sem_timedwait(&post, &time) == 0, "until the end of time");
	end();
}

/* No wait ends before its time. */
static void short_ones(void)
{
	struct pollfd fd = {.fd = ends[0], .events = POLLIN};
	struct timespec before, after;
	int64_t ns;

	need(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
	ok(poll(&fd, 1, 30) == 0, "poll for 30 ms of nothing");
	need(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
	ns = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
	     before.tv_nsec;
	ok(ns >= 30000000, "takes no less");
}

int main(void)
{
	pthread_t thread;

	need(pipe(ends) == 0 && !sem_init(&go, 0, 0) && !sem_init(&post, 0, 0));
	need(pthread_create(&thread, NULL, writer, NULL) == 0);
	polls();
	others();
	waits();
	short_ones();
	return done();
}

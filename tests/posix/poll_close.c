// SPDX-License-Identifier: BSD-3-Clause
/*
 * poll() and select() while others open, write and close: many descriptors,
 * threads that wait for them, and nobody is left behind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include "tap.h"

enum { PIPES = 30, ROUNDS = 300, WATCHERS = 3 };

static int pipes[PIPES][2], stop_event, broken;

/* Wait for any of all pipes, or the word to stop; count what is taken. */
static void *collect(void *arg)
{
	struct pollfd fds[PIPES + 1];
	uint32_t *taken = arg;

	for (int i = 0; i < PIPES; i++)
		fds[i] = (struct pollfd){.fd = pipes[i][0], .events = POLLIN};
	fds[PIPES] = (struct pollfd){.fd = stop_event, .events = POLLIN};
	for (;;) {
		int idle = 1;

		if (poll(fds, PIPES + 1, -1) < 1)
			broken = 1;
		for (int i = 0; i < PIPES; i++) {
			char c;

			if (fds[i].revents & POLLIN &&
			    read(fds[i].fd, &c, 1) == 1) {
				++*taken;
				idle = 0;
			}
		}
		if (idle && fds[PIPES].revents)
			return NULL;
	}
}

static void many(void)
{
	uint32_t taken[WATCHERS] = {0}, sum = 0;
	pthread_t threads[WATCHERS];
	uint64_t one = 1;

	stop_event = eventfd(0, 0);
	for (int i = 0; i < PIPES; i++)
		need(pipe2(pipes[i], O_NONBLOCK) == 0);
	for (int i = 0; i < WATCHERS; i++)
		need(pthread_create(&threads[i], NULL, collect, &taken[i]) ==
		     0);
	for (int i = 0; i < ROUNDS; i++) {
		need(write(pipes[i * 7 % PIPES][1], "x", 1) == 1);
		if (i % 3 == 0)
			sched_yield();
	}
	need(write(stop_event, &one, 8) == 8);
	for (int i = 0; i < WATCHERS; i++) {
		need(pthread_join(threads[i], NULL) == 0);
		sum += taken[i];
	}
	ok(!broken && sum == ROUNDS, "every byte of many pipes is found");
	for (int i = 0; i < PIPES; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	close(stop_event);
}

static void *wait_hangup(void *arg)
{
	struct pollfd one = {.fd = *(int *)arg, .events = POLLIN};

	return (void *)(intptr_t)(poll(&one, 1, -1) == 1 ? one.revents : -1);
}

static void *wait_select(void *arg)
{
	int fd = *(int *)arg;
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return (void *)(intptr_t)(select(fd + 1, &set, NULL, NULL, NULL) == 1 &&
				  FD_ISSET(fd, &set));
}

static void hangups(void)
{
	int polled = 1, selected = 1;

	for (int i = 0; i < ROUNDS / 10; i++) {
		pthread_t threads[2];
		void *results[2];
		int fds[2];

		need(pipe(fds) == 0);
		need(pthread_create(&threads[0], NULL, wait_hangup, &fds[0]) ==
		     0);
		need(pthread_create(&threads[1], NULL, wait_select, &fds[0]) ==
		     0);
		for (int k = 0; k < i % 4; k++)
			sched_yield();
		close(fds[1]);
		for (int k = 0; k < 2; k++)
			need(pthread_join(threads[k], &results[k]) == 0);
		polled &= (intptr_t)results[0] == POLLHUP;
		selected &= (intptr_t)results[1] == 1;
		close(fds[0]);
	}
	ok(polled, "poll sees the end, whenever it comes");
	ok(selected, "and select");
}

int main(void)
{
	many();
	hangups();
	return done();
}

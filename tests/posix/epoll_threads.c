// SPDX-License-Identifier: BSD-3-Clause
/*
 * Many threads at epoll: with EPOLLONESHOT each file has one worker at a time;
 * with EPOLLEXCLUSIVE, and with one epoll for all, nothing is missed.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tap.h"

enum { WORKERS = 4, PIPES = 5, WORDS = 400, UNITS = 500 };

static int ep, shared, broken;
static int pipes[PIPES][2];
static uint32_t busy[PIPES], next[PIPES], done_count;
static int left;

static int control(int epoll, int op, int fd, uint32_t events, uint32_t data)
{
	struct epoll_event event = {.events = events, .data.u32 = data};

	return epoll_ctl(epoll, op, fd, &event);
}

/* Read one word of pipe (i), alone: it is the next. */
static void work(uint32_t i)
{
	uint32_t word;

	if (__atomic_exchange_n(&busy[i], 1, __ATOMIC_SEQ_CST) != 0)
		broken = 1;
	if (read(pipes[i][0], &word, 4) != 4 || word != next[i]++)
		broken = 1;
	if (word % 16 == 0)
		sched_yield();
	__atomic_store_n(&busy[i], 0, __ATOMIC_SEQ_CST);
	if (__atomic_add_fetch(&done_count, 1, __ATOMIC_SEQ_CST) ==
	    PIPES * WORDS) {
		uint64_t one = 1;

		if (write(shared, &one, 8) != 8)
			broken = 1;
	} else if (control(ep, EPOLL_CTL_MOD, pipes[i][0],
			   EPOLLIN | EPOLLONESHOT, i) != 0) {
		broken = 1;
	}
}

static void *worker(void *arg)
{
	struct epoll_event event;

	while (epoll_wait(ep, &event, 1, -1) == 1) {
		if (event.data.u32 == PIPES)
			return arg;
		work(event.data.u32);
	}
	broken = 1;
	return arg;
}

static void *feed(void *arg)
{
	for (uint32_t word = 0; word < WORDS; word++) {
		for (int i = 0; i < PIPES; i++) {
			if (write(pipes[i][1], &word, 4) != 4)
				broken = 1;
		}
	}
	return arg;
}

static void one_shot(void)
{
	pthread_t threads[WORKERS], feeder;

	ep = epoll_create1(0);
	shared = eventfd(0, 0);
	need(control(ep, EPOLL_CTL_ADD, shared, EPOLLIN, PIPES) == 0);
	for (int i = 0; i < PIPES; i++) {
		need(pipe(pipes[i]) == 0);
		need(control(ep, EPOLL_CTL_ADD, pipes[i][0],
			     EPOLLIN | EPOLLONESHOT, i) == 0);
	}
	for (int i = 0; i < WORKERS; i++)
		need(pthread_create(&threads[i], NULL, worker, NULL) == 0);
	need(pthread_create(&feeder, NULL, feed, NULL) == 0);
	need(pthread_join(feeder, NULL) == 0);
	for (int i = 0; i < WORKERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(!broken, "one-shot: a file has one worker at a time");
	ok(done_count == PIPES * WORDS, "and all the work is done");
	close(ep);
	close(shared);
}

/* Take units until there are none left to come. */
static void *take_units(void *arg)
{
	int own = *(int *)arg;
	struct epoll_event event;
	uint64_t word;

	while (__atomic_load_n(&left, __ATOMIC_SEQ_CST) > 0) {
		if (epoll_wait(own, &event, 1, -1) != 1)
			broken = 1;
		if (read(shared, &word, 8) != 8)
			continue;
		if (word != 1)
			broken = 1;
		__atomic_fetch_sub(&left, 1, __ATOMIC_SEQ_CST);
	}
	/* Whoever still waits is to see that it is over. */
	word = 1;
	if (write(shared, &word, 8) != 8)
		broken = 1;
	return NULL;
}

static void units(uint32_t mode, int epolls, const char *what)
{
	int fds[WORKERS];
	pthread_t threads[WORKERS];

	left = UNITS;
	shared = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK);
	for (int i = 0; i < epolls; i++) {
		fds[i] = epoll_create1(0);
		need(control(fds[i], EPOLL_CTL_ADD, shared, EPOLLIN | mode,
			     0) == 0);
	}
	for (int i = 0; i < WORKERS; i++)
		need(pthread_create(&threads[i], NULL, take_units,
				    &fds[i % epolls]) == 0);
	for (int i = 0; i < UNITS; i++) {
		uint64_t one = 1;

		need(write(shared, &one, 8) == 8);
		if (i % 8 == 0)
			sched_yield();
	}
	for (int i = 0; i < WORKERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(!broken && left <= 0, what);
	for (int i = 0; i < epolls; i++)
		close(fds[i]);
	close(shared);
}

int main(void)
{
	one_shot();
	units(0, 1, "one epoll for all");
	units(0, WORKERS, "one for each");
	units(EPOLLEXCLUSIVE, WORKERS, "one for each, woken one by one");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * poll() and select() on pipes: what each end says in each state, and who is
 * woken by a change of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

static int fds[2];
static char page[PIPE_BUF];

static short polled(int fd)
{
	struct pollfd one = {
		.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM};

	return poll(&one, 1, 0) >= 0 ? one.revents : -1;
}

static void fill(void)
{
	while (write(fds[1], page, sizeof(page)) > 0)
		;
	need(errno == EAGAIN);
}

static void states(void)
{
	need(pipe2(fds, O_NONBLOCK) == 0);
	ok(polled(fds[0]) == 0, "empty: nothing to read");
	ok(polled(fds[1]) == (POLLOUT | POLLWRNORM), "but room");
	need(write(fds[1], "x", 1) == 1);
	ok(polled(fds[0]) == (POLLIN | POLLRDNORM), "a byte to read");
	fill();
	ok(polled(fds[1]) == 0, "full: no room");
	need(read(fds[0], page, 1) == 1 &&
	     read(fds[0], page, sizeof(page)) == sizeof(page));
	ok(polled(fds[1]) == (POLLOUT | POLLWRNORM), "room again");
	close(fds[1]);
	ok(polled(fds[0]) == (POLLIN | POLLRDNORM | POLLHUP),
	   "the writer left: still bytes");
	while (read(fds[0], page, sizeof(page)) > 0)
		;
	ok(polled(fds[0]) == POLLHUP, "then none");
	close(fds[0]);
	need(pipe2(fds, O_NONBLOCK) == 0);
	close(fds[0]);
	ok(polled(fds[1]) == (POLLOUT | POLLWRNORM | POLLERR),
	   "the reader left");
	close(fds[1]);
}

struct watch {
	struct pollfd fds[2];
	int result;
};

static void *watch(void *arg)
{
	struct watch *w = arg;

	w->result = poll(w->fds, 2, -1);
	return NULL;
}

static void let_wait(void)
{
	for (int i = 0; i < 100; i++)
		sched_yield();
}

static void waking(void)
{
	struct watch w[3];
	pthread_t threads[3];
	int all = 1;

	need(pipe2(fds, O_NONBLOCK) == 0);
	for (int i = 0; i < 3; i++) {
		w[i] = (struct watch){
			.fds = {{.fd = fds[0], .events = POLLIN}, {.fd = -1}}};
		need(pthread_create(&threads[i], NULL, watch, &w[i]) == 0);
	}
	let_wait();
	need(write(fds[1], "x", 1) == 1);
	for (int i = 0; i < 3; i++) {
		need(pthread_join(threads[i], NULL) == 0);
		all &= w[i].result == 1 && w[i].fds[0].revents == POLLIN;
	}
	ok(all, "a byte wakes all who watch");
	fill();
	w[0] = (struct watch){
		.fds = {{.fd = fds[1], .events = POLLOUT}, {.fd = -1}}};
	need(pthread_create(&threads[0], NULL, watch, &w[0]) == 0);
	let_wait();
	while (read(fds[0], page, sizeof(page)) > 0)
		;
	need(pthread_join(threads[0], NULL) == 0);
	ok(w[0].result == 1 && w[0].fds[0].revents == POLLOUT,
	   "room wakes a writer");
	w[0] = (struct watch){.fds = {{.fd = fds[0], .events = POLLIN},
				      {.fd = fds[0], .events = 0}}};
	need(pthread_create(&threads[0], NULL, watch, &w[0]) == 0);
	let_wait();
	close(fds[1]);
	need(pthread_join(threads[0], NULL) == 0);
	/* It may come between a late look at the first and at the second. */
	ok(w[0].result >= 1 && w[0].fds[0].revents != POLLIN &&
		   w[0].fds[1].revents == POLLHUP,
	   "the writer's end wakes without being asked for");
	close(fds[0]);
}

/* The C library would make it of seconds and less than a million of these. */
static void selecting_microseconds(int fd)
{
	struct timeval time = {.tv_usec = 1000001};
	fd_set in;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	ok(syscall(SYS_select, fd + 1, &in, NULL, NULL, &time) == 1,
	   "more microseconds than a second has");
	time.tv_usec = LONG_MAX;
	ok(syscall(SYS_select, fd + 1, &in, NULL, NULL, &time) == 1,
	   "as many as there can be");
	time.tv_usec = -1;
	fails(syscall(SYS_select, fd + 1, &in, NULL, NULL, &time), EINVAL,
	      "less than none");
}

static void selecting(void)
{
	struct timeval zero = {0};
	fd_set in, out;

	need(pipe2(fds, O_NONBLOCK) == 0);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(fds[0], &in);
	FD_SET(fds[1], &out);
	ok(select(fds[0] + 1, &in, NULL, NULL, &zero) == 0 &&
		   !FD_ISSET(fds[0], &in),
	   "select: nothing to read");
	FD_SET(fds[0], &in);
	ok(select(fds[1] + 1, &in, &out, NULL, &zero) == 1 &&
		   !FD_ISSET(fds[0], &in) && FD_ISSET(fds[1], &out),
	   "an empty pipe has room");
	fill();
	FD_SET(fds[0], &in);
	ok(select(fds[1] + 1, &in, &out, NULL, &zero) == 1 &&
		   FD_ISSET(fds[0], &in) && !FD_ISSET(fds[1], &out),
	   "a full one has bytes");
	selecting_microseconds(fds[0]);
	close(fds[1]);
	while (read(fds[0], page, sizeof(page)) > 0)
		;
	FD_SET(fds[0], &in);
	ok(select(fds[0] + 1, &in, NULL, NULL, NULL) == 1 &&
		   FD_ISSET(fds[0], &in),
	   "its end can be read");
	close(fds[0]);
}

int main(void)
{
	states();
	waking();
	selecting();
	return done();
}

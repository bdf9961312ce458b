// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads that serve connections by one epoll: each event is one thread's.
 */
#include <stdatomic.h>
#include <sys/epoll.h>

#include "inet.h"
#include "together.h"

enum { THREADS = 4, CONNECTIONS = 16, ROUNDS = 50 };

static int ep, server;
static atomic_int busy[1024], clashes, handled, accepted;

static void arm(int fd, int op)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT,
				    .data.fd = fd};

	need(epoll_ctl(ep, op, fd, &event) == 0);
}

static void take_connections(void)
{
	int fd;

	while ((fd = accept(server, NULL, NULL)) >= 0) {
		atomic_fetch_add(&accepted, 1);
		arm(fd, EPOLL_CTL_ADD);
	}
	need(errno == EAGAIN);
}

/* False: the connection has ended. */
static int answer(int fd)
{
	char c;
	ssize_t n;

	if (atomic_exchange(&busy[fd], 1))
		atomic_fetch_add(&clashes, 1);
	n = recv(fd, &c, 1, 0);
	if (n == 1) {
		need(send(fd, &c, 1, MSG_NOSIGNAL) == 1);
		atomic_fetch_add(&handled, 1);
	}
	atomic_store(&busy[fd], 0);
	if (n == 1)
		arm(fd, EPOLL_CTL_MOD);
	else
		close(fd);
	return n == 1;
}

static void *serve(void *arg)
{
	static atomic_int ended;
	struct epoll_event event;

	(void)arg;
	while (epoll_wait(ep, &event, 1, -1) == 1) {
		if (event.data.fd < 0)
			break;
		if (event.data.fd == server)
			take_connections();
		else if (!answer(event.data.fd) &&
			 atomic_fetch_add(&ended, 1) == CONNECTIONS - 1)
			break;
	}
	/* The last one to serve tells the others by an end of a pipe. */
	return NULL;
}

static void *serve_all(void *arg)
{
	static int ends[2];
	static atomic_int done_once;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	if (ends[0] == 0) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = -1};

		need(pipe(ends) == 0);
		need(epoll_ctl(ep, EPOLL_CTL_ADD, ends[0], &event) == 0);
	}
	pthread_mutex_unlock(&lock);
	serve(arg);
	if (atomic_exchange(&done_once, 1) == 0)
		close(ends[1]);
	return NULL;
}

static void *clients(void *arg)
{
	int fds[CONNECTIONS];
	char c;

	(void)arg;
	for (int i = 0; i < CONNECTIONS; i++) {
		fds[i] = new_socket(AF_INET, SOCK_STREAM);
		need(connect_to(fds[i], server) == 0);
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CONNECTIONS; i++)
			need(send_all(fds[i], "x", 1) == 0);
		for (int i = 0; i < CONNECTIONS; i++)
			need(receive_all(fds[i], &c, 1) == 0);
	}
	for (int i = 0; i < CONNECTIONS; i++)
		close(fds[i]);
	return NULL;
}

static void *one_of(void *arg)
{
	return (long)arg < THREADS ? serve_all(arg) : clients(arg);
}

int main(void)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};

	server = listening(AF_INET, 64);
	nonblocking(server, 1);
	ep = epoll_create1(0);
	event.data.fd = server;
	need(epoll_ctl(ep, EPOLL_CTL_ADD, server, &event) == 0);
	together(THREADS + 1, one_of);
	ok(accepted == CONNECTIONS, "all were accepted");
	ok(handled == CONNECTIONS * ROUNDS, "each request was answered");
	ok(clashes == 0, "by one thread at a time");
	return done();
}

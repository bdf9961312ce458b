// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals that interrupt calls: EINTR, or the call goes on (SA_RESTART).
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "inet.h"

static pthread_t waiter;
static atomic_int handled, stop;
static int pair[2], server;

static void note(int number)
{
	(void)number;
	handled++;
}

/* Send signals until one was handled, then what is waited for. */
static void *disturb(void *arg)
{
	void (*then)(void) = (void (*)(void))arg;

	while (handled == 0 && !stop) {
		poll(NULL, 0, 10);
		pthread_kill(waiter, SIGUSR1);
	}
	poll(NULL, 0, 10);
	if (then != NULL)
		then();
	return NULL;
}

static pthread_t begin(int flags, void (*then)(void))
{
	struct sigaction action = {.sa_handler = note, .sa_flags = flags};
	pthread_t thread;

	handled = stop = 0;
	need(sigaction(SIGUSR1, &action, NULL) == 0);
	need(pthread_create(&thread, NULL, disturb, (void *)then) == 0);
	return thread;
}

static void end(pthread_t thread)
{
	stop = 1;
	need(pthread_join(thread, NULL) == 0);
}

static void say(void)
{
	need(send_all(pair[1], "x", 1) == 0);
}

static void call(void)
{
	static int fd;

	fd = new_socket(AF_INET, SOCK_STREAM);
	need(connect_to(fd, server) == 0);
}

static void receiving(void)
{
	pthread_t thread = begin(0, NULL);
	char c;

	fails(recv(pair[0], &c, 1, 0), EINTR, "recv is interrupted");
	end(thread);
	thread = begin(SA_RESTART, say);
	ok(recv(pair[0], &c, 1, 0) == 1 && handled, "or goes on");
	end(thread);
}

static void accepting(void)
{
	pthread_t thread = begin(0, NULL);
	int made;

	fails(accept(server, NULL, NULL), EINTR, "accept is interrupted");
	end(thread);
	thread = begin(SA_RESTART, call);
	made = accept(server, NULL, NULL);
	ok(made >= 0 && handled, "or goes on");
	end(thread);
	close(made);
}

static void with_a_time(void)
{
	struct timeval time = {100, 0};
	pthread_t thread;
	char c;

	need(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time,
			sizeof(time)) == 0);
	thread = begin(SA_RESTART, NULL);
	fails(recv(pair[0], &c, 1, 0), EINTR,
	      "with SO_RCVTIMEO it is interrupted all the same");
	end(thread);
}

static void sending(void)
{
	static char block[4 << 20];
	pthread_t thread = begin(0, NULL);
	ssize_t n = send(pair[0], block, sizeof(block), 0);

	while (n > 0 && n == (ssize_t)sizeof(block))
		n = send(pair[0], block, sizeof(block), 0);
	ok(n > 0 || errno == EINTR, "send says how much went");
	end(thread);
}

int main(void)
{
	waiter = pthread_self();
	connected(AF_INET, pair);
	server = listening(AF_INET, 5);
	receiving();
	accepting();
	with_a_time();
	sending();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * A thread waits in a call, and another one closes or shuts down the socket.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "inet.h"

static int fd;
static atomic_int state;
static int error;
static ssize_t result;

static void *receive(void *arg)
{
	char c;

	(void)arg;
	state = 1;
	result = recv(fd, &c, 1, 0);
	error = errno;
	state = 2;
	return NULL;
}

static void *take(void *arg)
{
	(void)arg;
	state = 1;
	result = accept(fd, NULL, NULL);
	error = errno;
	state = 2;
	return NULL;
}

static pthread_t start(void *(*function)(void *))
{
	pthread_t thread;

	state = 0;
	need(pthread_create(&thread, NULL, function, NULL) == 0);
	while (state == 0)
		poll(NULL, 0, 1);
	poll(NULL, 0, 20);
	return thread;
}

static void receiver(void)
{
	pthread_t thread;
	int pair[2];

	connected(AF_INET, pair);
	fd = pair[0];
	thread = start(receive);
	need(shutdown(fd, SHUT_RD) == 0);
	pthread_join(thread, NULL);
	ok(result == 0, "shutdown ends a receiver");
	close_pair(pair);
	connected(AF_INET, pair);
	fd = pair[0];
	thread = start(receive);
	close(fd);
	poll(NULL, 0, 20);
	ok(state == 1, "close does not end it");
	need(send_all(pair[1], "x", 1) == 0);
	pthread_join(thread, NULL);
	ok(result == 1, "it still receives");
	ok(ends(pair[1]), "and then the connection ends");
	close(pair[1]);
}

static void listener(void)
{
	pthread_t thread;
	int client = new_socket(AF_INET, SOCK_STREAM);

	fd = listening(AF_INET, 1);
	thread = start(take);
	need(shutdown(fd, SHUT_RD) == 0);
	pthread_join(thread, NULL);
	ok(result == -1 && error == EINVAL, "shutdown ends an accept");
	fails(connect_to(client, fd), ECONNREFUSED, "it listens no more");
	ok(listen(fd, 1) == 0, "until it listens again");
	close(client);
	client = new_socket(AF_INET, SOCK_STREAM);
	ok(connect_to(client, fd) == 0, "which works");
	close(client);
	close(fd);
}

static void datagram(void)
{
	pthread_t thread;
	int pair[2];

	datagrams(AF_INET, pair);
	fd = pair[0];
	thread = start(receive);
	need(shutdown(fd, SHUT_RD) == 0);
	pthread_join(thread, NULL);
	ok(result == 0, "shutdown ends a receiver of datagrams");
	close_pair(pair);
}

int main(void)
{
	receiver();
	listener();
	datagram();
	return done();
}

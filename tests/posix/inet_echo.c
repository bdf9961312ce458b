// SPDX-License-Identifier: BSD-3-Clause
/*
 * A server that says back what it hears, on both families.
 */
#include <pthread.h>

#include "inet.h"

static void *echo(void *arg)
{
	int server = *(int *)arg, fd = accept(server, NULL, NULL);
	char buf[1000];
	ssize_t n;

	need(fd >= 0);
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		need(send_all(fd, buf, (size_t)n) == 0);
	need(n == 0);
	close(fd);
	return NULL;
}

static void talk(int family)
{
	int server = listening(family, 5), fd = new_socket(family, SOCK_STREAM);
	char out[5000], in[5000];
	pthread_t thread;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7);
	need(pthread_create(&thread, NULL, echo, &server) == 0);
	ok(connect_to(fd, server) == 0, "connect");
	ok(send_all(fd, "hello", 5) == 0, "say something");
	ok(reads(fd, "hello"), "the same comes back");
	ok(send_all(fd, out, sizeof(out)) == 0, "say more");
	ok(receive_all(fd, in, sizeof(in)) == 0, "as much comes back");
	ok(memcmp(in, out, sizeof(in)) == 0, "the same bytes");
	ok(shutdown(fd, SHUT_WR) == 0, "say no more");
	ok(ends(fd), "the other end closes");
	need(pthread_join(thread, NULL) == 0);
	close(fd);
	close(server);
}

int main(void)
{
	talk(AF_INET);
	talk(AF_INET6);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP over the loopback interface: echo by threads, half close, resets, SO_LINGER,
 * connect() that does not wait, and what poll() says of each state.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

enum { THREADS = 4, ROUNDS = 200, LARGE = 3 << 20 };

static struct sockaddr_in address;

static int listener(int backlog)
{
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	need(fd >= 0);
	need(bind(fd, (void *)&address, sizeof(address)) == 0);
	need(listen(fd, backlog) == 0);
	need(getsockname(fd, (void *)&address, &len) == 0);
	need(len == sizeof(address) && address.sin_port != 0);
	return fd;
}

static int client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	need(connect(fd, (void *)&address, sizeof(address)) == 0);
	return fd;
}

/* A connection: ends[0] connected, ends[1] accepted. */
static void connection(int ends[2])
{
	int fd = listener(5);

	ends[0] = client();
	ends[1] = accept(fd, NULL, NULL);
	need(ends[1] >= 0);
	need(close(fd) == 0);
}

static int polled(int fd)
{
	struct pollfd poll_fd = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};

	need(poll(&poll_fd, 1, 0) >= 0);
	return poll_fd.revents;
}

static void *echo_server(void *arg)
{
	int fd = (int)(long)arg;
	char data[1000];
	ssize_t n;

	while ((n = read(fd, data, sizeof(data))) > 0)
		need(send(fd, data, (size_t)n, 0) == n);
	need(n == 0);
	need(close(fd) == 0);
	return NULL;
}

static void *echo_client(void *arg __attribute__((unused)))
{
	int fd = client();
	char data[100], got[100];

	for (int i = 0; i < ROUNDS; i++) {
		memset(data, i, sizeof(data));
		need(write(fd, data, sizeof(data)) == sizeof(data));
		need(recv(fd, got, sizeof(got), MSG_WAITALL) == sizeof(got));
		need(memcmp(data, got, sizeof(got)) == 0);
	}
	need(close(fd) == 0);
	return NULL;
}

static void test_echo(void)
{
	pthread_t clients[THREADS], servers[THREADS];
	int fd = listener(THREADS);

	for (long i = 0; i < THREADS; i++)
		need(pthread_create(&clients[i], NULL, echo_client, NULL) == 0);
	for (long i = 0; i < THREADS; i++) {
		long made = accept(fd, NULL, NULL);

		need(made >= 0);
		need(pthread_create(&servers[i], NULL, echo_server,
				    (void *)made) == 0);
	}
	for (int i = 0; i < THREADS; i++) {
		need(pthread_join(clients[i], NULL) == 0);
		need(pthread_join(servers[i], NULL) == 0);
	}
	need(close(fd) == 0);
}

static void *write_large(void *arg)
{
	int fd = (int)(long)arg;
	char *data = malloc(LARGE);

	for (int i = 0; i < LARGE; i++)
		data[i] = (char)(i * 7 + i / 251);
	need(write(fd, data, LARGE) == LARGE);
	need(shutdown(fd, SHUT_WR) == 0);
	free(data);
	return NULL;
}

/* More than all buffers have room for, read in odd pieces. */
static void test_large(void)
{
	char piece[7777];
	pthread_t writer;
	int ends[2], at = 0;
	ssize_t n;

	connection(ends);
	need(pthread_create(&writer, NULL, write_large,
			    (void *)(long)ends[0]) == 0);
	while ((n = read(ends[1], piece, sizeof(piece))) > 0) {
		for (int i = 0; i < n; i++, at++)
			need(piece[i] == (char)(at * 7 + at / 251));
	}
	need(n == 0 && at == LARGE);
	need(pthread_join(writer, NULL) == 0);
	need(close(ends[0]) == 0 && close(ends[1]) == 0);
}

static void test_half_close(void)
{
	char data[16];
	int ends[2];

	connection(ends);
	need(polled(ends[0]) == POLLOUT);
	need(write(ends[0], "hello", 5) == 5);
	need(shutdown(ends[0], SHUT_WR) == 0);
	errno = 0;
	need(send(ends[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	need(recv(ends[1], data, 16, MSG_WAITALL) == 5);
	need(read(ends[1], data, 16) == 0);
	need(polled(ends[1]) == (POLLIN | POLLOUT | POLLRDHUP));
	need(write(ends[1], "answer", 6) == 6);
	need(recv(ends[0], data, 16, MSG_PEEK) == 6);
	need(read(ends[0], data, 16) == 6);
	need(memcmp(data, "answer", 6) == 0);
	need(close(ends[1]) == 0);
	need(read(ends[0], data, 16) == 0);
	need(polled(ends[0]) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
	need(close(ends[0]) == 0);
}

static int error_of(int fd)
{
	int error = -1;
	socklen_t len = sizeof(error);

	need(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0);
	return error;
}

/* Who closes with something unread resets the connection. */
static void test_reset(void)
{
	const struct linger now = {1, 0};
	char data[16];
	int ends[2];

	connection(ends);
	need(write(ends[0], "unread", 6) == 6);
	need(recv(ends[1], data, 1, MSG_PEEK) == 1);
	need(close(ends[1]) == 0);
	need(polled(ends[0]) ==
	     (POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR));
	need(read(ends[0], data, 16) == -1 && errno == ECONNRESET);
	need(read(ends[0], data, 16) == 0);
	need(send(ends[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	need(close(ends[0]) == 0);

	connection(ends);
	need(write(ends[0], "data", 4) == 4);
	need(read(ends[1], data, 16) == 4);
	need(setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now)) ==
	     0);
	need(close(ends[0]) == 0);
	need(error_of(ends[1]) == ECONNRESET);
	need(error_of(ends[1]) == 0);
	need(read(ends[1], data, 16) == 0);
	need(close(ends[1]) == 0);
}

static void test_linger(void)
{
	const struct linger wait = {1, 5};
	struct linger got = {0};
	socklen_t len = sizeof(got);
	char data[16];
	int ends[2];

	connection(ends);
	need(setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &wait, sizeof(wait)) ==
	     0);
	need(getsockopt(ends[0], SOL_SOCKET, SO_LINGER, &got, &len) == 0);
	need(got.l_onoff == 1 && got.l_linger == 5);
	need(write(ends[0], "last", 4) == 4);
	need(close(ends[0]) == 0);
	need(recv(ends[1], data, 16, MSG_WAITALL) == 4);
	need(close(ends[1]) == 0);
}

static void test_connect(void)
{
	int fd = listener(1), unused, one, made;
	struct sockaddr_in nobody = address;
	struct pollfd poll_fd;

	one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	need(polled(one) == (POLLOUT | POLLHUP));
	need(connect(one, (void *)&address, sizeof(address)) == 0 ||
	     errno == EINPROGRESS);
	poll_fd = (struct pollfd){one, POLLOUT, 0};
	need(poll(&poll_fd, 1, -1) == 1 && poll_fd.revents == POLLOUT);
	need(error_of(one) == 0);
	made = accept(fd, NULL, NULL);
	need(made >= 0);
	need(connect(one, (void *)&address, sizeof(address)) == 0 ||
	     errno == EISCONN);
	need(connect(one, (void *)&address, sizeof(address)) == -1 &&
	     errno == EISCONN);
	need(close(one) == 0 && close(made) == 0 && close(fd) == 0);

	unused = socket(AF_INET, SOCK_STREAM, 0);
	need(connect(unused, (void *)&nobody, sizeof(nobody)) == -1 &&
	     errno == ECONNREFUSED);
	need(close(unused) == 0);
	unused = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	need(connect(unused, (void *)&nobody, sizeof(nobody)) == -1);
	need(errno == EINPROGRESS || errno == ECONNREFUSED);
	if (errno == EINPROGRESS) {
		poll_fd = (struct pollfd){unused, POLLOUT, 0};
		need(poll(&poll_fd, 1, -1) == 1);
		need(poll_fd.revents == (POLLOUT | POLLERR | POLLHUP));
		need(error_of(unused) == ECONNREFUSED);
	}
	need(close(unused) == 0);
}

/* What no connection has. */
static void test_unconnected(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in name;
	socklen_t len = sizeof(name);
	char data[4];

	need(read(fd, data, 4) == -1 && errno == ENOTCONN);
	need(send(fd, data, 4, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	need(shutdown(fd, SHUT_RDWR) == -1 && errno == ENOTCONN);
	need(getpeername(fd, (void *)&name, &len) == -1 && errno == ENOTCONN);
	need(accept(fd, NULL, NULL) == -1 && errno == EINVAL);
	need(close(fd) == 0);
	fd = listener(1);
	need(polled(fd) == 0);
	need(read(fd, data, 4) == -1 && errno == ENOTCONN);
	need(close(client()) == 0);
	need(polled(fd) == POLLIN);
	need(close(fd) == 0);
}

static void test_bind(void)
{
	int fd = listener(1), other = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	struct sockaddr_in far = address;

	need(bind(other, (void *)&address, sizeof(address)) == -1 &&
	     errno == EADDRINUSE);
	need(setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	need(bind(other, (void *)&address, sizeof(address)) == -1 &&
	     errno == EADDRINUSE);
	far.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1 */
	need(bind(other, (void *)&far, sizeof(far)) == -1 &&
	     errno == EADDRNOTAVAIL);
	need(bind(other, (void *)&far, 8) == -1 && errno == EINVAL);
	need(close(fd) == 0);
	need(bind(other, (void *)&address, sizeof(address)) == 0);
	need(bind(other, (void *)&address, sizeof(address)) == -1 &&
	     errno == EINVAL);
	need(close(other) == 0);
}

/* A writer that does not wait fills the buffers, and is told of room. */
static void test_full(void)
{
	struct epoll_event event = {.events = EPOLLOUT | EPOLLET}, got;
	static char data[65536];
	int ends[2], epoll = epoll_create1(0);
	size_t written = 0, seen = 0;
	ssize_t n;

	connection(ends);
	need(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	need(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
	need(epoll_wait(epoll, &got, 1, 0) == 1);
	while ((n = write(ends[0], data, sizeof(data))) > 0)
		written += (size_t)n;
	need(n == -1 && errno == EAGAIN);
	need(polled(ends[0]) == 0);
	need(epoll_wait(epoll, &got, 1, 0) == 0);
	while (seen < written) {
		struct pollfd poll_fd = {ends[1], POLLIN, 0};

		need(poll(&poll_fd, 1, -1) == 1);
		n = read(ends[1], data, sizeof(data));
		need(n > 0);
		seen += (size_t)n;
	}
	need(epoll_wait(epoll, &got, 1, -1) == 1 && got.events == EPOLLOUT);
	need(polled(ends[0]) == POLLOUT);
	need(close(ends[0]) == 0 && close(ends[1]) == 0 && close(epoll) == 0);
}

static void test_options(void)
{
	int ends[2], value = 0;
	socklen_t len = sizeof(value);

	connection(ends);
	value = 1;
	need(setsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &value, len) == 0);
	need(write(ends[0], "abc", 3) == 3);
	need(recv(ends[1], &value, 3, MSG_PEEK | MSG_WAITALL) == 3);
	need(ioctl(ends[1], FIONREAD, &value) == 0 && value == 3);
	value = 0;
	need(getsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &value, &len) == 0);
	need(value == 1);
	value = 77;
	need(setsockopt(ends[0], IPPROTO_TCP, TCP_KEEPIDLE, &value, len) == 0);
	need(getsockopt(ends[0], IPPROTO_TCP, TCP_KEEPIDLE, &value, &len) == 0);
	need(value == 77);
	value = 33;
	need(setsockopt(ends[0], IPPROTO_IP, IP_TTL, &value, len) == 0);
	need(getsockopt(ends[0], IPPROTO_IP, IP_TTL, &value, &len) == 0);
	need(value == 33);
	need(getsockopt(ends[0], SOL_SOCKET, SO_TYPE, &value, &len) == 0);
	need(value == SOCK_STREAM);
	need(close(ends[0]) == 0 && close(ends[1]) == 0);
}

/* An IPv6 socket that listens to both, and a mapped name. */
static void test_dual(void)
{
	struct sockaddr_in6 name = {.sin6_family = AF_INET6}, peer;
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET6, SOCK_STREAM, 0), one, made;
	socklen_t len = sizeof(name);

	need(fd >= 0);
	need(bind(fd, (void *)&name, sizeof(name)) == 0);
	need(listen(fd, 2) == 0);
	need(getsockname(fd, (void *)&name, &len) == 0);
	to.sin_port = name.sin6_port;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	one = socket(AF_INET, SOCK_STREAM, 0);
	need(connect(one, (void *)&to, sizeof(to)) == 0);
	len = sizeof(peer);
	made = accept(fd, (void *)&peer, &len);
	need(made >= 0 && len == sizeof(peer));
	need(peer.sin6_family == AF_INET6);
	need(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
	need(close(one) == 0 && close(made) == 0);
	one = socket(AF_INET6, SOCK_STREAM, 0);
	name.sin6_addr = in6addr_loopback;
	need(connect(one, (void *)&name, sizeof(name)) == 0);
	made = accept(fd, (void *)&peer, &len);
	need(made >= 0);
	need(IN6_IS_ADDR_LOOPBACK(&peer.sin6_addr));
	need(close(one) == 0 && close(made) == 0 && close(fd) == 0);
}

int main(void)
{
	test_echo();
	ok(1, "echo");
	test_large();
	ok(1, "large");
	test_half_close();
	ok(1, "half_close");
	test_reset();
	ok(1, "reset");
	test_linger();
	ok(1, "linger");
	test_connect();
	ok(1, "connect");
	test_unconnected();
	ok(1, "unconnected");
	test_bind();
	ok(1, "bind");
	test_full();
	ok(1, "full");
	test_options();
	ok(1, "options");
	test_dual();
	ok(1, "dual");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Internet sockets for tests: addresses of the loopback, ports that the system
 * chooses, pairs, whole transfers.
 */
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

/* What musl's headers have only with _GNU_SOURCE or not at all. */
#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

/* An address of either family. */
union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

static inline socklen_t address_len(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->in)
						 : sizeof(address->in6);
}

/* The loopback's address of (family), and (port). */
static inline union address loopback(int family, int port)
{
	union address address;

	memset(&address, 0, sizeof(address));
	address.any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address.in.sin_port = htons((uint16_t)port);
	} else {
		address.in6.sin6_addr = in6addr_loopback;
		address.in6.sin6_port = htons((uint16_t)port);
	}
	return address;
}

static inline union address own_address(int fd)
{
	union address address;
	socklen_t len = sizeof(address);

	memset(&address, 0, sizeof(address));
	need(getsockname(fd, &address.any, &len) == 0);
	return address;
}

static inline int port_of(const union address *address)
{
	return ntohs(address->any.sa_family == AF_INET
			     ? address->in.sin_port
			     : address->in6.sin6_port);
}

static inline int own_port(int fd)
{
	union address address = own_address(fd);

	return port_of(&address);
}

static inline int bind_port(int fd, int family, int port)
{
	union address address = loopback(family, port);

	return bind(fd, &address.any, address_len(&address));
}

static inline int connect_port(int fd, int family, int port)
{
	union address address = loopback(family, port);

	return connect(fd, &address.any, address_len(&address));
}

/* Connect to where (other) is bound. */
static inline int connect_to(int fd, int other)
{
	union address address = own_address(other);

	return connect(fd, &address.any, address_len(&address));
}

static inline ssize_t send_to(int fd, const void *data, size_t len, int other)
{
	union address address = own_address(other);

	return sendto(fd, data, len, MSG_NOSIGNAL, &address.any,
		      address_len(&address));
}

static inline int new_socket(int family, int type)
{
	int fd = socket(family, type, 0);

	need(fd >= 0);
	return fd;
}

/* Bound to the loopback, at a port that was free. */
static inline int bound(int family, int type)
{
	int fd = new_socket(family, type);

	need(bind_port(fd, family, 0) == 0);
	return fd;
}

static inline int listening(int family, int backlog)
{
	int fd = bound(family, SOCK_STREAM);

	need(listen(fd, backlog) == 0);
	return fd;
}

/* Two ends of one connection; [0] is who connected. */
static inline void connected(int family, int pair[2])
{
	int server = listening(family, 1);

	pair[0] = new_socket(family, SOCK_STREAM);
	need(connect_to(pair[0], server) == 0);
	pair[1] = accept(server, NULL, NULL);
	need(pair[1] >= 0);
	close(server);
}

/* Two datagram sockets, connected to each other. */
static inline void datagrams(int family, int pair[2])
{
	pair[0] = bound(family, SOCK_DGRAM);
	pair[1] = bound(family, SOCK_DGRAM);
	need(connect_to(pair[0], pair[1]) == 0);
	need(connect_to(pair[1], pair[0]) == 0);
}

static inline void close_pair(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

/* A port where nobody listens. */
static inline int closed_port(int family, int type)
{
	int fd = bound(family, type), port = own_port(fd);

	close(fd);
	return port;
}

/* Poll (fd) for (events) without waiting: what it has to say. */
static inline int polled(int fd, int events)
{
	struct pollfd pfd = {.fd = fd, .events = (short)events};

	need(poll(&pfd, 1, 0) >= 0);
	return pfd.revents;
}

/* Wait until (fd) says one of (events), and what else. */
static inline int wait_for(int fd, int events)
{
	struct pollfd pfd = {.fd = fd, .events = (short)events};

	need(poll(&pfd, 1, -1) == 1);
	return pfd.revents;
}

/* Wait until (fd) says all of (events) and nothing else of them. */
static inline int becomes(int fd, int asked, int events)
{
	for (int i = 0; i < 5000; i++) {
		if (polled(fd, asked) == events)
			return 1;
		poll(NULL, 0, 1);
	}
	return 0;
}

static inline int send_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static inline int receive_all(int fd, void *data, size_t len)
{
	char *at = data;

	while (len > 0) {
		ssize_t n = recv(fd, at, len, 0);

		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The next bytes of (fd) are just (text), which are waited for. */
static inline int reads(int fd, const char *text)
{
	char buf[256];
	size_t len = strlen(text);

	need(len <= sizeof(buf));
	return receive_all(fd, buf, len) == 0 && memcmp(buf, text, len) == 0;
}

/* The next datagram of (fd), which is waited for, is just (text). */
static inline int reads_one(int fd, const char *text)
{
	char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	return n == (ssize_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

static inline int ends(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) == 0;
}

static inline int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* The number that an option is; -1: an error. */
static inline int get_option(int fd, int level, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, name, &value, &len) == 0 ? value : -1;
}

static inline int take_error(int fd)
{
	return get_option(fd, SOL_SOCKET, SO_ERROR);
}

static inline void nonblocking(int fd, int on)
{
	need(ioctl(fd, FIONBIO, &on) == 0);
}

/* Close by a reset. */
static inline void reset(int fd)
{
	struct linger linger = {1, 0};

	need(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) ==
	     0);
	close(fd);
}

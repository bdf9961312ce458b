// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX sockets for tests: names, pairs, whole transfers.
 */
#pragma once

#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"

/* A name: a path, or with a leading '@' an abstract one. */
struct name {
	struct sockaddr_un un;
	socklen_t len;
};

static inline struct name name_of(const char *text)
{
	struct name name = {.un.sun_family = AF_UNIX};
	size_t len = strlen(text);

	need(len < sizeof(name.un.sun_path));
	memcpy(name.un.sun_path, text, len);
	name.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (text[0] == '@')
		name.un.sun_path[0] = '\0';
	else
		name.len++;
	return name;
}

static inline int bind_to(int fd, const char *text)
{
	struct name name = name_of(text);

	return bind(fd, (struct sockaddr *)&name.un, name.len);
}

static inline int connect_to(int fd, const char *text)
{
	struct name name = name_of(text);

	return connect(fd, (struct sockaddr *)&name.un, name.len);
}

static inline ssize_t send_to(int fd, const char *data, size_t len,
			      const char *text)
{
	struct name name = name_of(text);

	return sendto(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT,
		      (struct sockaddr *)&name.un, name.len);
}

/* The (len) bytes of (un) are the name (text). */
static inline int is_name(const struct sockaddr_un *un, socklen_t len,
			  const char *text)
{
	struct name name = name_of(text);

	return len == name.len && memcmp(un, &name.un, len) == 0;
}

static inline int new_socket(int type)
{
	int fd = socket(AF_UNIX, type, 0);

	need(fd >= 0);
	return fd;
}

static inline int bound(int type, const char *text)
{
	int fd = new_socket(type);

	need(bind_to(fd, text) == 0);
	return fd;
}

static inline int listening(int type, const char *text, int backlog)
{
	int fd = bound(type, text);

	need(listen(fd, backlog) == 0);
	return fd;
}

static inline void new_pair(int type, int pair[2])
{
	need(socketpair(AF_UNIX, type, 0, pair) == 0);
}

static inline void close_pair(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

/* Poll (fd) for (events) without waiting: what it has to say. */
static inline int polled(int fd, int events)
{
	struct pollfd pfd = {.fd = fd, .events = (short)events};

	need(poll(&pfd, 1, 0) >= 0);
	return pfd.revents;
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

/* The next read of (fd) gives just (text). */
static inline int reads(int fd, const char *text)
{
	char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	return n == (ssize_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options of sockets, and times that end a wait.
 */
#define _GNU_SOURCE
#include <sys/time.h>

#include "sockets.h"

static int option(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

static int set(int fd, int name, int value)
{
	return setsockopt(fd, SOL_SOCKET, name, &value, sizeof(value));
}

static void facts(void)
{
	int fd = bound(SOCK_SEQPACKET, "name"), pair[2];
	char small = 1;
	socklen_t len = 1;

	ok(option(fd, SO_TYPE) == SOCK_SEQPACKET, "SO_TYPE");
	ok(option(fd, SO_DOMAIN) == AF_UNIX, "SO_DOMAIN");
	ok(option(fd, SO_PROTOCOL) == 0, "SO_PROTOCOL");
	ok(option(fd, SO_ACCEPTCONN) == 0, "SO_ACCEPTCONN");
	need(listen(fd, 1) == 0);
	ok(option(fd, SO_ACCEPTCONN) == 1, "listening");
	ok(option(fd, SO_ERROR) == 0, "SO_ERROR");
	ok(getsockopt(fd, SOL_SOCKET, SO_TYPE, &small, &len) == 0 && len == 1,
	   "cut to the room there is");
	fails(getsockopt(fd, SOL_SOCKET, 999, &small, &len), ENOPROTOOPT,
	      "no such option");
	fails(set(fd, 999, 1), ENOPROTOOPT, "nor to be set");
	fails(set(fd, SO_TYPE, 1), ENOPROTOOPT, "nor this one");
	fails(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &small, 1), EINVAL,
	      "too short");
	close(fd);
	unlink("name");
	new_pair(SOCK_STREAM, pair);
	need(send_all(pair[0], "unread", 6) == 0);
	close(pair[1]);
	ok(option(pair[0], SO_ERROR) == ECONNRESET, "an error");
	ok(option(pair[0], SO_ERROR) == 0, "is told once");
	close(pair[0]);
}

static void switches(void)
{
	static const int names[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST,
				    SO_PASSCRED};
	int fd = new_socket(SOCK_STREAM), kept = 1, value;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		kept &= option(fd, names[i]) == 0;
		kept &= set(fd, names[i], 5) == 0;
		kept &= option(fd, names[i]) == 1;
		kept &= set(fd, names[i], 0) == 0;
		kept &= option(fd, names[i]) == 0;
	}
	ok(kept, "what is on or off");
	value = option(fd, SO_SNDBUF);
	ok(value > 4096, "SO_SNDBUF");
	ok(set(fd, SO_SNDBUF, 10000) == 0 && option(fd, SO_SNDBUF) == 20000,
	   "is doubled");
	ok(set(fd, SO_SNDBUF, 200000) == 0 && option(fd, SO_SNDBUF) == 400000,
	   "a limit is one of what was asked for");
	ok(set(fd, SO_SNDBUF, 1 << 30) == 0 && option(fd, SO_SNDBUF) < 1 << 30,
	   "which is cut to it");
	ok(set(fd, SO_SNDBUF, 1) == 0 && option(fd, SO_SNDBUF) > 1000,
	   "and never tiny");
	ok(set(fd, SO_RCVBUF, 10000) == 0 && option(fd, SO_RCVBUF) == 20000,
	   "SO_RCVBUF");
	ok(option(fd, SO_RCVLOWAT) == 1 && set(fd, SO_RCVLOWAT, 7) == 0 &&
		   option(fd, SO_RCVLOWAT) == 7,
	   "SO_RCVLOWAT");
	close(fd);
}

static int set_time(int fd, int name, long sec, long usec)
{
	struct timeval time = {sec, usec};

	return setsockopt(fd, SOL_SOCKET, name, &time, sizeof(time));
}

static void times(void)
{
	struct timeval time;
	socklen_t len = sizeof(time);
	static char page[4096];
	int pair[2], server, fd;
	ssize_t n;

	new_pair(SOCK_STREAM, pair);
	ok(set_time(pair[0], SO_RCVTIMEO, 2, 500000) == 0 &&
		   getsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time, &len) ==
			   0 &&
		   time.tv_sec == 2 && time.tv_usec == 500000,
	   "SO_RCVTIMEO is kept");
	fails(set_time(pair[0], SO_RCVTIMEO, 0, 2000000), EDOM, "not a time");
	need(set_time(pair[0], SO_RCVTIMEO, 0, 20000) == 0);
	fails(recv(pair[0], page, 1, 0), EAGAIN, "a reader gives up");
	fails(read(pair[0], page, 1), EAGAIN, "read() too");
	need(set_time(pair[0], SO_SNDTIMEO, 0, 20000) == 0);
	while ((n = send(pair[0], page, sizeof(page), 0)) > 0)
		;
	ok(n == -1 && errno == EAGAIN, "a writer gives up");
	close_pair(pair);
	server = listening(SOCK_STREAM, "server", 0);
	need(set_time(server, SO_RCVTIMEO, 0, 20000) == 0);
	fails(accept(server, NULL, NULL), EAGAIN, "so does one that accepts");
	for (int i = 0; i < 3; i++) {
		fd = new_socket(SOCK_STREAM);
		need(set_time(fd, SO_SNDTIMEO, 0, 20000) == 0);
		if (connect_to(fd, "server") != 0)
			break;
	}
	ok(errno == EAGAIN, "and one that connects");
	unlink("server");
}

int main(void)
{
	facts();
	switches();
	times();
	return done();
}

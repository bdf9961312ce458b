// SPDX-License-Identifier: BSD-3-Clause
/*
 * From whom it comes, and what is told where two things are in the way.
 */
#define _GNU_SOURCE
#include <fcntl.h>

#include "sockets.h"

static int accept_now(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	need(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
	return accept(fd, NULL, NULL);
}

/* The length of the name that (len) bytes from (fd) come with. */
static int length_of_name(int fd, ssize_t len)
{
	struct sockaddr_un from;
	socklen_t from_len = sizeof(from);
	char buf[8];

	if (recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
		     &from_len) != len)
		return -1;
	return (int)from_len;
}

static void named_later(void)
{
	int pair[2];

	new_pair(SOCK_DGRAM, pair);
	need(send(pair[0], "x", 1, 0) == 1 && send(pair[0], "y", 1, 0) == 1);
	ok(length_of_name(pair[1], 1) == 0, "from one without a name");
	need(bind_to(pair[0], "later") == 0);
	ok(length_of_name(pair[1], 1) == (int)name_of("later").len,
	   "who has one when it is read");
	close(pair[0]);
	close(pair[1]);
}

static void end_from(int type, const char *name)
{
	int pair[2];

	new_pair(type, pair);
	need(bind_to(pair[0], name) == 0 && send(pair[0], "x", 1, 0) == 1);
	ok(length_of_name(pair[1], 1) == (int)name_of(name).len,
	   "bytes come from a name");
	close(pair[0]);
	ok(length_of_name(pair[1], 0) == 0, "their end from nobody");
	close(pair[1]);
}

static void named_by_sending(void)
{
	int fd = new_socket(SOCK_DGRAM), on = 1;
	struct sockaddr_un name;
	socklen_t len = sizeof(name);

	need(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
	fails(send_to(fd, "x", 1, "nowhere"), ENOENT, "sending to no name");
	ok(getsockname(fd, (struct sockaddr *)&name, &len) == 0 && len == 8,
	   "gives one to who passes credentials");
	close(fd);
}

static void in_the_way(void)
{
	int pair[2], deaf = bound(SOCK_STREAM, "deaf"), third;

	new_pair(SOCK_STREAM, pair);
	fails(connect_to(pair[0], "deaf"), ECONNREFUSED,
	      "nobody listens to who is connected");
	close(pair[0]);
	close(pair[1]);
	close(deaf);
	new_pair(SOCK_DGRAM, pair);
	third = new_socket(SOCK_DGRAM);
	need(bind_to(pair[1], "taken") == 0);
	need(shutdown(pair[1], SHUT_RD) == 0);
	fails(send_to(third, "x", 1, "taken"), EPERM,
	      "who is another's and does not listen");
	close(pair[0]);
	close(pair[1]);
	close(third);
}

static void ended_listener(void)
{
	int fd = listening(SOCK_STREAM, "ended", 1);

	need(shutdown(fd, SHUT_RD) == 0);
	fails(accept(fd, NULL, NULL), EINVAL, "nobody comes any more");
	fails(accept_now(fd), EAGAIN, "which is not said to who does not wait");
	close(fd);
}

int main(void)
{
	named_later();
	end_from(SOCK_STREAM, "bytes");
	end_from(SOCK_SEQPACKET, "packets");
	named_by_sending();
	in_the_way();
	ended_listener();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX names that are in no directory, and those that Linux makes up.
 */
#include <stdio.h>

#include "sockets.h"

static char name[64], longer[80];

static void streams(void)
{
	struct sockaddr_un un;
	socklen_t len = sizeof(un);
	int server = listening(SOCK_STREAM, name, 2);
	int fd = new_socket(SOCK_STREAM), other = new_socket(SOCK_STREAM);

	ok(getsockname(server, (struct sockaddr *)&un, &len) == 0 &&
		   is_name(&un, len, name),
	   "an abstract name has no end but its length");
	fails(bind_to(other, name), EADDRINUSE, "nobody else has it");
	ok(bind_to(other, longer) == 0, "one that goes on is another");
	fails(connect_to(fd, longer), ECONNREFUSED, "where nobody listens");
	ok(connect_to(fd, name) == 0, "connect");
	close(fd);
	close(server);
	fd = new_socket(SOCK_STREAM);
	fails(connect_to(fd, name), ECONNREFUSED, "it goes with its socket");
	ok(bind_to(fd, name) == 0, "and is free");
	close(fd);
	close(other);
}

static void types(void)
{
	int stream = listening(SOCK_STREAM, name, 2);
	int dgram = new_socket(SOCK_DGRAM), client = new_socket(SOCK_DGRAM);

	fails(connect_to(dgram, name), ECONNREFUSED, "a name is of one type");
	ok(bind_to(dgram, name) == 0, "and may be of another too");
	ok(send_to(client, "x", 1, name) == 1 && reads(dgram, "x"),
	   "each is reached by its like");
	close(stream);
	close(dgram);
	close(client);
}

static int is_automatic(const struct sockaddr_un *un, socklen_t len)
{
	if (len != sizeof(sa_family_t) + 6 || un->sun_path[0] != '\0')
		return 0;
	for (int i = 1; i < 6; i++) {
		if (!strchr("0123456789abcdef", un->sun_path[i]))
			return 0;
	}
	return 1;
}

static void automatic(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX}, second;
	socklen_t len = sizeof(un), second_len = sizeof(second);
	int a = new_socket(SOCK_DGRAM), b = new_socket(SOCK_DGRAM);

	ok(bind(a, (struct sockaddr *)&un, sizeof(sa_family_t)) == 0,
	   "a name that is made up");
	ok(getsockname(a, (struct sockaddr *)&un, &len) == 0 &&
		   is_automatic(&un, len),
	   "has five digits");
	second.sun_family = AF_UNIX;
	ok(bind(b, (struct sockaddr *)&second, sizeof(sa_family_t)) == 0 &&
		   getsockname(b, (struct sockaddr *)&second, &second_len) ==
			   0 &&
		   is_automatic(&second, second_len),
	   "the next");
	ok(memcmp(&un, &second, len) != 0, "is another");
	ok(sendto(b, "x", 1, 0, (struct sockaddr *)&un, len) == 1 &&
		   reads(a, "x"),
	   "and leads there");
	close(a);
	close(b);
}

int main(void)
{
	snprintf(name, sizeof(name), "@eft test %ld", (long)getpid());
	snprintf(longer, sizeof(longer), "%s+", name);
	streams();
	types();
	automatic();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/* A stream with room: one thread sends and receives much, the other a byte. */
#include <sys/socket.h>
#include <unistd.h>

#include "fair.h"

enum { MUCH = 96 << 10, ALL = 256 << 10 };

static int fds[2];
static char data[ALL], byte;

static void much(void)
{
	need(send(fds[1], data, MUCH, 0) == MUCH);
	for (long left = MUCH; left > 0;) {
		long n = recv(fds[0], data, ALL, 0);

		need(n > 0);
		left -= n;
	}
}

static void send_little(void)
{
	need(send(fds[1], &byte, 1, 0) == 1);
}

/* What is there stays: the hog counts on it. */
static void look(void)
{
	need(recv(fds[0], data, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ||
	     errno == EAGAIN);
}

int main(void)
{
	const int room = ALL;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	need(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) ==
	     0);
	fair(much, look, "who looks at what is there has its turn");
	fair(much, send_little, "who sends a byte has its turn");
	return done();
}

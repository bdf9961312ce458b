// SPDX-License-Identifier: BSD-3-Clause
/*
 * MSG_PEEK on AF_UNIX sockets.
 */
#include "sockets.h"

enum { MANY = 20000 };

static int peeks(int fd, const char *text, size_t len)
{
	char buf[64];
	ssize_t n = recv(fd, buf, len, MSG_PEEK | MSG_DONTWAIT);

	return n == (ssize_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

static void streams(void)
{
	static char data[MANY], copy[MANY];
	int pair[2];

	new_pair(SOCK_STREAM, pair);
	fails(recv(pair[1], copy, 1, MSG_PEEK | MSG_DONTWAIT), EAGAIN,
	      "nothing to see");
	need(send_all(pair[0], "abcdef", 6) == 0);
	ok(peeks(pair[1], "abc", 3), "the first bytes");
	ok(peeks(pair[1], "abcdef", 64), "all of them");
	ok(reads(pair[1], "abcdef"), "they are still there");
	for (int i = 0; i < MANY; i++)
		data[i] = (char)(i * 11 + i / 256);
	need(send_all(pair[0], data, MANY) == 0);
	ok(recv(pair[1], copy, MANY, MSG_PEEK | MSG_WAITALL) == MANY &&
		   memcmp(copy, data, MANY) == 0,
	   "many");
	memset(copy, 0, MANY);
	ok(receive_all(pair[1], copy, MANY) == 0 &&
		   memcmp(copy, data, MANY) == 0,
	   "and read");
	close(pair[0]);
	ok(recv(pair[1], copy, 1, MSG_PEEK) == 0, "the end is seen too");
	close(pair[1]);
}

static void messages(int type)
{
	int pair[2];

	new_pair(type, pair);
	need(send(pair[0], "first", 5, 0) == 5);
	need(send(pair[0], "second", 6, 0) == 6);
	ok(peeks(pair[1], "first", 64), "the first message");
	ok(peeks(pair[1], "fir", 3), "a part of it");
	ok(recv(pair[1], NULL, 0, MSG_PEEK | MSG_TRUNC) == 5, "its length");
	ok(reads(pair[1], "first"), "read it");
	ok(peeks(pair[1], "second", 64), "the next");
	close_pair(pair);
}

int main(void)
{
	streams();
	messages(SOCK_DGRAM);
	messages(SOCK_SEQPACKET);
	return done();
}

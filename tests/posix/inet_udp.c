// SPDX-License-Identifier: BSD-3-Clause
/*
 * Datagrams: to and from, connected, of no length, as large as can be.
 */
#include "inet.h"

static void echo(int family)
{
	int fd = bound(family, SOCK_DGRAM),
	    other = new_socket(family, SOCK_DGRAM);
	union address from;
	socklen_t len = sizeof(from);
	char buf[16];

	ok(own_port(other) == 0, "a new socket has no port");
	ok(send_to(other, "hello", 5, fd) == 5, "send to a name");
	ok(own_port(other) > 0, "which chooses a port");
	ok(recvfrom(fd, buf, sizeof(buf), 0, &from.any, &len) == 5 &&
		   memcmp(buf, "hello", 5) == 0,
	   "it comes");
	ok(len == address_len(&from) && port_of(&from) == own_port(other),
	   "from that port");
	ok(sendto(fd, "back", 4, 0, &from.any, len) == 4 &&
		   reads_one(other, "back"),
	   "an answer");
	close(fd);
	close(other);
}

static void lengths(int family)
{
	static char block[65508], in[65536];
	int pair[2];
	/* IPv6's is 65527, and 65487 the libOS's own stack's: CAVEATS. */
	size_t most = family == AF_INET ? 65507 : 65487;

	memset(block, 'm', sizeof(block));
	datagrams(family, pair);
	ok(send(pair[0], NULL, 0, 0) == 0, "nothing is a datagram");
	ok(recv(pair[1], in, sizeof(in), 0) == 0, "of no bytes");
	ok(send(pair[0], block, most, 0) == (ssize_t)most, "a large one");
	ok(recv(pair[1], in, sizeof(in), 0) == (ssize_t)most &&
		   memcmp(in, block, most) == 0,
	   "comes as it is");
	if (family == AF_INET)
		fails(send(pair[0], block, most + 1, 0), EMSGSIZE,
		      "one more byte is too many");
	ok(send(pair[0], "after", 5, 0) == 5 && reads_one(pair[1], "after"),
	   "it works on");
	close_pair(pair);
}

static void boundaries(void)
{
	int pair[2];
	char buf[16];

	datagrams(AF_INET, pair);
	need(send(pair[0], "one", 3, 0) == 3 &&
	     send(pair[0], "two", 3, 0) == 3);
	ok(recv(pair[1], buf, sizeof(buf), MSG_PEEK) == 3, "peek at one");
	ok(reads_one(pair[1], "one") && reads_one(pair[1], "two"),
	   "each is one message");
	close_pair(pair);
}

int main(void)
{
	echo(AF_INET);
	echo(AF_INET6);
	lengths(AF_INET);
	lengths(AF_INET6);
	boundaries();
	return done();
}

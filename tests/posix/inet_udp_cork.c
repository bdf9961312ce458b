// SPDX-License-Identifier: BSD-3-Clause
/*
 * Datagrams that are made of several sends: UDP_CORK and MSG_MORE.
 */
#include <netinet/udp.h>

#include "inet.h"

static void cork(void)
{
	int pair[2];

	datagrams(AF_INET, pair);
	ok(get_option(pair[0], IPPROTO_UDP, UDP_CORK) == 0, "not at first");
	ok(set_option(pair[0], IPPROTO_UDP, UDP_CORK, 1) == 0 &&
		   get_option(pair[0], IPPROTO_UDP, UDP_CORK) == 1,
	   "UDP_CORK");
	need(send(pair[0], "ab", 2, 0) == 2 && send(pair[0], "cd", 2, 0) == 2);
	ok(polled(pair[1], POLLIN) == 0, "nothing goes");
	ok(set_option(pair[0], IPPROTO_UDP, UDP_CORK, 0) == 0 &&
		   reads_one(pair[1], "abcd"),
	   "until it is off");
	ok(send(pair[0], "e", 1, 0) == 1 && reads_one(pair[1], "e"),
	   "then each goes");
	close_pair(pair);
}

/* It goes to where the first was to go. */
static void first_target(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM);
	int one = bound(AF_INET, SOCK_DGRAM), two = bound(AF_INET, SOCK_DGRAM);
	union address to = own_address(one), other = own_address(two);

	need(sendto(fd, "a", 1, MSG_MORE, &to.any, sizeof(to.in)) == 1);
	ok(sendto(fd, "b", 1, MSG_MORE, &other.any, sizeof(other.in)) == 1,
	   "another name is not looked at");
	ok(send(fd, "c", 1, 0) == 1, "nor is there to be one");
	ok(reads_one(one, "abc"), "all is one datagram");
	ok(polled(two, POLLIN) == 0, "of one receiver");
	fails(send(fd, "d", 1, 0), EDESTADDRREQ, "then it is forgotten");
	close(fd);
	close(one);
	close(two);
}

static void too_much(void)
{
	static char block[40000];
	int pair[2];

	datagrams(AF_INET, pair);
	need(send(pair[0], block, sizeof(block), MSG_MORE) == sizeof(block));
	fails(send(pair[0], block, sizeof(block), MSG_MORE), EMSGSIZE,
	      "more than a datagram");
	ok(send(pair[0], "new", 3, 0) == 3 && reads_one(pair[1], "new"),
	   "all of it is lost");
	need(send(pair[0], "never", 5, MSG_MORE) == 5);
	close(pair[0]);
	ok(polled(pair[1], POLLIN) == 0, "what waits ends with its socket");
	close(pair[1]);
}

int main(void)
{
	cork();
	first_target();
	too_much();
	return done();
}

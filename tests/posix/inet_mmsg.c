// SPDX-License-Identifier: BSD-3-Clause
/*
 * Several datagrams at once: sendmmsg and recvmmsg.
 */
#define _GNU_SOURCE
#include <time.h>

#include "inet.h"

enum { COUNT = 8 };

static char data[COUNT][16];
static struct iovec iovs[COUNT];
static struct mmsghdr messages[COUNT];
static union address names[COUNT];

static void prepare(size_t len)
{
	for (int i = 0; i < COUNT; i++) {
		iovs[i] = (struct iovec){data[i], len};
		messages[i] = (struct mmsghdr){0};
		messages[i].msg_hdr.msg_iov = &iovs[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
}

int main(void)
{
	struct timespec none = {0, 0};
	int pair[2], right = 1;

	datagrams(AF_INET, pair);
	prepare(0);
	for (int i = 0; i < COUNT; i++) {
		memset(data[i], 'a' + i, sizeof(data[i]));
		iovs[i].iov_len = (size_t)i + 1;
	}
	ok(sendmmsg(pair[0], messages, COUNT, 0) == COUNT, "sendmmsg");
	for (int i = 0; i < COUNT; i++)
		right &= messages[i].msg_len == (unsigned)i + 1;
	ok(right, "each length");
	prepare(sizeof(data[0]));
	memset(data, 0, sizeof(data));
	for (int i = 0; i < COUNT; i++) {
		messages[i].msg_hdr.msg_name = &names[i];
		messages[i].msg_hdr.msg_namelen = sizeof(names[i]);
	}
	ok(recvmmsg(pair[1], messages, 3, 0, NULL) == 3, "recvmmsg of three");
	ok(recvmmsg(pair[1], messages + 3, COUNT - 3, MSG_WAITFORONE, NULL) ==
		   COUNT - 3,
	   "of the others");
	for (int i = 0; i < COUNT; i++)
		right &= messages[i].msg_len == (unsigned)i + 1 &&
			 data[i][i] == 'a' + i &&
			 port_of(&names[i]) == own_port(pair[0]);
	ok(right, "each in order, and from whom");
	fails(recvmmsg(pair[1], messages, 1, MSG_DONTWAIT, NULL), EAGAIN,
	      "no more");
	need(send(pair[0], "x", 1, 0) == 1);
	wait_for(pair[1], POLLIN);
	ok(recvmmsg(pair[1], messages, COUNT, MSG_WAITFORONE, NULL) == 1,
	   "MSG_WAITFORONE does not wait for more");
	need(send(pair[0], "x", 1, 0) == 1);
	ok(recvmmsg(pair[1], messages, COUNT, 0, &none) == 1,
	   "nor does a time that is over");
	close_pair(pair);
	return done();
}

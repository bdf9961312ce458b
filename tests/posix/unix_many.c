// SPDX-License-Identifier: BSD-3-Clause
/*
 * Several messages in one call: sendmmsg and recvmmsg.
 */
#define _GNU_SOURCE
#include <time.h>

#include "sockets.h"

enum { COUNT = 5, ROOM = 8 };

static char bufs[ROOM][16];
static struct iovec iovs[ROOM];
static struct mmsghdr messages[ROOM];

static void prepare(size_t len)
{
	memset(messages, 0, sizeof(messages));
	for (int i = 0; i < ROOM; i++) {
		iovs[i] = (struct iovec){bufs[i], len ? len : (size_t)i + 1};
		messages[i].msg_hdr.msg_iov = &iovs[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
}

int main(void)
{
	struct timespec soon = {.tv_nsec = 1};
	int pair[2], right = 1;

	new_pair(SOCK_SEQPACKET, pair);
	for (int i = 0; i < ROOM; i++)
		memset(bufs[i], 'a' + i, sizeof(bufs[i]));
	prepare(0);
	ok(sendmmsg(pair[0], messages, COUNT, MSG_NOSIGNAL) == COUNT, "sent");
	for (int i = 0; i < COUNT; i++)
		right &= messages[i].msg_len == (unsigned)i + 1;
	ok(right, "each with its length");
	memset(bufs, 0, sizeof(bufs));
	prepare(16);
	ok(recvmmsg(pair[1], messages, ROOM, MSG_DONTWAIT, NULL) == COUNT,
	   "received");
	for (int i = 0; i < COUNT; i++) {
		right &= messages[i].msg_len == (unsigned)i + 1;
		right &= bufs[i][i] == 'a' + i && bufs[i][i + 1] == 0;
	}
	ok(right, "each as it was sent");
	fails(recvmmsg(pair[1], messages, ROOM, MSG_DONTWAIT, NULL), EAGAIN,
	      "no more");
	prepare(0);
	need(sendmmsg(pair[0], messages, 2, 0) == 2);
	prepare(16);
	ok(recvmmsg(pair[1], messages, ROOM, MSG_WAITFORONE, NULL) == 2,
	   "MSG_WAITFORONE waits for none but the first");
	prepare(0);
	need(sendmmsg(pair[0], messages, 2, 0) == 2);
	prepare(16);
	ok(recvmmsg(pair[1], messages, ROOM, 0, &soon) == 1,
	   "a time that is over ends it");
	close(pair[0]);
	fails(sendmmsg(pair[1], messages, 2, MSG_NOSIGNAL), EPIPE,
	      "an error of the first");
	close(pair[1]);
	return done();
}

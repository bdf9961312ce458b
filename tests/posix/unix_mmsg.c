// SPDX-License-Identifier: BSD-3-Clause
/*
 * Many messages a call: how many came through where one fails, and the time
 * that is left.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>

#include "sockets.h"

enum { MESSAGES = 4 };

static char texts[MESSAGES][8];
static struct iovec iovs[MESSAGES];
static struct mmsghdr messages[MESSAGES];

/* A C library may make one call for each. */
static long send_many(int fd, unsigned count)
{
	return syscall(SYS_sendmmsg, fd, messages, count, 0);
}

static void prepare(void)
{
	for (int i = 0; i < MESSAGES; i++) {
		memcpy(texts[i], "message", 8);
		texts[i][0] = (char)('a' + i);
		iovs[i] = (struct iovec){texts[i], (size_t)(i + 1)};
		messages[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &iovs[i], .msg_iovlen = 1},
			.msg_len = 99,
		};
	}
}

static void all_go(void)
{
	struct timespec time = {.tv_sec = 100};
	int pair[2];

	new_pair(SOCK_DGRAM, pair);
	prepare();
	ok(send_many(pair[0], MESSAGES) == MESSAGES, "all go");
	ok(messages[0].msg_len == 1 && messages[3].msg_len == 4,
	   "each as long as it is");
	prepare();
	for (int i = 0; i < MESSAGES; i++)
		iovs[i].iov_len = sizeof(texts[i]);
	ok(recvmmsg(pair[1], messages, MESSAGES, 0, &time) == MESSAGES,
	   "and come");
	ok(messages[0].msg_len == 1 && messages[3].msg_len == 4 &&
		   texts[2][0] == 'c',
	   "each of them");
	ok(time.tv_sec == 99, "of the time, less is left");
	close_pair(pair);
}

static void one_fails(void)
{
	int pair[2];

	new_pair(SOCK_DGRAM, pair);
	prepare();
	messages[2].msg_hdr.msg_iovlen = 1 << 20;
	ok(send_many(pair[0], MESSAGES) == 2, "two go before one that cannot");
	ok(messages[1].msg_len == 2 && messages[2].msg_len == 99,
	   "only they are told");
	ok(reads(pair[1], "a") && reads(pair[1], "be"), "they come");
	ok(recv(pair[1], texts, 1, MSG_DONTWAIT) == -1, "and no other");
	messages[0].msg_hdr.msg_iovlen = 1 << 20;
	fails(send_many(pair[0], MESSAGES), EMSGSIZE, "the first one fails");
	prepare();
	need(send_many(pair[0], 1) == 1);
	ok(recvmmsg(pair[1], messages, MESSAGES, MSG_WAITFORONE, NULL) == 1,
	   "one is there");
	fails(recvmmsg(pair[1], messages, MESSAGES, MSG_DONTWAIT, NULL), EAGAIN,
	      "none is");
	fails(recvmmsg(pair[1], messages, MESSAGES, 0,
		       &(struct timespec){.tv_nsec = -1}),
	      EINVAL, "no such time");
	close_pair(pair);
}

int main(void)
{
	all_go();
	one_fails();
	return done();
}

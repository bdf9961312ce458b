// SPDX-License-Identifier: BSD-3-Clause
/*
 * When a datagram came: SO_TIMESTAMP and SO_TIMESTAMPNS.
 */
#define _GNU_SOURCE
#include <sys/time.h>
#include <time.h>

#include "inet.h"

static int receive(int fd, int type, size_t len, time_t *ret_sec)
{
	union {
		char bytes[64];
		struct cmsghdr aligned;
	} control;
	char c;
	struct iovec iov = {&c, 1};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control)};
	struct cmsghdr *at;

	need(recvmsg(fd, &header, 0) == 1);
	at = CMSG_FIRSTHDR(&header);
	if (at == NULL)
		return 0;
	memcpy(ret_sec, CMSG_DATA(at), sizeof(*ret_sec));
	return at->cmsg_level == SOL_SOCKET && at->cmsg_type == type &&
	       at->cmsg_len == CMSG_LEN(len);
}

int main(void)
{
	time_t sec = 0, now = time(NULL);
	int pair[2];

	datagrams(AF_INET, pair);
	need(send(pair[0], "x", 1, 0) == 1);
	ok(!receive(pair[1], 0, 0, &sec), "nobody asked");
	need(set_option(pair[1], SOL_SOCKET, SO_TIMESTAMP, 1) == 0);
	need(send(pair[0], "x", 1, 0) == 1);
	ok(receive(pair[1], SCM_TIMESTAMP, sizeof(struct timeval), &sec) &&
		   sec >= now && sec <= time(NULL),
	   "SO_TIMESTAMP");
	need(set_option(pair[1], SOL_SOCKET, SO_TIMESTAMPNS, 1) == 0);
	ok(get_option(pair[1], SOL_SOCKET, SO_TIMESTAMP) == 0,
	   "one ends the other");
	need(send(pair[0], "x", 1, 0) == 1);
	ok(receive(pair[1], SCM_TIMESTAMPNS, sizeof(struct timespec), &sec) &&
		   sec >= now && sec <= time(NULL),
	   "SO_TIMESTAMPNS");
	close_pair(pair);
	return done();
}

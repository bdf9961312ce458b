// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX SOCK_SEQPACKET: connections of messages.
 */
#include <pthread.h>
#include <sys/ioctl.h>

#include "sockets.h"

enum { PACKETS = 500 };

static void pairs(void)
{
	struct iovec iov;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	int pair[2], waiting;
	char buf[8];

	new_pair(SOCK_SEQPACKET, pair);
	ok(send(pair[0], "one", 3, MSG_EOR) == 3 &&
		   send(pair[0], "two and more", 12, 0) == 12,
	   "two packets");
	ok(ioctl(pair[1], FIONREAD, &waiting) == 0 && waiting == 15,
	   "FIONREAD counts both");
	ok(reads(pair[1], "one"), "the first");
	iov = (struct iovec){buf, 3};
	ok(recvmsg(pair[1], &message, 0) == 3 && message.msg_flags & MSG_TRUNC,
	   "the second is cut, and says so");
	fails(recv(pair[1], buf, 8, MSG_DONTWAIT), EAGAIN, "its rest is lost");
	close(pair[0]);
	ok(recv(pair[1], buf, 8, 0) == 0, "the end");
	fails(send(pair[1], "x", 1, MSG_NOSIGNAL), EPIPE, "nobody to send to");
	close(pair[1]);
}

static void *serve(void *arg)
{
	int fd = accept(*(int *)arg, NULL, NULL);
	int value;
	long sum = 0;

	while (recv(fd, &value, sizeof(value), 0) == sizeof(value))
		sum += value;
	send(fd, &sum, sizeof(sum), MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static void connection(void)
{
	int server = listening(SOCK_SEQPACKET, "server", 4);
	int fd = new_socket(SOCK_SEQPACKET), sent = 0;
	pthread_t thread;
	long sum = 0;

	fails(send(fd, "x", 1, MSG_NOSIGNAL), ENOTCONN, "not yet connected");
	fails(recv(fd, &sum, 1, 0), ENOTCONN, "neither way");
	need(pthread_create(&thread, NULL, serve, &server) == 0);
	ok(connect_to(fd, "server") == 0, "connect");
	for (int i = 0; i < PACKETS; i++)
		sent += send(fd, &i, sizeof(i), 0) == sizeof(i);
	ok(sent == PACKETS, "many packets");
	ok(shutdown(fd, SHUT_WR) == 0 &&
		   recv(fd, &sum, sizeof(sum), 0) == sizeof(sum) &&
		   sum == PACKETS * (PACKETS - 1) / 2,
	   "have the right sum");
	need(pthread_join(thread, NULL) == 0);
	close(fd);
	close(server);
	unlink("server");
}

int main(void)
{
	pairs();
	connection();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * A connection that is sent over an AF_UNIX socket.
 */
#define _GNU_SOURCE
#include "inet.h"

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr aligned;
};

static void send_fd(int by, int fd)
{
	union control control = {{0}};
	struct iovec iov = {(char *)"x", 1};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control)};
	struct cmsghdr *at = CMSG_FIRSTHDR(&header);

	at->cmsg_level = SOL_SOCKET;
	at->cmsg_type = SCM_RIGHTS;
	at->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(at), &fd, sizeof(fd));
	need(sendmsg(by, &header, 0) == 1);
}

static int receive_fd(int by)
{
	union control control;
	char c;
	struct iovec iov = {&c, 1};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control)};
	int fd;

	need(recvmsg(by, &header, 0) == 1);
	need(header.msg_controllen > 0);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(fd));
	return fd;
}

int main(void)
{
	int pair[2], by[2], fd;

	connected(AF_INET, pair);
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, by) == 0);
	send_fd(by[0], pair[0]);
	close(pair[0]);
	need(send_all(pair[1], "early", 5) == 0);
	fd = receive_fd(by[1]);
	ok(fd >= 0 && get_option(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET,
	   "a connection comes");
	ok(reads(fd, "early"), "and what it was sent on the way");
	ok(send_all(fd, "late", 4) == 0 && reads(pair[1], "late"), "it works");
	send_fd(by[0], fd);
	close(fd);
	close_pair(by);
	ok(ends(pair[1]), "one that nobody took is closed");
	/* Descriptors mean nothing to a connection, and Linux says nothing. */
	close(pair[1]);
	connected(AF_INET, pair);
	send_fd(pair[0], 0);
	ok(reads(pair[1], "x"), "connections pass none on");
	close_pair(pair);
	return done();
}

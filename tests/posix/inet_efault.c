// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pointers that lead nowhere, in every call on sockets.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>

#include "inet.h"

#define BAD ((void *)16)

/* Without the C library's checks and warnings. */
#define CALL(name, ...) syscall(SYS_##name, __VA_ARGS__)

static void names(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM),
	    server = listening(AF_INET, 5);
	int client = new_socket(AF_INET, SOCK_STREAM);
	union address address;
	socklen_t len = sizeof(address);

	fails(CALL(bind, fd, BAD, 16), EFAULT, "bind");
	fails(CALL(connect, fd, BAD, 16), EFAULT, "connect");
	fails(CALL(getsockname, fd, BAD, &len), EFAULT, "getsockname");
	fails(CALL(getsockname, fd, &address, BAD), EFAULT, "its length");
	need(connect_to(client, server) == 0);
	fails(CALL(getpeername, client, BAD, &len), EFAULT, "getpeername");
	fails(CALL(accept, server, &address, BAD), EFAULT, "accept");
	close(fd);
	close(client);
	close(server);
}

static void options(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM), value;
	socklen_t len = sizeof(value);

	fails(CALL(setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, BAD, 4), EFAULT,
	      "setsockopt");
	fails(CALL(setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, BAD, 4), EFAULT,
	      "of TCP");
	fails(CALL(getsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, BAD, &len), EFAULT,
	      "getsockopt");
	fails(CALL(getsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &value, BAD),
	      EFAULT, "its length");
	fails(CALL(getsockopt, fd, IPPROTO_TCP, TCP_NODELAY, BAD, &len), EFAULT,
	      "of TCP");
	fails(CALL(ioctl, fd, TIOCOUTQ, BAD), EFAULT, "ioctl");
	close(fd);
}

static void streams(void)
{
	struct iovec iov = {BAD, 4};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	int pair[2];

	connected(AF_INET, pair);
	fails(CALL(sendto, pair[0], BAD, 4, 0, NULL, 0), EFAULT, "send");
	fails(CALL(write, pair[0], BAD, 4), EFAULT, "write");
	fails(CALL(sendmsg, pair[0], BAD, 0), EFAULT, "sendmsg");
	fails(CALL(sendmsg, pair[0], &header, 0), EFAULT, "its data");
	need(send_all(pair[1], "kept", 4) == 0);
	wait_for(pair[0], POLLIN);
	fails(CALL(recvfrom, pair[0], BAD, 4, 0, NULL, NULL), EFAULT, "recv");
	fails(CALL(read, pair[0], BAD, 4), EFAULT, "read");
	fails(CALL(recvmsg, pair[0], BAD, 0), EFAULT, "recvmsg");
	fails(CALL(recvmsg, pair[0], &header, 0), EFAULT, "its data");
	ok(reads(pair[0], "kept"), "nothing was lost");
	close_pair(pair);
}

static void datagram(void)
{
	struct iovec iov = {(char *)"x", 1};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = BAD,
				.msg_controllen = 64};
	int pair[2];

	datagrams(AF_INET, pair);
	fails(CALL(sendto, pair[0], BAD, 4, 0, NULL, 0), EFAULT, "datagrams");
	fails(CALL(sendto, pair[0], "x", 1, 0, BAD, 16), EFAULT, "a name");
	fails(CALL(sendmsg, pair[0], &header, 0), EFAULT, "control data");
	header.msg_controllen = 0;
	header.msg_name = BAD;
	header.msg_namelen = 16;
	fails(CALL(sendmsg, pair[0], &header, 0), EFAULT, "sendmsg's name");
	ok(polled(pair[1], POLLIN) == 0, "nothing went");
	close_pair(pair);
}

int main(void)
{
	names();
	options();
	streams();
	datagram();
	return done();
}

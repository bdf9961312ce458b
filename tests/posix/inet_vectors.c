// SPDX-License-Identifier: BSD-3-Clause
/*
 * Vectors: readv, writev, sendmsg and recvmsg.
 */
#define _GNU_SOURCE
#include <sys/uio.h>

#include "inet.h"

static void streams(void)
{
	char a[2], b[3], c[5];
	struct iovec out[] = {
		{(char *)"one", 3}, {NULL, 0}, {(char *)"twothree", 8}};
	struct iovec in[] = {{a, 2}, {b, 3}, {c, 5}};
	struct msghdr header = {.msg_iov = out, .msg_iovlen = 3};
	int pair[2];

	connected(AF_INET, pair);
	ok(writev(pair[0], out, 3) == 11, "writev");
	ok(reads(pair[1], "onetwothree"), "arrives as a whole");
	ok(sendmsg(pair[0], &header, 0) == 11, "sendmsg");
	wait_for(pair[1], POLLIN);
	ok(readv(pair[1], in, 3) == 10 && memcmp(a, "on", 2) == 0 &&
		   memcmp(b, "etw", 3) == 0 && memcmp(c, "othre", 5) == 0,
	   "readv");
	header = (struct msghdr){.msg_iov = in, .msg_iovlen = 3};
	ok(recvmsg(pair[1], &header, 0) == 1 && a[0] == 'e', "the rest");
	ok(header.msg_flags == 0 && header.msg_controllen == 0, "no flags");
	close_pair(pair);
}

static void datagram(void)
{
	char a[2], b[8];
	struct iovec out[] = {{(char *)"one", 3}, {(char *)"two", 3}};
	struct iovec in[] = {{a, 2}, {b, 8}};
	int from = bound(AF_INET, SOCK_DGRAM), to = bound(AF_INET, SOCK_DGRAM);
	union address address = own_address(to), source;
	struct msghdr header = {.msg_name = &address,
				.msg_namelen = sizeof(address.in),
				.msg_iov = out,
				.msg_iovlen = 2};

	ok(sendmsg(from, &header, 0) == 6, "sendmsg of a datagram");
	header = (struct msghdr){.msg_name = &source,
				 .msg_namelen = sizeof(source),
				 .msg_iov = in,
				 .msg_iovlen = 2};
	ok(recvmsg(to, &header, 0) == 6 && memcmp(a, "on", 2) == 0 &&
		   memcmp(b, "etwo", 4) == 0,
	   "recvmsg");
	ok(header.msg_namelen == sizeof(source.in) &&
		   source.in.sin_port == own_address(from).in.sin_port,
	   "who sent it");
	header.msg_namelen = sizeof(address.storage) + 100;
	header.msg_name = &address;
	ok(sendmsg(from, &header, 0) == 10, "a long name is cut");
	need(recv(to, b, 8, 0) == 8);
	close(from);
	close(to);
}

static void errors(void)
{
	struct iovec many[1025] = {{NULL, 0}};
	struct msghdr header = {.msg_iov = many, .msg_iovlen = 1025};
	int pair[2];

	connected(AF_INET, pair);
	fails(sendmsg(pair[0], &header, 0), EMSGSIZE, "too many parts");
	fails(writev(pair[0], many, 1025), EINVAL, "of writev");
	header.msg_iovlen = 1024;
	ok(sendmsg(pair[0], &header, 0) == 0, "1,024 of nothing");
	close_pair(pair);
}

int main(void)
{
	streams();
	datagram();
	errors();
	return done();
}

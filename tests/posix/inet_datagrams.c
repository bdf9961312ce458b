// SPDX-License-Identifier: BSD-3-Clause
/*
 * UDP over the loopback interface: sizes, truncation, connected sockets, errors
 * that others report, an IPv6 socket for both, and control messages.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

enum { MOST = 65507 };

static struct sockaddr_in name;

static int bound(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(name);

	name = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	need(fd >= 0);
	need(bind(fd, (void *)&name, sizeof(name)) == 0);
	need(getsockname(fd, (void *)&name, &len) == 0);
	need(name.sin_port != 0);
	return fd;
}

static int polled(int fd)
{
	struct pollfd poll_fd = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};

	need(poll(&poll_fd, 1, 0) >= 0);
	return poll_fd.revents;
}

static void test_sizes(void)
{
	static char data[MOST + 1], got[MOST + 1];
	static const int sizes[] = {0, 1, 1472, 1473, 9000, 40000, MOST};
	int to = bound(), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	for (int i = 0; i < MOST; i++)
		data[i] = (char)(i * 13 + i / 256);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ok(sendto(fd, data, sizes[i], 0, (void *)&name, sizeof(name)) ==
			   sizes[i],
		   "a datagram is sent");
		ok(recvfrom(to, got, sizeof(got), 0, (void *)&from, &len) ==
			   sizes[i],
		   "and has its size");
		ok(memcmp(got, data, sizes[i]) == 0, "and its bytes");
		need(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	}
	fails(sendto(fd, data, MOST + 1, 0, (void *)&name, sizeof(name)),
	      EMSGSIZE, "too large a one is not");
	need(close(fd) == 0 && close(to) == 0);
}

static void test_truncation(void)
{
	int to = bound(), fd = socket(AF_INET, SOCK_DGRAM, 0), queued;
	char got[4];
	struct iovec iov = {got, sizeof(got)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	need(connect(fd, (void *)&name, sizeof(name)) == 0);
	ok(polled(to) == POLLOUT, "nothing is there");
	for (int i = 0; i < 4; i++)
		need(send(fd, "0123456789", 10, 0) == 10);
	ok(polled(to) == (POLLIN | POLLOUT), "something is there");
	ok(ioctl(to, FIONREAD, &queued) == 0 && queued == 10, "FIONREAD");
	ok(recv(to, got, 4, MSG_PEEK) == 4, "a look");
	ok(recv(to, got, 4, MSG_PEEK | MSG_TRUNC) == 10, "at the whole length");
	ok(recv(to, got, 4, 0) == 4 && memcmp(got, "0123", 4) == 0, "is cut");
	ok(recv(to, got, 4, MSG_TRUNC) == 10, "its length is told");
	ok(recvmsg(to, &message, 0) == 4 && message.msg_flags == MSG_TRUNC,
	   "recvmsg() says so");
	need(recv(to, got, 4, MSG_DONTWAIT) == 4);
	fails(recv(to, got, 4, MSG_DONTWAIT), EAGAIN, "no more is there");
	need(close(fd) == 0 && close(to) == 0);
}

static void test_connected(void)
{
	int to = bound(), fd = socket(AF_INET, SOCK_DGRAM, 0), other;
	struct sockaddr_in peer, unspecified = {.sin_family = AF_UNSPEC};
	socklen_t len = sizeof(peer);
	char got[4];

	fails(send(fd, "x", 1, 0), EDESTADDRREQ, "nowhere to send to");
	fails(getpeername(fd, (void *)&peer, &len), ENOTCONN, "no peer");
	need(connect(fd, (void *)&name, sizeof(name)) == 0);
	ok(getpeername(fd, (void *)&peer, &len) == 0 &&
		   peer.sin_port == name.sin_port,
	   "the peer");
	ok(getsockname(fd, (void *)&peer, &len) == 0 &&
		   peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK),
	   "an address is chosen");
	other = socket(AF_INET, SOCK_DGRAM, 0);
	need(sendto(other, "bad", 3, 0, (void *)&peer, len) == 3);
	fails(recv(fd, got, 4, MSG_DONTWAIT), EAGAIN, "no stranger is heard");
	need(sendto(to, "good", 4, 0, (void *)&peer, len) == 4);
	ok(recv(fd, got, 4, 0) == 4, "the peer is");
	need(close(to) == 0);
	need(send(fd, "x", 1, 0) == 1);
	ok(polled(fd) == (POLLIN | POLLOUT | POLLERR) ||
		   polled(fd) == (POLLOUT | POLLERR),
	   "an error is reported");
	fails(recv(fd, got, 4, 0), ECONNREFUSED, "nobody is there");
	ok(connect(fd, (void *)&unspecified, sizeof(unspecified)) == 0,
	   "disconnect");
	fails(getpeername(fd, (void *)&peer, &len), ENOTCONN, "no peer again");
	need(close(fd) == 0 && close(other) == 0);
}

static void test_dual(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6}, from;
	int to = socket(AF_INET6, SOCK_DGRAM, 0), only = 1;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(any);
	char got[4];

	need(bind(to, (void *)&any, sizeof(any)) == 0);
	need(getsockname(to, (void *)&any, &len) == 0);
	name.sin_port = any.sin6_port;
	need(sendto(fd, "four", 4, 0, (void *)&name, sizeof(name)) == 4);
	ok(recvfrom(to, got, 4, 0, (void *)&from, &len) == 4 &&
		   IN6_IS_ADDR_V4MAPPED(&from.sin6_addr),
	   "IPv4 for an IPv6 socket");
	need(sendto(to, "back", 4, 0, (void *)&from, len) == 4);
	ok(recv(fd, got, 4, 0) == 4, "and back");
	any.sin6_addr = in6addr_loopback;
	need(sendto(to, "self", 4, 0, (void *)&any, len) == 4);
	ok(recvfrom(to, got, 4, 0, (void *)&from, &len) == 4 &&
		   IN6_IS_ADDR_LOOPBACK(&from.sin6_addr),
	   "IPv6");
	fails(setsockopt(to, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)),
	      EINVAL, "IPV6_V6ONLY comes too late");
	need(close(to) == 0 && close(fd) == 0);
}

static void test_control(void)
{
	int to = bound(), fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1, ttl = 9;
	_Alignas(8) char control[128];
	char got[4];
	struct iovec iov = {got, sizeof(got)};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	int seen = 0;

	need(setsockopt(to, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0);
	need(setsockopt(to, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)) == 0);
	need(setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)) == 0);
	need(sendto(fd, "data", 4, 0, (void *)&name, sizeof(name)) == 4);
	need(recvmsg(to, &message, 0) == 4);
	for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at != NULL;
	     at = CMSG_NXTHDR(&message, at)) {
		struct in_pktinfo *info = (void *)CMSG_DATA(at);

		if (at->cmsg_type == IP_PKTINFO)
			seen |= info->ipi_ifindex == 1 &&
				info->ipi_addr.s_addr == htonl(INADDR_LOOPBACK);
		if (at->cmsg_type == IP_TTL)
			seen |= *(int *)CMSG_DATA(at) == 9 ? 2 : 0;
	}
	ok(seen == 3, "the interface and the TTL");
	need(close(to) == 0 && close(fd) == 0);
}

int main(void)
{
	test_sizes();
	test_truncation();
	test_connected();
	test_dual();
	test_control();
	return done();
}

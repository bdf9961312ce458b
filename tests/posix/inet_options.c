// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options: what they are at first, and that they are kept.
 */
#include <sys/time.h>

#include "inet.h"

struct option {
	int level, name, first, second;
	const char *what;
};

static const struct option streams[] = {
	{SOL_SOCKET, SO_REUSEADDR, 0, 1, "SO_REUSEADDR"},
	{SOL_SOCKET, SO_REUSEPORT, 0, 1, "SO_REUSEPORT"},
	{SOL_SOCKET, SO_KEEPALIVE, 0, 1, "SO_KEEPALIVE"},
	{SOL_SOCKET, SO_BROADCAST, 0, 1, "SO_BROADCAST"},
	{SOL_SOCKET, SO_OOBINLINE, 0, 1, "SO_OOBINLINE"},
	{SOL_SOCKET, SO_DONTROUTE, 0, 1, "SO_DONTROUTE"},
	{SOL_SOCKET, SO_PRIORITY, 0, 5, "SO_PRIORITY"},
	{SOL_SOCKET, SO_RCVLOWAT, 1, 7, "SO_RCVLOWAT"},
	{SOL_SOCKET, SO_TIMESTAMP, 0, 1, "SO_TIMESTAMP"},
	{IPPROTO_TCP, TCP_NODELAY, 0, 1, "TCP_NODELAY"},
	{IPPROTO_TCP, TCP_CORK, 0, 1, "TCP_CORK"},
	{IPPROTO_TCP, TCP_KEEPIDLE, 7200, 60, "TCP_KEEPIDLE"},
	{IPPROTO_TCP, TCP_KEEPINTVL, 75, 10, "TCP_KEEPINTVL"},
	{IPPROTO_TCP, TCP_KEEPCNT, 9, 3, "TCP_KEEPCNT"},
	{IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 5000, "TCP_USER_TIMEOUT"},
	{IPPROTO_TCP, TCP_QUICKACK, 1, 0, "TCP_QUICKACK"},
	{IPPROTO_TCP, TCP_SYNCNT, 6, 3, "TCP_SYNCNT"},
	{IPPROTO_TCP, TCP_LINGER2, 60, 90, "TCP_LINGER2"},
	{IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 63, "TCP_DEFER_ACCEPT"},
	{IPPROTO_IP, IP_TTL, 64, 33, "IP_TTL"},
	{IPPROTO_IP, IP_TOS, 0, 0x10, "IP_TOS"},
};

static const struct option datagram[] = {
	{SOL_SOCKET, SO_BROADCAST, 0, 1, "SO_BROADCAST"},
	{IPPROTO_IP, IP_TTL, 64, 33, "IP_TTL"},
	{IPPROTO_IP, IP_TOS, 0, 0x10, "IP_TOS"},
	{IPPROTO_IP, IP_PKTINFO, 0, 1, "IP_PKTINFO"},
	{IPPROTO_IP, IP_RECVTTL, 0, 1, "IP_RECVTTL"},
	{IPPROTO_IP, IP_RECVTOS, 0, 1, "IP_RECVTOS"},
	{IPPROTO_IP, IP_FREEBIND, 0, 1, "IP_FREEBIND"},
	{IPPROTO_IP, IP_MULTICAST_TTL, 1, 4, "IP_MULTICAST_TTL"},
	{IPPROTO_IP, IP_MULTICAST_LOOP, 1, 0, "IP_MULTICAST_LOOP"},
};

static const struct option six[] = {
	{IPPROTO_IPV6, IPV6_V6ONLY, 0, 1, "IPV6_V6ONLY"},
	{IPPROTO_IPV6, IPV6_UNICAST_HOPS, 64, 33, "IPV6_UNICAST_HOPS"},
	{IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1, 4, "IPV6_MULTICAST_HOPS"},
	{IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1, 0, "IPV6_MULTICAST_LOOP"},
	{IPPROTO_IPV6, IPV6_RECVPKTINFO, 0, 1, "IPV6_RECVPKTINFO"},
	{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 0, 1, "IPV6_RECVHOPLIMIT"},
	{IPPROTO_IPV6, IPV6_TCLASS, 0, 0x10, "IPV6_TCLASS"},
};

static void table(int fd, const struct option *options, int count)
{
	for (int i = 0; i < count; i++) {
		const struct option *o = &options[i];
		int first = get_option(fd, o->level, o->name);

		ok(first == o->first &&
			   set_option(fd, o->level, o->name, o->second) == 0 &&
			   get_option(fd, o->level, o->name) == o->second,
		   o->what);
	}
	close(fd);
}

static void sizes(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM);

	ok(set_option(fd, SOL_SOCKET, SO_SNDBUF, 20000) == 0 &&
		   get_option(fd, SOL_SOCKET, SO_SNDBUF) == 40000,
	   "SO_SNDBUF");
	ok(set_option(fd, SOL_SOCKET, SO_RCVBUF, 20000) == 0 &&
		   get_option(fd, SOL_SOCKET, SO_RCVBUF) == 40000,
	   "SO_RCVBUF");
	close(fd);
}

static void linger(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM);
	struct linger value = {9, 9};
	socklen_t len = sizeof(value);

	ok(getsockopt(fd, SOL_SOCKET, SO_LINGER, &value, &len) == 0 &&
		   len == sizeof(value) && value.l_onoff == 0,
	   "SO_LINGER is off");
	value = (struct linger){1, 5};
	ok(setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, len) == 0, "and on");
	memset(&value, 0, sizeof(value));
	ok(getsockopt(fd, SOL_SOCKET, SO_LINGER, &value, &len) == 0 &&
		   value.l_onoff == 1 && value.l_linger == 5,
	   "for five seconds");
	close(fd);
}

static void errors(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM), value = 0;
	struct timeval bad = {0, 1000000};
	socklen_t len = sizeof(value);

	fails(getsockopt(fd, SOL_SOCKET, 999, &value, &len), ENOPROTOOPT,
	      "no such option");
	fails(set_option(fd, SOL_SOCKET, 999, 1), ENOPROTOOPT, "to set");
	fails(getsockopt(fd, IPPROTO_TCP, 999, &value, &len), ENOPROTOOPT,
	      "nor of TCP");
	fails(set_option(fd, IPPROTO_TCP, 999, 1), ENOPROTOOPT, "to set");
	fails(set_option(fd, IPPROTO_IP, 999, 1), ENOPROTOOPT, "nor of IP");
	fails(set_option(fd, IPPROTO_IP, IP_TTL, 256), EINVAL, "IP_TTL of 256");
	fails(set_option(fd, IPPROTO_IP, IP_TTL, 0), EINVAL, "or of 0");
	fails(set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 0), EINVAL,
	      "TCP_KEEPCNT of 0");
	fails(set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 40000), EINVAL,
	      "TCP_KEEPIDLE of half a day");
	ok(set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 8) == 0 &&
		   get_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT) == 15,
	   "TCP_DEFER_ACCEPT is counted in SYNs");
	fails(set_option(fd, IPPROTO_TCP, TCP_SYNCNT, 128), EINVAL,
	      "TCP_SYNCNT of 128");
	fails(set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, -1), EINVAL,
	      "TCP_USER_TIMEOUT of less than nothing");
	fails(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, 3), EINVAL,
	      "too short");
	fails(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, 3), EINVAL,
	      "of TCP too");
	fails(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, (socklen_t)-1),
	      EINVAL, "less than nothing");
	fails(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bad, sizeof(bad)), EDOM,
	      "a time that is none");
	ok(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0) == 0,
	   "to no device");
	fails(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "none9", 5), ENODEV,
	      "a device that is not there");
	close(fd);
}

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int main(void)
{
	table(new_socket(AF_INET, SOCK_STREAM), streams, COUNT(streams));
	table(new_socket(AF_INET, SOCK_DGRAM), datagram, COUNT(datagram));
	table(new_socket(AF_INET6, SOCK_DGRAM), six, COUNT(six));
	sizes();
	linger();
	errors();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Control messages of IP and IPv6: where a datagram came, its TTL and TOS.
 */
#define _GNU_SOURCE
#include "inet.h"

union control {
	char bytes[256];
	struct cmsghdr aligned;
};

static ssize_t receive(int fd, union control *control, size_t room,
		       struct msghdr *header)
{
	static char buf[16];
	static struct iovec iov = {buf, sizeof(buf)};

	*header = (struct msghdr){.msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control->bytes,
				  .msg_controllen = room};
	return recvmsg(fd, header, 0);
}

static const void *find(struct msghdr *header, int level, int type, size_t len)
{
	struct cmsghdr *at = CMSG_FIRSTHDR(header);

	for (; at != NULL; at = CMSG_NXTHDR(header, at))
		if (at->cmsg_level == level && at->cmsg_type == type)
			return at->cmsg_len == CMSG_LEN(len) ? CMSG_DATA(at)
							     : NULL;
	return NULL;
}

static void four(void)
{
	int pair[2];
	union control control;
	struct msghdr header;
	const struct in_pktinfo *info;
	const int *ttl;

	datagrams(AF_INET, pair);
	need(set_option(pair[1], IPPROTO_IP, IP_PKTINFO, 1) == 0);
	need(set_option(pair[1], IPPROTO_IP, IP_RECVTTL, 1) == 0);
	need(set_option(pair[0], IPPROTO_IP, IP_TTL, 44) == 0);
	need(send(pair[0], "x", 1, 0) == 1);
	need(receive(pair[1], &control, sizeof(control), &header) == 1);
	info = find(&header, IPPROTO_IP, IP_PKTINFO, sizeof(*info));
	ok(info != NULL && info->ipi_ifindex == 1 &&
		   info->ipi_addr.s_addr == htonl(INADDR_LOOPBACK),
	   "IP_PKTINFO");
	ttl = find(&header, IPPROTO_IP, IP_TTL, sizeof(*ttl));
	ok(ttl != NULL && *ttl == 44, "IP_TTL");
	ok(!(header.msg_flags & MSG_CTRUNC), "all of it");
	need(send(pair[0], "x", 1, 0) == 1);
	need(receive(pair[1], &control, 20, &header) == 1);
	ok(header.msg_flags & MSG_CTRUNC, "cut to its room");
	need(send(pair[0], "x", 1, 0) == 1);
	need(receive(pair[1], &control, 0, &header) == 1);
	ok(header.msg_flags & MSG_CTRUNC && header.msg_controllen == 0,
	   "of none");
	need(send(pair[0], "x", 1, 0) == 1);
	ok(reads_one(pair[1], "x"), "nobody has to ask");
	close_pair(pair);
}

static void six(void)
{
	int pair[2];
	union control control;
	struct msghdr header;
	const struct in6_pktinfo *info;
	const int *hops;

	datagrams(AF_INET6, pair);
	need(set_option(pair[1], IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == 0);
	need(set_option(pair[1], IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) == 0);
	need(send(pair[0], "x", 1, 0) == 1);
	need(receive(pair[1], &control, sizeof(control), &header) == 1);
	info = find(&header, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(*info));
	ok(info != NULL && info->ipi6_ifindex == 1 &&
		   IN6_IS_ADDR_LOOPBACK(&info->ipi6_addr),
	   "IPV6_PKTINFO");
	hops = find(&header, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(*hops));
	ok(hops != NULL && *hops == 64, "IPV6_HOPLIMIT");
	close_pair(pair);
}

/* A sender says from where, and how far. */
static void sending(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM),
	    in = bound(AF_INET, SOCK_DGRAM);
	union address to = own_address(in), from;
	socklen_t len = sizeof(from);
	union control control = {{0}};
	struct iovec iov = {(char *)"x", 1};
	struct msghdr header = {.msg_name = &to,
				.msg_namelen = sizeof(to.in),
				.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen =
					CMSG_SPACE(sizeof(struct in_pktinfo))};
	struct cmsghdr *at = CMSG_FIRSTHDR(&header);
	struct in_pktinfo info = {.ipi_spec_dst = {htonl(0x7f000007)}};
	char c;

	at->cmsg_level = IPPROTO_IP;
	at->cmsg_type = IP_PKTINFO;
	at->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(at), &info, sizeof(info));
	ok(sendmsg(fd, &header, 0) == 1, "send from 127.0.0.7");
	ok(recvfrom(in, &c, 1, 0, &from.any, &len) == 1 &&
		   from.in.sin_addr.s_addr == htonl(0x7f000007),
	   "it is from there");
	at->cmsg_len = 3;
	fails(sendmsg(fd, &header, 0), EINVAL, "shorter than its header");
	at->cmsg_len = sizeof(control) + 1;
	fails(sendmsg(fd, &header, 0), EINVAL, "longer than all");
	close(fd);
	close(in);
}

int main(void)
{
	four();
	six();
	sending();
	return done();
}

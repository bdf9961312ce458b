// SPDX-License-Identifier: BSD-3-Clause
/*
 * Control messages of senders: what one datagram has for itself, and which are
 * refused.
 */
#define _GNU_SOURCE
#include "inet.h"

union control {
	char bytes[256];
	struct cmsghdr aligned;
};

static int in;

static ssize_t send_with(int fd, int level, int type, const void *data,
			 size_t len)
{
	union address to = own_address(in);
	union control control = {{0}};
	struct iovec iov = {(char *)"x", 1};
	struct msghdr header = {.msg_name = &to,
				.msg_namelen = address_len(&to),
				.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = CMSG_SPACE(len)};
	struct cmsghdr *at = CMSG_FIRSTHDR(&header);

	at->cmsg_level = level;
	at->cmsg_type = type;
	at->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(at), data, len);
	return sendmsg(fd, &header, 0);
}

static ssize_t send_number(int fd, int level, int type, int number)
{
	return send_with(fd, level, type, &number, sizeof(number));
}

/* The first control message of the next datagram, as a number; -1: none. */
static int told(int level, int type)
{
	union control control;
	char c;
	struct iovec iov = {&c, 1};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control)};
	struct cmsghdr *at;
	int number = 0;

	need(recvmsg(in, &header, 0) == 1);
	at = CMSG_FIRSTHDR(&header);
	if (at == NULL || at->cmsg_level != level || at->cmsg_type != type)
		return -1;
	memcpy(&number, CMSG_DATA(at), at->cmsg_len - CMSG_LEN(0));
	return number;
}

static void four(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM);
	struct in_pktinfo info = {.ipi_ifindex = 7777};

	in = bound(AF_INET, SOCK_DGRAM);
	need(set_option(in, IPPROTO_IP, IP_RECVTTL, 1) == 0);
	ok(send_number(fd, IPPROTO_IP, IP_TTL, 9) == 1 &&
		   told(IPPROTO_IP, IP_TTL) == 9,
	   "IP_TTL of one datagram");
	need(send_to(fd, "x", 1, in) == 1);
	ok(told(IPPROTO_IP, IP_TTL) == 64, "the next has the socket's");
	need(set_option(in, IPPROTO_IP, IP_RECVTTL, 0) == 0);
	need(set_option(in, IPPROTO_IP, IP_RECVTOS, 1) == 0);
	ok(send_number(fd, IPPROTO_IP, IP_TOS, 0x10) == 1 &&
		   told(IPPROTO_IP, IP_TOS) == 0x10,
	   "IP_TOS");
	fails(send_number(fd, IPPROTO_IP, IP_TTL, 0), EINVAL, "no TTL of 0");
	fails(send_number(fd, IPPROTO_IP, IP_TTL, 256), EINVAL, "nor of 256");
	fails(send_with(fd, IPPROTO_IP, IP_TTL, "a", 1), EINVAL,
	      "nor of a byte");
	fails(send_number(fd, IPPROTO_IP, 9999, 1), EINVAL, "no such type");
	fails(send_with(fd, IPPROTO_IP, IP_PKTINFO, &info, 4), EINVAL,
	      "an IP_PKTINFO that is too short");
	fails(send_with(fd, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info)),
	      ENODEV, "of no interface");
	info.ipi_ifindex = 0;
	info.ipi_spec_dst.s_addr = htonl(0xefff0102);
	fails(send_with(fd, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info)),
	      EINVAL, "from a group");
	ok(send_number(fd, 7777, 1, 1) == 1 && told(0, 0) == -1,
	   "another level's is nobody's");
	close(fd);
	close(in);
}

static void six(void)
{
	int fd = new_socket(AF_INET6, SOCK_DGRAM);
	struct in6_pktinfo info = {.ipi6_ifindex = 7777};

	in = bound(AF_INET6, SOCK_DGRAM);
	need(set_option(in, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) == 0);
	ok(send_number(fd, IPPROTO_IPV6, IPV6_HOPLIMIT, 9) == 1 &&
		   told(IPPROTO_IPV6, IPV6_HOPLIMIT) == 9,
	   "IPV6_HOPLIMIT");
	ok(send_number(fd, IPPROTO_IPV6, IPV6_HOPLIMIT, -1) == 1 &&
		   told(IPPROTO_IPV6, IPV6_HOPLIMIT) == 64,
	   "-1 is the socket's");
	fails(send_number(fd, IPPROTO_IPV6, IPV6_HOPLIMIT, 256), EINVAL,
	      "no limit of 256");
	need(set_option(in, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 0) == 0);
	need(set_option(in, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) == 0);
	ok(send_number(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x20) == 1 &&
		   told(IPPROTO_IPV6, IPV6_TCLASS) == 0x20,
	   "IPV6_TCLASS");
	fails(send_with(fd, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info)),
	      ENODEV, "IPV6_PKTINFO of no interface");
	info.ipi6_ifindex = 0;
	ok(send_with(fd, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info)) == 1,
	   "of any");
	info.ipi6_addr = in6addr_loopback;
	info.ipi6_addr.s6_addr[15] = 77;
	fails(send_with(fd, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info)),
	      EINVAL, "an address that is not here");
	close(fd);
	close(in);
}

int main(void)
{
	four();
	six();
	return done();
}

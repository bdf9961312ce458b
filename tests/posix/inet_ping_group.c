// SPDX-License-Identifier: BSD-3-Clause
/*
 * ICMP: an echo of the loopback by a socket of datagrams, which fills in what only
 * the system knows.
 */
#include <netinet/ip_icmp.h>

#include "inet.h"

struct echo {
	struct icmphdr header;
	char data[16];
};

static struct echo request(int sequence)
{
	struct echo echo = {{.type = ICMP_ECHO}, "sixteen bytes.."};

	echo.header.un.echo.sequence = htons((unsigned short)sequence);
	return echo;
}

int main(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	struct echo out = request(8), in;
	union address to = loopback(AF_INET, 0);

	if (fd < 0)
		skip_all("only some groups may (ping_group_range)");
	ok(sendto(fd, &out, sizeof(out), 0, &to.any, sizeof(to.in)) ==
		   sizeof(out),
	   "an echo request");
	ok(recv(fd, &in, sizeof(in), 0) == sizeof(in), "the answer has none");
	ok(in.header.type == ICMP_ECHOREPLY &&
		   in.header.un.echo.sequence == htons(8) &&
		   memcmp(in.data, out.data, sizeof(out.data)) == 0,
	   "and is the right one");
	close(fd);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * ICMP: an echo of the loopback by a raw socket.
 */
#include <netinet/ip_icmp.h>

#include "inet.h"

static unsigned short checksum(const void *data, size_t len)
{
	const unsigned short *words = data;
	unsigned sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return (unsigned short)~(sum + (sum >> 16));
}

struct echo {
	struct icmphdr header;
	char data[16];
};

static struct echo request(int id, int sequence)
{
	struct echo echo = {{.type = ICMP_ECHO}, "sixteen bytes.."};

	echo.header.un.echo.id = htons((unsigned short)id);
	echo.header.un.echo.sequence = htons((unsigned short)sequence);
	echo.header.checksum = checksum(&echo, sizeof(echo));
	return echo;
}

int main(void)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	struct echo out = request(0x1234, 7), *in;
	union address to = loopback(AF_INET, 0);
	unsigned char packet[256];
	ssize_t n;

	if (fd < 0)
		skip_all("raw sockets are root's");
	ok(sendto(fd, &out, sizeof(out), 0, &to.any, sizeof(to.in)) ==
		   sizeof(out),
	   "a raw echo request");
	do {
		n = recv(fd, packet, sizeof(packet), 0);
		need(n >= 20);
		in = (void *)(packet + (packet[0] & 15) * 4);
	} while (in->header.type != ICMP_ECHOREPLY ||
		 in->header.un.echo.id != out.header.un.echo.id);
	ok(n == 20 + (ssize_t)sizeof(out) && packet[0] >> 4 == 4,
	   "the answer has a header of IP");
	ok(in->header.un.echo.sequence == htons(7) &&
		   memcmp(in->data, out.data, sizeof(out.data)) == 0,
	   "and what was sent");
	ok(checksum(in, sizeof(out)) == 0, "and a sum that is right");
	close(fd);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Connections of a socket with itself, and of two that connect at a time.
 */
#include "inet.h"

int main(void)
{
	int fd = bound(AF_INET, SOCK_STREAM), udp = bound(AF_INET, SOCK_DGRAM);

	ok(connect_to(fd, fd) == 0, "a socket connects to itself");
	ok(send_all(fd, "echo", 4) == 0 && reads(fd, "echo"),
	   "and hears what it says");
	ok(shutdown(fd, SHUT_WR) == 0 && ends(fd), "and its end");
	ok(connect_to(udp, udp) == 0 && send(udp, "me", 2, 0) == 2 &&
		   reads_one(udp, "me"),
	   "datagrams too");
	close(fd);
	close(udp);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Broadcasts take an option, and networks that are not there an error.
 */
#include "inet.h"

int main(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM);
	union address address = loopback(AF_INET, 9);

	address.in.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	ok(get_option(fd, SOL_SOCKET, SO_BROADCAST) == 0, "off at first");
	fails(sendto(fd, "x", 1, 0, &address.any, sizeof(address.in)), EACCES,
	      "a broadcast without the option");
	ok(set_option(fd, SOL_SOCKET, SO_BROADCAST, 1) == 0 &&
		   get_option(fd, SOL_SOCKET, SO_BROADCAST) == 1,
	   "SO_BROADCAST");
	address = loopback(AF_INET, 0);
	fails(sendto(fd, "x", 1, 0, &address.any, sizeof(address.in)), EINVAL,
	      "to no port");
	close(fd);
	return done();
}

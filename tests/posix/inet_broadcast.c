// SPDX-License-Identifier: BSD-3-Clause
/*
 * Broadcasts take an option, and networks that are not there an error.
 */
#include "inet.h"

int main(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM);
	int in = new_socket(AF_INET, SOCK_DGRAM);
	union address any = {.in = {.sin_family = AF_INET}};
	union address address = loopback(AF_INET, 9);

	address.in.sin_addr.s_addr = htonl(0x7fffffff); /* lo's, always there */
	need(bind(in, &any.any, sizeof(any.in)) == 0);
	ok(get_option(fd, SOL_SOCKET, SO_BROADCAST) == 0, "off at first");
	fails(connect(fd, &address.any, sizeof(address.in)), EACCES,
	      "connect to one");
	fails(sendto(fd, "x", 1, 0, &address.any, sizeof(address.in)), EACCES,
	      "a broadcast without the option");
	ok(set_option(fd, SOL_SOCKET, SO_BROADCAST, 1) == 0 &&
		   get_option(fd, SOL_SOCKET, SO_BROADCAST) == 1,
	   "SO_BROADCAST");
	address.in.sin_port = htons((uint16_t)own_port(in));
	ok(sendto(fd, "all", 3, 0, &address.any, sizeof(address.in)) == 3 &&
		   reads_one(in, "all"),
	   "and who has the port hears it");
	address = loopback(AF_INET, 0);
	fails(sendto(fd, "x", 1, 0, &address.any, sizeof(address.in)), EINVAL,
	      "to no port");
	close(fd);
	close(in);
	return done();
}

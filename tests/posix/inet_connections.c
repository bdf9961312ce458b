// SPDX-License-Identifier: BSD-3-Clause
/* 2,000 connections at once, over the loopback interface. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

enum { COUNT = 2000, DESCRIPTORS = 2 * COUNT + 16 };

static int ends[COUNT][2];

int main(void)
{
	struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
	struct sockaddr_in name = {.sin_family = AF_INET};
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM, 0), sent = 0, got;

	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(bind(fd, (void *)&name, sizeof(name)) == 0);
	need(listen(fd, 16) == 0);
	need(getsockname(fd, (void *)&name, &len) == 0);
	for (int i = 0; i < COUNT; i++) {
		ends[i][0] = socket(AF_INET, SOCK_STREAM, 0);
		need(connect(ends[i][0], (void *)&name, sizeof(name)) == 0);
		ends[i][1] = accept(fd, NULL, NULL);
		need(ends[i][1] >= 0);
	}
	ok(1, "all are there");
	for (int i = 0; i < COUNT; i++)
		sent += write(ends[i][0], &i, sizeof(i)) == sizeof(i);
	ok(sent == COUNT, "each is written to");
	for (int i = 0; i < COUNT; i++)
		need(read(ends[i][1], &got, sizeof(got)) == sizeof(got) &&
		     got == i);
	ok(1, "each has its own");
	for (int i = 0; i < COUNT; i++)
		need(close(ends[i][0]) == 0 && close(ends[i][1]) == 0);
	need(close(fd) == 0);
	return done();
}

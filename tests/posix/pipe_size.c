// SPDX-License-Identifier: BSD-3-Clause
/*
 * F_SETPIPE_SZ and F_GETPIPE_SZ: a pipe grows and shrinks around its bytes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "tap.h"

static char data[300000], back[300000];

int main(void)
{
	int fds[2], file;
	long total = 0, n;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 13 + i / 251);
	need(pipe2(fds, O_NONBLOCK) == 0);
	ok(fcntl(fds[0], F_GETPIPE_SZ) == 65536, "64 KiB at first");
	ok(fcntl(fds[1], F_SETPIPE_SZ, 200000) == 262144, "rounded up");
	ok(fcntl(fds[0], F_GETPIPE_SZ) == 262144, "told of both ends");
	ok(write(fds[1], data, sizeof(data)) == 262144, "so much fits");
	ok(read(fds[0], back, 250000) == 250000 &&
		   memcmp(back, data, 250000) == 0,
	   "and comes out");
	ok(fcntl(fds[1], F_SETPIPE_SZ, 4096) == -1 && errno == EBUSY,
	   "more is in it than would fit");
	ok(fcntl(fds[1], F_SETPIPE_SZ, 16384) == 16384, "it shrinks");
	while ((n = read(fds[0], back + total, 1000)) > 0)
		total += n;
	ok(total == 262144 - 250000 && memcmp(back, data + 250000, total) == 0,
	   "around what is in it");
	ok(fcntl(fds[1], F_SETPIPE_SZ, 1) == 4096, "a page at least");
	ok(write(fds[1], data, 5000) == 4096, "is that");
	fails(write(fds[1], data, 1), EAGAIN, "and no more");
	ok(fcntl(fds[0], F_SETPIPE_SZ, 65536) == 65536 &&
		   write(fds[1], data + 4096, 4096) == 4096 &&
		   read(fds[0], back, 9000) == 8192 &&
		   memcmp(back, data, 8192) == 0,
	   "it grows around it too");
	file = open("file", O_RDWR | O_CREAT, 0600);
	need(file >= 0);
	fails(fcntl(file, F_GETPIPE_SZ), EBADF, "a file is no pipe");
	return done();
}

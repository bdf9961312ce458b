// SPDX-License-Identifier: BSD-3-Clause
/*
 * A mebibyte written and read back in pieces of many sizes is the same
 * mebibyte.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define SIZE (1024 * 1024)

static unsigned char data[SIZE], again[SIZE];

static void fill(void)
{
	unsigned state = 1;

	for (int i = 0; i < SIZE; i++) {
		state = state * 1664525 + 1013904223;
		data[i] = state >> 24;
	}
}

static int write_in(int fd, size_t piece)
{
	for (size_t at = 0; at < SIZE; at += piece) {
		size_t size = piece < SIZE - at ? piece : SIZE - at;

		if (write(fd, data + at, size) != (ssize_t)size)
			return 0;
	}
	return 1;
}

static int read_in(int fd, size_t piece)
{
	size_t at = 0;
	ssize_t size;

	memset(again, 0, SIZE);
	while (at < SIZE &&
	       (size = read(fd, again + at,
			    piece < SIZE - at ? piece : SIZE - at)) > 0)
		at += size;
	return at == SIZE && read(fd, again, 0) == 0 &&
	       memcmp(data, again, SIZE) == 0;
}

static void round_trip(size_t piece, const char *what)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char c;

	need(fd >= 0);
	ok(write_in(fd, piece) && size_of("file") == SIZE, what);
	need(lseek(fd, 0, SEEK_SET) == 0);
	ok(read_in(fd, piece), "is read back the same");
	ok(read(fd, &c, 1) == 0, "and no more");
	close(fd);
}

static void backwards(void)
{
	int fd = open("back", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	for (off_t at = SIZE - 8192; at >= 0; at -= 8192)
		need(pwrite(fd, data + at, 8192, at) == 8192);
	ok(read_in(fd, SIZE), "written from the end to the start");
	close(fd);
}

int main(void)
{
	fill();
	round_trip(SIZE, "all at once");
	round_trip(4096, "page by page");
	round_trip(4097, "a page and a byte at a time");
	round_trip(511, "511 bytes at a time");
	round_trip(100003, "100 003 bytes at a time");
	backwards();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * /dev/urandom and /dev/random give bytes without an end that are neither
 * constant nor the same twice.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define SIZE 4096

/* Read (size) bytes, in several parts if it must be. */
static int fill(int fd, unsigned char *data, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t part = read(fd, data + have, size - have);

		if (part <= 0)
			return 0;
		have += part;
	}
	return 1;
}

/* In 4 KiB of chance each bit is set about half of the time. */
static int looks_random(const unsigned char *data)
{
	int ones = 0;

	for (int i = 0; i < SIZE; i++)
		ones += __builtin_popcount(data[i]);
	return ones > SIZE * 4 - 1000 && ones < SIZE * 4 + 1000;
}

static void source(const char *path)
{
	static unsigned char a[SIZE], b[SIZE];
	struct stat st;
	int fd = open(path, O_RDONLY);

	ok(fd >= 0, path);
	ok(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode), "a character device");
	memset(a, 0, SIZE);
	memset(b, 0, SIZE);
	ok(fill(fd, a, SIZE) && fill(fd, b, SIZE), "gives 8 KiB");
	ok(looks_random(a) && looks_random(b), "that look random");
	ok(memcmp(a, b, SIZE) != 0, "and not the same twice");
	close(fd);
	fd = open(path, O_RDONLY);
	ok(fill(fd, b, SIZE) && memcmp(a, b, SIZE) != 0,
	   "nor after opening again");
	ok(read(fd, b, 0) == 0, "no bytes are no bytes");
	close(fd);
}

int main(void)
{
	source("/dev/urandom");
	source("/dev/random");
	return done();
}

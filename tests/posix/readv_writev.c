// SPDX-License-Identifier: BSD-3-Clause
/*
 * readv() and writev() scatter and gather in order, skip empty parts, stop
 * at the end of the file, and limit the number of parts.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static struct iovec part(void *base, size_t size)
{
	return (struct iovec){.iov_base = base, .iov_len = size};
}

static void gather(int fd)
{
	struct iovec out[] = {part("one,", 4), part("", 0), part("two,", 4),
			      part("three", 5)};

	ok(writev(fd, out, 4) == 13, "writev writes all parts");
	ok(has_text("file", "one,two,three"), "in order");
	ok(pwritev(fd, out, 1, 4) == 4 && has_text("file", "one,one,three"),
	   "pwritev at an offset");
	ok(lseek(fd, 0, SEEK_CUR) == 13, "leaves the file offset");
}

static void scatter(int fd)
{
	char a[4] = "", b[6] = "", c[10];
	struct iovec in[] = {part(a, 3), part(b, 5), part(c, 10)};

	memset(c, '.', sizeof(c));
	need(lseek(fd, 0, SEEK_SET) == 0);
	ok(readv(fd, in, 3) == 13, "readv reads to the end");
	ok(!strcmp(a, "one") && !strcmp(b, ",one,"), "fills parts in order");
	ok(!memcmp(c, "three.....", 10), "and no more than there is");
	ok(readv(fd, in, 3) == 0, "at the end there is nothing");
	ok(preadv(fd, in, 2, 8) == 5 && !memcmp(a, "thr", 3) &&
		   !memcmp(b, "ee", 2),
	   "preadv at an offset");
	ok(lseek(fd, 0, SEEK_CUR) == 13, "leaves the file offset");
}

static void limits(int fd)
{
	volatile int negative = -1;

	static struct iovec many[IOV_MAX + 1];
	static char bytes[IOV_MAX + 1];

	for (int i = 0; i <= IOV_MAX; i++)
		many[i] = part(&bytes[i], 1);
	need(lseek(fd, 0, SEEK_SET) == 0);
	memset(bytes, 'm', sizeof(bytes));
	ok(writev(fd, many, IOV_MAX) == IOV_MAX, "IOV_MAX parts");
	ok(size_of("file") == IOV_MAX, "are all written");
	fails(writev(fd, many, IOV_MAX + 1), EINVAL, "one more is refused");
	fails(readv(fd, many, IOV_MAX + 1), EINVAL, "by readv too");
	fails(readv(fd, many, negative), EINVAL, "a negative count is refused");
	ok(writev(fd, many, 0) == 0, "no parts are no bytes");
	fails(writev(-1, many, 1), EBADF, "writev to no descriptor");
	fails(readv(-1, many, 1), EBADF, "readv from no descriptor");
	fails(preadv(fd, many, 1, -1), EINVAL, "preadv at a negative offset");
	fails(pwritev(fd, many, 1, -1), EINVAL, "pwritev likewise");
}

static void access_modes(void)
{
	char c = 'c';
	struct iovec one = part(&c, 1);
	int fd = open("file", O_RDONLY);

	fails(writev(fd, &one, 1), EBADF, "writev to a read-only descriptor");
	close(fd);
	fd = open("file", O_WRONLY);
	fails(readv(fd, &one, 1), EBADF, "readv from a write-only descriptor");
	close(fd);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	gather(fd);
	scatter(fd);
	limits(fd);
	access_modes();
	close(fd);
	return done();
}

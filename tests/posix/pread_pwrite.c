// SPDX-License-Identifier: BSD-3-Clause
/*
 * pread() and pwrite() work at a given offset and leave the file offset
 * alone; reads stop at the end, writes past it leave zeros between.
 */
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void at_offsets(int fd)
{
	char buf[16] = "";

	ok(write(fd, "0123456789", 10) == 10, "write ten bytes");
	ok(pread(fd, buf, 4, 3) == 4 && !memcmp(buf, "3456", 4),
	   "pread reads at its offset");
	ok(lseek(fd, 0, SEEK_CUR) == 10, "and leaves the file offset");
	ok(pwrite(fd, "AB", 2, 4) == 2, "pwrite writes at its offset");
	ok(lseek(fd, 0, SEEK_CUR) == 10, "and leaves the file offset");
	ok(has_text("file", "0123AB6789"), "just those bytes changed");
	ok(pread(fd, buf, 8, 7) == 3 && !memcmp(buf, "789", 3),
	   "pread is short at the end");
	ok(pread(fd, buf, 8, 10) == 0, "pread at the end reads nothing");
	ok(pread(fd, buf, 8, 1000) == 0, "nor past it");
	ok(pread(fd, buf, 0, 0) == 0, "no bytes are no bytes");
	ok(write(fd, "x", 1) == 1 && has_text("file", "0123AB6789x"),
	   "write goes on where it was");
}

static void past_the_end(int fd)
{
	char buf[100];

	ok(pwrite(fd, "z", 1, 99) == 1, "pwrite past the end");
	ok(size_of("file") == 100, "grows the file");
	ok(pread(fd, buf, 100, 0) == 100 && all_bytes(buf + 11, 0, 88) &&
		   buf[99] == 'z',
	   "with zeros between");
	ok(pwrite(fd, "", 0, 5000) == 0 && size_of("file") == 100,
	   "writing no bytes past the end grows nothing");
}

static void errors(int fd)
{
	char c = 0;
	int dir = open(".", O_RDONLY);
	int null = open("/dev/null", O_RDWR);

	fails(pread(fd, &c, 1, -1), EINVAL, "pread at a negative offset");
	fails(pwrite(fd, &c, 1, -1), EINVAL, "pwrite at a negative offset");
	fails(pread(-1, &c, 1, 0), EBADF, "pread of no descriptor");
	fails(pwrite(-1, &c, 1, 0), EBADF, "pwrite of no descriptor");
	fails(pread(dir, &c, 1, 0), EISDIR, "pread of a directory");
	ok(pwrite(null, &c, 1, 77) == 1, "pwrite to /dev/null");
	ok(pread(null, &c, 1, 77) == 0, "pread of /dev/null");
	close(dir);
	close(null);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	at_offsets(fd);
	past_the_end(fd);
	errors(fd);
	close(fd);
	return done();
}

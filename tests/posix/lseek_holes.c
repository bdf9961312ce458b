// SPDX-License-Identifier: BSD-3-Clause
/*
 * lseek() moves the file offset, also past the end, where the next write
 * leaves a hole of zeros; SEEK_DATA and SEEK_HOLE find their way around it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define HOLE (1024 * 1024)

static void moves(int fd)
{
	char c = 0;

	need(write(fd, "0123456789", 10) == 10);
	ok(lseek(fd, 3, SEEK_SET) == 3, "SEEK_SET");
	ok(read(fd, &c, 1) == 1 && c == '3', "reads there");
	ok(lseek(fd, 2, SEEK_CUR) == 6, "SEEK_CUR adds");
	ok(lseek(fd, -5, SEEK_CUR) == 1, "also backwards");
	ok(lseek(fd, -1, SEEK_END) == 9, "SEEK_END counts from the end");
	ok(lseek(fd, 0, SEEK_END) == 10, "the end is the size");
	fails(lseek(fd, -1, SEEK_SET), EINVAL, "no negative offset");
	fails(lseek(fd, -11, SEEK_CUR), EINVAL, "nor by SEEK_CUR");
	fails(lseek(fd, -11, SEEK_END), EINVAL, "nor by SEEK_END");
	ok(lseek(fd, 0, SEEK_CUR) == 10, "a failure moves nothing");
	fails(lseek(fd, 0, 99), EINVAL, "an unknown whence");
	fails(lseek(-1, 0, SEEK_SET), EBADF, "no descriptor");
}

static void hole(int fd)
{
	static char buf[4096];

	ok(lseek(fd, HOLE, SEEK_SET) == HOLE, "seek past the end");
	ok(size_of("file") == 10, "grows nothing");
	ok(read(fd, buf, 1) == 0, "and reads nothing");
	ok(write(fd, "end", 3) == 3, "a write there");
	ok(size_of("file") == HOLE + 3, "does grow it");
	ok(pread(fd, buf, 4096, 8192) == 4096 && all_bytes(buf, 0, 4096),
	   "the hole reads as zeros");
	ok(pread(fd, buf, 20, HOLE - 10) == 13 && all_bytes(buf, 0, 10) &&
		   !memcmp(buf + 10, "end", 3),
	   "up to the data");
}

static void data_and_holes(int fd)
{
	off_t end = HOLE + 3;
	off_t gap = lseek(fd, 0, SEEK_HOLE);
	off_t data = lseek(fd, 512 * 1024, SEEK_DATA);

	ok(lseek(fd, 0, SEEK_DATA) == 0, "data at the start");
	ok(gap >= 10 && gap <= end, "a hole after the first data");
	ok(data >= 512 * 1024 && data <= HOLE, "data by the last bytes");
	ok(lseek(fd, HOLE, SEEK_DATA) == HOLE, "data at the last bytes");
	ok(lseek(fd, HOLE, SEEK_HOLE) == end, "the end counts as a hole");
	fails(lseek(fd, end, SEEK_DATA), ENXIO, "no data at the end");
	fails(lseek(fd, end, SEEK_HOLE), ENXIO, "no hole at the end");
	fails(lseek(fd, end + 9, SEEK_DATA), ENXIO, "no data past it");
}

static void unseekable(void)
{
	int fd = open("/dev/null", O_RDWR);

	ok(lseek(fd, 100, SEEK_SET) >= 0, "/dev/null seeks without an error");
	close(fd);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	moves(fd);
	hole(fd);
	data_and_holes(fd);
	unseekable();
	close(fd);
	return done();
}

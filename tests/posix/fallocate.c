// SPDX-License-Identifier: BSD-3-Clause
/*
 * posix_fallocate() makes sure of space: the file grows to hold the range,
 * never shrinks, and what is there stays.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

int main(void)
{
	static char buf[10000];
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	int read_only = open("file", O_RDONLY);

	need(fd >= 0 && read_only >= 0);
	need(write(fd, "data", 4) == 4);
	ok(posix_fallocate(fd, 0, 10000) == 0, "space for 10000 bytes");
	ok(size_of("file") == 10000, "the file is as long");
	ok(pread(fd, buf, 10000, 0) == 10000 && !memcmp(buf, "data", 4) &&
		   all_bytes(buf + 4, 0, 9996),
	   "its data is followed by zeros");
	ok(posix_fallocate(fd, 0, 100) == 0 && size_of("file") == 10000,
	   "less does not shrink it");
	ok(posix_fallocate(fd, 20000, 10) == 0 && size_of("file") == 20010,
	   "space further on");
	ok(lseek(fd, 0, SEEK_CUR) == 4, "the file offset stays");
	ok(posix_fallocate(fd, 0, 0) == EINVAL, "a size of zero");
	ok(posix_fallocate(fd, -1, 10) == EINVAL, "a negative offset");
	ok(posix_fallocate(fd, 0, -1) == EINVAL, "a negative size");
	ok(posix_fallocate(-1, 0, 10) == EBADF, "no descriptor");
	ok(posix_fallocate(read_only, 0, 10) == EBADF, "a read-only one");
	ok(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL) == 0, "advice");
	ok(posix_fadvise(fd, 0, 0, 99) == EINVAL, "unknown advice");
	ok(posix_fadvise(-1, 0, 0, POSIX_FADV_NORMAL) == EBADF,
	   "advice on no descriptor");
	ok(size_of("file") == 20010, "nothing of it changes the size");
	close(read_only);
	close(fd);
	return done();
}

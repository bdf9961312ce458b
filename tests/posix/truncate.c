// SPDX-License-Identifier: BSD-3-Clause
/*
 * truncate() and ftruncate() set a file's size: what is cut off is gone,
 * what is added reads as zeros, and the file offset stays.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void sizes(int fd)
{
	char buf[10];

	need(write(fd, "0123456789", 10) == 10);
	ok(ftruncate(fd, 4) == 0 && has_text("file", "0123"), "shrink");
	ok(lseek(fd, 0, SEEK_CUR) == 10, "leaves the file offset");
	ok(read(fd, buf, 1) == 0, "now past the end");
	ok(ftruncate(fd, 10) == 0 && size_of("file") == 10, "grow");
	ok(pread(fd, buf, 10, 0) == 10 && !memcmp(buf, "0123", 4) &&
		   all_bytes(buf + 4, 0, 6),
	   "what was cut off is zero now");
	ok(ftruncate(fd, 10) == 0 && size_of("file") == 10, "the same size");
	ok(truncate("file", 2) == 0 && has_text("file", "01"), "by path");
	ok(ftruncate(fd, 0) == 0 && has_text("file", ""), "to nothing");
	need(lseek(fd, 5, SEEK_SET) == 5);
	ok(write(fd, "x", 1) == 1 && size_of("file") == 6,
	   "a write at the old offset");
}

static void page_edges(int fd)
{
	static char buf[3 * 4096];

	memset(buf, 'p', sizeof(buf));
	need(pwrite(fd, buf, sizeof(buf), 0) == sizeof(buf));
	need(ftruncate(fd, 4097) == 0 && ftruncate(fd, sizeof(buf)) == 0);
	need(pread(fd, buf, sizeof(buf), 0) == sizeof(buf));
	ok(all_bytes(buf, 'p', 4097), "shrinking keeps up to the last byte");
	ok(all_bytes(buf + 4097, 0, sizeof(buf) - 4097), "and not one more");
}

static void errors(int fd)
{
	int read_only = open("file", O_RDONLY);

	need(mkdir("dir", 0700) == 0);
	fails(ftruncate(fd, -1), EINVAL, "a negative size");
	fails(truncate("file", -1), EINVAL, "by path too");
	fails(ftruncate(-1, 0), EBADF, "no descriptor");
	fails(ftruncate(read_only, 0), EINVAL, "a read-only descriptor");
	fails(truncate("missing", 0), ENOENT, "a missing file");
	fails(truncate("dir", 0), EISDIR, "a directory");
	fails(truncate("file/x", 0), ENOTDIR, "an entry of a file");
	fails(truncate("", 0), ENOENT, "an empty path");
	close(read_only);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	sizes(fd);
	page_edges(fd);
	errors(fd);
	close(fd);
	return done();
}
